"""Namespaces that clients ask for, and handlers of all namespaces."""

import re

import pytest
import socketio

import libsocketio
from conftest import TIMEOUT, until


def refused(connect, running, namespace, **options):
    with pytest.raises(socketio.exceptions.ConnectionError):
        connect(running, namespaces=[namespace], wait_timeout=2, **options)


def test_a_pattern(server_class, run, connect, inbox):
    io = server_class()
    rooms = io.of(re.compile(r"/room-\d+"))
    rooms.on("connect", lambda nsp, sid, environ: inbox.add("connect", nsp))
    rooms.on("say", lambda nsp, sid, word: f"{nsp} {word}")
    rooms.on("disconnect", lambda nsp, sid, reason: inbox.add("disconnect", nsp))
    running = run(io)
    client = connect(running, namespaces=["/room-1"])
    assert inbox.take() == ("connect", "/room-1")
    assert client.call("say", "hi", namespace="/room-1", timeout=TIMEOUT) == "/room-1 hi"
    sid = client.get_sid("/room-1")
    assert io.rooms(sid, "/room-1") == [sid]
    assert io.sockets(namespace="/room-1") == [sid]
    client.disconnect()
    assert inbox.take() == ("disconnect", "/room-1")
    # The whole name has to match.
    refused(connect, running, "/room-1/x")
    refused(connect, running, "/my/room-1")


def test_parents_broadcast_and_know_their_sockets(server_class, run, connect, inbox):
    io = server_class()
    rooms = io.of(re.compile("/r-."))
    assert io.of(re.compile("/r-.")).name == rooms.name
    running = run(io)
    a, b = (
        connect(running, namespaces=[nsp], handlers={("x", nsp): lambda nsp=nsp: inbox.add(nsp)})
        for nsp in ("/r-a", "/r-b")
    )
    rooms.emit("x")
    assert sorted([inbox.take(), inbox.take()]) == [("/r-a",), ("/r-b",)]
    found = running.wait_for(rooms.fetch_sockets())
    assert {socket.namespace: socket.id for socket in found} == {
        "/r-a": a.get_sid("/r-a"),
        "/r-b": b.get_sid("/r-b"),
    }
    rooms.sockets_join("room")
    assert io.sockets("room", "/r-a") == [a.get_sid("/r-a")]
    io.of("/r-b").emit("x")
    assert inbox.take() == ("/r-b",)


def test_a_function(server_class, run, connect, inbox):
    io = server_class()
    asked = []

    def decide(name, auth):
        asked.append((name, auth))
        if name == "/broken":
            raise RuntimeError("broken")
        return auth == {"key": 7}

    if io.is_asyncio_based():

        async def matcher(name, auth):
            return decide(name, auth)

    else:
        matcher = decide
    made = io.of(matcher)
    made.use(lambda nsp, sid, environ, auth: inbox.add(nsp, auth))
    running = run(io)
    connect(running, namespaces=["/any"], auth={"key": 7})
    assert inbox.take() == ("/any", {"key": 7})
    refused(connect, running, "/other", auth={"key": 8})
    refused(connect, running, "/broken", auth={"key": 7})
    connect(running, namespaces=["/any"], auth={"key": 8})  # it exists
    assert inbox.take() == ("/any", {"key": 8})
    assert asked == [("/any", {"key": 7}), ("/other", {"key": 8}), ("/broken", {"key": 7})]


def test_own_handlers_go_first(server_class, run, connect):
    io = server_class()
    io.of(re.compile("/p-.")).on("a", lambda nsp, sid: "parent")
    io.of(re.compile("/p-.")).on("b", lambda nsp, sid: "parent")
    io.on("a", lambda sid: "own", namespace="/p-1")
    running = run(io)
    for namespace in ("/p-1", "/p-2"):
        client = connect(running, namespaces=[namespace])
        if namespace == "/p-2":
            io.on("a", lambda sid: "own", namespace="/p-2")
        assert client.call("a", namespace=namespace, timeout=TIMEOUT) == "own"
        assert client.call("b", namespace=namespace, timeout=TIMEOUT) == "parent"


def test_one_that_is_named_after_it_was_asked_for(server_class, run, connect, inbox):
    """Its events are handled once, by the handlers of both."""
    io = server_class()
    parent = io.of(re.compile("/n-."))
    parent.use(lambda nsp, sid, environ: inbox.add("middleware"))
    parent.on("x", lambda nsp, sid: inbox.add("parent"))
    running = run(io)
    connect(running, namespaces=["/n-1"]).disconnect()
    assert inbox.take() == ("middleware",)
    state = io._states["/n-1"]
    until(lambda: not state.clients.by_sid)
    # As if there had been so many others that it was forgotten here.
    state.disinherit()
    del io._states["/n-1"]
    io._parents[0].slots.clear()
    io.on("y", lambda sid: inbox.add("own"), namespace="/n-1")
    client = connect(running, namespaces=["/n-1"])
    client.emit("x", namespace="/n-1")
    client.emit("y", namespace="/n-1")
    assert [inbox.take() for _ in range(3)] == [("middleware",), ("parent",), ("own",)]
    client.emit("y", namespace="/n-1")
    assert inbox.take() == ("own",)


