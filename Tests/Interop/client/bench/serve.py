"""A server of the bench, as a program: serve.py KIND --port N [--tls PEM] ...

KIND is "uvicorn" or "aiohttp" (python-socketio 5 under that), "v2" (python-socketio 4
under aiohttp; needs an environment of its own), or "ours". It prints "PORT n" when it
listens on 127.0.0.1, and ends when its standard input does, so that it never outlives
the test that started it.
"""

import argparse
import asyncio
import contextlib
import os
import socket
import ssl
import sys
import threading

from vocabulary import Vocabulary


def read_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["uvicorn", "aiohttp", "v2", "ours"])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls", metavar="PEM", help="certificate and key in one file")
    parser.add_argument("--ping-interval", type=float, default=25)
    parser.add_argument("--ping-timeout", type=float, default=20)
    parser.add_argument("--max-size", type=int, default=1_000_000)
    parser.add_argument("--path", default="socket.io")
    parser.add_argument("--cookie")
    parser.add_argument("--msgpack", action="store_true")
    parser.add_argument("--no-upgrades", action="store_true")
    parser.add_argument("--refusing", action="store_true")
    return parser.parse_args()


def common(arguments):
    """The options that all of them know."""
    options = {
        "cors_allowed_origins": "*",
        "ping_interval": arguments.ping_interval,
        "ping_timeout": arguments.ping_timeout,
        "max_http_buffer_size": arguments.max_size,
        "allow_upgrades": not arguments.no_upgrades,
        "cookie": arguments.cookie,
    }
    if arguments.msgpack:
        options["serializer"] = "msgpack"
    return options


def listening(port):
    """A socket that listens, on the port that an earlier server had, perhaps."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("127.0.0.1", port))
    made.listen(1024)
    return made


def leave_with_parent():
    """Ends the process once nobody holds its standard input any more."""
    sys.stdin.buffer.read()
    os._exit(0)


def tls_context(pem):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)
    return context


async def serve_uvicorn(arguments):
    import socketio
    import uvicorn

    io = socketio.AsyncServer(async_mode="asgi", **common(arguments))
    Vocabulary(io, socketio.exceptions.ConnectionRefusedError, refusing=arguments.refusing).teach()
    app = socketio.ASGIApp(io, socketio_path=arguments.path)
    tls = {"ssl_certfile": arguments.tls} if arguments.tls else {}
    config = uvicorn.Config(app, log_level="error", lifespan="off", ws="websockets-sansio", **tls)
    sock = listening(arguments.port)
    announce(sock.getsockname()[1])
    await uvicorn.Server(config).serve([sock])


async def serve_aiohttp(arguments):
    import socketio
    from aiohttp import web

    io = socketio.AsyncServer(async_mode="aiohttp", **common(arguments))
    Vocabulary(io, socketio.exceptions.ConnectionRefusedError, refusing=arguments.refusing).teach()
    app = web.Application()
    io.attach(app, socketio_path=arguments.path)
    runner = web.AppRunner(app)
    await runner.setup()
    context = tls_context(arguments.tls) if arguments.tls else None
    sock = listening(arguments.port)
    await web.SockSite(runner, sock, ssl_context=context).start()
    announce(sock.getsockname()[1])
    await asyncio.Event().wait()


async def serve_v2(arguments):
    wait = asyncio.wait

    def wait_for_coroutines(ones, **options):
        """What asyncio.wait was before Python 3.11, for which this generation was written."""
        return wait([asyncio.ensure_future(one) for one in ones], **options)

    asyncio.wait = wait_for_coroutines
    await serve_aiohttp(arguments)


async def serve_ours(arguments):
    import libsocketio

    io = libsocketio.AsyncServer(socketio_path=arguments.path, **common(arguments))
    refused = libsocketio.ConnectionRefusedError
    Vocabulary(io, refused, refusing=arguments.refusing).teach()
    tls = {"ssl_certfile": arguments.tls} if arguments.tls else {}
    announce(io.listen("127.0.0.1", arguments.port, **tls).port)
    await io.wait()


def announce(port):
    print("PORT", port, flush=True)


SERVE = {
    "uvicorn": serve_uvicorn,
    "aiohttp": serve_aiohttp,
    "v2": serve_v2,
    "ours": serve_ours,
}


def main():
    arguments = read_arguments()
    threading.Thread(target=leave_with_parent, daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(SERVE[arguments.kind](arguments))


if __name__ == "__main__":
    main()
