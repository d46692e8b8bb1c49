"""What servers of a cluster say to each other: as yet each is alone in its own."""

import pytest

import libsocketio
from libsocketio import exceptions


@pytest.fixture
def heard(inbox):
    return inbox


def test_nobody_hears_oneself(server_class, run, connect, inbox, heard):
    io = server_class()
    io.on_server_side("hello", heard.add)
    running = run(io)

    @io.of("/chat").on_server_side("hello")
    def hello(*args):
        heard.add("chat", *args)

    client = connect(running, namespaces=["/", "/chat"])
    client.on("hello", heard.add)
    client.on("last", lambda: inbox.add("last"))
    running.wait_for(io.server_side_emit("hello", 1, {"a": b"2"}))
    io.of("/chat").server_side_emit("hello", 1)
    io.emit("last")
    # Neither a server nor a client has heard anything before.
    assert inbox.take() == ("last",)


def test_replies_of_nobody(server_class, run):
    io = server_class()
    running = run(io)
    if io.is_asyncio_based():

        async def ask():
            return [
                await io.server_side_emit_with_ack("hello", 1),
                await io.of("/").server_side_emit_with_ack("hello", b"x", timeout=1),
            ]

        assert running.wait_for(ask()) == [[], []]
    else:
        assert io.server_side_emit_with_ack("hello", 1) == []
        assert io.of("/").server_side_emit_with_ack("hello", b"x", timeout=1) == []
    assert io.counts() == libsocketio.Counts()


def test_inside_a_handler(run, connect, inbox):
    io = libsocketio.Server()

    @io.event
    def ask(sid):
        return io.server_side_emit_with_ack("hello")

    client = connect(run(io))
    assert client.call("ask", timeout=20) == []


def test_names_of_the_servers_own(run):
    io = run(libsocketio.Server()).io
    for name in ("connect", "connection", "new_namespace"):
        with pytest.raises(exceptions.ReservedNameError):
            io.server_side_emit(name)
        with pytest.raises(exceptions.ReservedNameError):
            io.server_side_emit_with_ack(name)
        with pytest.raises(exceptions.ReservedNameError):
            io.on_server_side(name, print)
    with pytest.raises(ValueError, match="timeout"):
        io.server_side_emit_with_ack("x", timeout=0)
    io.server_side_emit("disconnect")


def test_a_server_that_does_not_listen():
    io = libsocketio.Server()
    io.on_server_side("hello", print)
    io.server_side_emit("hello")
    assert io.server_side_emit_with_ack("hello") == []
