"""`serializer="msgpack"`: handlers see what they see with the default one."""

import logging

import pytest
import socketio

import libsocketio
from conftest import until

VALUES = [
    None,
    [True, -1, 2**53 + 1, -(2**63), 2**64 - 1, 1.5, 1.0, "é\n"],
    {"deep": [{"bytes": b"\x00\xff"}, b""], "_placeholder": False},
]


@pytest.fixture
def running(server_class, run):
    io = server_class(serializer="msgpack", namespaces=["/chat"])
    io.on("echo", lambda sid, *args: args)
    io.on("broadcast", lambda sid, *args: io.emit("news", args))
    return run(io)


def test_values_come_back(running, connect, transports):
    client = connect(running, transports=transports, serializer="msgpack")
    for value in VALUES:
        back = client.call("echo", (value, "and"), timeout=20)
        assert repr(back) == repr((value, "and"))  # 1.0 is not 1


def test_handlers_get_bytes_and_text(running, connect, inbox):
    running.io.on("see", lambda sid, *args: inbox.put(args))
    connect(running, serializer="msgpack").emit("see", (b"\x01", {"a": "b"}))
    assert inbox.get() == (b"\x01", {"a": "b"})


def test_broadcasts(running, connect, inbox):
    handlers = {("news", "/"): lambda *args: inbox.put(args)}
    clients = [connect(running, serializer="msgpack", handlers=handlers) for _ in range(2)]
    clients[0].emit("broadcast", (1, b"2"))
    assert [inbox.get(), inbox.get()] == [(1, b"2")] * 2


def test_the_server_asks(running, connect):
    answers = {("question", "/"): lambda data: (data, b"because")}
    client = connect(running, serializer="msgpack", handlers=answers)
    sid = client.get_sid()
    assert running.wait_for(running.io.call("question", "why", to=sid)) == ("why", b"because")


def test_namespaces(running, connect):
    client = connect(running, serializer="msgpack", namespaces=["/", "/chat"])
    assert client.get_sid("/") != client.get_sid("/chat")


@pytest.mark.parametrize(("server", "client"), [("msgpack", "default"), ("default", "msgpack")])
def test_parsers_must_agree_and_the_log_says_so(run, connect, caplog, server, client):
    running = run(libsocketio.Server(serializer=server, logger=logging.getLogger("served")))
    with pytest.raises(socketio.exceptions.ConnectionError):
        connect(running, serializer=client, wait_timeout=1)
    until(lambda: "its parser is not the server's" in caplog.text)
    running.shutdown()
    assert "give both the same parser" in caplog.text
