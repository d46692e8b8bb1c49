"""AsyncServer: coroutine handlers, and clients on the same loop."""

import asyncio
import gc

import pytest
import socketio

import libsocketio
from conftest import TRANSPORTS
from libsocketio import exceptions

TIMEOUT = 20


@pytest.fixture(params=list(TRANSPORTS))
def transports(request):
    return TRANSPORTS[request.param]


def scenario(test):
    """Runs an async test with a server and a function that connects clients."""

    def run(transports, io, coroutine):
        clients = []

        async def connect(handlers=None, **options):
            client = socketio.AsyncClient(reconnection=False)
            clients.append(client)
            for event, handler in (handlers or {}).items():
                client.on(event, handler, namespace="*" if event == "*" else None)
            await client.connect(
                f"http://{io.address}", transports=transports, wait_timeout=TIMEOUT, **options
            )
            return client

        async def main():
            try:
                await asyncio.wait_for(coroutine(io, connect), 2 * TIMEOUT)
            finally:
                try:
                    for client in clients:
                        await client.disconnect()
                finally:
                    await io.shutdown()

        asyncio.run(main())

    def wrapper(transports):
        run(transports, libsocketio.AsyncServer(), test)

    wrapper.__name__ = test.__name__
    wrapper.__doc__ = test.__doc__
    return wrapper


async def within(awaitable):
    return await asyncio.wait_for(awaitable, TIMEOUT)


@scenario
async def test_coroutine_handlers(io, connect):
    got = asyncio.Queue()

    @io.event
    async def connect_(sid, environ, auth):
        await asyncio.sleep(0.01)
        await io.enter_room(sid, "all")
        await io.save_session(sid, {"auth": auth})

    io.on("connect", connect_)

    @io.event
    async def echo(sid, data):
        await asyncio.sleep(0)
        await io.emit("echoed", data, to=sid)
        return data

    @io.event
    async def who(sid):
        async with io.session(sid) as session:
            session["asked"] = session.get("asked", 0) + 1
        return await io.get_session(sid)

    @io.event
    async def ask(sid, question):
        return await io.call("question", question, to=sid, timeout=TIMEOUT)

    @io.event
    async def disconnect(sid, reason):
        await asyncio.sleep(0)
        got.put_nowait((sid, reason, (await io.get_session(sid))["auth"]))

    io.listen("127.0.0.1", 0)
    client = await connect({"echoed": got.put, "question": lambda q: q + "!"}, auth={"a": 1})
    sid = client.get_sid()
    assert await client.call("echo", {"b": b"\x00"}, timeout=TIMEOUT) == {"b": b"\x00"}
    assert await within(got.get()) == {"b": b"\x00"}
    assert await client.call("who", timeout=TIMEOUT) == {"auth": {"a": 1}, "asked": 1}
    assert await client.call("who", timeout=TIMEOUT) == {"auth": {"a": 1}, "asked": 2}
    assert await client.call("ask", "why", timeout=TIMEOUT) == "why!"
    await client.disconnect()
    assert (await within(got.get()))[::2] == (sid, {"a": 1})
    with pytest.raises(KeyError):
        await io.get_session(sid)


@scenario
async def test_refusals(io, connect):
    @io.event
    async def connect_(sid, environ):
        await asyncio.sleep(0)
        raise libsocketio.ConnectionRefusedError("closed", {"until": 7})

    io.on("connect", connect_)
    io.listen("127.0.0.1", 0)
    errors = []
    with pytest.raises(socketio.exceptions.ConnectionError):
        await connect({"connect_error": errors.append})
    assert errors == [{"message": "closed", "data": {"until": 7}}]


@scenario
async def test_callbacks_may_be_coroutines(io, connect):
    got = asyncio.Queue()

    async def callback(*args):
        await asyncio.sleep(0)
        await got.put(args)

    io.listen("127.0.0.1", 0)
    client = await connect({"ask": lambda: (1, 2)})
    await io.emit("ask", to=client.get_sid(), callback=callback)
    await io.emit("ask", to=client.get_sid(), callback=lambda *args: got.put_nowait(args))
    assert await within(got.get()) == (1, 2)
    assert await within(got.get()) == (1, 2)


