"""Clients and the end of programs: nothing hangs, nothing is left."""

import contextlib
import os
import signal
import subprocess
import sys

import pytest

import libsocketio
from conftest import ROOT, TIMEOUT

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "bindings" / "python" / "src")}

THREADS = """
import sys, libsocketio
client = libsocketio.Client()
client.on("disconnect", lambda reason: print("left:", reason, flush=True))
client.connect(sys.argv[1], wait_timeout=20)
print("connected", flush=True)
"""

ASYNCIO = """
import asyncio, sys, libsocketio
async def main():
    client = libsocketio.AsyncClient()
    await client.connect(sys.argv[1], wait_timeout=20)
    print("connected", flush=True)
asyncio.run(main())
"""

TWO_LOOPS = """
import asyncio, sys, libsocketio
client = libsocketio.AsyncClient()
async def main(last):
    await client.connect(sys.argv[1], wait_timeout=20)
    print(await client.call("echo", last), flush=True)
    if last:
        await client.disconnect()
asyncio.run(main(False))
asyncio.run(main(True))
"""

TRYING = """
import libsocketio
client = libsocketio.Client()
client.connect("http://127.0.0.1:1", wait=False, retry=True)
print("connected", flush=True)
"""


@contextlib.contextmanager
def program(code, url):
    with subprocess.Popen(
        [sys.executable, "-c", code, url],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()  # one that has not ended would be waited for


@pytest.mark.parametrize("code", [THREADS, ASYNCIO, TRYING], ids=["threads", "asyncio", "trying"])
def test_a_program_that_just_ends(run, inbox, code):
    io = libsocketio.Server()
    io.on("disconnect", lambda sid, reason: inbox.add(reason))
    with program(code, run(io).url) as process:
        out, err = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 0, err
    assert out.startswith("connected\n")
    assert not err
    if code != TRYING:
        inbox.take()
    if code == THREADS:
        assert out == "connected\nleft: io client disconnect\n"


def test_one_loop_after_the_other(run):
    """The connection of a loop that has ended is not in the way."""
    io = libsocketio.Server()
    io.on("echo", lambda sid, value: value)
    with program(TWO_LOOPS, run(io).url) as process:
        out, err = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, out) == (0, "False\nTrue\n"), err


def test_ctrl_c_in_wait(run, inbox):
    io = libsocketio.Server()
    io.on("disconnect", lambda sid, reason: inbox.add(reason))
    with program(THREADS + "client.wait()\n", run(io).url) as process:
        assert process.stdout.readline() == "connected\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=TIMEOUT)
    assert out == "left: io client disconnect\n"
    assert "KeyboardInterrupt" in err
    assert inbox.take() == ("client namespace disconnect",)


def test_sys_exit_in_a_handler(run):
    io = libsocketio.Server()
    io.on("ready", lambda sid: io.emit("go", to=sid))
    code = THREADS + "client.on('go', lambda: sys.exit(7))\nclient.emit('ready')\nclient.wait()\n"
    with program(code, run(io).url) as process:
        process.communicate(timeout=TIMEOUT)
    assert process.returncode == 7


def test_the_child_of_a_fork(run):
    code = THREADS + (
        "import os\n"
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    client.disconnect()\n"
        "    os._exit(0 if not client.connected else 1)\n"
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\n"
    )
    with program(code, run(libsocketio.Server()).url) as process:
        _, err = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 0, err
