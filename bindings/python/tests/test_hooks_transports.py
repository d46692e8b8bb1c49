"""Every hook is asked about every way in: WebTransport once skipped them all (engine.io 6.6.7)."""

from __future__ import annotations

import http.client
import re
import socket
import ssl

import pytest

import libsocketio
from h2client import H2

TIMEOUT = 20
POLLING = "/socket.io/?EIO=4&transport=polling"
WEBSOCKET = "/socket.io/?EIO=4&transport=websocket"
ORIGIN = "https://friend.example"
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


class Ways:
    """How a request gets in: each returns a status."""

    def __init__(self, io, context):
        self.io, self.context = io, context
        self.plain, self.secure = (address.port for address in io.addresses)

    def http1(self, path, headers):
        return self._ask(http.client.HTTPConnection("127.0.0.1", self.plain), path, headers)

    def tls(self, path, headers):
        connection = http.client.HTTPSConnection("localhost", self.secure, context=self.context)
        return self._ask(connection, path, headers)

    def _ask(self, connection, path, headers):
        connection.timeout = TIMEOUT
        connection.request("GET", path, headers=headers)
        status = connection.getresponse().status
        connection.close()
        return status

    def adopted(self, path, headers):
        ours, theirs = socket.socketpair()
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n".encode()
        self.io.adopt(theirs, request[:20])
        with ours:
            ours.settimeout(TIMEOUT)
            ours.sendall(request[20:])
            return int(re.match(rb"HTTP/1.1 (\d+)", ours.recv(4096))[1])

    def http2(self, path, headers):
        client = H2(self.secure, self.context)
        try:
            fields = [(name.lower(), value) for name, value in headers.items()]
            if "transport=websocket" in path:
                fields = [field for field in fields if field[0] == "origin"]
                ws = client.open_websocket(path, fields)
                status = int(ws.headers[":status"])
                return 101 if status == 200 else status
            return client.request("GET", path, fields)[0]
        finally:
            client.close()


@pytest.fixture(scope="module")
def hooked(authority):
    """A server whose hooks say that they were asked, and refuse whom the query tells them to."""
    asked = []

    def hook(name):
        def ask(*arguments):
            asked.append(name)
            return f"refuse={name}" not in arguments[-1]["QUERY_STRING"]

        return ask

    io = libsocketio.Server(
        threads=2, cors_allowed_origins=hook("origin"), allow_request=hook("handshake")
    )
    io.use_engine(hook("engine"))
    io.listen("127.0.0.1", 0)
    chain, key = authority.server.chain, authority.server.key
    io.listen("127.0.0.1", 0, ssl_certfile=chain, ssl_keyfile=key)
    yield Ways(io, ssl.create_default_context(cafile=str(authority.certificate))), asked
    io.shutdown()


@pytest.mark.parametrize("refused", ["engine", "origin", "handshake", None])
@pytest.mark.parametrize(
    "path",
    [
        POLLING,
        WEBSOCKET,
        POLLING + "&j=0",
        POLLING.replace("EIO=4", "EIO=3"),
        WEBSOCKET.replace("EIO=4", "EIO=3"),
    ],
    ids=["polling", "websocket", "jsonp", "polling-3", "websocket-3"],
)
@pytest.mark.parametrize("way", ["http1", "tls", "adopted", "http2"])
def test_every_way_in_asks_every_hook(hooked, way, path, refused):
    ways, asked = hooked
    asked.clear()
    is_websocket = "transport=websocket" in path
    headers = {"Origin": ORIGIN, **(UPGRADE if is_websocket else {})}
    if "&j=" in path:
        headers["Referer"] = ORIGIN + "/page"
    status = getattr(ways, way)(f"{path}&refuse={refused}", headers)
    names = ["engine", "origin", "handshake"]
    assert asked == (names[: names.index(refused) + 1] if refused else names)
    if refused is None:
        assert status == (101 if is_websocket else 200)
    else:
        assert status == (400 if is_websocket or refused == "engine" else 403)
