"""Section 19: the msgpack parser. Messages are written by hand: what others write is in interop."""

import base64
import re
import time

import pytest

CONNECT = bytes.fromhex("82a47479706500a36e7370a12f")
DISCONNECT = bytes.fromhex("82a47479706501a36e7370a12f")
HI = bytes.fromhex("83a47479706502a36e7370a12fa46461746192a2686901")
ECHO_HI = bytes.fromhex("83a47479706502a36e7370a12fa46461746193a46563686fa2686901")
ADMIN_HI = bytes.fromhex("84a47479706502a36e7370a62f61646d696ea46461746192a26869c403010203a2696407")
SID = re.compile(
    re.escape(bytes.fromhex("83a47479706500a36e7370a12fa46461746181a3736964b4")) + b"(.{20})"
)


MSGPACK = 1  # SIO_PARSER_MSGPACK


@pytest.fixture
def net(networks):
    return networks(parser=MSGPACK)


def joined(net):
    client = net.websocket()
    client.send(CONNECT)
    client.socket_id = SID.fullmatch(client.receive())[1].decode()
    return client


def event(data, *, id=""):
    """An event with these bytes for its data, in hexadecimal digits."""
    fields = f"a474797065 02 a36e7370 a12f a464617461 {data} {id}"
    return bytes.fromhex(f"{84 if id else 83} {fields}")


def test_connect_event_disconnect(net):
    client = joined(net)
    client.send(HI)
    client.expect(ECHO_HI)
    client.send(DISCONNECT)
    assert net.server.reason_of(client.socket_id) == "client namespace disconnect"
    assert client.is_open()


def test_polling_in_base64(net):
    session = net.polling()

    def exchange(message):
        session.post("b" + base64.b64encode(message).decode())
        (answer,) = session.get()
        assert answer[0] == "b"
        return base64.b64decode(answer[1:])

    assert SID.fullmatch(exchange(CONNECT))
    assert exchange(HI) == ECHO_HI


def test_bytes_are_within(net):
    client = joined(net)
    client.send(event("92 a161 82 a162 c4020102 a163 91 c400", id="a26964 2a"))
    # The reply is what came, without the name.
    fields = "a474797065 03 a36e7370 a12f a464617461 91 82 a162 c4020102 a163 91 c400 a26964 2a"
    client.expect(bytes.fromhex(f"84 {fields}"))


def test_array_buffers_of_browsers_are_bytes(net):
    client = joined(net)
    client.send(event("92 a161 c703000a0b0c", id="a26964 00"))
    client.expect(
        bytes.fromhex("84 a474797065 03 a36e7370 a12f a464617461 91 c4030a0b0c a26964 00")
    )


def test_undefined_date_and_nan(net):
    client = joined(net)
    client.send(event("94 a161 d40000 d7000000000000000000 cb7ff8000000000000", id="a26964 cd0400"))
    date = b"1970-01-01T00:00:00.000Z".hex()
    client.expect(
        bytes.fromhex(f"84 a474797065 03 a36e7370 a12f a464617461 93 c0 b8{date} c0 a26964 cd0400")
    )


def test_revision_3(net):
    """Joins "/" unasked; binary messages have a type byte there."""
    client = net.open_websocket("/socket.io/?EIO=3&transport=websocket")
    assert client.receive().startswith('0{"sid":"')
    client.expect(b"\4" + CONNECT)
    client.send(b"\4" + HI)
    client.expect(b"\4" + ECHO_HI)


def test_unknown_namespace_is_refused(net):
    client = net.websocket()
    client.send(bytes.fromhex("82a47479706500a36e7370a22f78"))
    client.expect(
        bytes.fromhex(
            "83a47479706504a36e7370a22f78a46461746181a76d657373616765"
            "b1496e76616c6964206e616d657370616365"
        )
    )


