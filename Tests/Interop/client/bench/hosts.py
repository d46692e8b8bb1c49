"""The servers of the bench as processes: started, killed, frozen, started again."""

import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path

PROGRAM = Path(__file__).with_name("serve.py")
ROOT = Path(__file__).resolve().parents[4]
PATIENCE = 15  # seconds that anything may take

KINDS = ("uvicorn", "aiohttp", "v2", "ours")


def python(kind):
    """The interpreter that has what a kind of server needs."""
    if kind == "v2":
        return str(ROOT / ".build-tests" / "venv-v2" / "bin" / "python")
    return sys.executable


class Host:
    """A server. Options are those of serve.py: Host("uvicorn", ping_interval=1)."""

    def __init__(self, kind, **options):
        self.kind = kind
        self.secure = "tls" in options
        self._options = options
        self.port = 0
        self._start()

    @property
    def revision(self):
        """Of Engine.IO."""
        return 3 if self.kind == "v2" else 4

    @property
    def url(self):
        # A name, since certificates are made for it.
        return f"{'https' if self.secure else 'http'}://localhost:{self.port}"

    def _start(self):
        words = []
        for name, value in self._options.items():
            if value is False:
                continue
            words.append("--" + name.replace("_", "-"))
            if value is not True:
                words.append(str(value))
        path = str(ROOT / "bindings" / "python" / "src")
        self._process = subprocess.Popen(
            [python(self.kind), "-B", PROGRAM, self.kind, "--port", str(self.port), *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )
        self.port = int(self._first_line().removeprefix("PORT "))

    def _first_line(self):
        lines = queue.Queue()
        threading.Thread(target=lambda: lines.put(self._process.stdout.readline())).start()
        try:
            line = lines.get(timeout=2 * PATIENCE)
        except queue.Empty:
            line = ""
        if not line:
            self.crash()
            raise AssertionError(f"the server {self.kind} did not start")
        return line

    def crash(self):
        """Kills it, as kill -9 does."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            pipe.close()

    def freeze(self):
        """Stops it: its connections stay, and nothing comes any more."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self._process.send_signal(signal.SIGCONT)

    def restart(self, **options):
        """Starts it again on the same port, with nothing in its memory."""
        if self._process.poll() is None:
            self.crash()
        self._options = {**self._options, **options}
        self._start()

    def close(self):
        if self._process.poll() is None:
            self.crash()
