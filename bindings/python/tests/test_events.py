"""Events and replies, in both directions."""

import in_order
import pytest

import libsocketio
from conftest import TIMEOUT, until

VALUES = [
    "text é 🎉 \u2028",
    "",
    0,
    -1.5,
    True,
    [1, [2, {"a": None}]],
    {"a": {"b": ["c"]}, "": "empty"},
    b"bytes \x00\xff",
    {"deep": [{"er": b"1"}, b"2", b""], "text": "x"},
    "x" * 70_000,
    bytes(70_000),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value)[:25])
def test_values_come_back_as_they_were(server_class, run, connect, inbox, value):
    io = server_class()

    @io.on("message")
    def message(sid, data):
        io.emit("message", data, to=sid)

    client = connect(run(io), handlers={("message", "/"): inbox.add})
    client.send(value)
    assert inbox.take() == (value,)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value)[:25])
def test_values_on_every_transport(run, connect, transports, value):
    io = libsocketio.Server()
    io.on("echo", lambda sid, data: data)
    client = connect(run(io), transports=transports)
    assert client.call("echo", value, timeout=20) == value


def test_numbers_of_arguments(server_class, run, connect, inbox):
    io = server_class()

    @io.event
    def several(sid, *args):
        io.emit("none", to=sid)
        io.emit("one", args[0], to=sid)
        io.emit("all", args, to=sid)
        io.emit("list", list(args), to=sid)

    handlers = {(name, "/"): inbox.add for name in ("none", "one", "all", "list")}
    client = connect(run(io), handlers=handlers)
    client.emit("several", (1, "two", None))
    assert inbox.take() == ()
    assert inbox.take() == (1,)
    assert inbox.take() == (1, "two", None)
    assert inbox.take() == ([1, "two", None],)


@pytest.mark.parametrize(
    ("returned", "reply"),
    [
        (None, None),
        (0, 0),
        (False, False),
        ((), None),
        ((1, "two"), (1, "two")),
        ([1, 2], [1, 2]),
        ({"a": b"\x01"}, {"a": b"\x01"}),
    ],
)
def test_replies(server_class, run, connect, returned, reply):
    io = server_class()
    io.on("ask", lambda sid: returned)
    assert connect(run(io)).call("ask", timeout=20) == reply


def test_callbacks(server_class, run, connect, inbox):
    io = server_class()

    @io.event
    def start(sid):
        io.emit("add", (1, 2), to=sid, callback=inbox.add)
        io.emit("nothing", to=sid, callback=inbox.add)

    client = connect(
        run(io),
        handlers={("add", "/"): lambda a, b: (a + b, b"sum"), ("nothing", "/"): lambda: None},
    )
    client.emit("start")
    assert inbox.take() == (3, b"sum")
    assert inbox.take() == ()


def test_callbacks_of_a_room(server_class, run, connect, inbox):
    io = server_class()
    running = run(io)
    clients = [
        connect(running, handlers={("who", "/"): lambda number=number: number})
        for number in range(3)
    ]
    for client in clients:
        io.enter_room(client.get_sid(), "room")
    io.emit("who", room="room", skip_sid=clients[1].get_sid(), callback=inbox.add)
    assert sorted([inbox.take(), inbox.take()]) == [(0,), (2,)]
    with pytest.raises(ValueError):
        io.emit("who", callback=inbox.add)
    io.emit("who", to="nobody", callback=inbox.add)
    assert inbox.empty()


def test_a_callback_of_a_client_that_leaves_is_forgotten(server_class, run, connect, inbox):
    from libsocketio._events import _slots

    io = server_class()
    io.on("disconnect", inbox.add)
    running = run(io)
    client = connect(running, handlers={("ask", "/"): lambda: None})
    sid = client.get_sid()
    before = set(_slots)  # those of earlier tests may be freed meanwhile
    io.emit("ask", to=sid, callback=lambda *args: inbox.add("called"))
    assert inbox.take() == ("called",)
    # Until the server has noticed the client, an emit to it is one to its room, which ends later.
    until(lambda: not set(_slots) - before)
    mute = in_order.Client(reconnection=False)
    mute._handle_event = lambda *args: None
    mute.connect(running.url, transports=["websocket"], wait_timeout=TIMEOUT)
    io.emit("ask", to=mute.get_sid(), callback=lambda *args: inbox.add("called"))
    assert len(set(_slots) - before) == 1
    mute.disconnect()
    assert inbox.take()[0] not in ("called", sid)
    # An emit that a loop gets to behind the goodbye ends behind it.
    until(lambda: not set(_slots) - before)
    client.disconnect()
    assert inbox.take()[0] == sid
    running.shutdown()
    assert inbox.empty()


