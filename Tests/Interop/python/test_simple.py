"""SimpleClient and AsyncSimpleClient."""

import asyncio

import in_order
import pytest
import socketio
from peers import TRANSPORTS, EventLoop
from server import PATIENCE, until


class Blocking:
    """AsyncSimpleClient with methods that block."""

    def __init__(self):
        self._loop = EventLoop()
        self._client = socketio.AsyncSimpleClient(handle_sigint=False, reconnection=False)

    def __getattr__(self, name):
        value = getattr(self._client, name)
        if not asyncio.iscoroutinefunction(value):
            return value

        return lambda *args, **options: self._loop.run(value(*args, **options))

    def stop(self):
        self._loop.close()


@pytest.fixture(params=["SimpleClient", "AsyncSimpleClient"])
def client(request):
    if request.param == "SimpleClient":
        simple = in_order.SimpleClient(handle_sigint=False, reconnection=False)
        yield simple
        simple.disconnect()
    else:
        blocking = Blocking()
        yield blocking
        blocking.disconnect()
        blocking.stop()


def connect(client, server, mode, **options):
    client.connect(server.url, transports=TRANSPORTS[mode], wait_timeout=PATIENCE, **options)


def test_connects_and_receives(client, server, mode):
    connect(client, server, mode, auth={"a": 1})
    assert client.receive(timeout=PATIENCE) == ["welcome", client.sid, {"a": 1}]
    assert client.transport == ("polling" if mode == "polling" else "websocket")


def test_emits_receives_and_calls(client, server, mode):
    connect(client, server, mode)
    client.receive(timeout=PATIENCE)
    client.emit("echo", ("text", {"deep": [b"\x00\x01"]}))
    assert client.receive(timeout=PATIENCE) == ["echo", "text", {"deep": [b"\x00\x01"]}]
    assert client.call("echo", [1, b"2"], timeout=PATIENCE) == [1, b"2"]


def test_in_a_namespace(client, server, mode):
    connect(client, server, mode, namespace="/chat")
    assert client.call("echo", 1, timeout=PATIENCE) == 1


def test_a_burst_keeps_its_order(client, server, mode):
    connect(client, server, mode)
    client.receive(timeout=PATIENCE)
    client.emit("burst", 100)
    assert [client.receive(timeout=PATIENCE) for _ in range(100)] == [
        ["tick", i] for i in range(100)
    ]


def test_is_refused(client, server, mode):
    with pytest.raises(socketio.exceptions.ConnectionError):
        connect(client, server, mode, auth={"mode": "refuse"})


def test_is_disconnected(client, server, mode):
    connect(client, server, mode)
    client.receive(timeout=PATIENCE)
    client.emit("leave-me")
    # A receive() that waits already is not woken by the end.
    with pytest.raises((socketio.exceptions.DisconnectedError, socketio.exceptions.TimeoutError)):
        client.receive(timeout=1)
    until(lambda: not client.connected)
    with pytest.raises(socketio.exceptions.DisconnectedError):
        client.emit("echo")
