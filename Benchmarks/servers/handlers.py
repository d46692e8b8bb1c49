"""What the servers in Python do, with the vocabulary of server.c.

`libsocketio.AsyncServer` and the peer run the very same coroutines;
`libsocketio.Server` runs them as plain functions.

A handler does not learn whether the client wants a reply. With BENCH_REPLY=1
"echo" replies, otherwise it emits.
"""

import os

REPLY = os.environ.get("BENCH_REPLY") == "1"
#: Above the 1 MB at which the payload curve ends.
MESSAGE_MAX_BYTES = 8_000_000


def namespaces():
    """Those to serve: "/", and with BENCH_NAMESPACES=1000 "/n0" to "/n999" as well."""
    count = int(os.environ.get("BENCH_NAMESPACES", "0"))
    return ["/", *(f"/n{index}" for index in range(count))]


def register_functions(io):
    for namespace in namespaces():
        _functions(io, namespace)


def register_coroutines(io):
    for namespace in namespaces():
        _coroutines(io, namespace)


def _functions(io, namespace):
    emit, enter_room = io.emit, io.enter_room

    def echo(sid, *args):
        emit("echo", args, to=sid, namespace=namespace)

    def reply(sid, *args):
        return args

    def broadcast(sid, *args):
        emit("broadcast", args, namespace=namespace)

    def join(sid, prefix, first, count):
        for number in range(first, first + count):
            enter_room(sid, f"{prefix}{number}", namespace=namespace)

    def room(sid, room, payload):
        emit("room", payload, room=room, namespace=namespace)

    io.on("echo", reply if REPLY else echo, namespace=namespace)
    for handler in (broadcast, join, room):
        io.on(handler.__name__, handler, namespace=namespace)


def _coroutines(io, namespace):
    emit, enter_room = io.emit, io.enter_room

    async def echo(sid, *args):
        await emit("echo", args, to=sid, namespace=namespace)

    async def reply(sid, *args):
        return args

    async def broadcast(sid, *args):
        await emit("broadcast", args, namespace=namespace)

    async def join(sid, prefix, first, count):
        for number in range(first, first + count):
            await enter_room(sid, f"{prefix}{number}", namespace=namespace)

    async def room(sid, room, payload):
        await emit("room", payload, room=room, namespace=namespace)

    io.on("echo", reply if REPLY else echo, namespace=namespace)
    for handler in (broadcast, join, room):
        io.on(handler.__name__, handler, namespace=namespace)
