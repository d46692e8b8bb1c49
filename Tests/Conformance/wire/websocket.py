"""RFC 6455, well-formed by default and malformed on demand."""

import base64
import hashlib
import os
import struct
from dataclasses import dataclass

from . import http
from .connection import PATIENCE, Closed, Connection

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: bool = True,
    reserved: int = 0,
    masked: bool = True,
    mask: bytes = b"\x12\x34\x56\x78",
    length_size: int | None = None,
    length: int | None = None,
) -> bytes:
    """One frame. `length_size` is how many bytes tell the length (0, 2 or 8; None: as few as
    possible), `length` what they tell (None: the truth)."""
    size = len(payload) if length is None else length
    if length_size is None:
        length_size = 0 if size < 126 else 2 if size < 65536 else 8
    first = (0x80 if fin else 0) | reserved << 4 | opcode
    bit = 0x80 if masked else 0
    match length_size:
        case 0:
            head = struct.pack("!BB", first, bit | size)
        case 2:
            head = struct.pack("!BBH", first, bit | 126, size)
        case _:
            head = struct.pack("!BBQ", first, bit | 127, size)
    return head + (mask + apply_mask(payload, mask) if masked else payload)


def apply_mask(payload: bytes, mask: bytes) -> bytes:
    key = (mask * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(
        len(payload), "big"
    )


@dataclass(frozen=True)
class Frame:
    fin: bool
    opcode: int
    payload: bytes


@dataclass(frozen=True)
class CloseFrame:
    """`code` None: without one, which is how Node closes."""

    code: int | None


def key_and_accept() -> tuple[str, str]:
    key = base64.b64encode(os.urandom(16)).decode()
    digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
    return key, base64.b64encode(digest).decode()


def handshake(target: str, headers: http.Headers = (), *, without: tuple[str, ...] = ()) -> bytes:
    """An upgrade request; `headers` come on top, `without` are left out."""
    fields = [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Version", "13"),
    ]
    fields = [field for field in fields if field[0] not in without]
    fields += headers.items() if isinstance(headers, dict) else headers
    return http.request("GET", target, fields)


class WebSocket:
    """The client's end, behind the 101."""

    def __init__(self, connection: Connection, response: http.Response):
        self.connection = connection
        self.response = response

    def send_frame(self, opcode: int, payload: bytes = b"", **how) -> None:
        self.connection.send(frame(opcode, payload, **how))

    def send(self, *messages: str | bytes) -> None:
        """Messages, in one segment."""
        self.connection.send(
            b"".join(
                frame(TEXT, message.encode())
                if isinstance(message, str)
                else frame(BINARY, message)
                for message in messages
            )
        )

    def receive_frame(self, patience: float = PATIENCE) -> Frame:
        first, second = self.connection.read_exactly(2, patience)
        assert not second & 0x80, "a server must not mask"
        assert not first & 0x70, "no extension was negotiated"
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", self.connection.read_exactly(2, patience))
            assert size >= 126, "not the shortest length"
        elif size == 127:
            (size,) = struct.unpack("!Q", self.connection.read_exactly(8, patience))
            assert size >= 65536, "not the shortest length"
        return Frame(bool(first & 0x80), first & 0x0F, self.connection.read_exactly(size, patience))

    def receive(self, patience: float = PATIENCE) -> str | bytes | CloseFrame:
        """The next message or Close."""
        received = self.receive_frame(patience)
        assert received.fin, "the server has no reason to fragment"
        match received.opcode:
            case 1:
                return received.payload.decode()
            case 2:
                return received.payload
            case 8:
                code = received.payload[:2]
                return CloseFrame(int.from_bytes(code, "big") if code else None)
            case opcode:
                raise AssertionError(f"unexpected frame with opcode {opcode}")

    def expect(self, *messages: str | bytes, patience: float = PATIENCE) -> None:
        for message in messages:
            received = self.receive(patience)
            assert received == message

    def expect_close(self, code: int | None = None, patience: float = PATIENCE) -> None:
        """A Close frame with this code, which is answered."""
        assert self.receive(patience) == CloseFrame(code)
        self.connection.send_all_it_takes(frame(CLOSE))

    def expect_end(self, patience: float = PATIENCE) -> None:
        """The end of the connection, with nothing before it."""
        assert self.connection.read_to_end(patience) == b""

    def is_open(self) -> bool:
        """Whether the server still answers: with a pong."""
        try:
            self.send_frame(PING, b"are you there")
            return self.receive_frame() == Frame(True, PONG, b"are you there")
        except (Closed, OSError):
            return False

    def close(self) -> None:
        self.connection.close()


def open_websocket(
    connection: Connection,
    target: str,
    headers: http.Headers = (),
    extensions: str | None = None,
) -> WebSocket:
    """The handshake, checked. `extensions` is what the server agrees to."""
    key, accept = key_and_accept()
    fields = list(headers.items() if isinstance(headers, dict) else headers)
    connection.send(
        handshake(target, [("Sec-WebSocket-Key", key), *fields], without=("Sec-WebSocket-Key",))
    )
    response = http.read_response(connection)
    assert response.status == 101, f"{response.status} {response.body!r}"
    assert response.header("upgrade").lower() == "websocket"
    assert response.header("connection").lower() == "upgrade"
    assert response.header("sec-websocket-accept") == accept
    assert response.header("sec-websocket-extensions") == extensions
    return WebSocket(connection, response)
