#!/usr/bin/env python3
"""The Python server under test, `libsocketio.AsyncServer`: server_async.py PORT [THREADS]."""

import asyncio
import signal
import sys

import handlers
import libsocketio

port = int(sys.argv[1])
threads = int(sys.argv[2]) if len(sys.argv) > 2 else 1
io = libsocketio.AsyncServer(threads=threads, max_http_buffer_size=handlers.MESSAGE_MAX_BYTES)
handlers.register_coroutines(io)


async def main():
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    io.listen("127.0.0.1", port, backlog=4096)
    print(f"ready on {io.address}", flush=True)
    await stopped.wait()
    await io.shutdown()


asyncio.run(main())
