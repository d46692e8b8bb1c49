"""security.md 2a, 2c, 2e, 2f: hostile requests. After each the server serves the next client,
and gives everything back (conftest.py)."""

import pytest
from wire.client import target
from wire.connection import Closed
from wire.http import exchange, read_response, request
from wire.websocket import handshake

MEGABYTE = 1 << 20


@pytest.fixture(autouse=True)
def bounded(net):
    """Memory stays where it was, but for what an allocator keeps."""
    before = net.server.memory
    yield
    net.assert_served()
    assert net.server.memory - before < 48 * MEGABYTE


def answer(net, data):
    """The status of the answer; None if the server closed without one."""
    connection = net.connect()
    connection.send_all_it_takes(data)
    try:
        return read_response(connection).status
    except Closed as closed:
        assert closed.received == b""
        return None


# --- CVE-2024-37890: too many headers, and too few --------------------------------------------


@pytest.mark.parametrize("count", [0, 100, 2000, 65_000])
@pytest.mark.parametrize("kind", ["plain", "upgrade"])
def test_cve_2024_37890_header_bomb(net, count, kind):
    """Small ones are served; large ones are refused, or the connection is closed."""
    bomb = [(f"X-{i}", "x") for i in range(count)]
    head = (
        handshake(target("none"), bomb)
        if kind == "upgrade"
        else request("GET", target("none"), bomb)
    )
    status = answer(net, head)
    assert status == 400 if count <= 100 else status in (None, 400, 431)


@pytest.mark.parametrize(
    "name", ["Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version"]
)
def test_cve_2024_37890_missing_header(net, name):
    """Without one of them it is no upgrade, or a bad one."""
    assert answer(net, handshake(target("websocket"), without=(name,))) == 400


@pytest.mark.parametrize(
    "header",
    [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Connection", "keep-alive, Upgrade"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Version", "13"),
    ],
)
def test_cve_2024_37890_duplicated_header(net, header):
    assert answer(net, handshake(target("websocket"), [header])) in (101, 400, 426)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Sec-WebSocket-Key", ""),
        ("Sec-WebSocket-Key", "x"),
        ("Sec-WebSocket-Version", "8"),
        ("Sec-WebSocket-Version", "x"),
        ("Upgrade", "h2c"),
        ("Connection", "close"),
    ],
)
def test_cve_2024_37890_bad_header(net, name, value):
    status = 426 if name == "Sec-WebSocket-Version" else 400
    assert answer(net, handshake(target("websocket"), {name: value}, without=(name,))) == status


def test_upgrade_among_other_protocols(net):
    head = {"Upgrade": "h2c, websocket", "Connection": "keep-alive, upgrade"}
    data = handshake(target("websocket"), head, without=("Upgrade", "Connection"))
    assert answer(net, data) == 101


@pytest.mark.parametrize("method", ["POST", "PUT", "HEAD", "OPTIONS"])
def test_upgrade_by_another_method(net, method):
    data = handshake(target("websocket")).replace(b"GET", method.encode(), 1)
    connection = net.connect()
    connection.send(data)
    assert connection.read_until(b"\r\n").startswith(b"HTTP/1.1 400 ")


def test_cve_2021_32640_64_kb_of_spaces(net):
    """Sec-WebSocket-Protocol: read in no time, or refused as too large."""
    header = {"Sec-WebSocket-Protocol": "a" + " " * 65_000 + "b"}
    assert answer(net, handshake(target("websocket"), header)) in (None, 101, 400, 431)


@pytest.mark.parametrize("value", ["a\tb", "a,,b", ",", '"', "a;b", "é".encode().decode("latin-1")])
def test_odd_subprotocols_do_not_split_the_response(net, value):
    assert answer(net, handshake(target("websocket"), {"Sec-WebSocket-Protocol": value})) in (
        101,
        400,
    )


# --- malformed HTTP ---------------------------------------------------------------------------

