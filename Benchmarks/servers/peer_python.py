#!/usr/bin/env python3
"""The peer, python-socketio on uvicorn and uvloop: peer_python.py PORT.

Configured to be as fast as it goes: uvloop, httptools, no log, no compression,
no pings of WebSocket's own beside those of Engine.IO.
"""

import sys

import handlers
import socketio
import uvicorn

port = int(sys.argv[1])
io = socketio.AsyncServer(async_mode="asgi", max_http_buffer_size=handlers.MESSAGE_MAX_BYTES)
handlers.register_coroutines(io)


class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        print(f"ready on 127.0.0.1:{port}", flush=True)


Server(
    uvicorn.Config(
        socketio.ASGIApp(io),
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        ws_max_size=handlers.MESSAGE_MAX_BYTES,
        backlog=4096,
        log_level="critical",
        access_log=False,
        timeout_graceful_shutdown=1,
    )
).run()
