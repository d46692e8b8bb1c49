"""Section 2: packets, and several of them in a body."""

import pytest

PLACEHOLDER = '{"_placeholder":true,"num":0}'


def test_2_2_packets_of_a_post_in_order(net):
    session = net.polling()
    session.join()
    session.post(*(f'42["p",{i}]' for i in range(10)))
    assert session.get() == [f'42["echo","p",{i}]' for i in range(10)]


def test_2_2_binary_in_base64(net):
    session = net.polling()
    session.join()
    session.post(f'451-["x",{PLACEHOLDER}]', "bAQIDBA==")
    assert session.get() == [f'451-["echo","x",{PLACEHOLDER}]', "bAQIDBA=="]


def test_2_1_empty_binary(net):
    session = net.polling()
    session.join()
    session.post(f'451-["x",{PLACEHOLDER}]', "b")
    assert session.get() == [f'451-["echo","x",{PLACEHOLDER}]', "b"]


@pytest.mark.parametrize(
    ("sent", "returned"),
    [
        ("bAQID", "bAQID"),
        ("bAQIDBA", "bAQIDBA=="),
        ("b-_-_", "b+/+/"),
        ("b+/+/", "b+/+/"),
        ("bAQ\nID", "bAQID"),
    ],
    ids=["plain", "no padding", "url-safe", "standard", "illegal character"],
)
def test_2_1_base64_is_read_leniently(net, sent, returned):
    session = net.polling()
    session.join()
    session.post(f'451-["x",{PLACEHOLDER}]', sent)
    assert session.get()[1] == returned


def test_2_2_all_bytes_survive(net):
    session = net.polling()
    session.join()
    text = "".join(chr(code) for code in range(0x20, 0x3000) if chr(code) not in '"\\')
    session.post(f'420["{text}"]')
    session.post(f'421["x","{text}"]')
    assert session.get() == ["430[]", f'431["{text}"]']


@pytest.mark.parametrize("type_", ["0", "5", "6", "3"])
def test_4_2_types_without_meaning_are_ignored(net, type_):
    session = net.polling()
    session.join()
    session.post(type_, '420["a"]')
    assert session.get() == ["430[]"]


BROKEN = {
    "letters": "abc",
    "empty body": "",
    "unknown type": "9",
    "type 7": "7",
    "trailing separator": '42["a"]\x1e',
    "leading separator": '\x1e42["a"]',
    "two separators": '42["a"]\x1e\x1e42["b"]',
    "binary with a type": "Bxyz",
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_3_2_garbage_is_answered_ok_and_ends_the_session(net, body):
    """POST gets 200 `ok`, the pending GET `1`; the reason is `parse error` (28.4, 28.12)."""
    session = net.polling()
    socket_id = session.join()
    poll = session.start_get()
    assert poll.is_pending()
    session.post(body)
    packets = poll.packets()
    # An echo may leave before the end.
    assert packets[-1] == "1" or packets[0].startswith("42")
    assert net.server.reason_of(socket_id) == "parse error"
    session.expect_gone()


def test_3_2_invalid_utf_8_in_a_post_ends_the_session(net):
    session = net.polling()
    socket_id = session.join()
    assert session.request("POST", body=b'42["\xff"]').body == b"ok"
    assert net.server.reason_of(socket_id) in ("parse error", "forced close")


def test_2_2_packets_before_an_error_are_delivered(net):
    session = net.polling()
    socket_id = session.join()
    session.post("41", "9x")
    assert net.server.reason_of(socket_id) == "client namespace disconnect"
    session.expect_gone()


def test_2_2_packets_behind_an_error_are_not(net):
    session = net.polling()
    socket_id = session.join()
    session.post("9x", "41")
    assert net.server.reason_of(socket_id) == "parse error"
