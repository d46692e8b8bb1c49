"""security.md 2b, 2c, 2d, 2f: floods over WebSocket, and packets made to hurt. After each the
server serves the next client, and gives everything back (conftest.py)."""

import threading
import time

import pytest
from wire.websocket import CONTINUATION, PING, PONG, TEXT, frame

MEGABYTE = 1 << 20
HOLDER = '{"_placeholder":true,"num":0}'


@pytest.fixture(autouse=True)
def bounded(net):
    """Memory stays where it was, but for what an allocator keeps."""
    before = net.server.memory
    yield
    net.assert_served()
    assert net.server.memory - before < 64 * MEGABYTE


def test_cve_2026_48779_tiny_fragments(net):
    """Memory grows with the bytes of a message, not with the number of its fragments."""
    client = net.joined()
    before = net.server.memory
    client.send_frame(TEXT, b'420["', fin=False)
    client.connection.send(frame(CONTINUATION, b"x", fin=False) * 100_000)
    client.send_frame(PING, b"")
    assert client.receive_frame(30).opcode == PONG
    assert net.server.memory - before < 8 * MEGABYTE
    client.send_frame(CONTINUATION, b'"]')
    client.expect("430[]")


def test_cve_2026_48779_empty_continuations(net):
    client = net.joined()
    before = net.server.memory
    client.send_frame(TEXT, b'420["a"]', fin=False)
    client.connection.send(frame(CONTINUATION, b"", fin=False) * 100_000)
    client.send_frame(CONTINUATION)
    client.expect("430[]", patience=30)
    assert net.server.memory - before < 8 * MEGABYTE


def test_cve_2026_48779_tiny_segments(net):
    client = net.joined()
    data = frame(TEXT, b'420["' + b"x" * 3000 + b'"]')
    for i in range(len(data)):
        client.connection.send(data[i : i + 1])
    client.expect("430[]")


def test_cve_2026_48802_unsolicited_pongs(net):
    """Neither threads nor memory grow, and the heartbeat goes on."""
    client = net.joined()
    threads = net.server.threads
    client.connection.send(frame(TEXT, b"3") * 100_000)
    client.connection.send(frame(PONG, b"x") * 50_000)
    client.send('420["a"]')
    client.expect("430[]", patience=30)
    assert net.server.threads == threads


def test_2f_ping_flood(net):
    """Control frames: every ping is answered while the client reads."""
    client = net.joined()
    count = 20_000
    reader = threading.Thread(target=lambda: [client.receive_frame(30) for _ in range(count)])
    reader.start()
    client.connection.send(frame(PING, b"x" * 125) * count)
    reader.join(30)
    assert not reader.is_alive()
    client.barrier()


def test_2f_ping_flood_of_a_client_that_does_not_read(net):
    """What the server owes it is bounded."""
    client = net.joined()
    client.connection.socket.settimeout(3)
    flood = frame(PING, b"x" * 125) * 10_000
    before = net.server.memory
    try:
        for _ in range(200):
            client.connection.socket.sendall(flood)
            assert net.server.memory - before < 64 * MEGABYTE
    except (TimeoutError, BrokenPipeError, ConnectionResetError):
        pass
    finally:
        client.connection.reset()
    net.assert_served()


def test_2f_connects_to_distinct_namespaces(net):
    client = net.joined()
    answers = 5000
    seen = []
    reader = threading.Thread(
        target=lambda: seen.extend(client.receive(30) for _ in range(answers))
    )
    reader.start()
    client.send(*(f"40/nope-{i}," for i in range(answers)))
    reader.join(30)
    assert seen[-1] == f'44/nope-{answers - 1},{{"message":"Invalid namespace"}}'
    net.server.wait_for_counts(sockets=1)


def test_2f_joining_and_leaving(net):
    client = net.joined()
    for _ in range(500):
        client.send('40/chat,{"a":1}', "41/chat,")
        assert client.receive().startswith("40/chat,")
    client.barrier()
    net.server.wait_for_counts(sockets=1)


