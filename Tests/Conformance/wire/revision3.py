"""Engine.IO revision 3: its payloads, and its client on the raw transports."""

import base64
import json
from collections.abc import Iterable

from . import http
from .client import PATH, EngineSocket, Network, Poll, PollingSession
from .connection import PATIENCE

OCTETS = "application/octet-stream"
BINARY = {"Content-Type": OCTETS}
Packet = str | bytes
"""A text packet with its type; or the bytes of a binary message."""


def target(transport: str, sid: str | None = None, *, eio: str | None = "3", extra: str = ""):
    """`eio` None: the query names no revision."""
    fields = [f"transport={transport}"]
    if eio is not None:
        fields.insert(0, f"EIO={eio}")
    if sid is not None:
        fields.append(f"sid={sid}")
    if extra:
        fields.append(extra)
    return f"{PATH}?{'&'.join(fields)}"


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def encode(packets: Iterable[Packet]) -> str:
    """The form of text: 9.2."""
    texts = [
        packet if isinstance(packet, str) else "b4" + base64.b64encode(packet).decode()
        for packet in packets
    ]
    return "".join(f"{utf16(text)}:{text}" for text in texts) or "0:"


def encode_binary(packets: Iterable[Packet]) -> bytes:
    """The form of bytes: 9.3."""
    body = b""
    for packet in packets:
        data = packet.encode() if isinstance(packet, str) else b"\x04" + packet
        digits = bytes(int(digit) for digit in str(len(data)))
        body += bytes([isinstance(packet, bytes)]) + digits + b"\xff" + data
    return body


def decode(body: str) -> list[Packet]:
    packets: list[Packet] = []
    units = body.encode("utf-16-le")
    while units:
        digits, colon, rest = units.partition(":".encode("utf-16-le"))
        assert colon, f"no length: {units.decode('utf-16-le')!r}"
        length = int(digits.decode("utf-16-le")) * 2
        assert len(rest) >= length
        text, units = rest[:length].decode("utf-16-le"), rest[length:]
        is_binary = text.startswith("b4")
        packets.append(base64.b64decode(text[2:], validate=True) if is_binary else text)
    return packets


def decode_binary(body: bytes) -> list[Packet]:
    packets: list[Packet] = []
    while body:
        head, separator, rest = body.partition(b"\xff")
        assert separator
        assert head[0] in (0, 1)
        length = int("".join(str(digit) for digit in head[1:]))
        data, body = rest[:length], rest[length:]
        assert len(data) == length
        if head[0] == 1:
            assert data[0] == 4
            packets.append(data[1:])
        else:
            packets.append(data.decode())
    return packets


def packets_of(response: http.Response) -> list[Packet]:
    assert response.status == 200, f"{response.status} {response.body!r}"
    if response.header("content-type") == OCTETS:
        return decode_binary(response.body)
    assert response.header("content-type") == "text/plain; charset=UTF-8"
    return decode(response.text)


class Polling(PollingSession):
    """A session of revision 3 over long polling."""

    close_packet = b"1:1"

    def __init__(self, net: Network, *, eio: str | None = "3", extra: str = ""):
        self._net = net
        self._get, self._post = net.connect(), net.connect()
        self.handshake = http.exchange(self._get, "GET", target("polling", eio=eio, extra=extra))
        (opened,) = packets_of(self.handshake)
        assert opened[0] == "0"
        self.opened = json.loads(opened[1:])
        self.sid: str = self.opened["sid"]
        self.target = target("polling", self.sid, eio=eio, extra=extra)

    def request(self, method: str, headers: http.Headers = (), body: bytes | None = None):
        return self._net.exchange(method, self.target, headers, body)

    def start_get(self) -> Poll:
        self._get.send(http.request("GET", self.target))
        return Poll(self._get, packets_of, lambda: self._net.server.has_poll_of(self.sid))

    def pending_get(self) -> Poll:
        """A GET that waits at the server: it may not be overtaken by a POST on another loop."""
        poll = self.start_get()
        assert poll.is_pending(0.05)
        return poll

    def get(self, patience: float = PATIENCE) -> list[Packet]:
        return self.start_get().packets(patience)

    def post(self, *packets: Packet) -> None:
        self.post_body(encode(packets).encode(), {"Content-Type": "text/plain;charset=UTF-8"})

    def post_body(self, body: bytes, headers: http.Headers = ()) -> None:
        response = http.exchange(self._post, "POST", self.target, headers, body)
        assert (response.status, response.body) == (200, b"ok")


class Clients:
    """Makes clients of revision 3, which end with the network."""

    def __init__(self, net: Network):
        self.net = net

    def polling(self, *, eio: str | None = "3", extra: str = "") -> Polling:
        """A session, behind its open packet."""
        session = Polling(self.net, eio=eio, extra=extra)
        self.net.adopt(session)
        return session

    def joined_polling(self, *, extra: str = "") -> Polling:
        session = self.polling(extra=extra)
        assert session.get() == ["40"]
        return session

    def websocket(self, *, eio: str | None = "3", extra: str = "") -> EngineSocket:
        """A session over WebSocket, in the root namespace."""
        client = self.net.open_websocket(target("websocket", eio=eio, extra=extra))
        opened = client.receive()
        assert opened.startswith('0{"sid":"')
        client.socket_id = json.loads(opened[1:])["sid"]
        client.expect("40")
        return client

    def probe(self, session: Polling, *, eio: str = "3", extra: str = "") -> EngineSocket:
        self.net.connect()  # with two loops, to the other one: see Network.connect_across
        return self.net.open_websocket(target("websocket", session.sid, eio=eio, extra=extra))


def ws_message(data: bytes) -> bytes:
    """A binary message as a WebSocket frame of revision 3 carries it."""
    return b"\x04" + data
