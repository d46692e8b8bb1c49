"""Rooms, and whom a broadcast reaches."""

import pytest

import libsocketio
from conftest import Inbox


class Group:
    """Three clients, each with an inbox; `reached` says who got an event."""

    def __init__(self, connect, running, namespace="/"):
        self.io = running.io
        self.namespace = namespace
        self.inboxes = [Inbox() for _ in range(3)]
        self.clients = [
            connect(
                running,
                handlers={
                    ("ping", namespace): lambda *args, box=box: box.add("ping"),
                    ("end", namespace): lambda box=box: box.add("end"),
                },
                namespaces=[namespace],
            )
            for box in self.inboxes
        ]
        self.sids = [client.get_sid(namespace) for client in self.clients]

    def reached(self):
        """The numbers of the clients that got "ping" since the last time."""
        self.io.of(self.namespace).emit("end")
        numbers = []
        for number, box in enumerate(self.inboxes):
            while box.take() != ("end",):
                numbers.append(number)
        return numbers


@pytest.fixture
def group(server_class, run, connect):
    return Group(connect, run(server_class()))


def test_to_everyone_one_and_nobody(group):
    io, (a, b, c) = group.io, group.sids
    io.emit("ping", 1)
    assert group.reached() == [0, 1, 2]
    io.emit("ping", 1, to=b)
    assert group.reached() == [1]
    io.emit("ping", 1, room=c)
    assert group.reached() == [2]
    io.emit("ping", 1, to=[a, c])
    assert group.reached() == [0, 2]
    io.emit("ping", 1, to="no such room")
    io.emit("ping", 1, to=[])
    assert group.reached() == []


def test_rooms(group):
    io, (a, b, c) = group.io, group.sids
    io.enter_room(a, "x")
    io.enter_room(b, "x")
    io.enter_room(b, "y")
    io.enter_room(c, 7)
    assert sorted(io.rooms(b)) == sorted([b, "x", "y"])
    assert sorted(io.rooms(c)) == sorted([c, "7"])
    assert sorted(io.sockets("x")) == sorted([a, b])
    assert sorted(io.sockets()) == sorted([a, b, c])
    io.emit("ping", 1, to="x")
    assert group.reached() == [0, 1]
    io.emit("ping", 1, to=["x", "y", "z"])
    assert group.reached() == [0, 1]
    io.emit("ping", 1, room=7)
    assert group.reached() == [2]
    io.leave_room(b, "x")
    io.leave_room(b, "never entered")
    io.emit("ping", 1, to="x")
    assert group.reached() == [0]
    io.close_room("y")
    assert io.rooms(b) == [b]
    assert io.sockets("y") == []


def test_skip_sid(group):
    io, (a, b, c) = group.io, group.sids
    io.emit("ping", 1, skip_sid=a)
    assert group.reached() == [1, 2]
    io.emit("ping", 1, skip_sid=[a, b])
    assert group.reached() == [2]
    io.enter_room(a, "x")
    io.enter_room(b, "x")
    io.emit("ping", 1, room="x", skip_sid=b)
    assert group.reached() == [0]
    io.emit("ping", 1, to=c, skip_sid=c)
    assert group.reached() == []
    io.emit("ping", 1, to=c, skip_sid=a)
    assert group.reached() == [2]


def test_the_chain(group):
    io, (a, b, _) = group.io, group.sids
    io.enter_room(a, "x")
    io.enter_room(b, "y")
    io.to("x").emit("ping", 1, 2)
    assert group.reached() == [0]
    io.to("x").to("y").emit("ping")
    io.to("x", "y").emit("ping")
    io.to(["x", "y"]).emit("ping")
    assert group.reached() == [0, 0, 0, 1, 1, 1]
    io.in_("x").except_(a).emit("ping")
    assert group.reached() == []
    io.except_("x").emit("ping")
    assert group.reached() == [1, 2]
    io.except_(a, b).local.emit("ping")
    assert group.reached() == [2]
    io.volatile.emit("ping")
    assert group.reached() == [0, 1, 2]
    io.local.to("y").volatile.emit("ping", {"binary": b"1"})
    assert group.reached() == [1]
    io.to([]).emit("ping")
    assert group.reached() == []
    io.of("/").emit("ping")
    assert group.reached() == [0, 1, 2]
    base = io.to("x")
    base.to("y")
    base.emit("ping")
    assert group.reached() == [0]


