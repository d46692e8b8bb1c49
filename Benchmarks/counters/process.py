"""The server under test, as a process of its own: starts it, knows when it has
nothing left to do, and ends it.
"""

import os
import signal
import subprocess
import time
from pathlib import Path

LIMIT = 60  # seconds to start or to come to rest; valgrind is slow


class ServerFailed(Exception):
    pass


def ending(status):
    return f"status {status}" if status >= 0 else signal.Signals(-status).name


class Server:
    """`command` may put a tracer in front: the server itself says its id."""

    def __init__(self, command, environment=None):
        self.process = subprocess.Popen(
            command,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        line = self.process.stdout.readline().split()
        if len(line) != 2:
            self.process.stdin.close()
            said = self.process.stderr.read().strip()
            how = ending(self.process.wait())
            raise ServerFailed(f"{command[0]} did not start ({how}): {said}")
        self.port, self.pid = map(int, line)

    def settle(self):
        """Returns once all threads of the server sleep: what was sent to it is
        done with, to the last free()."""
        deadline = time.monotonic() + LIMIT
        while not self._rests():
            if time.monotonic() > deadline:
                raise ServerFailed(f"the server is still busy after {LIMIT} seconds")

    def _rests(self):
        try:
            threads = list(Path(f"/proc/{self.pid}/task").iterdir())
            # "<id> (<name>) <state> ...": the name may contain anything.
            stats = [(thread / "stat").read_text().rpartition(")")[2] for thread in threads]
        except FileNotFoundError:  # a thread that has ended, or all of them
            if self.process.poll() is not None:
                raise ServerFailed("the server died") from None
            return False
        return all(stat.split()[0] == "S" for stat in stats)

    def close(self):
        """Ends it as it ends itself, so that tracers write all they have."""
        self.process.stdin.close()
        try:
            status = self.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            os.kill(self.pid, signal.SIGKILL)
            self.process.kill()
            self.process.wait()
            raise ServerFailed(f"the server did not end in {LIMIT} seconds") from None
        if status != 0:
            said = self.process.stderr.read().strip()
            raise ServerFailed(f"the server ended by itself ({ending(status)}): {said}")
