"""The test server (../server) as a process of its own."""

import os
import queue
import signal
import subprocess
import threading

PROGRAM = os.environ["INTEROP_SERVER"]
PATIENCE = 5  # seconds that anything may take


class Server:
    def __init__(self, *options):
        self._crashed = False
        self._process = subprocess.Popen(
            [PROGRAM, *map(str, options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self._first_line().removeprefix("PORT "))
        self.url = f"http://127.0.0.1:{self.port}"

    def _first_line(self):
        lines = queue.Queue()
        reader = threading.Thread(target=lambda: lines.put(self._process.stdout.readline()))
        reader.start()
        try:
            return lines.get(timeout=PATIENCE)
        except queue.Empty:
            self._process.kill()
            raise

    def close(self):
        """Closes it in good order; the exit status, 0 after crash()."""
        if not self._process.stdin.closed:
            self.thaw()
            self._process.stdin.close()
            try:
                # A frozen client may take five seconds for its last answer.
                self._process.wait(timeout=2 * PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process.stdout.close()
        return 0 if self._crashed else self._process.returncode

    def crash(self):
        self._crashed = True
        self._process.kill()
        self._process.wait()

    def freeze(self):
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self._process.send_signal(signal.SIGCONT)