@scenario
async def test_call_and_its_failures(io, connect):
    never = asyncio.Event()

    async def wait():
        await never.wait()

    io.listen("127.0.0.1", 0)
    client = await connect({"wait": wait, "add": lambda a, b: a + b})
    sid = client.get_sid()
    assert await io.call("add", (1, 2), to=sid) == 3
    with pytest.raises(exceptions.TimeoutError):
        await io.call("wait", to=sid, timeout=0.1)
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(io.call("wait", to=sid), 0.1)
    waiting = asyncio.ensure_future(io.call("wait", to=sid))
    await asyncio.sleep(0)
    never.set()
    await client.disconnect()
    try:
        assert await within(waiting) is None
    except exceptions.DisconnectedError:
        pass


@scenario
async def test_handlers_that_wait_do_not_hold_up_others(io, connect):
    gate = asyncio.Event()

    @io.event
    async def slow(sid):
        await gate.wait()
        return "slow"

    @io.event
    async def quick(sid):
        return "quick"

    io.listen("127.0.0.1", 0)
    client = await connect()
    slow_one = asyncio.ensure_future(client.call("slow", timeout=TIMEOUT))
    assert await client.call("quick", timeout=TIMEOUT) == "quick"
    assert not slow_one.done()
    gate.set()
    assert await slow_one == "slow"


@scenario
async def test_events_start_in_order_whatever_their_handlers_are(io, connect):
    seen = []

    @io.event
    async def coroutine(sid, number):
        seen.append(number)
        if number % 7 == 0:
            await asyncio.sleep(0.001)

    @io.event
    def plain(sid, number):
        seen.append(number)

    @io.event
    async def end(sid):
        return len(seen)

    io.listen("127.0.0.1", 0)
    client = await connect()
    for number in range(200):
        await client.emit("plain" if number % 3 else "coroutine", number)
    assert await client.call("end", timeout=TIMEOUT) == 200
    assert seen == list(range(200))


@scenario
async def test_exceptions_are_survived(io, connect):
    @io.event
    async def fails(sid):
        await asyncio.sleep(0)
        raise ZeroDivisionError("on purpose")

    @io.event
    async def works(sid):
        return "fine"

    io.listen("127.0.0.1", 0)
    client = await connect()
    await client.emit("fails")
    assert await client.call("works", timeout=TIMEOUT) == "fine"


@scenario
async def test_async_http_handler(io, connect):
    import aiohttp

    @io.http
    async def page(request):
        await asyncio.sleep(0)
        if request.path == "/fail":
            raise ZeroDivisionError("on purpose")
        return request.method

    io.listen("127.0.0.1", 0)
    async with aiohttp.ClientSession() as session:
        async with session.get(f"http://{io.address}/") as response:
            assert (response.status, await response.text()) == (200, "GET")
        async with session.get(f"http://{io.address}/fail") as response:
            assert response.status == 500


@scenario
async def test_class_based_namespace(io, connect):
    class Chat(libsocketio.AsyncNamespace):
        async def on_connect(self, sid, environ):
            await self.save_session(sid, {"seen": []})

        async def on_say(self, sid, line):
            async with self.session(sid) as session:
                session["seen"].append(line)
            await self.enter_room(sid, "room")
            await self.send(line, room="room")
            return await self.call("confirm", to=sid, timeout=TIMEOUT), session["seen"]

    io.register_namespace(Chat("/chat"))
    io.listen("127.0.0.1", 0)
    client = await connect(namespaces=["/chat"])
    got = asyncio.Queue()
    client.on("message", got.put, namespace="/chat")
    client.on("confirm", lambda: True, namespace="/chat")
    reply = await client.call("say", "hello", namespace="/chat", timeout=TIMEOUT)
    assert reply == (True, ["hello"]) or reply == [True, ["hello"]]
    assert await within(got.get()) == "hello"