def test_broadcasts_with_binary_values(server_class, run, connect, transports, inbox):
    io = server_class()
    running = run(io)
    connect(running, transports=transports, handlers={("ping", "/"): inbox.add})
    io.emit("ping", {"a": [b"1", {"b": b"2"}]})
    assert inbox.take() == ({"a": [b"1", {"b": b"2"}]},)


def test_a_room_that_looks_like_another_kind(group):
    io, (a, *_) = group.io, group.sids
    io.enter_room(a, "ünï cødé")
    io.emit("ping", to="ünï cødé")
    assert group.reached() == [0]
    with pytest.raises(ValueError):
        io.enter_room(a, "nul\0")
    with pytest.raises(ValueError):
        io.enter_room("nobody", "x")
    io.leave_room("nobody", "x")
    assert io.rooms("nobody") == []


def test_disconnect_sockets(group):
    io, (a, b, c) = group.io, group.sids
    io.enter_room(a, "x")
    io.to("x").disconnect_sockets()
    group.clients[0].wait()
    assert sorted(io.sockets()) == sorted([b, c])


def test_namespaces_are_apart(server_class, run, connect, inbox):
    io = server_class(namespaces=["/a", "/b"])
    running = run(io)
    client = connect(
        running,
        namespaces=["/a", "/b"],
        handlers={("x", n): lambda n=n: inbox.add("x", n) for n in ("/a", "/b")},
    )
    assert client.get_sid("/a") != client.get_sid("/b")
    io.emit("x", namespace="/b")
    assert inbox.take() == ("x", "/b")
    io.of("/a").emit("x")
    assert inbox.take() == ("x", "/a")
    io.emit("x", to=client.get_sid("/a"), namespace="/b")
    io.emit("x", namespace="/unknown")
    io.emit("x", to=client.get_sid("/a"), namespace="/a")
    assert inbox.take() == ("x", "/a")
    assert inbox.empty()
    assert io.of("/a").sockets() == [client.get_sid("/a")]
    assert io.sockets() == []


def test_class_based_namespaces(server_class, run, connect, inbox):
    asyncio_based = server_class is libsocketio.AsyncServer
    base = libsocketio.AsyncNamespace if asyncio_based else libsocketio.Namespace

    class Chat(base):
        def on_connect(self, sid, environ, auth):
            if auth == {"a": "bad"}:
                raise libsocketio.ConnectionRefusedError("bad")
            self.enter_room(sid, "all")
            inbox.add("connect", auth)

        def on_disconnect(self, sid):
            inbox.add("disconnect")

        def on_hello(self, sid, name):
            self.emit("hi", name, room="all")
            self.send(name, to=sid)
            return sorted(self.rooms(sid)) == sorted([sid, "all"])

        def on_overruled(self, sid):
            return "method"

    io = server_class()
    io.register_namespace(Chat("/chat"))
    io.on("overruled", lambda sid: "function", namespace="/chat")
    running = run(io)
    client = connect(
        running,
        namespaces=["/chat"],
        auth={"a": "good"},
        handlers={("hi", "/chat"): inbox.add, ("message", "/chat"): inbox.add},
    )
    assert inbox.take() == ("connect", {"a": "good"})
    assert client.call("hello", "x", namespace="/chat", timeout=20) is True
    assert inbox.take() == ("x",)
    assert inbox.take() == ("x",)
    assert client.call("overruled", namespace="/chat", timeout=20) == "function"
    client.disconnect()
    assert inbox.take() == ("disconnect",)


def test_trigger_event_can_be_overridden(server_class, run, connect, inbox):
    asyncio_based = server_class is libsocketio.AsyncServer
    base = libsocketio.AsyncNamespace if asyncio_based else libsocketio.Namespace

    class All(base):
        if asyncio_based:

            async def trigger_event(self, event, *args):
                inbox.add(event, len(args))
                return event

        else:

            def trigger_event(self, event, *args):
                inbox.add(event, len(args))
                return event

    io = server_class()
    io.register_namespace(All())
    client = connect(run(io))
    assert inbox.take() == ("connect", 3)
    assert client.call("anything", (1, 2), timeout=20) == "anything"
    assert inbox.take() == ("anything", 3)
    client.disconnect()
    assert inbox.take() == ("disconnect", 2)
