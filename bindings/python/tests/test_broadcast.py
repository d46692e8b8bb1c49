"""Replies of many clients, and what is done to many at once."""

import threading
import time

import pytest

import libsocketio
from conftest import Inbox
from libsocketio import exceptions


class Crowd:
    """Three clients, which reply to "who" with their number; the last one may be silent."""

    def __init__(self, connect, running, namespace="/"):
        self.running, self.io, self.never = running, running.io, threading.Event()
        self.inbox, self.asked = Inbox(), Inbox()
        self.clients = [
            connect(
                running,
                handlers={
                    ("who", namespace): lambda *args, n=n: (n, *args),
                    ("one", namespace): lambda n=n: n,
                    ("quiet", namespace): lambda n=n: self.quiet(n),
                    ("ping", namespace): lambda *args, n=n: self.inbox.add(n, *args),
                },
                namespaces=[namespace],
            )
            for n in range(3)
        ]
        self.sids = [client.get_sid(namespace) for client in self.clients]

    def quiet(self, n):
        self.asked.add(n)
        return self.never.wait(20) if n == 2 else n

    def wait_for(self, awaitable):
        return self.running.wait_for(awaitable)


@pytest.fixture
def crowd(server_class, run, connect):
    made = Crowd(connect, run(server_class()))
    yield made
    made.never.set()


def test_replies_of_all(crowd):
    io = crowd.io
    assert sorted(crowd.wait_for(io.emit_with_ack("one"))) == [0, 1, 2]
    binary = crowd.wait_for(io.timeout(20).call("who", "a", b"\0"))
    assert sorted(binary) == [(n, "a", b"\0") for n in range(3)]
    one = io.to(crowd.sids[1]).timeout(20)
    assert crowd.wait_for(one.emit_with_ack("one")) == [1]
    but = io.of("/").except_(crowd.sids[0]).timeout(20)
    assert sorted(crowd.wait_for(but.emit_with_ack("one"))) == [1, 2]


def test_nobody_replies_at_once(crowd):
    io = crowd.io
    assert crowd.wait_for(io.to("nobody").emit_with_ack("one")) == []
    assert crowd.wait_for(io.to([]).emit_with_ack("one")) == []
    assert crowd.wait_for(io.of("/unknown").emit_with_ack("one")) == []


def test_a_server_that_does_not_listen_has_nobody(server_class):
    io = server_class()
    result = io.emit_with_ack("one")
    if io.is_asyncio_based():
        import asyncio

        async def value():
            return await result

        result = asyncio.run(value())
    assert result == []


def test_who_was_silent(crowd):
    # As long as the others may need on a busy machine.
    with pytest.raises(exceptions.TimeoutError) as caught:
        crowd.wait_for(crowd.io.timeout(3).emit_with_ack("quiet"))
    assert not isinstance(caught.value, exceptions.DisconnectedError)
    assert sorted(caught.value.replies) == [0, 1]
    assert caught.value.silent == [crowd.sids[2]]


def test_who_left(crowd):
    outcome = Inbox()

    def ask():
        try:
            crowd.wait_for(crowd.io.emit_with_ack("quiet"))
        except exceptions.DisconnectedError as failure:
            outcome.add(sorted(failure.replies), failure.silent)

    thread = threading.Thread(target=ask)
    thread.start()
    assert {crowd.asked.take() for _ in range(3)} == {(0,), (1,), (2,)}
    for sid in crowd.sids[:2]:  # the reply to this one is behind the other
        crowd.wait_for(crowd.io.call("one", to=sid, timeout=20))
    crowd.clients[2].disconnect()
    assert outcome.take() == ([0, 1], [crowd.sids[2]])
    thread.join(20)


def test_in_a_handler(server_class, run, connect):
    io = server_class()

    if io.is_asyncio_based():

        @io.event
        async def ask(sid):
            return sum(await io.timeout(20).emit_with_ack("one"))

    else:

        @io.event
        def ask(sid):
            return sum(io.timeout(20).emit_with_ack("one"))

    crowd = Crowd(connect, run(io))
    assert crowd.clients[0].call("ask", timeout=20) == 3


def test_a_callback_for_each(crowd):
    inbox = Inbox()
    crowd.io.in_(crowd.sids[:2]).emit("who", 5, callback=inbox.add)
    assert sorted([inbox.take(), inbox.take()]) == [(0, 5), (1, 5)]
    crowd.io.of("/").emit("one", callback=inbox.add)
    assert sorted(inbox.take() for _ in range(3)) == [(0,), (1,), (2,)]


def test_join_and_leave_at_once(crowd):
    io, (a, b, c) = crowd.io, crowd.sids
    io.sockets_join("x", "y")
    assert sorted(io.sockets("x")) == sorted([a, b, c])
    io.to(a, b).sockets_leave(["x"])
    assert io.sockets("x") == [c]
    io.except_("x").sockets_join("z")
    assert sorted(io.sockets("z")) == sorted([a, b])
    io.sockets_leave("y")
    assert io.sockets("y") == []
    io.to([]).sockets_join("w")
    assert io.sockets("w") == []


