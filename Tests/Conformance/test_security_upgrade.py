"""security.md 2a, 2e: what comes with the request for a WebSocket, and connections that break
before it is one; each behind TLS as well."""

import ssl

import pytest
from wire.client import target
from wire.connection import Connection
from wire.http import read_response, request
from wire.websocket import TEXT, frame, handshake


@pytest.fixture(params=[False, True], ids=["ws", "wss"])
def secure(request):
    return request.param


@pytest.fixture(autouse=True)
def alive(net):
    yield
    net.assert_served()


FIRST_FRAMES = {
    "CVE-2022-21676 reserved bit 2": frame(TEXT, b"40", reserved=2),
    "CVE-2022-21676 reserved bit 3": frame(TEXT, b"40", reserved=1),
    "swift-nio#3603 82 FF FF..FF": b"\x82" + b"\xff" * 9,
    "bad opcode": frame(7, b"x"),
    "unmasked": frame(TEXT, b"40", masked=False),
    "not UTF-8": frame(TEXT, b"\xff"),
    "another request": request("GET", "/"),
}


@pytest.mark.parametrize("probe", [False, True], ids=["session", "probe"])
@pytest.mark.parametrize("data", FIRST_FRAMES.values(), ids=FIRST_FRAMES)
@pytest.mark.parametrize("segments", [1, 2], ids=["same segment", "behind the 101"])
def test_cve_2022_21676_bad_first_frame(net, data, segments, probe):
    sid = net.polling().sid if probe else None
    connection = net.connect_across()
    head = handshake(target("websocket", sid))
    if segments == 1:
        connection.send(head + data)
        assert read_response(connection).status == 101
    else:
        connection.send(head)
        assert read_response(connection).status == 101
        connection.send(data)
    rest = connection.read_until(b"\x88\x02")
    assert connection.read_exactly(2) in (b"\x03\xea", b"\x03\xef"), rest


# --- connections that break --------------------------------------------------------------------


def test_cve_2022_41940_invalid_upgrade_and_reset(net):
    for i in range(1000):
        connection = net.server.connect()
        connection.send(
            handshake(target("websocket", "A" * 20 if i % 2 else None).replace("=4", "=9"))
        )
        connection.reset()
    assert net.server.is_alive


def test_2e_reset_at_every_point_of_an_upgrade(net):
    """#3597: closing while the upgrade is being decided."""
    head = handshake(target("websocket"))
    for cut in range(1, len(head) + 1, 3):
        connection = net.server.connect()
        connection.send(head[:cut])
        connection.reset()
    for _ in range(200):
        connection = net.server.connect()
        connection.send(head)
        connection.reset()


def test_2e_reset_at_every_point_of_a_probe(net):
    session = net.polling()
    session.join()
    data = handshake(target("websocket", session.sid)) + frame(TEXT, b"2probe")
    # The whole one twice: on one loop, and on the other.
    for cut in [*range(len(data) - 40, len(data) + 1), len(data)]:
        connection = net.server.connect()
        connection.send(data[:cut])
        connection.reset()
    session.post('420["a"]')
    packets = session.get()
    assert (session.get() if packets == ["6"] else packets) == ["430[]"]


class Handshake:
    """A client's side of a TLS handshake, whose bytes are ours to cut."""

    def __init__(self, version):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.minimum_version = context.maximum_version = version
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_hostname="localhost")

    def flight(self, received: bytes = b"") -> bytes:
        """What it says to what it has received."""
        self._in.write(received)
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        return self._out.read()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_2e_reset_at_every_point_of_a_tls_handshake(servers, version):
    """In the first flight, and in the one behind the server's."""
    server = servers.get(secure=True)
    hello = Handshake(version).flight()
    for cut in range(0, len(hello) + 1, 5):
        connection = Connection(server.port)
        connection.send(hello[:cut])
        connection.reset()
    cut, finished = 0, b"x"
    while cut <= len(finished):
        client = Handshake(version)
        connection = Connection(server.port)
        connection.send(client.flight())
        while not (finished := client.flight(connection.read_some())):
            pass
        connection.send(finished[:cut])
        connection.reset()
        cut += 9
    server.wait_until_idle()