def test_2f_unknown_acks(net):
    client = net.joined()
    client.send(*(f"43{i}[]" for i in range(50_000)))
    client.barrier()


def test_2f_replies_never_read(net):
    """Requests for replies that are all answered: none stays pending."""
    client = net.joined()
    for i in range(2000):
        client.send(f'42{i}["a"]')
        client.expect(f"43{i}[]")
    net.server.wait_for_counts(pending_replies=0)


@pytest.mark.parametrize("count", [20, 21, 40, 400])
def test_2b_long_ack_ids(net, count):
    """Either an id like any other, or the end; nothing in between."""
    client = net.joined()
    client.send("42" + "9" * count + '["a"]')
    answer = client.receive()
    assert answer == "43" + "9" * count + "[]" or answer.__class__.__name__ == "CloseFrame"


LARGE = 1_000_000
ADVERSARIAL = {
    "digits of attachments": lambda n: "451" + "1" * (n - 3),
    "digits of an id": lambda n: "42" + "1" * (n - 2),
    "namespace": lambda n: "42/" + "a" * (n - 3),
    "namespace with an event": lambda n: "42/" + "a" * (n - 9) + ',["a"]',
    "nesting": lambda n: '42["a",' + "[" * (n - 7),
    "commas": lambda n: '42["a",' + "1," * ((n - 9) // 2) + "1]",
    "escapes": lambda n: '42["a","' + "\\u0061" * ((n - 10) // 6) + '"]',
    "backslashes": lambda n: '42["' + "\\\\" * ((n - 6) // 2) + '"]',
    "whitespace": lambda n: '42["a"' + " " * (n - 7) + "]",
    "name": lambda n: '42["' + "x" * (n - 6) + '"]',
    "keys": lambda n: '42["a",{' + '"k":1,' * ((n - 16) // 6) + '"k":1}]',
    "placeholders": lambda n: '451-["a",' + (HOLDER + ",") * ((n - 12) // 30) + "1]",
    "number": lambda n: '42["a",' + "1" * (n - 8) + "]",
}


@pytest.mark.parametrize("make", ADVERSARIAL.values(), ids=ADVERSARIAL)
def test_cve_2020_36049_large_packets_in_linear_time(net, make):
    """Served or refused, a megabyte takes milliseconds, and not the minutes of a square."""
    client = net.joined()
    packet = make(LARGE)
    assert len(packet) <= LARGE
    start = time.monotonic()
    client.send(packet)
    if make is ADVERSARIAL["placeholders"]:
        client.send(b"x")
    client.receive()
    assert time.monotonic() - start < 15


def test_cve_2026_33151_declared_and_never_sent(net):
    """Attachments that wait for others are freed with the connection."""
    for _ in range(30):
        client = net.joined()
        client.send(f'4510-["a",{HOLDER}]', *[b"x" * 500_000] * 9)
        client.send_frame(PING)
        client.receive_frame()
        client.close()
    net.server.wait_for_counts(sockets=0)


def test_cve_2024_38355_reserved_names_do_not_reach_handlers(net):
    """A client cannot pretend a connection or its end."""
    other = net.websocket()
    other_id = other.join()
    for name in ("connect", "connection", "disconnect", "disconnecting"):
        client = net.joined()
        client.send(f'42["{name}","{other_id}"]')
        client.receive()
    other.barrier()
    assert net.server.is_connected(other_id)


def test_2d_message_flood(net):
    client = net.joined()
    threads = net.server.threads
    client.send(*['43999["x"]'] * 50_000)
    client.barrier()
    assert net.server.threads == threads


@pytest.mark.parametrize("count", [300])
def test_connections_of_each_kind_leave_nothing(net, count):
    """Connect and leave, in each way: what is alive afterwards is what was before."""
    for i in range(count):
        client = net.joined()
        match i % 3:
            case 0:
                client.close()
            case 1:
                client.connection.reset()
            case 2:
                client.send("41", "1")
                client.expect_close()
                client.close()
    for _ in range(count // 3):
        session = net.polling()
        session.join()
        session.post("1")
    net.server.wait_for_counts(sessions=0, sockets=0, room_entries=0)
