"""security.md 2c, 2e with compression: sockets that end while their messages are inflated, floods
of fragments, and what connections keep."""

import os
import time

import pytest
from wire.client import Network
from wire.deflate import DEFLATE, RSV1, Codec, Deflating
from wire.websocket import CONTINUATION, TEXT, frame

KILOBYTE, MEGABYTE = 1 << 10, 1 << 20
CONNECTIONS = 50
LARGE = "again and " * 1000
#: Of each direction: with context takeover, and without.
FLAGS = {"takeover": 0, "server without": 1, "client without": 2, "both without": 3}


def deflating(net, flags: int) -> Deflating:
    words = ["server_no_context_takeover", "client_no_context_takeover"]
    agreed = [word for bit, word in enumerate(words) if flags >> bit & 1]
    return Deflating(net, DEFLATE, "; ".join([DEFLATE, *agreed]), Codec(flags=flags))


def segment(client: Deflating, *messages: str) -> bytes:
    return b"".join(
        frame(TEXT, client.codec.deflate(message.encode()), reserved=RSV1) for message in messages
    )


# --- handlers that act while a segment is taken apart (swift-nio-extras#317) ---------------------


@pytest.mark.parametrize("flags", FLAGS.values(), ids=FLAGS)
@pytest.mark.parametrize("position", [0, 1, 5])
@pytest.mark.parametrize("event", ["do:close", "do:disconnect"])
def test_2e_a_handler_that_ends_its_socket_in_a_segment(networks, flags, position, event):
    """What comes behind it is not delivered; and other clients, who may share the streams of their
    loop with this one, go on."""
    net = networks(deflate=flags)
    others = [deflating(net, flags) for _ in range(2)]
    client = deflating(net, flags)
    echoed = f'42["x","{LARGE}"]'
    messages = [echoed] * position + [f'42["{event}"]'] + [echoed] * (6 - position)
    client.socket.connection.send(segment(client, *messages))
    for _ in range(position):
        assert client.receive() == (True, f'42["echo","x","{LARGE}"]')
    assert client.receive() == (False, "41")
    if event == "do:close":
        client.socket.expect_close()
    assert net.server.reason_of(client.socket_id) == "server namespace disconnect"
    for other in others:
        for _ in range(2):
            other.send(echoed)
            assert other.receive() == (True, f'42["echo","x","{LARGE}"]')


@pytest.mark.parametrize("flags", FLAGS.values(), ids=FLAGS)
def test_2e_answers_are_compressed_while_a_segment_is_inflated(networks, flags):
    """Ten messages of one segment, each answered with a large one: the same streams, both ways."""
    client = deflating(networks(deflate=flags), flags)
    texts = [f"{number} {LARGE}" for number in range(10)]
    client.socket.connection.send(segment(client, *(f'42["x","{text}"]' for text in texts)))
    for text in texts:
        assert client.receive() == (True, f'42["echo","x","{text}"]')


@pytest.mark.parametrize("flags", FLAGS.values(), ids=FLAGS)
def test_2e_a_reset_in_the_middle_of_a_message(networks, flags):
    net = networks(deflate=flags)
    for cut in range(1, 60, 3):
        client = deflating(net, flags)
        client.socket.connection.send(segment(client, f'42["x","{LARGE}"]')[:cut])
        client.socket.connection.reset()
    other = deflating(net, flags)
    other.send('420["a"]')
    assert other.receive() == (False, "430[]")


# --- fragments -----------------------------------------------------------------------------------


def fragments(payload: bytes) -> bytes:
    """A frame for each byte, masked with zeros."""
    return b"".join(b"\x00\x81\0\0\0\0" + payload[i : i + 1] for i in range(len(payload)))


@pytest.mark.parametrize("flags", [0, 3])
def test_cve_2026_48779_a_million_tiny_fragments_of_a_compressed_message(networks, flags):
    """A message of the largest size that compresses to as much: each byte a fragment."""
    net = networks(deflate=flags, max_buffer=1_100_000)
    client = deflating(net, flags)
    text = b'420["' + os.urandom(500_000).hex().encode() + b'"]'
    data = Codec(level=0).deflate(text)
    assert len(data) > 1_000_000
    before, started = net.server.memory, time.monotonic()
    client.socket.send_frame(TEXT, data[:1], fin=False, reserved=RSV1)
    client.socket.connection.socket.settimeout(60)
    client.socket.connection.socket.sendall(fragments(data[1:]))
    client.socket.send_frame(CONTINUATION)
    assert client.receive(60) == (False, "430[]")
    assert time.monotonic() - started < 60
    assert net.server.memory - before < 8 * MEGABYTE


@pytest.mark.parametrize("flags", [0, 3])
def test_cve_2026_48779_a_million_empty_fragments_of_a_compressed_message(networks, flags):
    """websockets/ws#2329: those that have no byte were not counted."""
    net = networks(deflate=flags)
    client = deflating(net, flags)
    data = client.codec.deflate(b'420["a"]')
    before, started = net.server.memory, time.monotonic()
    client.socket.send_frame(TEXT, data[:-1], fin=False, reserved=RSV1)
    client.socket.connection.socket.settimeout(60)
    client.socket.connection.socket.sendall(frame(CONTINUATION, b"", fin=False) * 1_000_000)
    client.socket.send_frame(CONTINUATION, data[-1:])
    assert client.receive(60) == (False, "430[]")
    assert time.monotonic() - started < 60
    assert net.server.memory - before < 8 * MEGABYTE


# --- memory --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "most"),
    [(0, 350 * KILOBYTE), (1, 60 * KILOBYTE), (2, 300 * KILOBYTE), (3, 8 * KILOBYTE)],
)
def test_what_a_connection_keeps(servers, flags, most):
    """docs/performance.md: once the windows of both directions are full."""
    server = servers.start(deflate=flags)
    net = Network(server)
    try:
        text = os.urandom(40_000).hex()
        for _ in range(8):
            warm = deflating(net, flags)
            warm.send(f'42["x","{text}"]')
            assert warm.receive()[0]
        before = server.memory
        clients = [deflating(net, flags) for _ in range(CONNECTIONS)]
        for _ in range(2):
            for client in clients:
                client.send(f'42["x","{text}"]')
                assert client.receive()[0]
        assert (server.memory - before) / CONNECTIONS < most
    finally:
        net.close()
        assert server.shut_down() == 0
