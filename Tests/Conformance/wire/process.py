"""The server under test, as a process that tells what happens in it."""

import json
import os
import ssl
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from . import http
from .connection import PATIENCE, Closed, Connection


@dataclass(frozen=True)
class Report:
    """A line of the server: see report.h."""

    kind: str
    nsp: str
    id: str
    detail: str


class ServerProcess:
    """A server with these options: `ping_interval=100` is `--ping-interval 100`; a list repeats
    the option. `tls` is what clients believe, if the server has a certificate."""

    def __init__(self, program: str, *, tls: ssl.SSLContext | None = None, **options):
        self._tls = tls
        arguments = []
        for name, value in options.items():
            for one in value if isinstance(value, list) else [value]:
                arguments += ["--" + name.replace("_", "-"), str(one)]
        self._process = subprocess.Popen(
            [program, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        self._reports: list[Report] = []
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.port = int(self.wait_for(lambda report: report.kind == "ready").id)
        self._control: Connection | None = None
        self.baseline = self.counts()

    # --- reports -----------------------------------------------------------------------------

    def _read(self) -> None:
        for line in self._process.stdout:
            fields = line.rstrip("\n").split("\t", 3)
            if len(fields) == 4:
                with self._changed:
                    self._reports.append(Report(*fields))
                    self._changed.notify_all()

    def wait_for(self, matches: Callable[[Report], bool], patience: float = PATIENCE) -> Report:
        """The first report that matches, also one of the past."""
        position = 0
        deadline = time.monotonic() + patience
        with self._changed:
            while True:
                for report in self._reports[position:]:
                    if matches(report):
                        return report
                position = len(self._reports)
                if not self._changed.wait(deadline - time.monotonic()):
                    tail = self._reports[-5:]
                    raise TimeoutError(f"the server did not report it; the last it did: {tail}")

    def reason_of(self, socket_id: str, patience: float = PATIENCE) -> str:
        """Why a socket was disconnected, once it is."""
        return self.wait_for(
            lambda report: report.kind == "disconnect" and report.id == socket_id, patience
        ).detail

    def is_connected(self, socket_id: str) -> bool:
        """Whether a socket that has connected still is; its report may be on its way."""
        self.wait_for(lambda report: report.id == socket_id)
        with self._changed:
            kinds = [report.kind for report in self._reports if report.id == socket_id]
        return kinds == ["connection"]

    def has_poll_of(self, socket_id: str) -> bool:
        """Whether a poll of the session of a socket in "/" waits."""
        return self.control(f"/writable?{socket_id}") == "1"

    def connect(self) -> Connection:
        return Connection(self.port, self._tls)

    # --- questions ---------------------------------------------------------------------------

    def control(self, target: str) -> str:
        """Asks outside the Socket.IO path, on a connection that stays."""
        if self._control is None:
            self._control = self.connect()
        try:
            response = http.exchange(self._control, "GET", target)
        except Closed:
            # A server ends connections that ask nothing for a minute: other tests may take that.
            self._control = self.connect()
            response = http.exchange(self._control, "GET", target)
        assert response.status == 200
        return response.text

    def counts(self) -> dict[str, int]:
        return json.loads(self.control("/counts"))

    def wait_for_counts(self, patience: float = PATIENCE, **wanted: int) -> None:
        """Waits until counts, less those of the idle server, are as `wanted`."""
        deadline = time.monotonic() + patience
        while True:
            counts = self.counts()
            seen = {name: counts[name] - self.baseline[name] for name in wanted}
            if seen == wanted:
                return
            assert time.monotonic() < deadline, f"{seen} instead of {wanted}"
            time.sleep(0.02)  # There is no event for a count.

    def wait_until_idle(self, patience: float = PATIENCE) -> None:
        self.wait_for_counts(patience, **dict.fromkeys(self.baseline, 0))

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def _status(self, field: str) -> int:
        with open(f"/proc/{self._process.pid}/status") as lines:
            return next(int(line.split()[1]) for line in lines if line.startswith(field + ":"))

    @property
    def memory(self) -> int:
        """Resident bytes."""
        return self._status("VmRSS") * 1024

    @property
    def threads(self) -> int:
        return self._status("Threads")

    @property
    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self._process.pid}/fd"))

    # --- the end -----------------------------------------------------------------------------

    def ask_to_end(self) -> None:
        """Begins an orderly end."""
        if self._control is not None:
            self._control.close()
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            pass

    def shut_down(self, patience: float = PATIENCE) -> int:
        """Asks for an orderly end and waits for it; the exit status."""
        self.ask_to_end()
        try:
            return self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        finally:
            self._reader.join(PATIENCE)
            self._process.stdout.close()
