"""Functions that come and go: listeners, every event, what goes out, rooms, packet middleware."""

import functools
import http.client
import json
import threading

import pytest
import websocket

import libsocketio
from conftest import TIMEOUT, until


@pytest.fixture
def io(server_class):
    return server_class()


@pytest.fixture(params=["plain", "coroutine"])
def function(request, server_class):
    """Makes listeners of both kinds, where there are both."""
    if request.param == "plain":
        return lambda plain: plain
    if server_class is libsocketio.Server:
        return lambda plain: plain

    def coroutine(plain):
        @functools.wraps(plain)
        async def call(*args):
            return plain(*args)

        return call

    return coroutine


def test_order_and_reply(io, run, connect, inbox, function):
    root = io.of("/")
    names = ["any", "first", "handler", "second", "last"]
    hear = {name: function(lambda *args, name=name: inbox.add(name)) for name in names}
    root.add_listener("x", hear["second"])
    io.on("x", function(lambda sid, n: (inbox.add("handler"), n + 1)[1]))
    root.prepend_listener("x", hear["first"])
    root.add_listener("x", hear["last"])
    root.on_any(function(lambda event, sid, n: inbox.add("any", event, n)))
    client = connect(run(io))
    assert client.call("x", 1, timeout=TIMEOUT) == 2
    assert [inbox.take() for _ in range(5)] == [
        ("any", "x", 1),
        ("first",),
        ("handler",),
        ("second",),
        ("last",),
    ]


def test_a_listener_may_reply(io, run, connect, function):
    io.of("/").add_listener("x", function(lambda sid: "said"))
    assert connect(run(io)).call("x", timeout=TIMEOUT) == "said"


def test_once(io, run, connect, function):
    calls = []
    root = io.of("/")
    root.once("x", function(lambda sid: calls.append("once")))
    root.prepend_once_listener("x", function(lambda sid: calls.append("first")))

    @root.once("y")
    def y(sid):
        return "y"

    client = connect(run(io))
    for _ in range(3):
        client.call("x", timeout=TIMEOUT) if not calls else client.emit("x")
    assert client.call("y", timeout=TIMEOUT) == "y"
    assert calls == ["first", "once"]
    assert root.event_names() == []


def test_taking_back(io, run, connect):
    root = io.of("/")
    calls = []

    def one(sid):
        calls.append(1)

    def two(sid):
        calls.append(2)
        return "two"

    io.on("x", one)
    root.add_listener("x", two)
    root.add_listener("y", two)
    root.on_any(print)
    root.off_any()
    assert root.listeners("x") == [one, two]
    assert root.listener_count("x") == 2
    assert root.event_names() == ["x", "y"]
    client = connect(run(io))
    assert client.call("x", timeout=TIMEOUT) == "two"
    assert calls == [1, 2]
    root.off("x", one)
    root.off("x", one)  # is not there: nothing happens
    assert client.call("x", timeout=TIMEOUT) == "two"
    assert calls == [1, 2, 2]
    root.remove_all_listeners("x")
    assert root.listeners("x") == []
    client.emit("x")
    assert client.call("y", timeout=TIMEOUT) == "two"
    assert calls == [1, 2, 2, 2]
    root.remove_all_listeners()
    assert root.event_names() == []
    with pytest.raises(ValueError):
        root.once("x", "not a function")
    with pytest.raises(TypeError):
        root.once(3)


def test_of_one_client(io, run, connect, inbox):
    running = run(io)
    a, b = connect(running), connect(running)
    socket = io.get_socket(a.get_sid())
    assert io.get_socket("nobody") is None
    socket.on("x", lambda sid: "own")
    socket.on_any(lambda event, sid: inbox.add(event, sid))
    io.on("y", lambda sid: "for all")
    assert a.call("x", timeout=TIMEOUT) == "own"
    assert inbox.take() == ("x", socket.id)
    b.emit("x")
    assert b.call("y", timeout=TIMEOUT) == "for all"
    assert inbox.empty()
    assert socket.event_names() == ["x"]
    # What is sent costs nothing as long as nobody listens to it.
    assert "sio_server_on_any_outgoing" not in io._states["/"].heard
    socket.once("disconnect", lambda sid, reason: inbox.add("gone", sid))
    a.disconnect()
    assert inbox.take() == ("gone", socket.id)


