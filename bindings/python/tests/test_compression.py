"""Compression: what clients are sent, with options and for single emits."""

import gzip
import http.client
import json
import re
import socket
import zlib
from pathlib import Path

import pytest

import libsocketio

LARGE = "again and " * 500
#: Bytes of the polling response that says it.
POLLED = len(f'42["large","{LARGE}"]')


@pytest.fixture
def poll(run):
    """Sends `LARGE` to a polling client, which asks for gzip: the coding, and the text."""

    def make(io, emit):
        running = run(io)
        connection = http.client.HTTPConnection(*running.io.address[:2], timeout=20)

        def request(method, target, body=None):
            connection.request(method, target, body, {"Accept-Encoding": "gzip"})
            response = connection.getresponse()
            return response.getheader("content-encoding"), response.read()

        target = "/socket.io/?EIO=4&transport=polling"
        opened = request("GET", target)[1].decode()
        target += "&sid=" + opened.split('"')[3]
        request("POST", target, "40")
        request("GET", target)
        emit(io)
        coding, body = request("GET", target)
        request("POST", target, "1")
        return coding, (gzip.decompress(body) if coding else body).decode()

    return make


def everyone(io):
    io.of("/").emit("large", LARGE)


@pytest.mark.parametrize(
    ("options", "emit", "coding"),
    [
        ({}, everyone, "gzip"),
        ({"http_compression": False}, everyone, None),
        ({"compression_threshold": 10_000}, everyone, None),
        ({"compression_threshold": 0}, everyone, "gzip"),
        ({"compression_threshold": POLLED}, everyone, "gzip"),
        ({"compression_threshold": POLLED + 1}, everyone, None),
        ({}, lambda io: io.compress(False).emit("large", LARGE), None),
        ({}, lambda io: io.compress(False).compress(True).emit("large", LARGE), "gzip"),
    ],
)
def test_polling_responses(server_class, poll, options, emit, coding):
    # The namespace exists, so that clients can join it.
    io = server_class(namespaces=["/"], **options)
    assert poll(io, emit) == (coding, f'42["large","{LARGE}"]')


@pytest.mark.parametrize(
    ("option", "agreed"),
    [
        (False, None),
        (True, "permessage-deflate"),
        (
            {
                "server_no_context_takeover": True,
                "client_no_context_takeover": False,
                "server_max_window_bits": 9,
                "client_max_window_bits": 10,
                "threshold": 0,
                "level": 1,
                "mem_level": 1,
            },
            "permessage-deflate; server_no_context_takeover; server_max_window_bits=9; "
            "client_max_window_bits=10",
        ),
    ],
)
def test_per_message_deflate(server_class, run, option, agreed):
    io = server_class(namespaces=["/"], per_message_deflate=option)
    running = run(io)
    connection = http.client.HTTPConnection(*running.io.address[:2], timeout=20)
    connection.request(
        "GET",
        "/socket.io/?EIO=4&transport=websocket",
        headers={
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
        },
    )
    response = connection.getresponse()
    assert (response.status, response.getheader("Sec-WebSocket-Extensions")) == (101, agreed)
    connection.close()


#: Compresses well, and better the more of it is remembered.
TEXT = Path(libsocketio.server.__file__).read_text(encoding="utf-8")[:12_000]


