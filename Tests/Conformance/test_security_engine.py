"""security.md 2a, 2d, 2e: what has to hold on each way into the server. The other rows are in the
files that docs/security-tests.md names."""

import base64

import pytest
from wire.client import target
from wire.connection import Closed
from wire.http import read_response, request
from wire.websocket import BINARY, CONTINUATION, TEXT, frame

MEGABYTE = 1 << 20


def over_polling(net):
    session = net.polling()

    def talk(packet):
        session.post(packet)
        return session.get()[0]

    return talk


def over_websocket(net):
    client = net.websocket()

    def talk(packet):
        client.send(packet)
        return client.receive()

    return talk


def over_upgrade(net):
    session = net.polling()
    probe = net.probe(session)
    probe.send("2probe")
    probe.expect("3probe")
    probe.send("5")

    def talk(packet):
        probe.send(packet)
        return probe.receive()

    return talk


WAYS = {"polling": over_polling, "websocket": over_websocket, "upgrade": over_upgrade}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("auth", ["", "{}", '{"token":"wrong"}', '{"token":["op","en"]}'])
def test_1fa1f46_every_transport_asks_the_middleware(net, way, auth):
    """engine.io 6.6.7, 6.6.8: WebTransport did not."""
    talk = way(net)
    assert talk(f"40/guarded,{auth}").startswith("44/guarded,")
    assert talk('40/guarded,{"token":"open"}').startswith('40/guarded,{"sid":')


# --- limits hold before anything is kept ----------------------------------------------------------


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def post(net, head, data):
    connection = net.connect()
    connection.send(request("POST", net.polling().target, head))
    connection.send_all_it_takes(data)
    try:
        return read_response(connection).status
    except Closed:
        return "closed"


def on_websocket(net, data):
    client = net.joined()
    client.connection.send_all_it_takes(data)
    client.expect_close(1009)
    return 1009


TOO_MUCH = 20 * MEGABYTE
PIECE = b"x" * 65536
OVERSIZED = {
    "declared body": lambda net: post(net, {"Content-Length": str(TOO_MUCH)}, b"x" * TOO_MUCH),
    "chunked body": lambda net: post(
        net, {"Transfer-Encoding": "chunked"}, chunk(PIECE) * (TOO_MUCH // len(PIECE))
    ),
    "frame": lambda net: on_websocket(net, frame(TEXT, b"x" * TOO_MUCH)),
    "fragments": lambda net: on_websocket(
        net,
        frame(BINARY, PIECE, fin=False)
        + frame(CONTINUATION, PIECE, fin=False) * (TOO_MUCH // len(PIECE)),
    ),
}


@pytest.mark.parametrize("send", OVERSIZED.values(), ids=OVERSIZED)
def test_cve_2026_48809_limits_hold_while_data_comes(net, send):
    """CVE-2026-44545 too: the defaults have limits. 20 MB, of which 1 MB is kept at the most."""
    before = net.server.memory
    assert send(net) in (413, 1009, "closed")
    assert net.server.memory - before < 8 * MEGABYTE
    net.assert_served()


def test_cve_2026_22815_trailers_have_the_limits_of_headers(net):
    connection = net.connect()
    head = {"Transfer-Encoding": "chunked", "Content-Type": "text/plain"}
    connection.send(request("POST", net.polling().target, head) + chunk(b"40") + b"0\r\n")
    before = net.server.memory
    connection.send_all_it_takes(b"".join(b"X-%d: y\r\n" % i for i in range(200_000)))
    answer = connection.read_to_end()
    assert answer == b"" or answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 431")), answer[:100]
    assert net.server.memory - before < 4 * MEGABYTE


def test_cve_2026_28980_many_headers_on_each_way_in(net):
    """swift-nio before 2.100.0 had no limit."""
    for way in ("polling", "websocket"):
        before = net.server.memory
        connection = net.connect()
        connection.send(request("GET", target(way))[:-2])
        connection.send_all_it_takes(b"".join(b"X-%d: y\r\n" % i for i in range(200_000)))
        answer = connection.read_to_end()
        assert answer == b"" or answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 431"))
        assert net.server.memory - before < 4 * MEGABYTE


# --- payloads ---------------------------------------------------------------------------------


def test_2f_payloads_of_nothing_but_separators(net):
    """A megabyte of packets of no bytes is refused at the first."""
    session = net.polling()
    session.join()
    body = b"\x1e" * 999_999
    assert session.request("POST", body=body).status == 200
    session.expect_gone()


def test_2f_payloads_of_many_small_packets(net):
    """Half a million of them in a POST: pongs, which cost nothing."""
    session = net.polling()
    session.join()
    before = net.server.memory
    assert session.request("POST", body=b"3\x1e" * 499_999 + b"3").status == 200
    assert net.server.memory - before < 8 * MEGABYTE
    session.post('420["a"]')
    assert session.get() == ["430[]"]


def test_2f_base64_of_the_largest_size(net):
    """Decoded in place: what comes in base64 takes no more than it did on the way."""
    session = net.polling()
    session.join()
    attachment = bytes(range(256)) * 2_900
    text = base64.b64encode(attachment).decode()
    session.post('451-0["a",{"_placeholder":true,"num":0}]\x1eb' + text)
    assert session.get() == ['461-0[{"_placeholder":true,"num":0}]', "b" + text]


@pytest.mark.parametrize("count", [300])
def test_2f_concurrent_polls_end_the_session_once(net, count):
    """GETs without end on one session: two are an error, and the rest finds no session."""
    session = net.polling()
    connections = [net.connect() for _ in range(count)]
    for connection in connections:
        connection.send(request("GET", session.target))
    statuses = [read_response(connection).status for connection in connections]
    assert statuses.count(200) <= 1
    assert set(statuses) <= {200, 400}
    session.expect_gone()
    net.assert_served()
