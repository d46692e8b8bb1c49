"""Sections 9.1 to 9.3 and 25.3: packets and payloads of revision 3."""

import pytest
from wire.revision3 import BINARY, Clients, encode, encode_binary, ws_message

HOLDER = '{"_placeholder":true,"num":0}'
NOT_BYTES = "text/plain; charset=UTF-8"


@pytest.fixture
def clients(net):
    return Clients(net)


def test_25_3_the_vectors_of_the_tests_themselves():
    assert encode(["4hello"]) == "6:4hello"
    assert encode(["4€"]) == "2:4€"
    assert encode(["4😀"]) == "3:4😀"
    assert encode(["4€", b"\1\2\3\4"]) == "2:4€10:b4AQIDBA=="
    assert encode([]) == "0:"
    assert encode(["2"]) + encode(["2probe"]) + encode(["1"]) == "1:26:2probe1:1"
    both = bytes.fromhex("00 04 ff 34 e2 82 ac 01 05 ff 04 01 02 03 04")
    assert encode_binary(["4€", b"\1\2\3\4"]) == both
    assert encode_binary([bytes(10)]) == bytes.fromhex("01 01 01 ff 04") + bytes(10)
    assert ws_message(b"\1\2\3") == b"\4\1\2\3"


def test_25_3_on_the_wire_as_text(net, clients):
    """Their messages are no packets of Socket.IO: the session ends for that, not for the form."""
    for vector in ("6:4hello", "2:4€", "3:4😀"):
        session = clients.joined_polling()
        session.post_body(f'13:420["before"]{vector}'.encode())
        assert net.server.reason_of(session.sid) == "forced close"
        assert session.get()[0] == "430[]"


def test_25_3_on_the_wire_between_events(clients):
    """An attachment of the vectors is one of an event; the server's answer has it, too."""
    event = f'451-["x",{HOLDER}]'
    echo = f'451-["echo","x",{HOLDER}]'
    session = clients.joined_polling()
    for vector, data in (
        (bytes.fromhex("01 05 ff 04 01 02 03 04"), b"\1\2\3\4"),
        (bytes.fromhex("01 01 01 ff 04 00 00 00 00 00 00 00 00 00 00"), bytes(10)),
    ):
        session.post_body(encode_binary([event]) + vector, BINARY)
        response = session.start_get().response()
        assert response.body == encode_binary([echo]) + vector
        assert encode_binary([data]) == vector
    session = clients.joined_polling(extra="b64=1")
    session.post_body(f"{len(event)}:{event}10:b4AQIDBA==".encode())
    assert session.start_get().response().text == f"{len(echo)}:{echo}10:b4AQIDBA=="


def test_25_3_on_the_wire_of_the_engine(clients):
    """The empty payload, pings, the end."""
    session = clients.joined_polling()
    session.post_body(b"0:")
    session.post_body(b"1:2")
    assert session.start_get().response().text == "1:3"
    session.post_body(b"6:2probe")
    assert session.start_get().response().text in ("1:3", "6:3probe")
    session.post_body(b"1:1")
    session.expect_gone()


def test_25_3_on_the_wire_of_a_websocket(clients):
    client = clients.websocket()
    client.send(f'451-["x",{HOLDER}]', bytes.fromhex("04 01 02 03"))
    client.expect(f'451-["echo","x",{HOLDER}]', bytes.fromhex("04 01 02 03"))
    client = clients.websocket(extra="b64=1")
    client.send(f'451-["x",{HOLDER}]', "b4AQID")
    client.expect(f'451-["echo","x",{HOLDER}]', "b4AQID")


def test_9_2_lengths_are_utf16_units(clients):
    """28.7: neither bytes nor characters."""
    session = clients.joined_polling()
    session.post_body('16:42["euro","€😀"]16:420["x","aé€😀"]'.encode())
    response = session.start_get().response()
    assert response.header("content-type") == NOT_BYTES
    assert response.text == '23:42["echo","euro","€😀"]12:430["aé€😀"]'


def test_9_2_packets_of_a_post_in_order(clients):
    session = clients.joined_polling()
    session.post(*(f'42["p",{i}]' for i in range(10)))
    assert session.get() == [f'42["echo","p",{i}]' for i in range(10)]


def test_9_2_neighbours_do_not_harm_each_other(clients):
    """The server cuts events out in place, right up to the next length."""
    session = clients.joined_polling()
    packets = [f'42{i}["p{i}",{"1" * i}]' for i in range(1, 9)]
    session.post_body("0:".join(encode([packet]) for packet in packets).encode())
    assert session.get() == [f"43{i}[{'1' * i}]" for i in range(1, 9)]
    session.post_body(encode_binary(packets), BINARY)
    assert session.get() == [f"43{i}[{'1' * i}]" for i in range(1, 9)]


def test_9_2_an_empty_list(clients):
    session = clients.joined_polling()
    session.post_body(b"0:")
    session.post('420["a"]')
    assert session.get() == ["430[]"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b":",
        b":4a",
        b"42",
        b"5",
        b"5:",
        b"99:4a",
        b"-2:4a",
        b" 2:4a",
        b"2 :4a",
        b"2e0:4a",
        b"1:9",
        b"1:b",
        b"2:b9",
        b"2:4\xff",
        "2:4😀".encode(),
        b"9" * 400 + b":4a",
        b"0" * 400 + b"2:4a",
        b'6:42["a"]',
        b"\x00\x02\xff4a",
    ],
    ids=str,
)
def test_9_2_undecodable_bodies(net, clients, body):
    """The POST is answered all the same; then the session ends."""
    session = clients.joined_polling()
    poll = session.pending_get()
    session.post_body(body)
    assert poll.packets() == ["1"]
    assert net.server.reason_of(session.sid) in ("parse error", "forced close")
    session.expect_gone()


