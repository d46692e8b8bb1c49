"""Beginnings and ends of servers, in this process and in others."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading

import in_order
import pytest

import libsocketio
from conftest import ROOT, until
from libsocketio import exceptions

SOURCE = ROOT / "bindings" / "python" / "src"


#: With "-X dev" asyncio warns of all that takes longer than 0.1 s, as on a busy machine it does.
QUIET = "import logging; logging.getLogger('asyncio').setLevel(logging.ERROR)\n"


def python(code, *arguments, **options):
    """A process that runs some Python."""
    words = ["-X", "dev", "-W", "ignore::ResourceWarning", "-c", QUIET + code, *arguments]
    return subprocess.Popen(
        [sys.executable, *words],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def output(code, timeout=60):
    """What some Python prints; fails if it does not end well."""
    process = python(code)
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        pytest.fail(f"it did not end: {process.communicate()}")
    assert process.returncode == 0, (process.returncode, out, err)
    assert err == ""
    return out


# --- listening


def test_addresses(run, server_class):
    io = run(server_class()).io
    assert io.address.host == "127.0.0.1"
    assert io.address.port > 0
    assert str(io.address) == io.address.text == f"127.0.0.1:{io.address.port}"


def test_several_addresses(tmp_path):
    io = libsocketio.Server()
    path = str(tmp_path / "io.sock")
    first = io.listen("127.0.0.1", 0)
    second = io.listen("localhost", 0)
    third = io.listen(f"unix:{path}", unix_mode=0o600)
    assert io.addresses == [first, second, third]
    assert third.host == path and third.port == 0
    assert os.stat(path).st_mode & 0o777 == 0o600
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(20)
        client.connect(path)
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert b" 404 " in client.recv(1000)
    io.shutdown()


def test_everywhere_is_the_default():
    io = libsocketio.Server()
    address = io.listen(port=0)
    with socket.create_connection(("127.0.0.1", address.port), timeout=20):
        pass
    io.shutdown()


@pytest.mark.parametrize(
    ("host", "port", "error", "builtin", "words"),
    [
        ("203.0.113.77", 0, exceptions.HostError, OSError, "203.0.113.77"),
        ("no-such-host.invalid", 0, exceptions.HostError, OSError, "no-such-host.invalid"),
        ("unix:/nonexistent/dir/x", 0, exceptions.SystemCallError, OSError, "/nonexistent/dir/x"),
        ("127.0.0.1", 70000, exceptions.ArgumentError, ValueError, "70000"),
        ("127.0.0.1", -1, exceptions.ArgumentError, ValueError, "-1"),
    ],
)
def test_where_it_cannot_listen(host, port, error, builtin, words):
    io = libsocketio.Server()
    with pytest.raises(error, match=words) as caught:
        io.listen(host, port)
    assert isinstance(caught.value, builtin)
    assert type(caught.value) is error
    io.shutdown()


def test_a_port_in_use_is_named():
    first, second = libsocketio.Server(), libsocketio.Server()
    address = first.listen("127.0.0.1", 0)
    with pytest.raises(exceptions.AddressInUseError, match=str(address.port)) as caught:
        second.run("127.0.0.1", address.port)
    assert caught.value.errno == __import__("errno").EADDRINUSE
    first.shutdown()


def test_a_failed_listen_can_be_repeated():
    io = libsocketio.Server()
    with pytest.raises(exceptions.HostError):
        io.listen("203.0.113.77", 0)
    assert io.listen("127.0.0.1", 0).port > 0
    io.shutdown()


@pytest.mark.parametrize("port", ["80", 1.5, True, None])
def test_ports_are_ints(port):
    io = libsocketio.Server()
    with pytest.raises(TypeError):
        io.listen("127.0.0.1", port)
    io.shutdown()


# --- shutting down


def test_a_server_that_ends_before_listen_returns():
    io = libsocketio.Server()
    start = io._start

    def ending(core):
        start(core)
        thread = threading.Thread(target=io.shutdown)
        thread.start()
        thread.join(20)

    io._start = ending
    assert io.listen("127.0.0.1", 0).port > 0
    assert io.address is None


def test_a_server_that_ends_before_it_serves():
    io = libsocketio.Server()
    listen = io._opened().listen

    def ending(*arguments):
        listen(*arguments)
        io.shutdown()

    io._core.listen = ending
    with pytest.raises(exceptions.StateError):
        io.listen("127.0.0.1", 0)


def test_shutdown_is_idempotent():
    io = libsocketio.Server()
    io.shutdown()
    with pytest.raises(exceptions.StateError):
        io.listen("127.0.0.1", 0)
    io = libsocketio.Server()
    io.listen("127.0.0.1", 0)
    threads = [threading.Thread(target=io.shutdown) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
    io.shutdown()
    io.wait()
    assert io.counts() == libsocketio.Counts()


def test_emitting_after_a_shutdown_is_no_error(run, connect, server_class):
    io = server_class()
    running = run(io)
    sid = connect(running).get_sid()
    running.shutdown()
    io.emit("x")
    io.emit("x", to=sid)
    io.to("room").emit("x")
    io.close_room("x")
    io.leave_room(sid, "x")
    assert io.sockets() == []
    assert io.rooms(sid) == []


def test_shutdown_inside_a_handler(connect, run):
    io = libsocketio.Server()
    io.on("stop", lambda sid: io.shutdown())
    client = connect(run(io))
    client.emit("stop")
    io.wait()
    io.shutdown()
    assert not any(thread.name == "libsocketio-dispatch" for thread in threading.enumerate())


def test_shutdown_inside_a_pooled_handler(connect, run):
    io = libsocketio.Server(async_handlers=True)
    io.on("stop", lambda sid: io.shutdown())
    client = connect(run(io))
    client.emit("stop")
    io.wait()
    io.shutdown()


def test_nothing_is_left(run, connect, server_class):
    from libsocketio import _events, _exit

    # Slots of servers of earlier tests may be freed meanwhile, so only what is new counts.
    slots, threads = set(_events._slots), threading.active_count()
    fds, running_before = len(os.listdir("/proc/self/fd")), set(_exit.running)
    for _ in range(5):
        io = server_class()
        io.on("connect", lambda sid, environ: None)
        io.on("x", lambda sid: None, namespace="/x")
        running = run(io)
        client = connect(running, namespaces=["/x", "/"])
        client.disconnect()
        running.shutdown()
    del io, running
    assert not set(_events._slots) - slots
    assert _exit.running == running_before
    # The clients' own threads may take a while to end.
    until(lambda: threading.active_count() <= threads + 1)
    until(lambda: len(os.listdir("/proc/self/fd")) <= fds + 2)


# --- programs


SERVER = """
import sys, libsocketio
io = libsocketio.Server()
io.on("echo", lambda sid, x: x)
"""


def test_a_program_that_just_ends():
    assert output(SERVER + "print(io.listen('127.0.0.1', 0).port > 0)") == "True\n"


def test_a_program_that_ends_with_clients():
    code = SERVER + (
        "import socketio\n"
        "io.on('disconnect', lambda sid, reason: print(reason))\n"
        "io.listen('127.0.0.1', 0)\n"
        "client = socketio.Client(reconnection=False)\n"
        "client.connect(f'http://{io.address}', transports=['websocket'], wait_timeout=20)\n"
        "print(client.call('echo', 'hi', timeout=20))\n"
    )
    assert output(code).split("\n")[:2] == ["hi", "server shutting down"]


def test_an_asyncio_program_that_forgets_to_shut_down():
    code = (
        "import asyncio, libsocketio\n"
        "io = libsocketio.AsyncServer()\n"
        "async def main():\n"
        "    print(io.listen('127.0.0.1', 0).port > 0)\n"
        "asyncio.run(main())\n"
    )
    assert output(code) == "True\n"


@pytest.mark.parametrize("kind", ["Server", "AsyncServer"])
def test_run_until_interrupted(kind):
    code = (
        "import libsocketio, threading, time\n"
        f"io = libsocketio.{kind}()\n"
        "def tell():\n"
        "    while io.address is None: time.sleep(0.01)\n"
        "    print(io.address.port, flush=True)\n"
        "threading.Thread(target=tell).start()\n"
        "io.run('127.0.0.1', 0)\n"
        "print('over')\n"
    )
    process = python(code)
    assert int(process.stdout.readline()) > 0
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "over\n", "")


#: Makes Ctrl-C come before and after the first thread starts.
INTERRUPTED = (
    "import libsocketio, signal, sys\n"
    "from libsocketio._dispatch import Dispatcher\n"
    "start = Dispatcher.start\n"
    "def interrupted(self):\n"
    "    if sys.argv[1] == 'before': signal.raise_signal(signal.SIGINT)\n"
    "    start(self)\n"
    "    if sys.argv[1] == 'after': signal.raise_signal(signal.SIGINT)\n"
    "Dispatcher.start = interrupted\n"
)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_run_interrupted_while_it_starts(moment):
    code = INTERRUPTED + "libsocketio.Server().run('127.0.0.1', 0)\nprint('over')\n"
    process = python(code, moment)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "over\n", "")


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_client_interrupted_while_it_starts(moment):
    code = INTERRUPTED + (
        "client = libsocketio.Client()\n"
        "try: client.connect('http://127.0.0.1:1', wait=False, retry=True)\n"
        "except KeyboardInterrupt: print('interrupted')\n"
        "client.disconnect()\n"
        "print('over')\n"
    )
    process = python(code, moment)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "interrupted\nover\n", "")


@pytest.mark.parametrize("kind", ["Server", "AsyncServer"])
def test_sys_exit_in_a_handler_ends_run(kind):
    code = (
        "import libsocketio, threading, time, sys, socketio\n"
        f"io = libsocketio.{kind}()\n"
        "io.on('stop', lambda sid: sys.exit(7))\n"
        "def stop():\n"
        "    while io.address is None: time.sleep(0.01)\n"
        "    client = socketio.Client(reconnection=False)\n"
        "    client.connect(f'http://{io.address}', transports=['websocket'], wait_timeout=20)\n"
        "    client.emit('stop')\n"
        "threading.Thread(target=stop).start()\n"
        "io.run('127.0.0.1', 0)\n"
    )
    process = python(code)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 7, err


# --- fork


def test_a_fork_before_listening_works_in_both():
    code = SERVER + (
        "import os, socketio\n"
        "child = os.fork()\n"
        "io.listen('127.0.0.1', 0)\n"
        "client = socketio.SimpleClient()\n"
        "client.connect(f'http://{io.address}', transports=['websocket'], wait_timeout=20)\n"
        "assert client.call('echo', 'hi', timeout=20) == 'hi'\n"
        "client.disconnect()\n"
        "if child:\n"
        "    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0\n"
        "    print('fine')\n"
    )
    assert output(code) == "fine\n"


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_fork_after_listening_is_refused_in_the_child():
    code = SERVER + (
        "import os, socketio, warnings\n"
        "warnings.simplefilter('ignore')\n"
        "io.listen('127.0.0.1', 0)\n"
        "child = os.fork()\n"
        "if not child:\n"
        "    refused = 0\n"
        "    for what in (lambda: io.listen('127.0.0.1', 0), lambda: io.emit('x'), io.counts,\n"
        "                 lambda: libsocketio.Server().listen('127.0.0.1', 0)):\n"
        "        try:\n"
        "            what()\n"
        "        except libsocketio.exceptions.ForkedError:\n"
        "            refused += 1\n"
        "    io.shutdown()\n"
        "    sys.exit(refused)\n"
        "assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 4\n"
        "client = socketio.SimpleClient()\n"
        "client.connect(f'http://{io.address}', transports=['websocket'], wait_timeout=20)\n"
        "assert client.call('echo', 'hi', timeout=20) == 'hi'\n"
        "client.disconnect()\n"
        "io.shutdown()\n"
        "print('fine')\n"
    )
    assert output(code) == "fine\n"


# --- examples


@pytest.mark.parametrize("example", ["echo.py", "chat_async.py"])
def test_examples(example):
    path = ROOT / "examples" / "python" / example
    process = subprocess.Popen(
        [sys.executable, str(path), "0"],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    line = process.stdout.readline()
    port = int(re.search(r"\d+", line)[0])
    client = in_order.SimpleClient()
    client.connect(f"http://127.0.0.1:{port}", auth={"name": "somebody"}, wait_timeout=20)
    if example == "echo.py":
        client.emit("message", {"a": b"1"})
        assert client.receive(timeout=20) == ["message", {"a": b"1"}]
        assert client.call("echo", (1, 2), timeout=20) == (1, 2)
    else:
        client.emit("say", "hello")
        while client.receive(timeout=20) != ["said", "somebody", "hello"]:
            pass
    client.disconnect()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")


@pytest.mark.parametrize("example", ["echo.py", "chat_async.py"])
def test_examples_say_in_one_line_why_they_cannot_listen(example):
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        process = subprocess.run(
            [sys.executable, str(ROOT / "examples" / "python" / example), port],
            env={**os.environ, "PYTHONPATH": str(SOURCE)},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert (process.returncode, process.stdout) == (1, "")
    assert len(process.stderr.splitlines()) == 1
    assert process.stderr.startswith(f"{example}: ") and port in process.stderr


def test_background_tasks(server_class, run, connect, inbox):
    io = server_class()

    if io.is_asyncio_based():

        async def task(value, *, more):
            await io.sleep(0)
            inbox.add(value, more)

    else:

        def task(value, *, more):
            io.sleep(0)
            inbox.add(value, more)

    @io.on("connect")
    def connected(sid, environ):
        io.start_background_task(task, 1, more=2)

    connect(run(io))
    assert inbox.take() == (1, 2)
