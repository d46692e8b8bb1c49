"""permessage-deflate (RFC 7692), a client's side."""

import zlib

from .client import target
from .connection import PATIENCE
from .websocket import TEXT

DEFLATE = "permessage-deflate"
TAIL = b"\x00\x00\xff\xff"
RSV1 = 4


SERVER_NO_TAKEOVER, CLIENT_NO_TAKEOVER = 1, 2
"""Flags of a server, and of what a client has agreed to."""


class Codec:
    """A client's end of the extension."""

    def __init__(self, bits: int = 15, flags: int = 0, level: int = -1):
        self.bits, self.flags, self.level = bits, flags, level
        self._out = zlib.compressobj(level, wbits=-bits)
        self._in = zlib.decompressobj(-bits)

    def deflate(self, message: bytes) -> bytes:
        data = self._out.compress(message) + self._out.flush(zlib.Z_SYNC_FLUSH)
        if self.flags & CLIENT_NO_TAKEOVER:
            self._out = zlib.compressobj(self.level, wbits=-self.bits)
        assert data.endswith(TAIL)
        return data[: -len(TAIL)]

    def inflate(self, data: bytes) -> bytes:
        message = self._in.decompress(data + TAIL)
        if self.flags & SERVER_NO_TAKEOVER:
            self._in = zlib.decompressobj(-self.bits)
        return message


class Deflating:
    """A session whose messages are compressed."""

    def __init__(self, net, offer=DEFLATE, agreed=DEFLATE, codec=None):
        headers = {"Sec-WebSocket-Extensions": offer}
        self.socket = net.open_websocket(target("websocket"), headers, agreed)
        self.codec = codec or Codec()
        assert self.socket.receive().startswith("0{")
        self.socket_id = self.socket.join()

    def send(self, message: str, *, opcode: int = TEXT, reserved: int = RSV1):
        self.socket.send_frame(opcode, self.codec.deflate(message.encode()), reserved=reserved)

    def receive(self, patience: float = PATIENCE) -> tuple[bool, str]:
        """Whether it was compressed, and what it says."""
        first, second = self.socket.connection.read_exactly(2, patience)
        assert first & 0x3F == 0x01
        size = second & 0x7F
        if size >= 126:
            length = self.socket.connection.read_exactly(2 if size == 126 else 8, patience)
            size = int.from_bytes(length, "big")
        payload = self.socket.connection.read_exactly(size, patience)
        compressed = bool(first & 0x40)
        return compressed, (self.codec.inflate(payload) if compressed else payload).decode()
