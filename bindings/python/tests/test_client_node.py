"""What clients have from Node: sockets as objects, listeners, volatile, time-outs, retries."""

import threading

import libsocketio
from conftest import TIMEOUT, until
from libsocketio import exceptions


def serve(run, inbox=None):
    io = libsocketio.Server()
    for nsp in ("/", "/chat"):
        io.on("echo", lambda sid, *args: args, nsp)
        if inbox is not None:
            io.on("note", lambda sid, *args: inbox.add(*args), nsp)
    return io, run(io)


def test_sockets(own_client, run, inbox):
    _, running = serve(run, inbox)
    # A volatile event would not wait for an upgrade.
    client = own_client()
    client.connect(running, namespaces=["/", "/chat"], transports=["websocket"])
    chat = client.raw.of("chat")
    assert (chat.namespace, chat.connected, chat.active, chat.recovered) == (
        "/chat",
        True,
        True,
        False,
    )
    client.run(chat.emit, "note", 1, b"2")
    assert inbox.take() == (1, b"2")
    client.run(chat.volatile.emit, "note", "volatile")
    assert inbox.take() == ("volatile",)
    client.run(chat.compress(False).emit, "note", "plain")
    assert inbox.take() == ("plain",)
    assert client.run(chat.emit_with_ack, "echo", 1, 2) == (1, 2)
    assert client.run(chat.timeout(TIMEOUT).emit_with_ack, "echo") is None


def test_callbacks_with_a_time_out(own_client, run, inbox):
    _, running = serve(run)
    client = own_client().connect(running)
    client.run(client.raw.timeout(TIMEOUT).emit, "echo", 1, callback=inbox.add)
    assert inbox.take() == (None, 1)
    client.run(client.raw.timeout(0.05).emit, "unheard of", callback=inbox.add)
    (failure,) = inbox.take()
    assert isinstance(failure, exceptions.TimeoutError)


def test_volatile_events_do_not_wait(own_client, run, inbox):
    io, running = serve(run, inbox)
    asked = threading.Event()
    io.on("connect", lambda sid, environ: asked.wait(TIMEOUT))
    client = own_client()
    client.connect(running, wait=False)
    client.run(client.raw.volatile.emit, "note", "volatile")
    until(lambda: client.raw.of("/").dropped_events == 1)
    client.emit("note", "patient")
    asked.set()
    assert inbox.take() == ("patient",)
    assert inbox.empty()


def test_listeners(own_client, run, inbox):
    io, running = serve(run)
    client = own_client()
    socket = client.raw.of("/")
    socket.once("news", lambda *args: inbox.add("once", *args))
    socket.add_listener("news", lambda *args: inbox.add("behind", *args))
    socket.prepend_listener("news", lambda *args: inbox.add("before", *args))
    socket.on("news", lambda *args: inbox.add("handler", *args))
    hear_any = socket.on_any(lambda event, *args: inbox.add("any", event, *args))
    client.connect(running)
    io.emit("news", 1)
    wanted = [("any", "news", 1), ("before", 1), ("handler", 1), ("once", 1), ("behind", 1)]
    assert [inbox.take() for _ in wanted] == wanted
    socket.off_any(hear_any)
    io.emit("news", 2)
    wanted = [("before", 2), ("handler", 2), ("behind", 2)]
    assert [inbox.take() for _ in wanted] == wanted
    assert socket.listener_count("news") == 3
    socket.off("news")
    assert socket.event_names() == []
    io.emit("news", 3)
    client.call("echo")
    assert inbox.empty()


def test_what_is_sent_is_heard(own_client, run, inbox):
    _, running = serve(run)
    client = own_client()
    client.raw.of("/").on_any_outgoing(lambda event, *args: inbox.add(event, *args))
    client.connect(running)
    client.emit("echo", (1, b"2"))
    assert inbox.take() == ("echo", 1, b"2")


def test_retries(own_client, run, inbox):
    io = libsocketio.Server()
    tries = []

    @io.on("note")
    def note(sid, number):
        tries.append(number)
        inbox.add(number)

    running = run(io)
    client = own_client(retries=3, ack_timeout=TIMEOUT).connect(running)
    for number in range(3):
        client.emit("note", number)
    assert [inbox.take()[0] for _ in range(3)] == [0, 1, 2]
    assert tries == [0, 1, 2]


def test_an_event_that_is_not_acknowledged_is_sent_again(own_client, run, inbox):
    io = libsocketio.Server()
    tries = []

    @io.on("note")
    def note(sid, number):
        inbox.add(number)
        tries.append(number)
        if len(tries) == 1:
            raise ValueError("no reply")

    running = run(io)
    client = own_client(retries=2, ack_timeout=0.1).connect(running)
    client.emit("note", 1)
    assert [inbox.take() for _ in range(2)] == [(1,)] * 2
