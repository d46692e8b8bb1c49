#!/usr/bin/env python3
"""The Python server under test, `libsocketio.Server`: server.py PORT [THREADS]."""

import signal
import sys

import handlers
import libsocketio

port = int(sys.argv[1])
threads = int(sys.argv[2]) if len(sys.argv) > 2 else 1
io = libsocketio.Server(threads=threads, max_http_buffer_size=handlers.MESSAGE_MAX_BYTES)
handlers.register_functions(io)

signal.signal(signal.SIGTERM, lambda *_: io.shutdown())
io.listen("127.0.0.1", port, backlog=4096)
print(f"ready on {io.address}", flush=True)
io.wait()
io.shutdown()
