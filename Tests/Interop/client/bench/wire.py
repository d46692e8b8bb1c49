"""One connection of a hostile server: just enough HTTP and WebSocket to be rude in them."""

import base64
import hashlib
import json
import struct

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

OPEN = {
    "sid": "hostilehostilehostil",
    "upgrades": [],
    "pingInterval": 25000,
    "pingTimeout": 20000,
    "maxPayload": 1000000,
}


class Gone(Exception):
    """The client has ended the connection."""


class Wire:
    def __init__(self, sock):
        self._sock = sock
        self._rest = b""

    # --- bytes

    def send(self, data):
        try:
            self._sock.sendall(data)
        except OSError as error:
            raise Gone from error

    def send_for_ever(self, piece):
        while True:
            self.send(piece)

    def wait_for_end(self):
        """Reads until the client leaves."""
        while True:
            self._receive()

    def _receive(self):
        try:
            data = self._sock.recv(65536)
        except OSError as error:
            raise Gone from error
        if not data:
            raise Gone
        return data

    def _take_until(self, end):
        while end not in self._rest:
            self._rest += self._receive()
        taken, _, self._rest = self._rest.partition(end)
        return taken

    def _take(self, count):
        while len(self._rest) < count:
            self._rest += self._receive()
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken

    # --- HTTP

    def request(self):
        """The next request: its first line's target, its fields by lower case names."""
        lines = self._take_until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ", 2)
        fields = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            fields[name.lower()] = value.strip()
        body = self._take(int(fields.get("content-length", 0)))
        return Request(method, target, fields, body)

    def answer(self, body=b"ok", status="200 OK", **fields):
        body = body.encode() if isinstance(body, str) else body
        fields = {"content_length": len(body), "content_type": "text/plain", **fields}
        self.send(head(status, fields) + body)

    # --- WebSocket

    def upgrade(self, request, **fields):
        """Completes a WebSocket's handshake."""
        digest = hashlib.sha1((request.fields["sec-websocket-key"] + _GUID).encode()).digest()
        fields = {
            "upgrade": "websocket",
            "connection": "Upgrade",
            "sec_websocket_accept": base64.b64encode(digest).decode(),
            **fields,
        }
        self.send(head("101 Switching Protocols", fields))

    def frame(self, data, opcode=1, final=True, length=None, reserved=0):
        data = data.encode() if isinstance(data, str) else data
        first = (128 if final else 0) | reserved << 4 | opcode
        length = len(data) if length is None else length
        if length < 126:
            header = struct.pack("!BB", first, length)
        elif length < 65536:
            header = struct.pack("!BBH", first, 126, length)
        else:
            header = struct.pack("!BBQ", first, 127, length)
        self.send(header + data)

    def message(self):
        """The next frame of the client's, as text."""
        length = self._take(2)[1] & 127
        if length == 126:
            length = struct.unpack("!H", self._take(2))[0]
        elif length == 127:
            length = struct.unpack("!Q", self._take(8))[0]
        mask = self._take(4)
        data = self._take(length)
        return bytes(byte ^ mask[i % 4] for i, byte in enumerate(data)).decode("utf-8", "replace")

    # --- Socket.IO over WebSocket

    def open_socket(self, request=None, **changes):
        """A WebSocket that is open in Engine.IO's sense."""
        self.upgrade(request or self.request())
        self.frame("0" + json.dumps({**OPEN, **changes}))

    def connect_socket(self):
        """A WebSocket whose client is connected to "/"."""
        self.open_socket()
        while not self.message().startswith("40"):
            pass
        self.frame('40{"sid":"hostilesocket"}')


class Request:
    def __init__(self, method, target, fields, body):
        self.method = method
        self.target = target
        self.fields = fields
        self.body = body

    @property
    def is_socket(self):
        return "sec-websocket-key" in self.fields


def head(status, fields):
    lines = [f"HTTP/1.1 {status}"]
    lines += [f"{name.replace('_', '-').title()}: {value}" for name, value in fields.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
