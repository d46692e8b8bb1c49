"""HTTP/2 from those who mean no good: each is stopped, and nobody else is."""

from __future__ import annotations

import socket
import ssl
import struct
import time

import hpack
import pytest
from h2.settings import SettingCodes

import libsocketio
from h2client import H2
from h2server import TIMEOUT, Running

ENHANCE_YOUR_CALM = 11


@pytest.fixture
def server(authority):
    running = Running(authority)
    yield running
    running.close()


# --- heads that say two things


@pytest.mark.parametrize(
    "change",
    [
        [("connection", "close")],
        [("transfer-encoding", "chunked")],
        [("upgrade", "websocket")],
        [("x-a", "1\r\nx-b: 2")],
        [("x-a", "1\nx-b: 2")],
        [("x-a", "1\0")],
        [("x-a: 1\r\nx-b", "2")],
        [("x a", "1")],
        [("X-A", "1")],
        [("", "1")],
        [("te", "gzip")],
        [(":path", "/other")],
        [("host", "elsewhere")],
        [("content-length", "1"), ("content-length", "2")],
        [("content-length", "x")],
    ],
    ids=repr,
)
def test_a_head_that_says_two_things_is_refused(server, change):
    """CVE-2026-28898, request smuggling: what would be another request in HTTP/1.1."""
    client = server.client(checked=False)
    stream = client.h2.get_next_available_stream_id()
    block = hpack.Encoder().encode([*client.fields("POST", "/smuggled"), *change])
    client.raw(client.frame(1, 5, stream, block))
    deadline = time.monotonic() + TIMEOUT
    # h2 does not know the stream: the frames are read here.
    kinds = read_frames(client, deadline)
    # What HPACK has no meaning for is the connection's error, the others are the stream's.
    assert kinds in (("goaway",) if change == [("", "1")] else ("reset", "400")), kinds
    assert not [seen for seen in server.seen if getattr(seen, "path", "") == "/smuggled"]


def read_frames(client, deadline) -> str:
    """What came of a request that h2 was not told of."""
    data = b""
    decoder = hpack.Decoder()
    while time.monotonic() < deadline:
        while len(data) >= 9 and len(data) >= 9 + int.from_bytes(data[:3], "big"):
            length, kind = int.from_bytes(data[:3], "big"), data[3]
            payload, data = data[9 : 9 + length], data[9 + length :]
            if kind == 3:
                return "reset"
            if kind == 7:
                return "goaway"
            if kind == 1:
                return dict(decoder.decode(payload))[":status"]
        piece = client.socket.recv(65536)
        if not piece:
            return "closed"
        data += piece
    return "silence"


# --- floods: each ends its connection, and nobody else's


def flooded(server, client) -> None:
    client.until_closed()
    assert server.client().request("GET", "/hello")[0] == 200


def test_rapid_reset_cve_2023_44487(server):
    client = server.client()
    for _ in range(300):
        stream = client.start("GET", "/hello")
        client.h2.reset_stream(stream, 8)
        client.flush()
        if client.closed:
            break
    flooded(server, client)


def test_resets_that_the_server_sends_cve_2019_9514(server):
    client = server.client(checked=False)
    encoder = hpack.Encoder()
    for n in range(300):
        block = encoder.encode([(":method", "GET"), (":path", "/x"), ("connection", "close")])
        client.raw(client.frame(1, 5, 1 + 2 * n, block))
        if client.closed:
            break
    wait_for_end(client)
    assert server.client().request("GET", "/hello")[0] == 200


def wait_for_end(client) -> None:
    """Until the server has closed, without a look at what it said."""
    client.socket.settimeout(TIMEOUT)
    try:
        while client.socket.recv(65536):
            pass
    except (ConnectionResetError, ssl.SSLError):
        pass


def test_pings_cve_2019_9512(server):
    client = server.client()
    client.raw(client.frame(6, 0, 0, b"12345678") * 1000)
    flooded(server, client)


def test_settings_cve_2019_9515(server):
    client = server.client()
    client.raw(client.frame(4, 0, 0) * 1000)
    flooded(server, client)


def test_empty_frames_cve_2019_9518(server):
    client = server.client()
    stream = client.start("POST", "/x", end=False)
    client.raw(client.frame(0, 0, stream) * 1000)
    flooded(server, client)


def test_priorities_cve_2019_9513(server):
    """A tree of priorities that is shuffled all the time."""
    client = server.client()
    for n in range(500):
        client.raw(client.frame(2, 0, 1 + 2 * (n % 50), struct.pack("!IB", 2 * (n % 7), n % 256)))
        if client.closed:
            break
    flooded(server, client)


def test_a_window_byte_by_byte_cve_2019_9511(server):
    """Costs a frame for each frame, and nobody else waits."""
    client = server.client(window=0)
    stream = client.start("GET", "/large")
    client.unread.add(stream)
    for _ in range(5000):
        client.h2.increment_flow_control_window(1, stream)
    client.flush()
    assert server.client().request("GET", "/hello")[0] == 200
    client.until(lambda: len(client.data.get(stream, b"")) == 5000)
    client.h2.reset_stream(stream, 8)
    client.flush()
    assert server.io.counts().connections == 2


