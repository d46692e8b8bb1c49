"""What the servers of the bench do: python-socketio of both generations, and ours.

The same coroutines are registered with each, since their vocabulary is the same.
Namespaces: "/" and "/chat".

    echo ...      replies with its arguments
    say ...       emits "said" with its arguments
    ask ...       emits "question" with its arguments, and "answer" with the reply
    burst N       emits "tick" 0 to N-1
    never         does not reply
    leave-me      disconnects the client
    handshake     replies with the query and the header fields that the client came with
    binary        emits "binary" with bytes at several depths
    large N       replies with a text of N letters
    memory        replies with how many have connected since the server was started

Whoever comes in is told "welcome", with its sid and its auth. Who says {"mode": "refuse"}
is refused, as is everyone with `refusing`.
"""

import asyncio

NAMESPACES = ("/", "/chat")

REFUSAL = ("not you", {"code": 401, "why": ["no ticket", None, True]})

DEEP = ({"all": bytes(range(256)), "deep": [[{"empty": b""}], b"\x1e"]}, b"\x1e")


class Vocabulary:
    def __init__(self, io, refused, *, refusing=False):
        self._io = io
        self._refused = refused
        self._refusing = refusing
        self._environs = {}
        self._tasks = set()
        self._came = 0

    def teach(self):
        for nsp in NAMESPACES:
            self._io.on("connect", self._bound(self.connect, nsp), namespace=nsp)
            for name in ("echo", "say", "ask", "burst", "never", "handshake", "binary"):
                self._io.on(name, self._bound(getattr(self, name), nsp), namespace=nsp)
            for name in ("large", "memory"):
                self._io.on(name, self._bound(getattr(self, name), nsp), namespace=nsp)
            self._io.on("leave-me", self._bound(self.leave, nsp), namespace=nsp)

    def _bound(self, method, nsp):
        # The signature counts: one with an auth too many is called without it.
        async def handler(sid, *args):
            return await method(nsp, sid, *args)

        return handler

    async def connect(self, nsp, sid, environ, auth=None):
        if self._refusing or (auth or {}).get("mode") == "refuse":
            raise self._refused(*REFUSAL)
        self._came += 1
        self._environs[sid] = environ
        await self._io.emit("welcome", (sid, auth), to=sid, namespace=nsp)

    async def echo(self, nsp, sid, *args):
        return args

    async def say(self, nsp, sid, *args):
        await self._io.emit("said", args, to=sid, namespace=nsp)

    async def ask(self, nsp, sid, *args):
        async def answered(*reply):
            await self._io.emit("answer", reply, to=sid, namespace=nsp)

        await self._io.emit("question", args, to=sid, namespace=nsp, callback=answered)

    async def burst(self, nsp, sid, count):
        for number in range(count):
            await self._io.emit("tick", number, to=sid, namespace=nsp)

    async def never(self, nsp, sid, *args):
        await asyncio.Event().wait()

    async def handshake(self, nsp, sid):
        environ = self._environs[sid]
        prefix = "HTTP_"
        headers = {
            key[len(prefix) :].lower().replace("_", "-"): value
            for key, value in environ.items()
            if key.startswith(prefix)
        }
        return {"query": environ["QUERY_STRING"], "headers": headers, "path": environ["PATH_INFO"]}

    async def binary(self, nsp, sid):
        await self._io.emit("binary", DEEP, to=sid, namespace=nsp)

    async def large(self, nsp, sid, count):
        return "x" * count

    async def memory(self, nsp, sid):
        return self._came

    async def leave(self, nsp, sid):
        # Not in the handler: python-socketio would reply to somebody who is gone.
        task = asyncio.ensure_future(self._disconnect(nsp, sid))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _disconnect(self, nsp, sid):
        await asyncio.sleep(0)
        await self._io.disconnect(sid, namespace=nsp)
