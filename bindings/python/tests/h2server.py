"""A server behind TLS for the tests of HTTP/2, and what its clients do first."""

from __future__ import annotations

import json
import ssl
import time

import libsocketio
from h2client import H2
from libsocketio import Response

TIMEOUT = 20
OPEN = "/socket.io/?EIO=4&transport="


class Running:
    """A server that echoes, and clients of it."""

    def __init__(self, authority, **options):
        self.authority = authority
        self.seen = []
        listen = {
            name: options.pop(name) for name in list(options) if name in ("http2", "ssl_cert_reqs")
        }
        self.io = io = libsocketio.Server(max_http_buffer_size=1_000_000, **options)

        @io.event
        def connect(sid, environ):
            self.seen.append(environ)

        @io.event
        def disconnect(sid, reason):
            self.seen.append(reason)

        @io.on("echo")
        def echo(sid, data):
            return data

        @io.http
        def http(request):
            self.seen.append(request)
            if request.path == "/large":
                return Response(b"z" * 5_000_000)
            if request.path == "/none":
                return Response(status=204)
            return Response(request.body or b"hello")

        chain, key = authority.server.chain, authority.server.key
        io.listen("127.0.0.1", 0, ssl_certfile=chain, ssl_keyfile=key, **listen)
        self.port = io.address.port
        self.clients = []

    def client(self, **options) -> H2:
        context = ssl.create_default_context(cafile=str(self.authority.certificate))
        client = H2(self.port, context, **options)
        self.clients.append(client)
        return client

    def close(self):
        for client in self.clients:
            client.close()
        deadline = time.monotonic() + TIMEOUT
        while self.io.counts().connections:
            assert time.monotonic() < deadline, self.io.counts()
            time.sleep(0.02)
        self.io.shutdown()


def open_session(client) -> str:
    status, _, body = client.request("GET", OPEN + "polling")
    assert status == 200, body
    return json.loads(body[1:])["sid"]


def join(client, sid) -> None:
    path = f"{OPEN}polling&sid={sid}"
    assert client.request("POST", path, body=b"40")[::2] == (200, b"ok")
    status, _, body = client.request("GET", path)
    assert status == 200 and body.startswith(b'40{"sid"')