def test_children_without_clients_are_forgotten(run, connect, monkeypatch):
    monkeypatch.setattr(libsocketio._namespaces, "_SWEEP", 1)
    io = libsocketio.Server(cleanup_empty_child_namespaces=True)
    io.of(re.compile("/c-.*"))
    io._parents[0].sweep_at = 1
    running = run(io)
    for number in range(12):
        connect(running, namespaces=[f"/c-{number}"]).disconnect()
        until(lambda: not any(state.clients.by_sid for state in list(io._states.values())))
    assert len(io._parents[0].slots) < 8
    assert len(io._states) < 10
    assert len(io._any.heirs) < 9


def test_how_many_there_may_be(server_class, run, connect):
    io = server_class(max_child_namespaces=1)
    io.of(re.compile("/c-."))
    running = run(io)
    connect(running, namespaces=["/c-1"])
    refused(connect, running, "/c-2")


def test_namespaces_that_the_program_names_are_children_too(server_class, run, connect, inbox):
    io = server_class()
    rooms = io.of(re.compile("/r-."))
    rooms.on("who", lambda nsp, sid: nsp)
    io.of("/r-a").on("x", lambda sid: None)
    running = run(io)

    def client(nsp):
        handlers = {
            ("x", nsp): lambda: inbox.add(nsp),
            ("ask", nsp): lambda: nsp,
            ("disconnect", nsp): lambda *args: inbox.add(nsp, "gone"),
        }
        return connect(running, namespaces=[nsp], handlers=handlers)

    names = ["/r-a", "/r-b", "/r-c"]
    clients = [client(nsp) for nsp in names[:2]]
    io.of("/r-c").on("y", lambda sid: None)
    clients.append(client("/r-c"))
    for nsp, one in zip(names, clients):
        assert one.call("who", namespace=nsp, timeout=TIMEOUT) == nsp
    rooms.emit("x")
    assert sorted(inbox.take() for _ in names) == [(nsp,) for nsp in names]
    replies = running.wait_for(rooms.timeout(TIMEOUT).emit_with_ack("ask"))
    assert sorted(replies) == names
    found = running.wait_for(rooms.fetch_sockets())
    assert sorted(socket.namespace for socket in found) == names
    assert sorted(rooms.sockets()) == sorted(socket.id for socket in found)
    rooms.sockets_join("room")
    assert len(rooms.sockets("room")) == 3
    rooms.to("room").except_(found[0].id).sockets_leave("room")
    assert rooms.sockets("room") == [found[0].id]
    rooms.to("room").emit("x")
    assert inbox.take() == (found[0].namespace,)
    rooms.disconnect_sockets()
    assert sorted(inbox.take() for _ in names) == [(nsp, "gone") for nsp in names]
    assert running.wait_for(rooms.timeout(TIMEOUT).emit_with_ack("ask")) == []


def test_new_namespace(server_class, run, connect, inbox):
    io = server_class()
    io.of(lambda name, auth: True)
    io.on("new_namespace", inbox.add)
    running = run(io)
    connect(running, namespaces=["/fresh"])
    while inbox.take() != ("/fresh",):
        pass
    io.of("/program")
    assert inbox.take() == ("/program",)
    io.off("new_namespace", inbox.add)
    io.of("/silent")
    io.on("new_namespace", lambda name: inbox.add("again", name))
    io.of("/heard")
    told = inbox.take()
    assert (inbox.take() if told == ("again", "/silent") else told) == ("again", "/heard")


# python-socketio's "*".


def test_any_namespace_may_be_joined(server_class, run, connect, inbox):
    io = server_class(namespaces="*")
    io.on("connect", lambda nsp, sid, environ: inbox.add("connect", nsp), namespace="*")
    io.on("x", lambda nsp, sid, *args: (nsp, *args), namespace="*")
    io.on("*", lambda event, nsp, sid, *args: f"{event} {nsp}", namespace="*")
    io.on("own", lambda sid: "own", namespace="/known")
    running = run(io)
    for namespace in ("/a", "/known"):
        client = connect(running, namespaces=[namespace])
        assert inbox.take() == ("connect", namespace)
        result = client.call("x", (1, b"2"), namespace=namespace, timeout=TIMEOUT)
        assert result == (namespace, 1, b"2")
        assert client.call("z", namespace=namespace, timeout=TIMEOUT) == f"z {namespace}"
    assert client.call("own", namespace="/known", timeout=TIMEOUT) == "own"


def test_handlers_of_all_namespaces_open_none(server_class, run, connect):
    io = server_class()
    io.on("x", lambda nsp, sid: nsp, namespace="*")
    running = run(io)
    refused(connect, running, "/a")
    assert connect(running).call("x", timeout=TIMEOUT) == "/"


def test_a_class_for_all_namespaces(server_class, run, connect, inbox):
    base = (
        libsocketio.AsyncNamespace
        if server_class is libsocketio.AsyncServer
        else libsocketio.Namespace
    )

    class Everywhere(base):
        def on_connect(self, namespace, sid, environ):
            inbox.add("connect", namespace)

        def on_echo(self, namespace, sid, *args):
            return (namespace, *args)

        def on_disconnect(self, namespace, sid, reason):
            inbox.add("disconnect", namespace, reason)

    io = server_class(namespaces="*")
    io.register_namespace(Everywhere("*"))
    running = run(io)
    client = connect(running, namespaces=["/a"])
    assert inbox.take() == ("connect", "/a")
    assert client.call("echo", 1, namespace="/a", timeout=TIMEOUT) == ("/a", 1)
    client.disconnect()
    assert inbox.take()[:2] == ("disconnect", "/a")
