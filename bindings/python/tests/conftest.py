"""Servers and clients for the tests: ports of the system's choice, waits with an end."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

import libsocketio
from certificates import Authority

ROOT = Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT / "Tests" / "Interop" / "python"))

import in_order  # noqa: E402

TIMEOUT = 20

# What a shell starts in the background ignores Ctrl-C, and so would the programs of tests.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

#: How a client of python-socketio comes: the argument `transports` of connect.
TRANSPORTS = {"polling": ["polling"], "websocket": ["websocket"], "upgrading": None}


def settle(client):
    """Waits until a client has sent all that it was given.

    python-engineio forgets what it has not sent when it disconnects, its own
    goodbye included.
    """
    outbox = client.eio.queue
    with outbox.all_tasks_done:
        assert outbox.all_tasks_done.wait_for(lambda: not outbox.unfinished_tasks, TIMEOUT)


def until(condition):
    """Waits for something that nobody is told of."""
    end = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


class Inbox(queue.Queue):
    """What arrived, in order."""

    def add(self, *values):
        """Takes something in; usable as a handler."""
        self.put(values)

    def take(self):
        """The next arrival; fails if none comes."""
        return self.get(timeout=TIMEOUT)


class Running:
    """A server of either kind that listens, for tests that run on a thread of their own."""

    def __init__(self, io, **options):
        self.io = io
        if io.is_asyncio_based():
            self.loop = asyncio.new_event_loop()
            self.thread = threading.Thread(target=self._serve, args=(options,))
            self.started = threading.Event()
            self.thread.start()
            assert self.started.wait(TIMEOUT)
        else:
            io.listen("127.0.0.1", 0, **options)
        self.url = f"http://{io.address}"

    def _serve(self, options):
        async def main():
            self.io.listen("127.0.0.1", 0, **options)
            self.started.set()
            await self.io.wait()
            await self.io.shutdown()

        with_loop = self.loop
        asyncio.set_event_loop(with_loop)
        with_loop.run_until_complete(main())
        with_loop.close()

    def wait_for(self, awaitable):
        """The result of a coroutine on the server's loop; anything else as it is."""
        if asyncio.iscoroutine(awaitable) and not isinstance(awaitable, libsocketio._ready.Ready):
            return asyncio.run_coroutine_threadsafe(awaitable, self.loop).result(TIMEOUT)
        return getattr(awaitable, "value", awaitable)

    def shutdown(self):
        if self.io.is_asyncio_based():
            if self.thread.is_alive():
                end = self.io.shutdown()
                with contextlib.suppress(RuntimeError):  # the loop has just ended
                    asyncio.run_coroutine_threadsafe(end, self.loop)
                self.thread.join(TIMEOUT)
                end.close()  # if it ended before it came to it
            assert not self.thread.is_alive()
        else:
            self.io.shutdown()


@pytest.fixture(params=["Server", "AsyncServer"])
def server_class(request):
    """Both kinds of server: what they have in common is tested with plain handlers."""
    return getattr(libsocketio, request.param)


@pytest.fixture
def run():
    """Starts servers, and shuts them down in the end."""
    servers = []

    def start(io, **options):
        running = Running(io, **options)
        servers.append(running)
        return running

    yield start
    for running in servers:
        running.shutdown()


@pytest.fixture(params=list(TRANSPORTS))
def transports(request):
    """Each way for a client to come."""
    return TRANSPORTS[request.param]


@pytest.fixture
def connect():
    """Connects clients of python-socketio, and disconnects them in the end.

    They handle messages in order. With the client_class of socketio.Client a handler can
    wait for what comes behind its event, and nothing is in order.
    """
    clients = []

    def start(
        running,
        *,
        transports=("websocket",),
        handlers=None,
        serializer="default",
        client_class=in_order.Client,
        **options,
    ):
        client = client_class(reconnection=False, serializer=serializer, request_timeout=TIMEOUT)
        clients.append(client)
        for (event, namespace), handler in (handlers or {}).items():
            client.on(event, handler, namespace=namespace)
        transports = None if transports is None else list(transports)
        options.setdefault("wait_timeout", TIMEOUT)
        client.connect(running.url, transports=transports, **options)
        return client

    yield start
    for client in clients:
        try:
            client.disconnect()
        except RuntimeError:  # the server has just ended a namespace of those that it looks through
            client.eio.disconnect()


@pytest.fixture(params=["Client", "AsyncClient"])
def client_kind(request):
    """Both kinds of client: what they have in common is tested with plain handlers."""
    return request.param


@pytest.fixture
def own_client(client_kind):
    """Makes clients of this package: own_client(reconnection=False)."""
    from clients import OwnClient

    made = []

    def make(**options):
        made.append(OwnClient(client_kind, **options))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def inbox():
    return Inbox()


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """Signs the certificates of servers and clients."""
    return Authority(tmp_path_factory.mktemp("certificates"))