def test_packet_middleware(io, run, connect, inbox, function):
    def check(sid, event, args):
        if event == "no":
            return False
        if event == "raise":
            raise ValueError("why")
        args.append("added")
        return None

    io.of("/").use_packet(function(check))
    io.on("error", lambda sid, failure: inbox.add(str(failure)))
    for event in ("yes", "no", "raise"):
        io.on(event, lambda sid, *args: args)
    client = connect(run(io))
    assert client.call("yes", 1, timeout=TIMEOUT) == (1, "added")
    client.emit("no")
    assert "no" in inbox.take()[0]
    client.emit("raise")
    assert inbox.take() == ("why",)
    # As in Node, what is dropped is not replied to: it was not handled.
    for event in ("no", "raise", "yes"):
        client.emit(event, callback=lambda *args, event=event: inbox.add("reply", event, *args))
    assert sorted(str(inbox.take()) for _ in range(3)) == sorted(
        map(str, [("'no' was refused",), ("why",), ("reply", "yes", "added")])
    )


def test_packet_middleware_of_one_client(io, run, connect):
    running = run(io)
    a, b = connect(running), connect(running)
    io.on("x", lambda sid, *args: args)
    io.get_socket(a.get_sid()).use_packet(lambda sid, event, args: args.append(1))
    assert a.call("x", timeout=TIMEOUT) == 1
    assert b.call("x", timeout=TIMEOUT) is None


def test_what_goes_out(io, run, connect, inbox):
    running = run(io)
    client, other = connect(running), connect(running)
    sid = client.get_sid()
    io.of("/").on_any_outgoing(inbox.add)
    io.emit("x", (1, b"2"), to=sid)
    assert inbox.take() == ("x", sid, 1, b"2")
    io.emit("all")
    heard = {inbox.take(), inbox.take()}
    assert heard == {("all", sid), ("all", other.get_sid())}
    assert io.of("/").listeners_any_outgoing() == [inbox.add]
    io.of("/").off_any_outgoing(inbox.add)
    socket = io.get_socket(sid)
    socket.on_any_outgoing(lambda event, *rest: inbox.add("own", event))
    socket.prepend_any_outgoing(lambda event, *rest: inbox.add("first", event))
    io.emit("y")
    assert inbox.take() == ("first", "y")
    assert inbox.take() == ("own", "y")
    assert inbox.empty()


def test_disconnecting_with_rooms(io, run, connect, inbox):
    io.on("disconnecting", lambda sid, reason: inbox.add("ing", reason, set(io.rooms(sid))))
    io.on("disconnect", lambda sid, reason: inbox.add("ed", reason, set(io.rooms(sid))))
    client = connect(run(io))
    sid = client.get_sid()
    socket = io.get_socket(sid)
    for event in ("disconnecting", "disconnect"):
        socket.once(event, lambda *args: inbox.add(socket.connected, set(socket.rooms)))
    io.enter_room(sid, 'a "room"')
    client.disconnect()
    rooms = {sid, 'a "room"'}
    # The client's goodbye may be lost when it closes the connection.
    reason = inbox.take()
    assert reason == ("ing", reason[1], rooms)
    assert inbox.take() == (True, rooms)
    assert inbox.take() == ("ed", reason[1], rooms)
    assert inbox.take() == (False, rooms)
    until(lambda: not io.rooms(sid))  # the handler has returned
    assert socket.rooms == []