def test_sockets_as_objects(crowd):
    io, (a, b, c) = crowd.io, crowd.sids
    found = crowd.wait_for(io.to(a, b).fetch_sockets())
    assert sorted(socket.id for socket in found) == sorted([a, b])
    (socket,) = crowd.wait_for(io.to(a).fetch_sockets())
    assert isinstance(socket, libsocketio.RemoteSocket)
    assert (socket.id, socket.sid, socket.namespace) == (a, a, "/")
    assert socket.connected
    assert socket.environ["REMOTE_ADDR"] == socket.handshake["address"] == "127.0.0.1"
    assert socket.handshake["query"]["EIO"] == "4"
    assert socket.handshake["headers"]["upgrade"] == "websocket"
    assert socket.handshake["auth"] == {}
    assert abs(socket.handshake["issued"] / 1000 - time.time()) < 60
    assert socket.handshake["time"].endswith(" GMT")
    socket.data["name"] = "ann"
    assert crowd.wait_for(io.get_session(a)) == {"name": "ann"}
    socket.join("x", "y")
    socket.leave("y")
    assert sorted(socket.rooms) == sorted([a, "x"])
    socket.emit("ping", 1, 2)
    assert crowd.inbox.take() == (0, 1, 2)
    socket.volatile.emit("ping", 3)
    assert crowd.inbox.take() == (0, 3)
    assert crowd.wait_for(socket.call("one")) == 0
    assert crowd.wait_for(socket.timeout(20).emit_with_ack("one")) == 0
    assert crowd.wait_for(socket.emit_with_ack("who", 4)) == (0, 4)
    socket.broadcast.emit("ping")
    assert sorted([crowd.inbox.take(), crowd.inbox.take()]) == [(1,), (2,)]
    io.enter_room(b, "x")
    socket.to("x").emit("ping")
    assert crowd.inbox.take() == (1,)
    socket.disconnect()
    gone = Inbox()
    threading.Thread(target=lambda: (crowd.clients[0].wait(), gone.add())).start()
    gone.take()
    assert not socket.connected
    assert sorted(s.id for s in crowd.wait_for(io.fetch_sockets())) == sorted([b, c])
    socket.emit("ping")
    socket.join("x")


def test_flags_of_a_socket(crowd):
    """As in Node: flags are kept, and to name rooms leaves the socket out."""
    io, (a, b, c) = crowd.io, crowd.sids
    for sid in (a, b):
        io.enter_room(sid, "x")
    socket = io.get_socket(a)
    assert socket.transport == "websocket"
    for one in (
        socket.volatile,
        socket.compress(False),
        socket.timeout(20),
        socket.coalesce("k"),
        socket.overflow("drop_newest"),
        socket.volatile.compress(True).timeout(20).coalesce("k").overflow("close"),
    ):
        assert crowd.wait_for(one.timeout(20).emit_with_ack("who", 1)) == (0, 1)
        for to, others in (
            (lambda how: how.to("x"), [1]),
            (lambda how: how.in_("x", c), [1, 2]),
            (lambda how: how.broadcast, [1, 2]),
            (lambda how: how.local, [1, 2]),
            (lambda how: how.except_("x"), [2]),
            (lambda how: how.to("x").local.except_(b), []),
        ):
            assert sorted(crowd.wait_for(to(one).timeout(20).emit_with_ack("one"))) == others
            assert sorted(crowd.wait_for(to(socket).timeout(20).emit_with_ack("one"))) == others
        inbox = Inbox()
        one.emit("who", 2, callback=inbox.add)
        assert inbox.take() == (0, 2)
        one.emit("ping", 3)
        assert crowd.inbox.take() == (0, 3)
    socket.write(5)
    socket.volatile.send(6)
    crowd.wait_for(socket.call("one"))
    assert crowd.inbox.empty()
    with pytest.raises(exceptions.TimeoutError):
        crowd.wait_for(io.get_socket(c).volatile.timeout(0.1).emit_with_ack("quiet"))
    io.disconnect(a)
    with pytest.raises(exceptions.DisconnectedError):
        crowd.wait_for(socket.volatile.emit_with_ack("one"))
    socket.volatile.emit("ping", 1)


def test_a_socket_that_has_not_joined_yet(server_class, run, connect, inbox):
    io = server_class()

    @io.on("connect")
    def connected(sid, environ):
        socket = io.get_socket(sid)
        socket.join("x", ["y", "z"])
        socket.leave("z")
        socket.emit("early", 1)
        socket.volatile.emit("early", 2)
        socket.timeout(9).compress(False).emit("early", 3)
        socket.broadcast.emit("early", 4)

    client = connect(run(io), handlers={("early", "/"): inbox.add}, auth={"é": [1]})
    assert io.get_socket(client.get_sid()).handshake["auth"] == {"é": [1]}
    assert [inbox.take() for _ in range(3)] == [(1,), (2,), (3,)]
    assert sorted(io.rooms(client.get_sid())) == sorted([client.get_sid(), "x", "y"])


def test_disconnect_many(crowd):
    crowd.io.except_(crowd.sids[0]).disconnect_sockets()
    for client in crowd.clients[1:]:
        client.wait()
    assert crowd.io.sockets() == [crowd.sids[0]]