GET = b"GET /socket.io/ HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /socket.io/ HTTP/1.1\r\nHost: x\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
MALFORMED = {
    "nonsense": b"\x00\x01\x02\x03\r\n\r\n",
    "TLS": bytes.fromhex("16030100a5010000a10303"),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no version": b"GET /socket.io/\r\n\r\n",
    "bad version": b"GET /socket.io/ HTTP/9.9\r\n\r\n",
    "bad method": b"G\x01T /socket.io/ HTTP/1.1\r\n\r\n",
    "no colon": GET + b"X\r\n\r\n",
    "space before colon": GET + b"X : x\r\n\r\n",
    "NUL in a value": GET + b"X: x\0y\r\n\r\n",
    "folded header": GET + b"X: x\r\n y\r\n\r\n",
    "long header name": GET + b"a" * 200_000 + b": x\r\n\r\n",
    "long target": b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n\r\n",
    "negative length": POST + b"Content-Length: -1\r\n\r\n",
    "huge length": POST + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n",
    "two lengths": POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "length and chunks": POST + b"Content-Length: 3\r\n" + CHUNKED + b"0\r\n\r\n",
    "bad chunk": POST + CHUNKED + b"zz\r\n",
    "huge chunk": POST + CHUNKED + b"f" * 20 + b"\r\n",
    "percent signs": b"GET /socket.io/?transport=%zz%&sid=%ff%00 HTTP/1.1\r\nHost: x\r\n\r\n",
    "invalid UTF-8": b"GET /socket.io/?transport=\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED)
def test_2e_malformed_request(net, data):
    connection = net.connect()
    connection.send_all_it_takes(data)
    try:
        connection.finish_sending()
    except OSError:
        return  # The server has had enough before.
    first = connection.read_to_end()
    assert first == b"" or first.startswith(b"HTTP/1.1 "), first[:100]


# --- connections that break --------------------------------------------------------------------


def test_cve_2026_59725_octet_stream_flood(net):
    """Every POST is answered, and no descriptor stays behind."""
    descriptors = net.server.descriptors
    connection = net.connect()
    for _ in range(500):
        opened = exchange(connection, "GET", target("polling"))
        sid = opened.text.split('"')[3]
        headers = {"Content-Type": "application/octet-stream"}
        refused = exchange(connection, "POST", target("polling", sid), headers, b"x")
        assert (refused.status, refused.body) == (400, b"")
        if refused.header("connection") == "close":
            connection.close()
            connection = net.connect()
    net.server.wait_for_counts(sessions=0)
    assert net.server.descriptors <= descriptors + 2


def test_cve_2020_36048_parallel_partial_bodies(net):
    """200 of them, 100 kB each: bounded by what they have sent."""
    sessions = [net.polling() for _ in range(20)]
    for session in sessions:
        for _ in range(10):
            connection = net.connect()
            connection.send(request("POST", session.target, {"Content-Length": "999999"}))
            connection.send_all_it_takes(b"x" * 100_000)
    assert net.server.memory < 400 * MEGABYTE


# --- connections that wait ---------------------------------------------------------------------


def test_2f_silent_connections(net):
    """The silent channel: others are served, and an end by the client is noticed."""
    silent = [net.connect() for _ in range(200)]
    net.assert_served()
    for connection in silent:
        connection.close()
    net.server.wait_for_counts(sockets=2)


@pytest.mark.parametrize(
    "data",
    [b"GET /socket.io/?", handshake(target("websocket"))[:-2], b"POST /socket.io/ HTTP/1.1\r\nX: "],
    ids=["request line", "upgrade", "header"],
)
def test_2f_slowloris(net, data):
    """Requests that never end do not keep others from being served."""
    for _ in range(100):
        net.connect().send(data)
    net.assert_served()


def test_2f_half_handshakes(networks):
    """Sessions that no one uses end by themselves: by the heartbeat, on each transport."""
    net = networks(ping_interval=200, ping_timeout=200)
    threads = net.server.threads
    connection = net.connect()
    for _ in range(1000):
        assert exchange(connection, "GET", target("polling")).status == 200
    for _ in range(100):
        net.websocket()
    net.server.wait_for_counts(sessions=0)
    assert net.server.threads == threads


def test_2f_posts_on_a_dead_session(net):
    connection = net.connect()
    for _ in range(1000):
        response = exchange(connection, "POST", target("polling", "A" * 20), body=b"40")
        assert response.status == 400


def test_2f_pipelined_requests(net):
    """A client that does not wait for answers, nor reads them."""
    connection = net.connect()
    connection.socket.settimeout(2)
    flood = request("GET", target("none")) * 2000
    try:
        for _ in range(50):
            connection.socket.sendall(flood)
    except (TimeoutError, BrokenPipeError, ConnectionResetError):
        pass
    net.assert_served()
    assert net.server.memory < 300 * MEGABYTE
