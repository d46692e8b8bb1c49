"""Section 4.2 and RFC 6455: frames, legal and not."""

from itertools import pairwise

import pytest
from wire.websocket import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, CloseFrame, Frame, frame

ASK = b'420["abcdefghij"]'
ANSWER = "430[]"


@pytest.mark.parametrize("mask", [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\1\2\3\4", b"420["])
@pytest.mark.parametrize("size", [0, 1, 7, 8, 31, 33, 1000])
def test_masks(net, mask, size):
    client = net.joined()
    text = "é" * size
    client.send_frame(TEXT, f'420["x","{text}"]'.encode(), mask=mask)
    client.expect(f'430["{text}"]')


@pytest.mark.parametrize("length_size", [0, 2, 8])
def test_lengths_in_all_forms(net, length_size):
    client = net.joined()
    client.send_frame(TEXT, ASK, length_size=length_size)
    client.expect(ANSWER)


@pytest.mark.parametrize("cuts", [(1,), (4,), (1, 2, 3), (0, 0, 5, 5), tuple(range(1, 17))])
def test_fragments(net, cuts):
    client = net.joined()
    bounds = [0, *cuts, len(ASK)]
    parts = [ASK[a:b] for a, b in pairwise(bounds)]
    for i, part in enumerate(parts):
        client.send_frame(CONTINUATION if i else TEXT, part, fin=i == len(parts) - 1)
    client.expect(ANSWER)


def test_control_frames_between_fragments(net):
    client = net.joined()
    client.send_frame(TEXT, ASK[:5], fin=False)
    client.send_frame(PING, b"one")
    assert client.receive_frame() == Frame(True, PONG, b"one")
    client.send_frame(PONG, b"unsolicited")
    client.send_frame(CONTINUATION, ASK[5:9], fin=False)
    client.send_frame(PING, b"")
    assert client.receive_frame() == Frame(True, PONG, b"")
    client.send_frame(CONTINUATION, ASK[9:])
    client.expect(ANSWER)


def test_character_cut_in_two(net):
    client = net.joined()
    text = '420["€"]'.encode()
    client.send_frame(TEXT, text[:6], fin=False)
    client.send_frame(CONTINUATION, text[6:7], fin=False)
    client.send_frame(CONTINUATION, text[7:])
    client.expect(ANSWER)


def test_frame_that_comes_byte_by_byte(net):
    client = net.joined()
    for byte in frame(TEXT, ASK, length_size=8):
        client.connection.send(bytes([byte]))
    client.expect(ANSWER)


def test_many_frames_in_a_segment_and_a_half(net):
    client = net.joined()
    rest = frame(TEXT, ASK)
    client.connection.send(frame(TEXT, ASK) * 99 + rest[:7])
    client.expect(*[ANSWER] * 99)
    client.connection.send(rest[7:])
    client.expect(ANSWER)


@pytest.mark.parametrize("size", [0, 1, 125])
def test_ping_is_answered(net, size):
    """CVE-2016-10518, CVE-2026-45736: with the bytes of the ping, and no others."""
    client = net.websocket()
    client.send_frame(PING, b"p" * size)
    assert client.receive_frame() == Frame(True, PONG, b"p" * size)


# --- violations ------------------------------------------------------------------------------

START = frame(TEXT, b"42", fin=False)
VIOLATIONS = {
    "unmasked text": (1002, frame(TEXT, ASK, masked=False)),
    "unmasked ping": (1002, frame(PING, masked=False)),
    "unmasked close": (1002, frame(CLOSE, masked=False)),
    "reserved bit 1": (1002, frame(TEXT, ASK, reserved=4)),
    "CVE-2022-21676 reserved bit 2": (1002, frame(TEXT, ASK, reserved=2)),
    "CVE-2022-21676 reserved bit 3": (1002, frame(TEXT, ASK, reserved=1)),
    "all reserved bits on a ping": (1002, frame(PING, reserved=7)),
    **{
        f"opcode {opcode}": (1002, frame(opcode, ASK))
        for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)
    },
    "fragmented ping": (1002, frame(PING, b"x", fin=False)),
    "fragmented close": (1002, frame(CLOSE, fin=False)),
    "ping of 126 bytes": (1002, frame(PING, b"x" * 126)),
    "close of 126 bytes": (1002, frame(CLOSE, b"\x03\xe8" + b"x" * 124)),
    "ping with a long length": (1002, frame(PING, b"x", length_size=8)),
    "continuation of nothing": (1002, frame(CONTINUATION, ASK)),
    "text inside a message": (1002, START + frame(TEXT, ASK)),
    "binary inside a message": (1002, START + frame(BINARY, b"x")),
    "swift-nio#3603 length with the highest bit": (
        1002,
        frame(TEXT, length=1 << 63, length_size=8),
    ),
    "swift-nio#3603 82 FF FF..FF": (1002, b"\x82\xff" + b"\xff" * 8),
    "largest length": (1009, frame(TEXT, length=(1 << 63) - 1, length_size=8)),
    "length of 4 GB": (1009, frame(BINARY, length=1 << 32, length_size=8)),
    "CVE-2016-10542 declared beyond the limit": (1009, frame(TEXT, length=1_000_001)),
    "fragments beyond the limit": (
        1009,
        frame(TEXT, b"4" + b"x" * 600_000, fin=False) + frame(CONTINUATION, b"x" * 400_000),
    ),
    **{
        f"not UTF-8: {data.hex(' ')}": (1007, frame(TEXT, b'42["' + data + b'"]'))
        for data in (
            b"\xff",
            b"\xc0\xaf",
            b"\xc3",
            b"\x80",
            b"\xed\xa0\x80",
            b"\xf4\x90\x80\x80",
            b"\xe0\x80\x80",
            b"\xf8\x88\x80\x80\x80",
        )
    },
    "not UTF-8 at the end": (1007, frame(TEXT, b"4\xe2\x82")),
    "not UTF-8 in fragments": (1007, START + frame(CONTINUATION, b'["\xff"]')),
    "close with half a code": (1002, frame(CLOSE, b"\x03")),
    "close with a bad reason": (1007, frame(CLOSE, b"\x03\xe8\xff")),
    **{
        f"close with code {code}": (1002, frame(CLOSE, code.to_bytes(2, "big")))
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535)
    },
}


@pytest.mark.parametrize(("code", "data"), VIOLATIONS.values(), ids=VIOLATIONS)
def test_8_violation(net, code, data):
    client = net.websocket()
    socket_id = client.join()
    client.connection.send_all_it_takes(data)
    client.expect_close(code)
    assert net.server.reason_of(socket_id) == "transport error"


@pytest.mark.parametrize(
    "data",
    [frame(TEXT, ASK, masked=False), frame(CONTINUATION, ASK), frame(TEXT, b"\xff")],
    ids=["in a header", "between frames", "in a text"],
)
def test_rfc_6455_7_1_1_connection_ends_behind_the_answer(net, data):
    """Once both Close frames are through, the server closes the connection."""
    client = net.joined()
    client.connection.send(data)
    assert isinstance(client.receive(), CloseFrame)
    client.send_frame(CLOSE)
    client.expect_end()


def test_who_sends_too_much_is_told_before_the_connection_ends(net):
    """As real clients send it: all of the message, whatever the server has said. To close with
    bytes unread would reset the connection, and take the Close frame with it."""
    client = net.websocket()
    socket_id = client.join()
    client.send_frame(TEXT, b"4" + b"x" * 3_000_000)
    client.expect_close(1009)
    client.expect_end()
    assert net.server.reason_of(socket_id) == "transport error"


# --- closes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1014, 3000, 4000, 4999]
)
def test_8_close_with_a_code_is_answered_with_it(net, code):
    client = net.websocket()
    socket_id = client.join()
    client.send_frame(CLOSE, code.to_bytes(2, "big") + "bye €".encode())
    client.expect_close(code)
    client.expect_end()
    assert net.server.reason_of(socket_id) == "transport close"


def test_28_14_empty_close(net):
    client = net.websocket()
    socket_id = client.join()
    client.send_frame(CLOSE)
    client.expect_close()
    assert net.server.reason_of(socket_id) == "transport close"


def test_frames_behind_a_close_are_ignored(net):
    client = net.websocket()
    socket_id = client.join()
    client.connection.send(frame(CLOSE) + frame(TEXT, b"41") + frame(TEXT, b"\xff"))
    client.expect_close()
    assert net.server.reason_of(socket_id) == "transport close"


def test_close_inside_a_message(net):
    client = net.websocket()
    socket_id = client.join()
    client.connection.send(START + frame(CLOSE))
    client.expect_close()
    assert net.server.reason_of(socket_id) == "transport close"


@pytest.mark.parametrize("end", ["close", "reset", "finish_sending"])
def test_8_end_of_the_connection(net, end):
    """1006 at this end, `transport close` at the other."""
    client = net.websocket()
    socket_id = client.join()
    getattr(client.connection, end)()
    assert net.server.reason_of(socket_id) == "transport close"