def test_9_2_packets_before_the_garbage_are_delivered(net, clients):
    session = clients.joined_polling()
    session.post_body(b'11:42["first"]9:')
    assert net.server.reason_of(session.sid) == "parse error"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00",
        b"\x00\x02",
        b"\x00\xff4a",
        b"\x00\x02\xfe4a",
        b"\x00\x03\xff4a",
        b"\x02\x02\xff4a",
        b"\x00\x0a\xff4a",
        b"\x00\x32\xff4a",
        b"\x01\x01\xff\x07",
        b"\x01\x00\xff",
        b"\x00\x02\xff4\xff",
        b"\x00" + b"\x09" * 310 + b"\xff4a",
        b"\x00" + b"\x00" * 400 + b"\x02\xff4a",
        b"4a",
    ],
    ids=lambda body: body[:8].hex(),
)
def test_9_3_undecodable_bodies_of_bytes(net, clients, body):
    session = clients.joined_polling()
    poll = session.pending_get()
    session.post_body(body, BINARY)
    assert poll.packets() == ["1"]
    assert net.server.reason_of(session.sid) == "parse error"
    session.expect_gone()


@pytest.mark.parametrize("as_bytes", [True, False], ids=["bytes", "base64"])
def test_9_3_binary_both_ways(clients, as_bytes):
    """What a client can send does not matter: what it can receive, the handshake told."""
    session = clients.joined_polling()
    packets = [f'451-["€",{HOLDER}]', b"\1\2\3\4"]
    if as_bytes:
        session.post_body(encode_binary(packets), BINARY)
    else:
        session.post(*packets)
    response = session.start_get().response()
    assert response.header("content-type") == "application/octet-stream"
    echo = f'451-["echo","€",{HOLDER}]'
    assert response.body == encode_binary([echo, b"\1\2\3\4"])


def test_9_3_text_is_sent_as_text_to_everyone(clients):
    session = clients.joined_polling()
    session.post_body(encode_binary(['420["a"]']), BINARY)
    response = session.start_get().response()
    assert (response.header("content-type"), response.text) == (NOT_BYTES, "5:430[]")


@pytest.mark.parametrize("b64", ["1", "0", "true"])
def test_1_2_b64_gets_text(clients, b64):
    """28.11: any value means base64."""
    session = clients.joined_polling(extra=f"b64={b64}")
    session.post(f'451-["x",{HOLDER}]', b"\1\2\3")
    response = session.start_get().response()
    assert response.header("content-type") == NOT_BYTES
    assert response.text == encode([f'451-["echo","x",{HOLDER}]', b"\1\2\3"])
    assert response.text.endswith("6:b4AQID")


def test_9_3_all_sizes(clients):
    session = clients.joined_polling()
    for size in (0, 1, 9, 10, 99, 100, 65_535, 65_536, 300_000):
        session.post_body(encode_binary([f'451-["x",{HOLDER}]', bytes(size)]), BINARY)
        assert session.get()[1] == bytes(size)


def test_cve_2020_36048_a_body_that_is_too_large(clients):
    """413, and the session lives."""
    session = clients.joined_polling()
    for headers in ({}, BINARY):
        response = session.request("POST", headers, bytes(1_000_001))
        assert (response.status, response.body) == (413, b"")
    session.post('420["a"]')
    assert session.get() == ["430[]"]


def test_cve_2026_59725_octets_are_for_revision_3_alone(net, clients):
    """The same body: refused of a session of revision 4, and the exchange is over."""
    session = net.polling()
    session.join()
    response = session.request("POST", BINARY, encode_binary(['42["a"]']))
    assert (response.status, response.body) == (400, b"")
    session.expect_gone()
    old = clients.joined_polling()
    old.post_body(encode_binary(['420["a"]']), BINARY)
    assert old.get() == ["430[]"]


def test_9_1_websocket_binary_has_its_type(clients):
    client = clients.websocket()
    client.send(f'451-["x",{HOLDER}]', ws_message(b"\1\2\3"))
    client.expect(f'451-["echo","x",{HOLDER}]', ws_message(b"\1\2\3"))
    client.send(f'451-["x",{HOLDER}]', ws_message(b""))
    client.expect(f'451-["echo","x",{HOLDER}]', ws_message(b""))


def test_9_1_websocket_base64(clients):
    client = clients.websocket(extra="b64=1")
    client.send(f'451-["x",{HOLDER}]', "b4AQID")
    client.expect(f'451-["echo","x",{HOLDER}]', "b4AQID")
    client.send(f'451-["x",{HOLDER}]', ws_message(b"\1\2\3"))
    client.expect(f'451-["echo","x",{HOLDER}]', "b4AQID")


def test_9_1_large_binary_over_websocket(clients):
    client = clients.websocket()
    for size in (124, 125, 126, 20_000, 65_534, 65_535, 300_000):
        client.send(f'451-["x",{HOLDER}]', ws_message(bytes(size)))
        client.expect(f'451-["echo","x",{HOLDER}]', ws_message(bytes(size)))


@pytest.mark.parametrize("packet", ["", "9", "b", "b9AQID", b"", b"\7", b"4", b"\x34abc"], ids=repr)
def test_9_1_what_is_no_packet_ends_a_websocket(net, clients, packet):
    client = clients.websocket()
    client.send(packet)
    client.expect_close()
    assert net.server.reason_of(client.socket_id) == "parse error"


@pytest.mark.parametrize("packet", ["0", "5", "6", b"\0", b"\5abc", b"\6", "b5AQID"], ids=repr)
def test_4_2_types_without_meaning_are_ignored(clients, packet):
    client = clients.websocket()
    client.send(packet)
    client.barrier()