def test_the_catch_all_gets_what_nobody_else_does(server_class, run, connect, inbox):
    io = server_class()
    io.on("*", lambda event, sid, *args: inbox.add(event, *args))
    io.on("known", lambda sid, *args: inbox.add("handler", *args))
    client = connect(run(io))
    client.emit("unknown", (1, 2))
    client.emit("known", 3)
    client.emit("ünknown")
    assert inbox.take() == ("unknown", 1, 2)
    assert inbox.take() == ("handler", 3)
    assert inbox.take() == ("ünknown",)


def test_the_catch_all_replies(server_class, run, connect):
    io = server_class()
    io.on("*", lambda event, sid, *args: event.upper())
    assert connect(run(io)).call("hello", timeout=20) == "HELLO"


def test_a_second_handler_replaces_the_first(server_class, run, connect):
    io = server_class()
    io.on("ask", lambda sid: 1)
    client = connect(run(io))
    assert client.call("ask", timeout=20) == 1
    io.on("ask", lambda sid: 2)
    assert client.call("ask", timeout=20) == 2
    io.on("later", lambda sid: 3)
    assert client.call("later", timeout=20) == 3


def test_ways_to_register(server_class, run, connect):
    io = server_class()

    @io.event
    def one(sid):
        return 1

    @io.event(namespace="/chat")
    def two(sid):
        return 2

    @io.on("three", namespace="chat")
    def third(sid):
        return 3

    @io.of("/chat").on("four")
    def fourth(sid):
        return 4

    client = connect(run(io), namespaces=["/", "/chat"])
    assert client.call("one", timeout=20) == 1
    assert client.call("two", namespace="/chat", timeout=20) == 2
    assert client.call("three", namespace="/chat", timeout=20) == 3
    assert client.call("four", namespace="/chat", timeout=20) == 4


def test_exceptions_are_logged_and_survived(server_class, run, connect, caplog):
    io = server_class()

    @io.event
    def fails(sid):
        raise ZeroDivisionError("on purpose")

    io.on("unserialisable", lambda sid: object())
    io.on("wrong signature", lambda: None)
    io.on("works", lambda sid: "fine")
    client = connect(run(io))
    client.emit("fails")
    client.emit("unserialisable", callback=lambda *args: None)
    client.emit("wrong signature")
    client.emit("unhandled", callback=lambda *args: None)
    assert client.call("works", timeout=20) == "fine"
    assert "ZeroDivisionError: on purpose" in caplog.text
    assert "not JSON serializable" in caplog.text
    names = {record.name for record in caplog.records if record.levelname == "ERROR"}
    # Clients of earlier tests, whose threads have not ended, may complain meanwhile.
    assert names - {"engineio.client"} == {"libsocketio"}


def test_events_of_a_client_are_handled_in_order(server_class, run, connect, transports):
    io = server_class()
    seen = []
    io.on("count", lambda sid, number: seen.append(number))
    io.on("end", lambda sid: len(seen))
    client = connect(run(io), transports=transports)
    for number in range(300):
        client.emit("count", number)
    assert client.call("end", timeout=20) == 300
    assert seen == list(range(300))


def test_another_json_module(server_class, run, connect):
    import json

    class Module:
        """A module that leaves a mark."""

        @staticmethod
        def dumps(value, **options):
            return json.dumps({"by": "module", "args": value}["args"], **options)

        @staticmethod
        def loads(text):
            return [f"loaded {value}" for value in json.loads(text)]

    io = server_class(json=Module)
    io.on("ask", lambda sid, value: value)
    assert connect(run(io)).call("ask", "x", timeout=20) == "loaded x"


def test_many_different_names_do_not_grow_the_server(server_class, run, connect):
    io = server_class()
    io.on("ask", lambda sid: "fine")
    client = connect(run(io))
    for number in range(3000):
        client.emit(f"event {number}")
    assert client.call("ask", timeout=20) == "fine"
    assert len(io._states["/"].resolved) <= 1024


def test_simple_client(server_class, run, transports):
    io = server_class()

    @io.event
    def echo(sid, *args):
        io.emit("echoed", args, to=sid)
        return args

    running = run(io)
    with in_order.SimpleClient() as client:
        client.connect(running.url, transports=transports, wait_timeout=20)
        assert client.call("echo", (1, {"a": b"2"}), timeout=20) == (1, {"a": b"2"})
        assert client.receive(timeout=20) == ["echoed", 1, {"a": b"2"}]
        client.emit("echo", "x")
        assert client.receive(timeout=20) == ["echoed", "x"]
        assert client.transport == ("polling" if transports == ["polling"] else "websocket")
