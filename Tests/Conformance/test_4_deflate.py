"""Section 4.3, permessage-deflate (RFC 7692), with zlib on the other side."""

import time
import zlib

import pytest
from wire.client import target
from wire.deflate import DEFLATE, RSV1, Codec, Deflating
from wire.websocket import BINARY, CONTINUATION, PING, PONG, TEXT, Frame, frame

LARGE = "again and " * 1000


@pytest.fixture
def deflating(networks):
    return Deflating(networks(deflate=0))


def test_4_3_off_by_default(net):
    net.open_websocket(target("websocket"), {"Sec-WebSocket-Extensions": DEFLATE})


@pytest.mark.parametrize(
    ("offer", "agreed"),
    [
        (DEFLATE, DEFLATE),
        (f"{DEFLATE}; client_max_window_bits", DEFLATE),
        (f"{DEFLATE}; server_max_window_bits=10", f"{DEFLATE}; server_max_window_bits=10"),
        (f'{DEFLATE}; client_max_window_bits="9"', f"{DEFLATE}; client_max_window_bits=9"),
        (f"{DEFLATE}; server_max_window_bits=8, {DEFLATE}", DEFLATE),
        (f"{DEFLATE}; server_max_window_bits=8", None),
        (f"{DEFLATE}; unknown=1", None),
        ("x-webkit-deflate-frame", None),
    ],
)
def test_4_3_negotiation(networks, offer, agreed):
    client = networks(deflate=0).open_websocket(
        target("websocket"), {"Sec-WebSocket-Extensions": offer}, agreed
    )
    client.receive()
    client.join()


@pytest.mark.parametrize(
    "offer",
    [
        "__proto__",
        "permessage-deflate; __proto__",
        'permessage-deflate; server_max_window_bits="',
        'permessage-deflate; server_max_window_bits="10',
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "permessage-deflate" + ";a" * 4000,
        ",,,;;;",
        '"' * 4000,
        "a," * 4000,
    ],
)
def test_ghsa_5v72_hostile_offers_are_declined(networks, offer):
    """GHSA-5v72-xg48-5rpm, with the extension on."""
    client = networks(deflate=0).open_websocket(
        target("websocket"), {"Sec-WebSocket-Extensions": offer}
    )
    client.receive()
    client.join()


def test_4_3_messages_both_ways(deflating):
    for _ in range(3):
        deflating.send(f'42["x","{LARGE}"]')
        assert deflating.receive() == (True, f'42["echo","x","{LARGE}"]')
        deflating.send('420["small"]')
        assert deflating.receive() == (False, "430[]")


@pytest.mark.parametrize("flags", [0, 1, 2, 3])
@pytest.mark.parametrize("bits", [9, 15])
def test_4_3_takeover_and_windows(networks, flags, bits):
    words = {1: "server_no_context_takeover", 2: "client_no_context_takeover"}
    agreed = "".join(f"; {words[bit]}" for bit in words if flags & bit)
    if bits < 15:
        agreed += f"; server_max_window_bits={bits}; client_max_window_bits={bits}"
    net = networks(deflate=flags, server_window=bits, client_window=bits)
    client = Deflating(
        net, f"{DEFLATE}; client_max_window_bits", DEFLATE + agreed, Codec(bits, flags)
    )
    for _ in range(3):
        client.send(f'42["x","{LARGE}"]')
        assert client.receive() == (True, f'42["echo","x","{LARGE}"]')


def test_4_3_a_message_may_ask_not_to_be_compressed(deflating):
    deflating.send('42["do:plain"]')
    compressed, message = deflating.receive()
    assert not compressed
    assert message.startswith('42["plain","xxx')


def test_4_3_fragments_with_a_ping_between(deflating):
    data = deflating.codec.deflate(f'420["{LARGE}"]'.encode())
    half = len(data) // 2
    socket = deflating.socket
    socket.send_frame(TEXT, data[:half], fin=False, reserved=RSV1)
    socket.send_frame(PING, b"between")
    assert socket.receive_frame() == Frame(True, PONG, b"between")
    socket.send_frame(CONTINUATION, b"", fin=False)
    socket.send_frame(CONTINUATION, data[half:])
    assert deflating.receive() == (False, "430[]")


def test_4_3_plain_messages_are_welcome(deflating):
    deflating.socket.send('420["plain"]')
    assert deflating.receive() == (False, "430[]")


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (frame(CONTINUATION, b"", reserved=RSV1), 1002),
        (frame(PING, b"", reserved=RSV1), 1002),
        (frame(TEXT, b"4", reserved=2), 1002),
        (frame(TEXT, b"4", reserved=5), 1002),
        (frame(TEXT, b"\x07", reserved=RSV1), 1007),
        (frame(BINARY, b"\xff\xff\xff\xff", reserved=RSV1), 1007),
        # swift-nio-extras GHSA-xhhr-p2r9-jmm7: cut off in a block.
        (frame(TEXT, b"\x00\x09\x00\xf6\xff4", reserved=RSV1), 1007),
        # What comes out is not UTF-8.
        (frame(TEXT, zlib.compress(b"\xff" * 9, wbits=-15), reserved=RSV1), 1007),
    ],
)
def test_4_3_violations(networks, sent, code):
    net = networks(deflate=0)
    client = Deflating(net)
    client.socket.connection.send(sent)
    client.socket.expect_close(code)
    assert net.server.reason_of(client.socket_id) == "transport error"
    net.assert_served()


def test_cve_2026_44545_a_bomb_stops_at_the_limit(networks):
    """1 kB that becomes a megabyte, and a megabyte that would become a gigabyte."""
    net = networks(deflate=0)
    zeros = bytes(1 << 20)
    small = Codec().deflate(zeros)
    out = zlib.compressobj(9, wbits=-15)
    large = b"".join(out.compress(zeros) + out.flush(zlib.Z_SYNC_FLUSH) for _ in range(1000))
    assert len(small) < 1200
    assert 1_000_000 < len(large) < 1_100_000
    before = net.server.memory
    for bomb in [small, large] * 5:
        client = Deflating(net)
        started = time.monotonic()
        client.socket.connection.send_all_it_takes(frame(BINARY, bomb, reserved=RSV1))
        client.socket.expect_close(1009)
        assert time.monotonic() - started < 15
    assert net.server.memory - before < 16_000_000
    net.assert_served()


def test_4_3_the_limit_is_of_what_a_message_holds(networks):
    client = Deflating(networks(deflate=0, max_buffer=10_000))
    text = '420["' + "x" * (10_000 - 7) + '"]'
    client.send(text)
    assert client.receive() == (False, "430[]")
    client.send(text + " ")
    client.socket.expect_close(1009)


def test_4_3_probes_negotiate_too(networks):
    """An upgrade that arrives on another loop than the session's included."""
    net = networks(deflate=0)
    for i in range(4):
        session = net.polling()
        session.join()
        for _ in range(i % 2):
            net.connect()  # connections go to the loops in turn
        socket = net.open_websocket(
            target("websocket", session.sid), {"Sec-WebSocket-Extensions": DEFLATE}, DEFLATE
        )
        codec = Codec()
        socket.send_frame(TEXT, codec.deflate(b"2probe"), reserved=RSV1)
        socket.expect("3probe")
        socket.send_frame(TEXT, codec.deflate(b"5"), reserved=RSV1)
        socket.send_frame(TEXT, codec.deflate(b'420["a"]'), reserved=RSV1)
        socket.expect("430[]")