def test_events_of_rooms_on_several_loops(server_class, run, connect):
    """Rooms begin and end once, each client's events are in order; all else is in any."""
    io, heard = server_class(threads=2), []
    adapter = io.of("/").adapter
    for event in ("create-room", "join-room", "leave-room", "delete-room"):
        adapter.on(event, lambda room, *sid, event=event: heard.append((event, room, *sid)))
    running = run(io)
    sids = [connect(running).get_sid() for _ in range(6)]

    def change(sid):
        for _ in range(100):
            io.enter_room(sid, "r")
            io.leave_room(sid, "r")

    threads = [threading.Thread(target=change, args=(sid,)) for sid in sids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(TIMEOUT)
    io.disconnect_sockets()
    until(lambda: {room for event, room, *_ in heard if event == "delete-room"} >= set(sids))

    def count(what):
        return sum(event == what and room == "r" for event, room, *_ in heard)

    until(lambda: count("create-room") == count("delete-room") > 0)
    of_room = [event for event in heard if event[1] == "r"]
    for sid in sids:
        own = [event[0] for event in of_room if event[2:] == (sid,)]
        assert own == ["join-room", "leave-room"] * 100


def test_events_of_rooms(io, run, connect, inbox):
    adapter = io.of("/").adapter
    for event in ("create-room", "join-room", "leave-room", "delete-room"):
        adapter.on(event, lambda *args, event=event: inbox.add(event, *args))
    with pytest.raises(ValueError):
        adapter.on("no-room", print)
    client = connect(run(io))
    sid = client.get_sid()
    assert [inbox.take() for _ in range(2)] == [("create-room", sid), ("join-room", sid, sid)]
    io.enter_room(sid, "x")
    assert [inbox.take() for _ in range(2)] == [("create-room", "x"), ("join-room", "x", sid)]
    assert adapter.rooms == {sid: {sid}, "x": {sid}}
    assert adapter.sids == {sid: {sid, "x"}}
    io.leave_room(sid, "x")
    assert [inbox.take() for _ in range(2)] == [("leave-room", "x", sid), ("delete-room", "x")]


def test_listening_to_connect(io, run, connect, inbox, function):
    io.on("connection", function(lambda sid, environ: inbox.add("handler")))
    io.of("/").once("connect", function(lambda sid, environ, auth: inbox.add("once", auth)))
    running = run(io)
    connect(running, auth={"a": 1})
    assert [inbox.take(), inbox.take()] == [("handler",), ("once", {"a": 1})]
    connect(running)
    assert inbox.take() == ("handler",)
    assert inbox.empty()


def test_connection_is_connect(io, run, connect, inbox, function):
    """Node's name of the event, for all that takes one."""
    handler = function(lambda sid, environ: inbox.add("handler"))
    listener = function(lambda sid, environ: inbox.add("listener"))
    io.on("connection", handler)
    io.once("connection", function(lambda sid, environ: inbox.add("once")))
    io.of("/").prepend_listener("connection", listener)
    assert io.event_names() == ["connect"]
    for name in ("connect", "connection"):
        assert io.listener_count(name) == 3
        assert listener in io.listeners(name)
    running = run(io)
    connect(running)
    assert sorted(inbox.take() for _ in range(3)) == [("handler",), ("listener",), ("once",)]
    connect(running)
    assert sorted(inbox.take() for _ in range(2)) == [("handler",), ("listener",)]
    io.off("connection", listener)
    assert io.listeners("connect") == [handler]
    io.remove_all_listeners("connection")
    assert io.listeners("connection") == []
    # A client's event of that name is one like others, on its socket.
    client = connect(running)
    io.get_socket(client.get_sid()).on("connection", lambda sid, n: n + 1)
    assert client.call("connection", 1, timeout=TIMEOUT) == 2
    assert inbox.empty()


def test_upgrade(io, run, function, inbox):
    @io.of("/").conn.on("upgrade")
    @function
    def upgraded(sid):
        inbox.add(sid, io.transport(sid))

    running = run(io)
    polling = http.client.HTTPConnection(*running.io.address[:2], timeout=TIMEOUT)

    def ask(method, query="", body=None):
        polling.request(method, f"/socket.io/?EIO=4&transport=polling{query}", body)
        return polling.getresponse().read().decode()

    session = "&sid=" + json.loads(ask("GET")[1:])["sid"]
    assert ask("POST", session, "40") == "ok"
    sid = json.loads(ask("GET", session)[2:])["sid"]
    peer = websocket.create_connection(
        running.url.replace("http", "ws") + f"/socket.io/?EIO=4&transport=websocket{session}",
        timeout=TIMEOUT,
    )
    peer.send("2probe")
    assert peer.recv() == "3probe"
    assert inbox.empty()
    peer.send("5")
    assert inbox.take() == (sid, "websocket")
    io.of("/").conn.off("upgrade", upgraded)
    with pytest.raises(ValueError, match="upgrade"):
        io.of("/").conn.on("upgraded", print)
    peer.close()
    polling.close()
