"""Class-based namespaces of clients, and clients without handlers."""

import asyncio

import pytest

import libsocketio
from conftest import TIMEOUT
from libsocketio import exceptions


def serve(run):
    io = libsocketio.Server()
    for nsp in ("/", "/chat"):
        io.on("echo", lambda sid, *args: args, nsp)
        io.on("say", lambda sid, *args, n=nsp: io.emit("said", args, to=sid, namespace=n), nsp)
        io.on("leave", lambda sid, n=nsp: io.disconnect(sid, n), nsp)
    return io, run(io)


def test_namespaces(own_client, client_kind, run, inbox):
    base = libsocketio.ClientNamespace
    if client_kind == "AsyncClient":
        base = libsocketio.AsyncClientNamespace

    class Chat(base):
        def on_connect(self):
            inbox.add("connect", self.client.get_sid(self.namespace))

        def on_disconnect(self, reason):
            inbox.add("disconnect", reason)

        def on_said(self, *args):
            inbox.add("said", *args)

        def on_question(self, what):
            return what, "answer"

    io, running = serve(run)
    chat = Chat("/chat")
    client = own_client()
    client.raw.register_namespace(chat)
    client.connect(running)
    sid = client.raw.get_sid("/chat")
    assert inbox.take() == ("connect", sid)
    client.run(chat.emit, "say", (1, b"2"))
    assert inbox.take() == ("said", 1, b"2")
    assert client.run(chat.call, "echo", 1, timeout=TIMEOUT) == 1
    wanted = ["what", "answer"]
    assert list(io.call("question", "what", to=sid, namespace="/chat", timeout=TIMEOUT)) == wanted
    client.run(chat.disconnect)
    assert inbox.take() == ("disconnect", client.raw.reason.CLIENT_DISCONNECT)


def test_all_events_go_to_trigger_event(own_client, client_kind, run, inbox):
    if client_kind == "AsyncClient":

        class Chat(libsocketio.AsyncClientNamespace):
            async def trigger_event(self, event, *args):
                inbox.add(event, *args)

    else:

        class Chat(libsocketio.ClientNamespace):
            def trigger_event(self, event, *args):
                inbox.add(event, *args)

    _, running = serve(run)
    client = own_client()
    client.raw.register_namespace(Chat("/"))
    client.connect(running)
    assert inbox.take() == ("connect",)
    client.emit("say", 1)
    assert inbox.take() == ("said", 1)


def test_namespaces_that_are_none(client_kind):
    client = getattr(libsocketio, client_kind)()
    with pytest.raises(ValueError, match="not a namespace"):
        client.register_namespace(libsocketio.Namespace("/"))
    other = libsocketio.ClientNamespace
    if client_kind == "Client":
        other = libsocketio.AsyncClientNamespace
    with pytest.raises(ValueError, match="needs namespaces derived from"):
        client.register_namespace(other("/"))


def test_options_are_attributes(own_client, run):
    _, running = serve(run)
    client = own_client(reconnection_attempts=3, reconnection_delay=2)
    raw = client.raw
    assert (raw.reconnection, raw.reconnection_attempts, raw.reconnection_delay) == (True, 3, 2)
    assert (raw.reconnection_delay_max, raw.randomization_factor) == (5, 0)
    with pytest.raises(ValueError, match="reconnection_delay"):
        raw.reconnection_delay = -1
    assert raw.reconnection_delay == 2
    raw.reconnection = False
    client.hear("disconnect").connect(running)
    running.shutdown()
    client.take("disconnect")
    client.run("wait")  # for ever, if it tried again