class Deflated:
    """A client that has joined over a WebSocket with permessage-deflate, and what it is sent."""

    def __init__(self, address, offer):
        self.socket = socket.create_connection(address[:2], timeout=20)
        self.socket.sendall(
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            f"Sec-WebSocket-Extensions: {offer}\r\n\r\n".encode()
        )
        self.stream = self.socket.makefile("rb")
        assert self.stream.readline().startswith(b"HTTP/1.1 101 ")
        self.agreed = http.client.parse_headers(self.stream)["Sec-WebSocket-Extensions"]
        bits = re.search(r"server_max_window_bits=(\d+)", self.agreed or "")
        self.bits = int(bits[1]) if bits else 15
        self.forgets = "server_no_context_takeover" in (self.agreed or "")
        self.inflater = zlib.decompressobj(-self.bits)
        self.receive()
        self.socket.sendall(b"\x81\x82\0\0\0\x0040")
        #: How the small packet came that says that it has joined.
        self.joined = self.receive()

    def receive(self):
        """A message: whether it was compressed, how many bytes it took, and what it says."""
        first, size = self.stream.read(2)
        if size >= 126:
            size = int.from_bytes(self.stream.read(2 if size == 126 else 8), "big")
        payload = self.stream.read(size)
        if not first & 0x40:
            return False, size, payload.decode()
        text = self.inflater.decompress(payload + b"\0\0\xff\xff").decode()
        if self.forgets:
            self.inflater = zlib.decompressobj(-self.bits)
        return True, size, text

    def close(self):
        self.stream.close()
        self.socket.close()


@pytest.fixture
def deflated(run):
    """What a client is sent of two emits of `TEXT`: the sizes, None for what is not compressed;
    and the client."""
    clients = []

    def make(option, offer="permessage-deflate; client_max_window_bits"):
        running = run(libsocketio.Server(namespaces=["/"], per_message_deflate=option))
        client = Deflated(running.io.address, offer)
        clients.append(client)
        sizes = []
        for _ in range(2):
            running.io.emit("text", TEXT)
            compressed, size, text = client.receive()
            assert json.loads(text[2:]) == ["text", TEXT]
            client.whole = len(text.encode())
            sizes.append(size if compressed else None)
        return sizes, client

    yield make
    for client in clients:
        client.close()


def test_off_and_on_on_the_wire(deflated):
    assert deflated(False)[0] == [None, None]
    (first, second), client = deflated(True)
    assert first < len(TEXT) / 2
    assert second < first / 10  # what was sent before is still known
    assert not client.joined[0]


def test_takeover_and_windows_on_the_wire(deflated):
    first, _ = deflated(True)[0]
    forgetful, client = deflated({"server_no_context_takeover": True})
    assert forgetful == [first, first]
    assert client.agreed == "permessage-deflate; server_no_context_takeover"
    (narrow, again), client = deflated({"server_max_window_bits": 9})
    assert narrow > first * 1.2
    assert again > narrow * 0.9  # what was sent before does not fit
    assert client.agreed == "permessage-deflate; server_max_window_bits=9"


@pytest.mark.parametrize(
    ("option", "agreed"),
    [
        ({"client_no_context_takeover": True}, "client_no_context_takeover"),
        ({"client_max_window_bits": 10}, "client_max_window_bits=10"),
    ],
)
def test_what_the_client_is_told(deflated, option, agreed):
    (first, second), client = deflated(option)
    assert client.agreed == f"permessage-deflate; {agreed}"
    assert second < first / 10  # nothing of the server's own changes


def test_the_threshold_on_the_wire(deflated):
    packet = deflated(False)[1].whole
    for threshold, compresses in [(packet, True), (packet + 1, False), (100_000, False)]:
        sizes, client = deflated({"threshold": threshold})
        assert (sizes[0] is not None, client.joined[0]) == (compresses, False)
    for threshold in (0, 1):
        assert deflated({"threshold": threshold})[1].joined[0]


def test_effort_on_the_wire(deflated):
    """`level` and `mem_level` change how small a message becomes."""
    sizes = {level: deflated({"level": level})[0][0] for level in (1, 6, 9)}
    assert sizes[1] > sizes[6] >= sizes[9]
    assert deflated(True)[0][0] == sizes[6]
    assert deflated({"mem_level": 1})[0][0] > deflated({"mem_level": 9})[0][0]


def test_options_are_described():
    for name in ("http_compression", "compression_threshold", "per_message_deflate"):
        assert name in libsocketio.Server.__doc__
