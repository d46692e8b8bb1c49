"""The test servers (../server) as processes of their own."""

import json
import os
import queue
import signal
import subprocess
import textwrap
import threading
import time

PROGRAM = os.environ["INTEROP_SERVER"]
SCRIPTED = [os.environ["INTEROP_PYTHON"], "-B", os.environ["INTEROP_SCRIPTED"]]
PATIENCE = 15  # seconds that anything may take


def until(condition):
    """Waits for something that nobody is told of."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


class Server:
    def __init__(self, *options, command=(PROGRAM,)):
        self._crashed = False
        self._process = subprocess.Popen(
            [*command, *map(str, options)],
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


class Refusal(Exception):
    """An expression raised something at the server: `told` is what it said."""

    def __init__(self, told):
        super().__init__(told)
        self.told = told


class Scripted(Server):
    """The server that is taught in Python: scripted.py explains it."""

    def __init__(self, source="", **options):
        super().__init__(json.dumps(options), textwrap.dedent(source), command=SCRIPTED)

    def run(self, expression):
        """The value of an expression at the server."""
        self._process.stdin.write(json.dumps(expression) + "\n")
        self._process.stdin.flush()
        told = json.loads(self._process.stdout.readline())
        if "error" in told:
            raise Refusal(told)
        return told["value"]

    def heard(self):
        """The next thing that the source has kept with hear()."""
        return self.run("heard()")
