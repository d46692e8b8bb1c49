"""The slow end: new clients are refused, those that are there leave one after the other."""

import asyncio
import threading
import time
import urllib.error
import urllib.request

import in_order
import pytest
import socketio

import libsocketio
from conftest import TIMEOUT
from libsocketio import exceptions


class Draining:
    """A server that drains on a thread of its own."""

    def __init__(self, running, **how):
        self._running = running
        self._how = how
        self._thread = threading.Thread(target=self._drain)
        self._thread.start()

    def _drain(self):
        self._running.wait_for(self._running.io.drain(**self._how))

    @property
    def over(self):
        return not self._thread.is_alive()

    def join(self):
        self._thread.join(TIMEOUT)
        assert self.over


def answer(url):
    """Status, header fields and body of a GET."""
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as response:
            return response.status, response.headers, response.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.headers, refusal.read().decode()


def until_it_drains(running):
    deadline = time.monotonic() + TIMEOUT
    while answer(f"{running.url}/ready")[0] == 200:
        assert time.monotonic() < deadline


def test_clients_leave_one_after_the_other(server_class, run, connect, inbox):
    # Each loop has its own clients leave over the whole time.
    io = server_class(threads=1)
    io.on("disconnect", lambda sid, reason: inbox.add(reason, time.monotonic()))
    running = run(io)
    for _ in range(4):
        connect(running)
    began = time.monotonic()
    draining = Draining(running, spread=2)
    left = [inbox.take() for _ in range(4)]
    draining.join()
    assert {reason for reason, _ in left} == {io.reason.SERVER_SHUTTING_DOWN}
    times = [at for _, at in left]
    assert 0.3 < times[-1] - times[0]
    assert times[-1] - began < TIMEOUT
    assert io.counts() == libsocketio.Counts()
    assert io.address is None
    with pytest.raises(exceptions.StateError):
        running.wait_for(io.listen("127.0.0.1", 0))


def test_nobody_comes_and_those_who_are_there_go_on(server_class, run, connect):
    io = server_class(ready_path="/ready")
    io.on("echo", lambda sid, value: value)
    running = run(io)
    client = connect(running, transports=["polling"])
    assert answer(f"{running.url}/ready")[::2] == (200, "ready\n")
    draining = Draining(running, spread=600)
    until_it_drains(running)
    status, headers, body = answer(f"{running.url}/socket.io/?EIO=4&transport=polling")
    assert (status, headers["Retry-After"]) == (503, "1"), body
    with pytest.raises(socketio.exceptions.ConnectionError):
        connect(running)
    assert client.call("echo", "still", timeout=TIMEOUT) == "still"
    assert not draining.over
    running.shutdown()  # the drain ends at once
    draining.join()


def test_what_was_sent_before_comes_first(server_class, run, connect, inbox):
    io = server_class()
    running = run(io)
    handlers = {("last", "/"): inbox.add, ("disconnect", "/"): lambda *_: inbox.add("end")}
    connect(running, handlers=handlers)
    for number in range(100):
        io.emit("last", number)
    running.wait_for(io.drain(spread=0))
    assert [inbox.take() for _ in range(100)] == [(number,) for number in range(100)]
    assert inbox.take() == ("end",)


def test_in_a_handler(server_class, run, connect):
    io = server_class()

    if io.is_asyncio_based():

        async def stop(sid):
            await io.drain(0)
    else:

        def stop(sid):
            io.drain(0)

    io.on("stop", stop)
    client = connect(run(io))
    client.emit("stop")
    client.wait()
    assert not client.connected


@pytest.mark.parametrize("async_handlers", [False, True])
def test_in_a_handler_of_a_thread_it_returns_at_once(run, connect, async_handlers):
    io = libsocketio.Server(async_handlers=async_handlers)
    io.on("stop", lambda sid: io.drain(600) or "begun")
    running = run(io)
    client = connect(running)
    assert client.call("stop", timeout=TIMEOUT) == "begun"
    assert client.connected
    running.shutdown()


def test_cancelling_the_wait_does_not_end_the_drain(run, connect, inbox):
    io = libsocketio.AsyncServer(ready_path="/ready")
    io.on("echo", lambda sid, value: value)
    io.on("disconnect", lambda sid, reason: inbox.add(reason))
    running = run(io)
    client = connect(running)

    async def impatient():
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(io.drain(600), 0.01)

    running.wait_for(impatient())
    assert answer(f"{running.url}/ready")[0] == 503
    assert client.call("echo", "still", timeout=TIMEOUT) == "still"
    assert inbox.empty()
    running.shutdown()
    assert inbox.take() == (io.reason.SERVER_SHUTTING_DOWN,)


@pytest.mark.parametrize("end", ["drain", "shutdown"])
def test_cancelling_the_wait_does_not_end_the_handlers(run, connect, inbox, end):
    io = libsocketio.AsyncServer()

    async def left(sid, reason):
        await asyncio.sleep(0)
        inbox.add(reason)

    io.on("disconnect", left)
    running = run(io)
    connect(running)

    async def cancelled():
        waiting = asyncio.ensure_future(getattr(io, end)(0))
        await asyncio.sleep(0)  # it has begun
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await io.wait()

    running.wait_for(cancelled())
    assert inbox.take() == (io.reason.SERVER_SHUTTING_DOWN,)
    running.thread.join(TIMEOUT)
    assert io.counts() == libsocketio.Counts()


def test_handlers_that_wait_for_the_end_are_not_waited_for(run, connect, inbox):
    io = libsocketio.AsyncServer()
    both = asyncio.Event()

    async def stop(sid, grace):
        if grace:
            both.set()
        else:
            await both.wait()
        await io.shutdown(600)
        inbox.add("over")

    io.on("stop", stop)
    running = run(io)
    client = connect(running)
    client.emit("stop", 0)
    client.emit("stop", 1)
    assert inbox.take() == inbox.take() == ("over",)
    running.thread.join(TIMEOUT)
    assert not running.thread.is_alive()


def test_run_returns_when_the_server_has_drained():
    io, met = libsocketio.Server(), threading.Event()
    io.on("connect", lambda sid, environ: met.set())
    thread = threading.Thread(target=io.run, args=("127.0.0.1", 0))
    thread.start()
    while io.address is None:
        time.sleep(0.001)
    client = in_order.Client(reconnection=False)
    client.connect(f"http://{io.address}", transports=["websocket"], wait_timeout=TIMEOUT)
    assert met.wait(TIMEOUT)
    io.drain(0)
    thread.join(TIMEOUT)
    assert not thread.is_alive()
    client.disconnect()


def test_twice_and_before_listening(server_class):
    io = server_class()
    if not io.is_asyncio_based():
        io.drain()
        io.drain()
        io.shutdown()
        return

    async def main():
        await io.drain()
        await asyncio.gather(io.drain(), io.shutdown())

    asyncio.run(main())
    assert io.address is None


@pytest.mark.parametrize("spread", ["1", None, True, -1, 5_000_000, float("nan")])
def test_spread_is_a_number_of_seconds(server_class, run, spread):
    running = run(server_class())
    with pytest.raises((TypeError, ValueError), match="spread"):
        running.wait_for(running.io.drain(spread))
