"""Asking a client and waiting for the reply."""

import threading
import time

import pytest
import socketio

import libsocketio
from libsocketio import exceptions


def test_from_a_thread(server_class, run, connect):
    io = server_class()
    running = run(io)
    client = connect(
        running,
        handlers={
            ("add", "/"): lambda a, b: a + b,
            ("both", "/"): lambda: (1, {"x": b"2"}),
            ("none", "/"): lambda: None,
        },
    )
    sid = client.get_sid()
    assert running.wait_for(io.call("add", (1, 2), to=sid)) == 3
    assert running.wait_for(io.call("both", sid=sid)) == (1, {"x": b"2"})
    assert running.wait_for(io.call("none", to=sid, timeout=None)) is None


def test_timeout(server_class, run, connect):
    io = server_class()
    running = run(io)
    never = threading.Event()
    client = connect(running, handlers={("wait", "/"): lambda: never.wait(20)})
    started = time.monotonic()
    with pytest.raises(exceptions.TimeoutError) as caught:
        running.wait_for(io.call("wait", to=client.get_sid(), timeout=0.2))
    assert 0.15 < time.monotonic() - started < 15
    assert not isinstance(caught.value, exceptions.DisconnectedError)
    assert isinstance(caught.value, TimeoutError)
    assert "wait" in str(caught.value)
    never.set()


def test_the_client_leaves(server_class, run, connect, inbox):
    io = server_class()
    running = run(io)
    never = threading.Event()
    asked = threading.Event()

    def wait():
        asked.set()
        never.wait(20)

    client = connect(running, handlers={("wait", "/"): wait})
    results = []

    def ask(sid):
        try:
            running.wait_for(io.call("wait", to=sid))
        except Exception as error:
            results.append(error)

    thread = threading.Thread(target=ask, args=[client.get_sid()])
    thread.start()
    assert asked.wait(20)
    client.disconnect()
    thread.join(20)
    never.set()
    assert type(results[0]) is exceptions.NoReplyError
    assert isinstance(results[0], exceptions.TimeoutError)


def test_the_server_is_shut_down(server_class, run, connect):
    io = server_class()
    running = run(io)
    never = threading.Event()
    asked = threading.Event()

    def wait():
        asked.set()
        never.wait(20)

    client = connect(running, handlers={("wait", "/"): wait})
    results = []

    def ask(sid):
        try:
            running.wait_for(io.call("wait", to=sid))
        except BaseException as error:
            results.append(error)

    thread = threading.Thread(target=ask, args=[client.get_sid()])
    thread.start()
    assert asked.wait(20)
    running.shutdown()
    thread.join(20)
    never.set()
    assert isinstance(results[0], exceptions.DisconnectedError)


def test_needs_one_client(server_class, run):
    io = server_class()
    running = run(io)
    with pytest.raises(ValueError):
        running.wait_for(io.call("x"))
    with pytest.raises(exceptions.DisconnectedError):
        running.wait_for(io.call("x", to="nobody"))


# In handlers of Server, where the thread that waits is the one that dispatches.


def test_inside_a_handler(run, connect):
    io = libsocketio.Server()
    io.on("start", lambda sid: io.call("ask", to=sid, timeout=20) + 1)
    client = connect(run(io), handlers={("ask", "/"): lambda: 41})
    assert client.call("start", timeout=20) == 42


def test_inside_a_handler_one_after_the_other(run, connect):
    io = libsocketio.Server()
    io.on("start", lambda sid: sum(io.call("ask", n, to=sid, timeout=20) for n in range(20)))
    client = connect(run(io), handlers={("ask", "/"): lambda n: n})
    assert client.call("start", timeout=20) == sum(range(20))
    assert len(io._dispatcher._threads) <= 2


def test_other_events_are_handled_meanwhile(run, connect):
    io = libsocketio.Server()
    asked, release = threading.Event(), threading.Event()

    def ask():
        asked.set()
        release.wait(20)
        return "late"

    io.on("start", lambda sid: io.call("ask", to=sid, timeout=20))
    io.on("ping", lambda sid: "pong")
    running = run(io)
    slow, quick = connect(running, handlers={("ask", "/"): ask}), connect(running)
    replies = []
    answered = threading.Event()
    slow.emit("start", callback=lambda *args: (replies.append(args), answered.set()))
    assert asked.wait(20)
    for _ in range(3):
        assert quick.call("ping", timeout=20) == "pong"
    release.set()
    assert answered.wait(20)
    assert replies == [("late",)]


