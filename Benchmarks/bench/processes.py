"""The two processes of a measurement: a server on one core, the load generator on another."""

import json
import os
import resource
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from . import paths

#: Seconds until a server listens, ends, and until the load generator gives up.
STARTING = 30
ENDING = 10
LOADING = 120

SONAME = "libsocketio.so.0"


class Failed(Exception):
    """A measurement that did not work out, with what the process said."""


def cores() -> tuple[int, int]:
    """The server's core and the load generator's; the same one if there is but one."""
    usable = sorted(os.sched_getaffinity(0))
    return usable[0], usable[min(1, len(usable) - 1)]


def allow_many_connections() -> int:
    """Raises the limit of open files, which children inherit, as far as it goes."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def command(name: str) -> list[str]:
    """How to start a server, without port and threads."""
    commands = {
        "c": [paths.BUILT / "server"],
        "c-before": [paths.BUILT / "server"],
        "swift": [paths.BUILT / "swift" / "release" / "BenchmarkServer"],
        "python": [sys.executable, paths.SERVERS / "server.py"],
        "python-async": [sys.executable, paths.SERVERS / "server_async.py"],
        "python-socketio": [paths.PYTHON, paths.SERVERS / "peer_python.py"],
        "node-ws": ["node", paths.SERVERS / "peer_node.js"],
    }
    return [str(part) for part in commands[name]]


class Server:
    """A fresh server process; a context manager that ends it.

    If it is `counted`, the hook of counters/ counts its allocations. `port`: one that another
    had before.
    """

    def __init__(
        self, name: str, library: Path, env: dict[str, str], counted: bool, port: int | None = None
    ) -> None:
        self.name = name
        self.port = port or _free_port()
        self._errors = tempfile.TemporaryFile()
        ours = {
            "LD_LIBRARY_PATH": str(library),
            "LIBSOCKETIO_PATH": str(library / SONAME),
            "PYTHONPATH": str(paths.ROOT / "bindings" / "python" / "src"),
            "NODE_PATH": "/usr/share/nodejs",
        }
        self.counters = tempfile.NamedTemporaryFile(prefix="counters-") if counted else None
        if self.counters:
            ours["LD_PRELOAD"] = str(paths.BUILT / "hook.so")
            ours["SIO_COUNTERS"] = self.counters.name
        core = cores()[0]
        try:
            self._process = subprocess.Popen(
                [*command(name), str(self.port)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env={**os.environ, **ours, **env},
                preexec_fn=lambda: os.sched_setaffinity(0, {core}),
            )
        except OSError as failure:
            raise Failed(f"{name} does not start: {failure}; run scripts/bench") from None

    @property
    def pid(self) -> int:
        return self._process.pid

    def __enter__(self) -> "Server":
        try:
            self._wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(ENDING)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._errors.close()
        if self.counters:
            self.counters.close()

    def kill(self) -> None:
        """Ends it as a crash does, without a word to its clients."""
        self._process.kill()
        self._process.wait()

    def complaint(self) -> str:
        """The end of what it wrote to stderr; empty if nothing."""
        self._errors.seek(0)
        return " ".join(self._errors.read().decode(errors="replace").splitlines()[-3:])

    def _wait_until_ready(self) -> None:
        output = self._process.stdout
        until = time.monotonic() + STARTING
        said = b""
        with selectors.DefaultSelector() as selector:
            selector.register(output, selectors.EVENT_READ)
            while b"ready" not in said:
                if not selector.select(until - time.monotonic()):
                    raise Failed(f"{self.name}: not ready after {STARTING} s. {self.complaint()}")
                piece = os.read(output.fileno(), 4096)
                if not piece:
                    self._process.wait()
                    status = self._process.returncode
                    raise Failed(f"{self.name}: ended with {status}. {self.complaint()}")
                said += piece


def load(server: Server, work: str, options: dict[str, Any]) -> dict[str, Any]:
    """Runs the load generator against a server; what it measured."""
    arguments = [str(paths.BUILT / "load"), work, "--port", str(server.port)]
    arguments += ["--pid", str(server.pid), "--timeout", str(LOADING)]
    if server.counters:
        arguments += ["--counters", server.counters.name]
    for name, value in options.items():
        arguments += [f"--{name}", str(value)]
    core = cores()[1]
    try:
        done = subprocess.run(
            arguments,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=2 * LOADING,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"the load generator hangs: {' '.join(arguments)}") from None
    except OSError as failure:
        raise Failed(f"the load generator does not start: {failure}; run scripts/bench") from None
    if done.returncode != 0:
        reason = done.stderr.strip()[-500:] or f"status {done.returncode}"
        complaint = server.complaint()
        raise Failed(f"{reason}. {server.name} says: {complaint}" if complaint else reason)
    try:
        return json.loads(done.stdout)
    except ValueError:
        raise Failed(f"the load generator's answer is not JSON: {done.stdout!r}") from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
