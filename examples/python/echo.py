#!/usr/bin/env python3
"""An echo server: what a client sends as "message" comes back to it."""

import argparse
import sys

import libsocketio

io = libsocketio.Server(cors_allowed_origins="*")


@io.on("message")
def message(sid, data):
    io.emit("message", data, to=sid)


@io.event
def echo(sid, *args):
    return args  # the reply, for clients that ask for one


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("port", type=int, nargs="?", default=3000)
try:
    io.listen(port=parser.parse_args().port)
except libsocketio.SocketIOError as error:  # the port is taken, or none
    sys.exit(f"echo.py: {error}")
print(f"listening on port {io.address.port} of every address, stop with Ctrl-C", flush=True)
try:
    io.wait()
except KeyboardInterrupt:
    io.shutdown()
