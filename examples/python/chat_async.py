#!/usr/bin/env python3
"""A chat on asyncio, with the page to use it."""

import argparse
import asyncio
import sys

import libsocketio

CDN = "https://cdn.socket.io/4.8.1/socket.io.min.js"
PAGE = """<!doctype html>
<meta charset="utf-8">
<title>chat</title>
<ul id="lines"></ul>
<form id="form"><input id="text" autocomplete="off" autofocus><button>Send</button></form>
<script src="/socket.io.min.js"></script>
<script>
  const socket = io({ auth: { name: prompt("Your name?") } });
  const add = (line) => {
    const item = document.createElement("li");
    item.textContent = line;
    lines.append(item);
  };
  socket.on("joined", (name) => add(name + " joined"));
  socket.on("left", (name) => add(name + " left"));
  socket.on("said", (name, line) => add(name + ": " + line));
  socket.on("connect_error", (error) => add("refused: " + error.message));
  form.onsubmit = (event) => {
    event.preventDefault();
    socket.emit("say", text.value);
    text.value = "";
  };
</script>
"""

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("port", type=int, nargs="?", default=3000)
parser.add_argument("client", nargs="?", help=f"path of socket.io.min.js (default: from {CDN})")
arguments = parser.parse_args()
io = libsocketio.AsyncServer()
if arguments.client:
    io.serve_files("/socket.io.min.js", arguments.client)


@io.event
async def connect(sid, environ, auth):
    name = (auth or {}).get("name")
    if not name:
        raise libsocketio.ConnectionRefusedError("a name is needed")
    await io.save_session(sid, {"name": name})
    await io.emit("joined", name)


@io.event
async def say(sid, line):
    session = await io.get_session(sid)
    await io.emit("said", (session["name"], line))


@io.event
async def disconnect(sid, reason):
    session = await io.get_session(sid)
    await io.emit("left", session["name"])


@io.http
def page(request):
    if request.path == "/":
        return libsocketio.Response(PAGE, content_type="text/html; charset=utf-8")
    if request.path == "/socket.io.min.js":
        return libsocketio.Response(status=302, headers={"location": CDN})
    return None  # 404


async def main():
    try:
        port = io.listen(port=arguments.port).port
    except libsocketio.SocketIOError as error:
        sys.exit(f"chat_async.py: {error}")
    print(
        f"listening on http://localhost:{port} and every other address, stop with Ctrl-C",
        flush=True,
    )
    try:
        await io.wait()
    finally:
        await io.shutdown()


try:
    asyncio.run(main())
except KeyboardInterrupt:
    pass