def test_everything_without_a_result_may_be_awaited_or_not():
    async def main():
        io = libsocketio.AsyncServer()
        assert io.emit("x") is not None
        assert await io.emit("x") is None
        assert await io.send("x", room="y") is None
        assert await io.close_room("x") is None
        assert await io.leave_room("nobody", "x") is None
        assert await io.disconnect("nobody") is None
        assert await io.to("x").emit("x", 1) is None
        assert await asyncio.create_task(io.emit("x")) is None
        assert await asyncio.gather(io.emit("x"), io.emit("y")) == [None, None]
        assert await asyncio.wait_for(io.emit("x"), 1) is None
        task = io.start_background_task(io.sleep, 0)
        gc.collect()
        assert await task is None
        await io.shutdown()

    asyncio.run(main())


def test_emit_from_other_threads():
    async def main():
        io = libsocketio.AsyncServer()
        io.listen("127.0.0.1", 0)
        got = asyncio.Queue()
        client = socketio.AsyncClient(reconnection=False)
        client.on("x", got.put)
        await client.connect(f"http://{io.address}", transports=["websocket"], wait_timeout=TIMEOUT)
        loop = asyncio.get_running_loop()
        for number in range(20):
            await loop.run_in_executor(None, io.emit, "x", number)
        assert [await within(got.get()) for _ in range(20)] == list(range(20))
        await client.disconnect()
        await io.shutdown()

    asyncio.run(main())


def test_listening_needs_a_loop():
    io = libsocketio.AsyncServer()
    with pytest.raises(RuntimeError):
        io.listen("127.0.0.1", 0)


def test_shutdown_is_idempotent_and_may_be_called_by_several():
    async def main():
        io = libsocketio.AsyncServer()
        await io.shutdown()
        with pytest.raises(exceptions.StateError):
            io.listen("127.0.0.1", 0)
        io = libsocketio.AsyncServer()
        serving = asyncio.ensure_future(io.serve("127.0.0.1", 0))
        while io.address is None:
            await asyncio.sleep(0)
        await asyncio.gather(*(io.shutdown() for _ in range(5)))
        await within(serving)
        await io.shutdown()
        assert io.counts() == libsocketio.Counts()
        assert io.address is None

    asyncio.run(main())


def test_shutdown_inside_a_handler():
    async def main():
        io = libsocketio.AsyncServer()

        @io.event
        async def stop(sid):
            await io.shutdown()

        serving = asyncio.ensure_future(io.serve("127.0.0.1", 0))
        while io.address is None:
            await asyncio.sleep(0)
        client = socketio.AsyncClient(reconnection=False)
        await client.connect(f"http://{io.address}", transports=["websocket"], wait_timeout=TIMEOUT)
        await client.emit("stop")
        await within(serving)
        await client.disconnect()

    asyncio.run(main())


def test_cancelling_serve_shuts_down():
    async def main():
        io = libsocketio.AsyncServer()
        left = []

        @io.event
        async def disconnect(sid, reason):
            await asyncio.sleep(0.01)
            left.append(reason)

        serving = asyncio.ensure_future(io.serve("127.0.0.1", 0))
        while io.address is None:
            await asyncio.sleep(0)
        client = socketio.AsyncClient(reconnection=False)
        await client.connect(f"http://{io.address}", transports=["websocket"], wait_timeout=TIMEOUT)
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        assert io.address is None
        assert left == [io.reason.SERVER_SHUTTING_DOWN]
        await client.disconnect()

    asyncio.run(main())


def test_shutdown_cancels_handlers_after_the_grace():
    async def main():
        io = libsocketio.AsyncServer()
        started, ended = asyncio.Event(), []

        @io.event
        async def slow(sid):
            started.set()
            try:
                await asyncio.sleep(60)
            finally:
                ended.append(True)

        io.listen("127.0.0.1", 0)
        client = socketio.AsyncClient(reconnection=False)
        await client.connect(f"http://{io.address}", transports=["websocket"], wait_timeout=TIMEOUT)
        await client.emit("slow")
        await within(started.wait())
        await within(io.shutdown(grace=0.05))
        assert ended == [True]
        await client.disconnect()

    asyncio.run(main())
