"""Clients whose connection breaks, and who are asked what to show."""

import threading

import pytest

import libsocketio
from conftest import TIMEOUT, Inbox
from libsocketio import exceptions


class Phoenix:
    """A server that goes and comes back on the same port, with an empty memory."""

    def __init__(self, run):
        self._run = run
        self.asked = Inbox()
        self.port = 0
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
        io.on("never", lambda sid: threading.Event().wait(0.5))
        self.port = io.listen("127.0.0.1", self.port).port
        self.url = f"http://127.0.0.1:{self.port}"

    def fall(self):
        self.io.shutdown()


@pytest.fixture
def phoenix(run):
    made = Phoenix(run)
    yield made
    made.fall()


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
    rising = threading.Timer(0.5, phoenix.rise)
    rising.start()
    try:
        client.connect(phoenix, retry=True)
        assert client.call("echo", 1) == 1
        client.take("connect_error")
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
    failures = Inbox()

    def ask():
        try:
            client.call("unheard of", timeout=TIMEOUT)
        except Exception as failure:
            failures.add(failure)

    thread = threading.Thread(target=ask)
    thread.start()
    client.call("echo", 1)
    phoenix.fall()
    (failure,) = failures.take()
    thread.join()
    assert isinstance(failure, exceptions.NoReplyError)
    assert isinstance(failure, exceptions.TimeoutError)
    phoenix.rise()
