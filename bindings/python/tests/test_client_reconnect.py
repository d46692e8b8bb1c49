"""Clients whose connection breaks, and who are asked what to show."""

import threading

import pytest

import libsocketio
from conftest import TIMEOUT, Inbox
from libsocketio import exceptions
from relays import Place


class Phoenix:
    """A server that goes and comes back on the same port, with an empty memory."""

    def __init__(self, run):
        self._run = run
        self.asked = Inbox()
        self.place = Place()
        self.refusing = False
        self.rise()

    def rise(self):
        self.io = io = libsocketio.Server()

        @io.on("connect")
        def connect(sid, environ, auth):
            self.asked.add(auth)
            if self.refusing:
                raise libsocketio.ConnectionRefusedError("not you")

        io.on("echo", lambda sid, *args: args)
        io.on("say", lambda sid, *args: io.emit("said", args, to=sid))

        @io.on("never")
        def never(sid):
            self.asked.add("never")
            raise ValueError("no reply")

        self.url = f"http://{io.listen('127.0.0.1', self.place.port)}"

    def fall(self):
        self.io.shutdown()


@pytest.fixture
def phoenix(run):
    made = Phoenix(run)
    yield made
    made.fall()
    made.place.close()


def test_comes_back(own_client, phoenix, transports):
    client = own_client().hear("connect", "disconnect", "said")
    for event in ("reconnect_attempt", "reconnect"):
        client.raw.manager.on(event, lambda number, e=event: client.came.add(e, number))
    client.connect(phoenix, transports=transports)
    client.take("connect")
    before = client.raw.sid
    phoenix.fall()
    (reason,) = client.take("disconnect")
    assert reason in ("transport close", "transport error")
    client.emit("say", "offline")  # waits
    phoenix.rise()
    names = {}
    while "said" not in names:
        name, *args = client.came.take()
        names[name] = args
    assert names["said"] == ["offline"]
    assert {"reconnect_attempt", "reconnect", "connect"} <= names.keys()
    assert client.raw.sid != before


def test_details_are_for_those_who_ask(own_client, phoenix):
    """python-socketio's handlers get the reason alone: what they have as a default is theirs."""
    client = own_client(reconnection=False)
    client.raw.on("disconnect", lambda reason, number=7: client.came.add(reason, number))
    client.connect(phoenix)
    phoenix.fall()
    assert client.came.take()[1] == 7
    client.run("wait")
    client.raw.on("disconnect", lambda reason, details=None: client.came.add(reason, details))
    phoenix.rise()
    client.connect(phoenix)
    phoenix.fall()
    assert isinstance(client.came.take()[1], str)
    client.run("wait")
    phoenix.rise()


def test_details_of_a_disconnect(own_client, phoenix):
    client = own_client(reconnection=False)
    client.raw.on("disconnect", lambda reason, details: client.came.add(reason, details))
    client.connect(phoenix)
    phoenix.fall()
    reason, details = client.came.take()
    assert reason in ("transport close", "transport error")
    assert isinstance(details, str)
    client.run("wait")
    phoenix.rise()


def test_the_manager(client_kind):
    manager = getattr(libsocketio, client_kind)().manager
    manager.on("reconnect", print)
    assert manager.handlers("reconnect") == [print]
    manager.off("reconnect", print)
    assert not manager.handlers("reconnect")
    with pytest.raises(ValueError, match="unheard_of"):
        manager.on("unheard_of", print)
    with pytest.raises(TypeError, match="reconnect"):
        manager.on("reconnect", 1)


def test_auth_is_asked_before_every_attempt(own_client, phoenix):
    client = own_client().hear("disconnect", "connect_error")
    asked = Inbox()

    def auth(attempt, reason):
        asked.add(attempt, reason)
        return {"token": attempt, "reason": reason}

    client.connect(phoenix, auth=auth)
    assert asked.take() == (1, None)
    assert phoenix.asked.take() == ({"token": 1, "reason": None},)
    phoenix.fall()
    client.take("disconnect")
    client.take("connect_error")
    assert asked.empty(), "there was no server to show it to"
    phoenix.rise()
    attempt, reason = asked.take()
    assert attempt >= 1
    assert reason, "why it is asked again"
    assert phoenix.asked.take() == ({"token": attempt, "reason": reason},)


def test_auth_without_arguments(own_client, phoenix):
    own_client().connect(phoenix, auth=lambda: {"token": "x"})
    assert phoenix.asked.take() == ({"token": "x"},)
    own_client().connect(phoenix, auth=lambda token="y": {"token": token})
    assert phoenix.asked.take() == ({"token": "y"},)
    own_client().connect(phoenix, auth=lambda: None)
    assert phoenix.asked.take()[0] in (None, {})


def test_auth_that_raises(own_client, phoenix, caplog):
    def auth():
        raise KeyError("no token")

    client = own_client().hear("connect_error")
    with pytest.raises(exceptions.ConnectionError, match="no token") as caught:
        client.connect(phoenix, auth=auth)
    assert caught.value.code == "auth"
    assert phoenix.asked.empty()