def test_a_simple_client(run, transports):
    _, running = serve(run)
    with libsocketio.SimpleClient() as client:
        assert not client.connected
        with pytest.raises(exceptions.DisconnectedError):
            client.emit("say")
        client.connect(running.url, transports=transports, wait_timeout=TIMEOUT)
        assert client.connected
        assert client.sid
        assert client.transport in ("polling", "websocket")
        with pytest.raises(RuntimeError):
            client.connect(running.url)
        client.emit("say", (1, b"2"))
        assert client.receive(timeout=TIMEOUT) == ["said", 1, b"2"]
        assert client.call("echo", {"a": 1}, timeout=TIMEOUT) == {"a": 1}
        with pytest.raises(exceptions.TimeoutError) as caught:
            client.receive(timeout=0.05)
        assert not isinstance(caught.value, exceptions.DisconnectedError)
        client.emit("leave")
        for method in (lambda: client.receive(timeout=TIMEOUT), client.receive):
            with pytest.raises(exceptions.DisconnectedError) as caught:
                method()
            # Programs go on after a time-out: this has to be the end of their loops.
            assert not isinstance(caught.value, TimeoutError)
        for method in (client.emit, client.call):
            with pytest.raises(exceptions.DisconnectedError) as caught:
                method("echo")
            assert not isinstance(caught.value, TimeoutError)


def test_a_simple_client_in_a_namespace(run):
    _, running = serve(run)
    with libsocketio.SimpleClient() as client:
        client.connect(running.url, namespace="/chat", wait_timeout=TIMEOUT)
        client.emit("say", 1)
        assert client.receive(timeout=TIMEOUT) == ["said", 1]


def test_a_simple_client_that_does_not_receive(run):
    io, running = serve(run)

    @io.on("count")
    def count(sid):
        for number in range(5):
            io.emit("said", number, to=sid)

    with libsocketio.SimpleClient(max_received=2) as client:
        client.connect(running.url, wait_timeout=TIMEOUT)
        client.emit("count")
        client.client.wait()
        assert client.receive() == ["said", 0]
        assert client.receive() == ["said", 1]
        with pytest.raises(exceptions.LimitError, match="max_received"):
            client.receive()


def test_an_async_simple_client(run):
    _, running = serve(run)

    async def main():
        async with libsocketio.AsyncSimpleClient() as client:
            with pytest.raises(exceptions.DisconnectedError):
                await client.emit("say")
            await client.connect(running.url, wait_timeout=TIMEOUT)
            assert client.connected
            assert client.sid
            assert client.transport in ("polling", "websocket")
            await client.emit("say", (1, b"2"))
            assert await client.receive(timeout=TIMEOUT) == ["said", 1, b"2"]
            assert await client.call("echo", 1, timeout=TIMEOUT) == 1
            with pytest.raises(exceptions.TimeoutError):
                await client.receive(timeout=0.05)
            waiting = asyncio.ensure_future(client.receive())
            await client.emit("leave")
            with pytest.raises(exceptions.DisconnectedError) as caught:
                await waiting
            assert not isinstance(caught.value, TimeoutError)

    asyncio.run(main())


def test_clients_of_a_loop_share_a_runtime(run):
    _, running = serve(run)

    async def main():
        clients = [libsocketio.AsyncClient() for _ in range(5)]
        await asyncio.gather(*(one.connect(running.url, wait_timeout=TIMEOUT) for one in clients))
        assert len({id(one._core.runtime) for one in clients}) == 1
        assert await clients[3].call("echo", 1) == 1
        await asyncio.gather(*(one.disconnect() for one in clients))

    asyncio.run(main())
    from libsocketio._loop_runtime import LoopRuntime

    assert not LoopRuntime._shared


def test_coroutines_as_handlers(run, inbox):
    io, running = serve(run)

    async def main():
        client = libsocketio.AsyncClient()

        async def auth(attempt, reason):
            await asyncio.sleep(0)
            return {"attempt": attempt}

        @client.event
        async def question(what):
            return await client.call("echo", what)

        @client.event
        async def disconnect(reason):
            inbox.add(reason)

        await client.connect(running.url, auth=auth, wait_timeout=TIMEOUT)
        sid = client.sid
        ask = asyncio.to_thread(io.call, "question", [1], sid, timeout=TIMEOUT)
        assert await ask == [1]
        replied = asyncio.get_running_loop().create_future()

        async def callback(*args):
            replied.set_result(args)

        await client.emit("echo", (1, 2), callback=callback)
        assert await asyncio.wait_for(replied, TIMEOUT) == (1, 2)
        await client.disconnect()
        assert inbox.take() == (client.reason.CLIENT_DISCONNECT,)

    asyncio.run(main())
