"""Clients: a program with one client or many on a core, and the server in C on another."""

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import IO, Any

from . import paths
from .processes import LOADING, SONAME, Failed, Server, cores, load

#: Whose client runs for the name of a "server" of the table, and in which interpreter.
_CLIENTS = {
    "python": ("libsocketio", sys.executable),
    "python-async": ("libsocketio", sys.executable),
    "python-socketio": ("socketio", str(paths.PYTHON)),
}


def _python(program: str, name: str, library: Path, options: dict[str, Any]) -> dict[str, Any]:
    """What a client in Python has measured of itself."""
    package, python = _CLIENTS[name]
    with _server(library) as server:
        command = [python, str(paths.CLIENTS / program), package, str(server.port)]
        return _answer(_started(command, library, options))


def _echo(name: str, library: Path, options: dict[str, Any]) -> dict[str, Any]:
    """One client in C; and how fast the server is with the load generator in its place."""
    with _server(library) as server:
        most = load(server, "echo", {**options, "clients": 1})["rate"]
        answer = _answer(_clients("echo", server, library, options))
    return {**answer, "server_rate": most, "server_share": 100 * answer["rate"] / most}


def _idle(name: str, library: Path, options: dict[str, Any]) -> dict[str, Any]:
    """The memory of clients in C."""
    with _server(library) as server:
        return _answer(_clients("idle", server, library, options))


def _storm(name: str, library: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Clients in C whose server dies, and another one takes its place."""
    with _server(library) as server:
        clients = _clients("storm", server, library, options)
        try:
            _expect(clients, "joined")
            server.kill()
            _expect(clients, "lost")
            with Server("c", library, {}, counted=False, port=server.port):
                return _answer(clients)
        finally:
            clients.kill()
            clients.wait()


#: By the name of a row's work: called with the name of the "server", the directory of the
#: library, and options.
WORKS = {
    "client": partial(_python, "echo.py"),
    "client-threads": partial(_python, "echo_threads.py"),
    "client-echo": _echo,
    "client-idle": _idle,
    "client-storm": _storm,
}


def _server(library: Path) -> Server:
    return Server("c", library, {}, counted=False)


def _clients(
    work: str, server: Server, library: Path, options: dict[str, Any]
) -> subprocess.Popen[str]:
    command = [str(paths.BUILT / "clients"), work, "--port", str(server.port)]
    command += ["--timeout", str(LOADING)]
    return _started(command, library, options)


def _started(command: list[str], library: Path, options: dict[str, Any]) -> subprocess.Popen[str]:
    for option, value in options.items():
        command += [f"--{option}", str(value)]
    ours = {
        "LD_LIBRARY_PATH": str(library),
        "LIBSOCKETIO_PATH": str(library / SONAME),
        "PYTHONPATH": str(paths.ROOT / "bindings" / "python" / "src"),
    }
    core = cores()[1]
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **ours},
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )
    except OSError as failure:
        raise Failed(f"the client does not start: {failure}; run scripts/bench") from None


def _expect(process: subprocess.Popen[str], word: str) -> None:
    """Waits until it says so; it gives up by itself."""
    output: IO[str] = process.stdout
    if output.readline().strip() != word:
        raise Failed(process.communicate()[1].strip()[-500:] or f"it was not {word}")


def _answer(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What it has measured, once it has ended."""
    try:
        said, complaint = process.communicate(timeout=3 * LOADING)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise Failed("the client hangs") from None
    if process.returncode != 0:
        raise Failed(complaint.strip()[-500:] or f"status {process.returncode}")
    return json.loads(said)