def test_retry_waits_for_the_server(own_client, phoenix):
    phoenix.fall()
    client = own_client().hear("connect_error")
    rising = threading.Thread(target=lambda: (client.take("connect_error"), phoenix.rise()))
    rising.start()
    try:
        client.connect(phoenix, retry=True)
        assert client.call("echo", 1) == 1
    finally:
        rising.join()


def test_gives_up(own_client, phoenix):
    phoenix.fall()
    client = own_client(reconnection_attempts=2).hear("connect_error")
    client.raw.manager.on("reconnect_failed", lambda: client.came.add("failed"))
    client.raw.manager.on("reconnect_attempt", lambda number: client.came.add("attempt", number))
    client.raw.manager.on("reconnect_error", lambda error: client.came.add("error", error.code))
    with pytest.raises(exceptions.ConnectionError) as caught:
        client.connect(phoenix, retry=True)
    assert caught.value.code == "connect"
    came = [client.came.take()[0] for _ in range(8)]
    assert came.count("connect_error") == 3, "the first one, and two more"
    assert [name for name in came if name != "connect_error"] == [
        *("attempt", "error", "attempt", "error"),
        "failed",
    ]
    client.run("wait")
    phoenix.rise()


def test_disconnect_ends_attempts(own_client, phoenix):
    phoenix.fall()
    client = own_client().hear("connect_error")
    client.connect(phoenix, wait=False, retry=True)
    client.take("connect_error")
    client.disconnect()
    client.run("wait")
    phoenix.rise()
    assert phoenix.asked.empty()


def test_pending_calls_end_with_the_connection(own_client, phoenix):
    client = own_client(reconnection=False).connect(phoenix)
    assert phoenix.asked.take() == (None,)
    failures = Inbox()

    def ask():
        try:
            client.call("never", timeout=TIMEOUT)
        except Exception as failure:
            failures.add(failure)

    thread = threading.Thread(target=ask)
    thread.start()
    assert phoenix.asked.take() == ("never",)
    phoenix.fall()
    (failure,) = failures.take()
    thread.join()
    assert isinstance(failure, exceptions.NoReplyError)
    assert isinstance(failure, exceptions.TimeoutError)
    phoenix.rise()


@pytest.fixture
def made(client_kind):
    """A function that returns values, as the functions of that kind of client may."""

    def make(values):
        def function():
            return next(values)

        async def coroutine():
            return next(values)

        return coroutine if client_kind == "AsyncClient" else function

    return make


def test_url_and_headers_are_asked_for_before_every_attempt(own_client, run, made):
    came = Inbox()

    def server(name):
        io = libsocketio.Server()
        io.on("connect", lambda sid, environ: came.add(name, environ.get("HTTP_X_NUMBER")))
        return io, run(io).url

    first, first_url = server("first")
    _, second_url = server("second")
    fields = iter([{"X-Number": "1"}, {"X-Number": "2"}])
    urls = iter([first_url, second_url])
    client = own_client().hear("connect")
    client.connect(None, url=made(urls), headers=made(fields))
    client.take("connect")
    assert came.take() == ("first", "1")
    first.shutdown()
    client.take("connect")
    assert came.take() == ("second", "2")
    with pytest.raises(exceptions.ConnectionError, match="Already"):
        client.connect(None, url=made(urls))
    client.disconnect()
    # Each `connect` asks anew; what is a value stays.
    fields = iter([{"X-Number": "3"}, {"X-Number": "4"}])
    client.connect(None, url=second_url, headers=made(fields))
    assert came.take() == ("second", "3")
    # And so does connecting again, where nobody can wait for a coroutine.
    client.disconnect()
    client.run(client.raw.of("/").connect)
    assert came.take() == ("second", "4")


def test_url_that_raises(own_client, phoenix, made, caplog):
    client = own_client().hear("connect", "connect_error", "disconnect")
    with pytest.raises(KeyError, match="nowhere"):
        client.connect(None, url=made(Steps(KeyError("nowhere"))))
    # In a later attempt it is a failure like others; and so is what is no URL.
    steps = Steps(phoenix.url, 17, KeyError("no host"), *[phoenix.url] * 100)
    client.connect(None, url=made(steps))
    client.take("connect")
    phoenix.fall()
    client.take("disconnect")
    (told,) = client.take("connect_error")
    assert "must return a str" in told
    (told,) = client.take("connect_error")
    assert "no host" in told
    phoenix.rise()
    while client.came.take()[0] != "connect":
        pass


class Steps:
    """Gives values one after the other, and raises those that are exceptions."""

    def __init__(self, *steps):
        self._steps = iter(steps)

    def __next__(self):
        step = next(self._steps)
        if isinstance(step, BaseException):
            raise step
        return step


def test_upgrades_and_drains(own_client, run):
    client = own_client().hear("connect")
    client.raw.manager.on("upgrade", lambda: client.came.add("upgrade"))
    io = libsocketio.Server()
    io.on("echo", lambda sid, *args: args)
    client.connect(run(io))
    assert {client.came.take(), client.came.take()} == {("connect",), ("upgrade",)}
    assert client.call("echo", 1) == 1
    client.disconnect()
    # Somebody who listens while there is a connection hears of it, too.
    client.connect(run(io), transports=["polling"])
    client.take("connect")
    client.raw.manager.on("drain", lambda: client.came.add("drain"))
    client.emit("echo", 2)
    client.take("drain")
