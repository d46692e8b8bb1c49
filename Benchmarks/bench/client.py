"""Clients: a program with one client on a core, and the server in C on another."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from . import paths
from .processes import LOADING, SONAME, Failed, Server, cores

#: The programs of the rows' works.
PROGRAMS = {"client": "echo.py", "client-threads": "echo_threads.py"}

#: Whose client runs for the name of a "server" of the table, and in which interpreter.
_CLIENTS = {
    "python": ("libsocketio", sys.executable),
    "python-async": ("libsocketio", sys.executable),
    "python-socketio": ("socketio", str(paths.PYTHON)),
}


def measure(work: str, name: str, library: Path, options: dict[str, Any]) -> dict[str, Any]:
    """What a client has measured of itself."""
    package, python = _CLIENTS[name]
    with Server("c", library, {}, counted=False) as server:
        command = [python, str(paths.CLIENTS / PROGRAMS[work]), package, str(server.port)]
        for option, value in options.items():
            command += [f"--{option}", str(value)]
        return _answer(command, library)


def _answer(command: list[str], library: Path) -> dict[str, Any]:
    ours = {
        "LIBSOCKETIO_PATH": str(library / SONAME),
        "PYTHONPATH": str(paths.ROOT / "bindings" / "python" / "src"),
    }
    core = cores()[1]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LOADING,
            env={**os.environ, **ours},
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"the client hangs: {' '.join(command)}") from None
    except OSError as failure:
        raise Failed(f"the client does not start: {failure}; run scripts/bench") from None
    if done.returncode != 0:
        raise Failed(done.stderr.strip()[-500:] or f"status {done.returncode}")
    return json.loads(done.stdout)
