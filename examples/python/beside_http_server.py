#!/usr/bin/env python3
"""Socket.IO beside another web server, on one port: http.server serves the files of
this folder, and hands over the connections that ask for /socket.io/.

Every server can do so that lets go of a connection: it passes the socket, and the bytes
that it has read of it already, to `adopt`.
"""

import argparse
import socket
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import libsocketio

io = libsocketio.Server()


@io.on("message")
def message(sid, data):
    io.emit("message", data, to=sid)


@io.event
def echo(sid, *args):
    return args  # the reply, for clients that ask for one


class Handler(SimpleHTTPRequestHandler):
    def handle(self):
        # Looks at the first line, and leaves it to whoever serves it.
        words = self.connection.recv(4096, socket.MSG_PEEK).split(b" ")
        if len(words) > 1 and words[1].startswith(b"/socket.io/"):
            io.adopt(self.connection)
        else:
            super().handle()


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("port", type=int, nargs="?", default=3000)
try:
    server = ThreadingHTTPServer(("127.0.0.1", parser.parse_args().port), Handler)
except (OSError, OverflowError) as error:  # the port is taken, or none
    sys.exit(f"beside_http_server.py: {error}")
print(f"http://127.0.0.1:{server.server_port}, stop with Ctrl-C", flush=True)
try:
    server.serve_forever()
except KeyboardInterrupt:
    server.server_close()
    io.shutdown()
