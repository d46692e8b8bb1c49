"""Section 4: sessions over WebSocket."""

import pytest
from wire.client import target
from wire.http import read_response
from wire.websocket import TEXT, WebSocket, frame, handshake

PLACEHOLDER = '{"_placeholder":true,"num":0}'


def test_4_1_the_server_speaks_first(net):
    client = net.open_websocket(target("websocket"))
    assert client.receive().startswith("0{")
    client.join()


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [("a, b", "a"), ("b,a", "b"), ("only", "only"), (None, None)],
)
def test_4_2_first_subprotocol_is_echoed(net, offered, chosen):
    headers = {"Sec-WebSocket-Protocol": offered} if offered else {}
    client = net.open_websocket(target("websocket"), headers)
    assert client.response.header("sec-websocket-protocol") == chosen


def test_26_2_upgrade_response(net):
    client = net.open_websocket(target("websocket"), {"Sec-WebSocket-Protocol": "a, b"})
    assert client.response.header("set-cookie") is None
    assert ',"upgrades":[],' in client.receive()


@pytest.mark.parametrize(
    "offered",
    [
        "permessage-deflate",
        "permessage-deflate; client_max_window_bits",
        "__proto__",
        'x; y="',
        'permessage-deflate; server_max_window_bits="',
        ",,,;;;",
        "a" * 4000,
    ],
)
def test_ghsa_5v72_extensions_are_declined(net, offered):
    """4.3 and GHSA-5v72-xg48-5rpm: none is supported, and none disturbs."""
    client = net.open_websocket(target("websocket"), {"Sec-WebSocket-Extensions": offered})
    client.receive()
    client.join()


def test_2_3_binary_frames_have_no_type(net):
    client = net.joined()
    client.send(f'451-["x",{PLACEHOLDER}]', b"\x04\x01\x02")
    client.expect(f'451-["echo","x",{PLACEHOLDER}]', b"\x04\x01\x02")


def test_2_1_base64_text_form(net):
    client = net.joined()
    client.send(f'451-["x",{PLACEHOLDER}]', "bAQID")
    client.expect(f'451-["echo","x",{PLACEHOLDER}]', b"\x01\x02\x03")


@pytest.mark.parametrize("value", ["1", "0"])
def test_28_11_b64_asks_for_base64_text(net, value):
    client = net.websocket(extra=f"b64={value}")
    client.join()
    client.send(f'451-["x",{PLACEHOLDER}]', b"\x01\x02\x03")
    client.expect(f'451-["echo","x",{PLACEHOLDER}]', "bAQID")


def test_28_1_close_packet_is_an_orderly_close(net):
    """Ours: on every transport."""
    client = net.websocket()
    socket_id = client.join()
    client.send("1")
    client.expect_close()
    assert net.server.reason_of(socket_id) == "transport close"


@pytest.mark.parametrize("packet", ["0", "5", "6", "3", "3probe"])
def test_4_2_types_without_meaning_are_ignored(net, packet):
    client = net.joined()
    client.send(packet)
    client.barrier()


@pytest.mark.parametrize("packet", ["7", "9x", "abc", "", "\x1e", "B"])
def test_4_2_unknown_types_end_the_session(net, packet):
    client = net.websocket()
    socket_id = client.join()
    client.send(packet)
    client.expect_close()
    assert net.server.reason_of(socket_id) == "parse error"


def test_4_2_close_by_the_server_has_no_code(net):
    client = net.joined()
    client.send('42["do:close"]')
    client.expect("41")
    client.expect_close()


def test_4_2_what_was_sent_before_leaves_first(net):
    client = net.joined()
    client.send('42["do:emit",100]', '42["do:close"]')
    client.expect(*(f'42["n",{i}]' for i in range(100)), "41")
    client.expect_close()


def test_4_1_events_in_the_segment_of_the_join(net):
    client = net.websocket()
    client.send("40", '420["a"]', '421["b"]')
    assert client.receive().startswith("40{")
    client.expect("430[]", "431[]")


def test_4_1_packets_in_the_segment_of_the_request(net):
    """A client that does not even wait for the 101."""
    connection = net.connect()
    messages = b"".join(frame(TEXT, message) for message in (b"40", b'420["a"]'))
    connection.send(handshake(target("websocket")) + messages)
    assert read_response(connection).status == 101
    client = WebSocket(connection, None)
    assert client.receive().startswith("0{")
    assert client.receive().startswith("40{")
    client.expect("430[]")


@pytest.mark.parametrize("size", [0, 1, 124, 125, 126, 127, 65_534, 65_535, 65_536, 200_000])
def test_4_2_messages_of_all_lengths_from_the_server(net, size):
    client = net.joined()
    client.send(f'42["do:large",{size}]')
    client.expect(f'42["large","{"x" * size}"]')


@pytest.mark.parametrize("size", [1, 125, 126, 127, 65_535, 65_536, 1_000_000])
def test_4_2_messages_of_all_lengths_from_the_client(net, size):
    client = net.joined()
    client.send(f'451-0["x",{PLACEHOLDER}]', b"\xab" * size)
    client.expect(f"461-0[{PLACEHOLDER}]", b"\xab" * size)
