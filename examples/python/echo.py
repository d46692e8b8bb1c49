#!/usr/bin/env python3
"""An echo server: what a client sends as "message" comes back to it.

Run it with: python echo.py [port]
"""

import sys

import libsocketio

io = libsocketio.Server(cors_allowed_origins="*")


@io.on("message")
def message(sid, data):
    io.emit("message", data, to=sid)


@io.event
def echo(sid, *args):
    return args  # the reply, for clients that ask for one


io.listen(port=int(sys.argv[1]) if len(sys.argv) > 1 else 3000)
print(f"listening on {io.address}, stop with Ctrl-C", flush=True)
try:
    io.wait()
except KeyboardInterrupt:
    io.shutdown()