@pytest.mark.parametrize(
    "trick",
    [
        lambda client, stream: client.frame(8, 0, stream, struct.pack("!I", 0)),
        lambda client, stream: client.frame(8, 0, stream, struct.pack("!I", 2**31 - 1)) * 2,
        lambda client, stream: client.frame(0, 1, stream, b"more"),
        lambda client, stream: client.frame(1, 5, stream, b"\x82"),
        lambda client, stream: client.frame(2, 0, stream, struct.pack("!IB", stream, 1)),
    ],
    ids=["no increment", "too large a window", "data behind the end", "another head", "itself"],
)
def test_made_you_reset_cve_2025_8671(server, trick):
    """Frames that are wrong, so that the server resets the stream and the client counts as idle."""
    # The answer of a stream stays away, and the stream there.
    client = server.client(window=0)
    encoder = hpack.Encoder()
    for stream in range(1, 1001, 2):
        head = client.frame(1, 5, stream, encoder.encode(client.fields("GET", "/large")))
        client.raw(head + trick(client, stream))
        if client.closed:
            break
    wait_for_end(client)
    assert server.client().request("GET", "/hello")[0] == 200


def test_fields_that_refer_to_a_large_one_cve_2016_6581(server):
    """The HPACK bomb: 4 kB in the table, and a byte for each copy of it."""
    client = server.client()
    block = hpack.Encoder().encode(client.fields("GET", "/x"))
    block += b"\x40\x01x\x7f\xa1\x1e" + b"a" * 4000 + b"\xbe" * 10_000
    assert len(block) < 16_384
    client.raw(client.frame(1, 5, 1, block))
    flooded(server, client)


def test_fields_without_names_cve_2019_9516(server):
    client = server.client(checked=False)
    # A literal field, not indexed, with an empty name and an empty value: two zero lengths.
    block = hpack.Encoder().encode(client.fields("GET", "/x")) + b"\x00\x00\x00" * 4000
    client.raw(client.frame(1, 5, 1, block))
    assert read_frames(client, time.monotonic() + TIMEOUT) in ("reset", "goaway")
    assert server.client().request("GET", "/hello")[0] == 200


def test_a_head_without_an_end_cve_2024_27316(server):
    """CONTINUATION frames as long as the connection lives."""
    client = server.client()
    block = hpack.Encoder().encode(client.fields("GET", "/x"))
    client.raw(client.frame(1, 1, 1, block))
    for _ in range(100):
        client.raw(client.frame(9, 0, 1, b"\x00\x01a\x01b" * 100))
        if client.closed:
            break
    flooded(server, client)


def test_a_head_that_is_too_large(server):
    client = server.client()
    client.raw(b"")
    fields = [(f"x-{n}", "v" * 200) for n in range(200)]
    stream = client.start("GET", "/x", fields)
    client.until_ended(stream)
    assert client.closed or stream in client.reset or client.headers[stream][":status"] == "431"
    assert server.client().request("GET", "/hello")[0] == 200


def test_more_streams_than_are_allowed(server):
    client = server.client()
    client.h2.remote_settings[SettingCodes.MAX_CONCURRENT_STREAMS] = 1000
    client.h2.remote_settings.acknowledge()
    streams = [client.start("POST", "/x", end=False) for _ in range(101)]
    client.until(lambda: streams[-1] in client.ended)
    assert client.closed or streams[-1] in client.reset


def test_zero_windows_hold_responses_back(authority):
    """CVE-2019-9517: responses whose windows stay closed end with the time of a request."""
    running = Running(authority)
    try:
        client = running.client(window=0)
        streams = [client.start("GET", "/large") for _ in range(3)]
        client.until(lambda: all(stream in client.headers for stream in streams))
        assert not client.ended
        client.h2.increment_flow_control_window(5_000_000, streams[0])
        client.flush()
        assert client.response(streams[0])[2] == b"z" * 5_000_000
    finally:
        running.close()


def test_what_is_not_http2_is_closed(server, authority):
    context = ssl.create_default_context(cafile=str(authority.certificate))
    client = H2.__new__(H2)
    context.set_alpn_protocols(["h2"])
    raw = socket.create_connection(("127.0.0.1", server.port), TIMEOUT)
    client.socket = context.wrap_socket(raw, server_hostname="localhost")
    client.socket.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    wait_for_end(client)


def test_http2_without_tls_is_refused(authority):
    io = libsocketio.Server()
    try:
        io.listen("127.0.0.1", 0)
        with socket.create_connection(("127.0.0.1", io.address.port), TIMEOUT) as plain:
            plain.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            answer = b""
            while piece := plain.recv(65536):
                answer += piece
        assert answer.startswith(b"HTTP/1.1 400 ")
    finally:
        io.shutdown()