def test_many_handlers_wait_and_none_runs_at_the_same_time(run, connect):
    io = libsocketio.Server()
    inside = []
    overlaps = []
    everyone_asked = threading.Barrier(12)

    def start(sid, number):
        def enter():
            inside.append(number)
            if len(inside) > 1:
                overlaps.append(list(inside))

        enter()
        time.sleep(0.001)
        inside.remove(number)
        result = io.call("ask", number, to=sid, timeout=20)
        enter()
        time.sleep(0.001)
        inside.remove(number)
        return result

    def ask(number):
        everyone_asked.wait(20)  # nobody replies before all handlers wait
        return number * 10

    io.on("start", start)
    running = run(io)
    clients = [connect(running, handlers={("ask", "/"): ask}) for _ in range(12)]
    replies = {}
    done = threading.Event()

    def answered(number, value):
        replies[number] = value
        if len(replies) == 12:
            done.set()

    for number, client in enumerate(clients):
        client.emit("start", number, callback=lambda value, n=number: answered(n, value))
    assert done.wait(20)
    assert replies == {number: number * 10 for number in range(12)}
    assert overlaps == []


def test_a_call_inside_the_reply_of_another(run, connect):
    io = libsocketio.Server()
    io.on("outer", lambda sid: io.call("first", to=sid, timeout=20))
    io.on("inner", lambda sid: io.call("second", to=sid, timeout=20))
    running = run(io)
    client = connect(running, client_class=socketio.Client)
    client.on("second", lambda: "deep")
    client.on("first", lambda: client.call("inner", timeout=20))
    assert client.call("outer", timeout=20) == "deep"


def test_events_of_the_same_batch_are_handled_meanwhile(run, connect):
    """The client replies only after an event that was queued behind the handler's own."""
    io = libsocketio.Server()
    held, ponged = threading.Event(), threading.Event()
    io.on("hold", lambda sid: held.wait(20))
    io.on("start", lambda sid: io.call("ask", to=sid, timeout=10))
    io.on("ping", lambda sid: io.emit("pong", to=sid))
    handlers = {("pong", "/"): ponged.set}
    client = connect(run(io), handlers=handlers, client_class=socketio.Client)
    client.on("ask", lambda: ponged.wait(20))
    client.emit("hold")
    replies = []
    answered = threading.Event()
    client.emit("start", callback=lambda *args: (replies.append(args), answered.set()))
    for _ in range(5):
        client.emit("ping")
    deadline = time.monotonic() + 20
    while io.counts().queued_events < 6:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    held.set()
    assert answered.wait(20)
    assert replies == [(True,)]


def test_a_timeout_inside_a_handler(run, connect):
    io = libsocketio.Server()
    never = threading.Event()

    def start(sid):
        try:
            io.call("wait", to=sid, timeout=0.1)
        except exceptions.TimeoutError:
            return "timed out"

    io.on("start", start)
    handlers = {("wait", "/"): lambda: never.wait(20)}
    client = connect(run(io), handlers=handlers, client_class=socketio.Client)
    assert client.call("start", timeout=20) == "timed out"
    never.set()


def test_shutdown_while_a_handler_waits(run, connect, inbox):
    io = libsocketio.Server()
    never, asked = threading.Event(), threading.Event()

    def ask():
        asked.set()
        never.wait(20)

    def start(sid):
        try:
            io.call("ask", to=sid)
        except exceptions.DisconnectedError as error:
            inbox.add(error)

    io.on("start", start)
    running = run(io)
    client = connect(running, handlers={("ask", "/"): ask})
    client.emit("start")
    assert asked.wait(20)
    running.shutdown()
    never.set()
    assert isinstance(inbox.take()[0], exceptions.DisconnectedError)


def test_async_handlers_run_on_a_pool(run, connect):
    io = libsocketio.Server(async_handlers=True)
    both = threading.Barrier(2)

    @io.event
    def meet(sid):
        both.wait(20)
        return io.call("ask", to=sid, timeout=20)

    running = run(io)
    clients = [connect(running, handlers={("ask", "/"): lambda n=n: n}) for n in range(2)]
    replies = {}
    done = threading.Barrier(3)
    for number, client in enumerate(clients):
        client.emit(
            "meet", callback=lambda value, n=number: (replies.update({n: value}), done.wait(20))
        )
    done.wait(20)
    assert replies == {0: 0, 1: 1}