@pytest.mark.parametrize(
    "message",
    [
        "",
        "c0",
        "82a47479706505a36e7370a12f",
        "82a47479706500a36e7370c0",
        "83a47479706502a36e7370a12fa46461746180",
        "83a47479706502a36e7370a12fa26964c0",
        "83a47479706502a36e7370a12fa46461746192a2686901c0",
        "83a47479706502a36e7370a12fa464617461ddffffffff",
        "83a47479706502a36e7370a12fa464617461" + "91" * 1000,
    ],
    ids=["empty", "nil", "type", "namespace", "data", "id", "more behind", "count", "depth"],
)
def test_what_is_no_packet_ends_the_connection(net, message):
    client = joined(net)
    client.send(bytes.fromhex(message))
    client.expect_close()
    assert net.server.reason_of(client.socket_id) == "forced close"


def test_an_event_before_connect_ends_the_connection(net):
    client = net.websocket()
    client.send(HI)
    client.expect_close()


def test_text_ends_the_connection(net):
    client = joined(net)
    client.send('42["hi"]')
    client.expect_close()
    assert net.server.reason_of(client.socket_id) == "forced close"


def test_msgpack_to_a_server_that_reads_text_ends_the_connection(networks):
    net = networks()
    client = net.websocket()
    client.join()
    client.send(HI)
    client.expect_close()
    assert net.server.reason_of(client.socket_id) == "forced close"


def test_eleven_bytes_are_one_too_many_cve_2026_33151(net):
    client = joined(net)
    client.send(event("9b a161" + "c400" * 10, id="a26964 00"))
    assert client.receive().count(b"\xc4\x00") == 10
    client.send(event("9c a161" + "c400" * 11))
    client.expect_close()


@pytest.mark.parametrize("number", ["00", "ff", "a130", "a66c656e677468", "c0"])
def test_forged_placeholders_cve_2022_2421(net, number):
    forged = f"82 ac5f706c616365686f6c646572 c3 a36e756d {number}"
    client = joined(net)
    # Alone it is data like any other.
    client.send(event(f"92 a161 {forged}", id="a26964 00"))
    client.expect(bytes.fromhex(f"84 a474797065 03 a36e7370 a12f a464617461 91 {forged} a26964 00"))
    client.send(event(f"93 a161 {forged} c40101"))
    client.expect_close()


@pytest.mark.parametrize("name", ["connect", "disconnect", "disconnecting", "newListener"])
def test_reserved_names_cve_2024_38355(net, name):
    client = joined(net)
    client.send(event(f"91 {0xA0 + len(name):02x}{name.encode().hex()}"))
    client.expect_close()
    assert net.server.reason_of(client.socket_id) == "forced close"


def counted(format_, count):
    return bytes([format_]) + count.to_bytes(4, "big")


ADVERSARIAL = {
    "false": lambda n: counted(0xDD, n) + b"\xc2" * n,
    "control characters": lambda n: counted(0xDB, n) + b"\1" * n,
    "empty arrays": lambda n: counted(0xDD, n) + b"\x90" * n,
    "members": lambda n: counted(0xDF, n // 2) + b"\xe0\xc2" * (n // 2),
    "dates": lambda n: counted(0xDD, n // 6) + b"\xd6\xff\0\0\0\0" * (n // 6),
    "floats": lambda n: counted(0xDD, n // 5) + b"\xca\x00\x80\x00\x01" * (n // 5),
    "nesting": lambda n: counted(0xDD, n // 501) + (b"\x91" * 500 + b"\xc0") * (n // 501),
}


@pytest.mark.parametrize("make", ADVERSARIAL.values(), ids=ADVERSARIAL)
def test_large_messages_in_linear_time_cve_2020_36049(net, make):
    """There and back: a megabyte makes up to six of text, in a fraction of a second. With the
    square of it, it would be minutes."""
    client = joined(net)
    message = bytes.fromhex("84 a474797065 02 a36e7370 a12f a26964 00 a464617461 92 a161")
    message += make(999_000 - len(message))
    start = time.monotonic()
    client.send(message)
    assert isinstance(client.receive(), bytes)
    assert time.monotonic() - start < 15
