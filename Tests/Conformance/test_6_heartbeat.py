"""Section 6.1: the server pings."""

import time

import pytest
from wire.websocket import CloseFrame

INTERVAL, TIMEOUT = 1.0, 1.5
"""Seconds; a client that the machine keeps from joining, or answering, for as long is lost."""
SLACK = 0.02
"""Clocks of two processes: what may seem to come too early."""


@pytest.fixture
def net(networks):
    return networks(ping_interval=int(INTERVAL * 1000), ping_timeout=int(TIMEOUT * 1000))


def since(start):
    return time.monotonic() - start + SLACK


def test_6_1_ping_after_the_interval(net):
    start = time.monotonic()
    client = net.websocket()
    client.expect("2")
    assert since(start) >= INTERVAL


def test_6_1_pong_restarts_the_interval(net):
    client = net.websocket()
    client.expect("2")
    assert client.connection.is_silent(INTERVAL / 4)
    start = time.monotonic()
    client.send("3")
    client.expect("2")
    assert since(start) >= INTERVAL


def test_6_1_missing_pong(net):
    start = time.monotonic()
    client = net.websocket()
    socket_id = client.join()
    client.expect("2")
    client.expect_close()
    assert since(start) >= INTERVAL + TIMEOUT
    assert net.server.reason_of(socket_id) == "ping timeout"


def test_28_10_traffic_is_no_pong(net):
    client = net.websocket()
    socket_id = client.join()
    client.expect("2")
    client.send('420["a"]')
    start = time.monotonic()
    while (received := client.receive()) == "430[]":
        assert time.monotonic() < start + 10 * TIMEOUT, "the session outlived its ping"
        client.send('420["a"]')
    assert received == CloseFrame(None)
    assert net.server.reason_of(socket_id) == "ping timeout"


def test_6_1_unsolicited_pong_restarts_the_interval(networks):
    net = networks(ping_interval=2000, ping_timeout=2000)
    client = net.websocket()
    for _ in range(5):
        client.send("3")
        assert client.connection.is_silent(0.5)
    client.expect("2")


@pytest.mark.parametrize("packet", ["2", "2probe", "2x"])
def test_6_1_ping_of_a_websocket_client(net, packet):
    client = net.websocket()
    socket_id = client.join()
    client.send(packet)
    client.expect_close()
    assert net.server.reason_of(socket_id) == "transport error"


def test_6_1_ping_of_a_polling_client(net):
    session = net.polling()
    socket_id = session.join()
    poll = session.start_get()
    assert poll.is_pending(0.05)
    session.post("2")
    assert poll.packets() == ["1"]
    assert net.server.reason_of(socket_id) == "transport error"
    session.expect_gone()


def test_6_1_ping_completes_a_poll(net):
    session = net.polling()
    for _ in range(2):
        start = time.monotonic()
        assert session.get() == ["2"]
        assert since(start) >= INTERVAL / 2
        session.post("3")


def test_6_1_missing_pong_with_a_pending_poll(net):
    session = net.polling()
    socket_id = session.join()
    assert session.get() == ["2"]
    start = time.monotonic()
    assert session.get() == ["1"]
    assert since(start) >= TIMEOUT / 2
    assert net.server.reason_of(socket_id) == "ping timeout"
    session.expect_gone()


def test_6_1_missing_pong_without_a_poll(net):
    session = net.polling()
    socket_id = session.join()
    assert net.server.reason_of(socket_id) == "ping timeout"
    session.expect_gone()


def test_6_1_pong_in_time_keeps_the_session(net):
    client = net.websocket()
    socket_id = client.join()
    for _ in range(4):
        client.expect("2")
        client.send("3")
    assert net.server.is_connected(socket_id)


def test_29_2_pong_with_data(net):
    """python-engineio echoes the data of a ping, of which there is none; others may add some."""
    client = net.websocket()
    client.expect("2")
    client.send("3x")
    client.expect("2")


def test_6_1_unanswered_ping_is_forgiven_at_the_switch(net):
    session = net.polling()
    socket_id = session.join()
    assert session.get() == ["2"]
    probe = net.probe(session)
    probe.send("2probe", "5")
    probe.expect("3probe")
    for _ in range(3):
        probe.expect("2")
        probe.send("3")
    assert net.server.is_connected(socket_id)
