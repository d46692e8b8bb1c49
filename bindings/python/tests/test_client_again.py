"""Clients that connect again, in handlers too: what is over does not touch what is new."""

import threading

import pytest

import libsocketio
from conftest import TIMEOUT
from libsocketio import exceptions
from libsocketio._client_core import ClientCore


def serve(run, asked=None):
    io = libsocketio.Server()
    for nsp in ("/", "/chat"):
        if asked is not None:
            io.on("connect", lambda sid, environ, auth, n=nsp: asked.add(n, auth), nsp)
        io.on("whoami", lambda sid: sid, nsp)
        io.on("say", lambda sid, *args, n=nsp: io.emit("said", args, to=sid, namespace=n), nsp)
        io.on("leave", lambda sid, n=nsp: io.disconnect(sid, n), nsp)
    return run(io)


def reconnecting(client, running):
    """Connects again whenever the server has disconnected the client."""
    if client.raw.is_asyncio_based():

        async def disconnect(reason):
            client.came.add("disconnect", reason)
            if reason == client.raw.reason.SERVER_DISCONNECT:
                await client.raw.connect(running.url, wait_timeout=TIMEOUT)
                client.came.add("again", client.raw.sid)

    else:

        def disconnect(reason):
            client.came.add("disconnect", reason)
            if reason == client.raw.reason.SERVER_DISCONNECT:
                client.raw.connect(running.url, wait_timeout=TIMEOUT)
                client.came.add("again", client.raw.sid)

    client.raw.on("disconnect", disconnect)


def test_connects_again_in_the_handler_of_disconnect(own_client, run):
    """The end of the connection before is not the end of the new one."""
    running = serve(run)
    client = own_client()
    reconnecting(client, running)
    client.connect(running)
    for _ in range(3):
        client.emit("leave")
        assert client.take("disconnect") == (client.raw.reason.SERVER_DISCONNECT,)
        (sid,) = client.take("again")
        assert sid
        assert client.call("whoami") == sid == client.raw.sid
    assert client.came.empty()
    client.disconnect()
    assert client.take("disconnect") == (client.raw.reason.CLIENT_DISCONNECT,)


def test_disconnects_and_connects_in_a_handler(own_client, run):
    running = serve(run)
    client = own_client().hear("disconnect")
    if client.raw.is_asyncio_based():

        async def said(url):
            await client.raw.disconnect()
            await client.raw.connect(url, wait_timeout=TIMEOUT)
            client.came.add("again", client.raw.sid)

    else:

        def said(url):
            client.raw.disconnect()
            client.raw.connect(url, wait_timeout=TIMEOUT)
            client.came.add("again", client.raw.sid)

    client.raw.on("said", said)
    client.connect(running)
    client.emit("say", running.url)
    came = {}
    for _ in range(2):
        name, value = client.came.take()
        came[name] = value
    assert came["disconnect"] == client.raw.reason.CLIENT_DISCONNECT
    assert came["again"] == client.call("whoami")


def test_a_namespace_connects_again_after_the_end(own_client, run):
    """As Node's `socket.connect()`: to where it was."""
    running = serve(run)
    client = own_client().hear("connect", "disconnect")
    client.connect(running)
    client.take("connect")
    socket = client.raw.of("/")
    for leave in (lambda: client.run(socket.disconnect), lambda: client.emit("leave")):
        leave()
        client.take("disconnect")
        client.run("wait")
        assert not socket.active
        client.run(socket.connect)
        assert client.take("connect") == ()
        assert client.call("whoami") == socket.id


def test_a_namespace_connects_again_in_the_handler_of_disconnect(own_client, run):
    running = serve(run)
    client = own_client().hear("connect")
    client.raw.on("disconnect", lambda: client.raw.of("/").connect())
    client.connect(running)
    client.take("connect")
    sids = {client.raw.sid}
    for _ in range(3):
        client.emit("leave")
        client.take("connect")
        sids.add(client.call("whoami"))
    assert len(sids) == 4
    client.raw.on("disconnect", lambda: None)


@pytest.mark.parametrize("reconnection", [True, False])
def test_leaves_and_connects_at_once(own_client, run, reconnection):
    """Node's `socket.disconnect().connect()`."""
    running = serve(run)
    client = own_client(reconnection=reconnection).hear("connect", "disconnect")
    client.connect(running)
    client.take("connect")
    socket = client.raw.of("/")
    before = socket.id

    def again():
        socket.disconnect()
        socket.connect()

    client.run(again)
    assert client.take("disconnect") == (client.raw.reason.CLIENT_DISCONNECT,)
    assert client.take("connect") == ()
    assert socket.id != before
    assert client.call("whoami") == socket.id
    assert client.came.empty()


def test_a_namespace_that_has_nowhere_to_connect(own_client):
    with pytest.raises(exceptions.ConnectionError, match="call connect of the client"):
        client = own_client()
        client.run(client.raw.of("/").connect)


def test_auth_of_a_namespace(own_client, run, inbox):
    running = serve(run, inbox)
    client = own_client().hear("connect", "disconnect", nsp="/chat")
    client.connect(running, namespaces="/", auth={"for": "/"})
    assert inbox.take() == ("/", {"for": "/"})
    chat = client.raw.of("/chat")
    for auth, shown in (
        ({"for": "/chat"}, {"for": "/chat"}),
        (lambda: {"asked": True}, {"asked": True}),
        ({"for": "/chat again"}, {"for": "/chat again"}),
    ):
        client.run(chat.connect, auth)
        client.take("connect")
        assert inbox.take() == ("/chat", shown)
        client.run(chat.disconnect)
        client.take("disconnect")
    client.run(chat.connect)  # as the client's connect has said
    assert inbox.take() == ("/chat", {"for": "/"})
    with pytest.raises(TypeError, match="auth must be a dict"):
        client.run(client.raw.of("/other").connect, "secret")


def test_many_threads_disconnect_and_connect(run):
    running = serve(run)
    client = libsocketio.Client()
    outcomes = []

    def connect():
        try:
            client.connect(running.url, wait_timeout=TIMEOUT)
            outcomes.append("connected")
        except exceptions.ConnectionError as failure:
            outcomes.append(str(failure))

    for method in (connect, client.disconnect):
        threads = [threading.Thread(target=method) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(TIMEOUT)
    assert sorted(outcomes) == ["Already connected"] * 7 + ["connected"]
    assert not client.connected


@pytest.mark.parametrize("function", ["on", "set_auth", "join"])
def test_another_thread_disconnects_while_it_connects(run, monkeypatch, function):
    """All of it: the native client is gone by the time that the rest is said to it."""
    client = libsocketio.Client()
    original = getattr(ClientCore, function)

    def late(core, *args, **options):
        if args[0] != "sio_client_on_close":  # which tells of the end
            thread = threading.Thread(target=client.disconnect)
            thread.start()
            thread.join()
        return original(core, *args, **options)

    monkeypatch.setattr(ClientCore, function, late)
    with pytest.raises(exceptions.ConnectionError, match="was disconnected before"):
        client.connect(run(libsocketio.Server()).url)
    client.wait()
    assert not client.connected
