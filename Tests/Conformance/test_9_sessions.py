"""Sections 9.4, 9.5 and 26.5, and what sections 3 to 8 say of sessions, in revision 3."""

import json
import time

import pytest
from wire.connection import Closed
from wire.http import exchange
from wire.revision3 import Clients, target, utf16, ws_message

HOLDER = '{"_placeholder":true,"num":0}'
INTERVAL, TIMEOUT = 0.6, 1.0
SLACK = 0.02


@pytest.fixture
def clients(net):
    return Clients(net)


@pytest.fixture
def hasty(networks):
    """Clients of a server that is soon out of patience."""
    return Clients(networks(ping_interval=int(INTERVAL * 1000), ping_timeout=int(TIMEOUT * 1000)))


# --- handshake


@pytest.mark.parametrize("eio", ["3", None, "", "2", "5", "04"], ids=str)
def test_9_5_handshake(clients, eio):
    """28.9: all but EIO=4 is revision 3."""
    session = clients.polling(eio=eio)
    text = session.handshake.text
    length, _, packet = text.partition(":")
    assert int(length) == utf16(packet)
    assert packet[0] == "0"
    assert list(session.opened) == [
        "sid",
        "upgrades",
        "pingInterval",
        "pingTimeout",
        "maxPayload",
    ]
    assert len(session.sid) == 20
    assert session.opened["upgrades"] == ["websocket"]
    assert session.handshake.header("cache-control") == "no-store"
    assert session.get() == ["40"]


def test_26_5_transcript(clients):
    session = clients.polling(extra="greet=1")
    body = session.handshake.text
    assert body.startswith('118:0{"sid":"'), body
    response = session.start_get().response()
    assert response.text == '2:4019:42["hello","world"]'


@pytest.mark.parametrize("eio", ["3", None], ids=str)
def test_9_5_handshake_over_websocket(net, eio):
    client = net.open_websocket(target("websocket", eio=eio, extra="greet=1"))
    opened = json.loads(client.receive()[1:])
    assert opened["upgrades"] == []
    client.expect("40", '42["hello","world"]')


def test_1_2_the_revision_of_later_requests_does_not_count(clients):
    session = clients.joined_polling()
    for eio in ("4", "3", ""):
        session.target = target("polling", session.sid, eio=eio)
        session.post('420["a"]')
        assert session.get() == ["430[]"]


def test_both_revisions_side_by_side(net, clients):
    old, new = clients.joined_polling(), net.polling()
    new.join()
    old.post('420["€"]', '421["a"]')
    new.post('420["€"]', '421["a"]')
    assert old.get() == new.get() == ["430[]", "431[]"]


# --- heartbeat


def test_9_4_pings_are_answered(clients):
    session = clients.joined_polling()
    session.post("2")
    assert session.get() == ["3"]
    client = clients.websocket()
    client.send("2")
    client.expect("3")


def test_9_4_the_answer_has_no_data(clients):
    session = clients.joined_polling()
    session.post("2probe")
    assert session.get() == ["3"]
    client = clients.websocket()
    client.send("2hello")
    client.expect("3")


def test_9_4_the_server_does_not_ping(hasty):
    client = hasty.websocket()
    for _ in range(4):
        assert client.connection.is_silent(INTERVAL)
        client.send("2")
        client.expect("3")


def test_9_4_a_silent_client_is_closed(hasty):
    start = time.monotonic()
    client = hasty.websocket()
    client.expect_close()
    assert time.monotonic() - start + SLACK >= INTERVAL + TIMEOUT
    assert hasty.net.server.reason_of(client.socket_id) == "ping timeout"


def test_9_4_a_silent_client_is_closed_over_polling(hasty):
    session = hasty.joined_polling()
    assert session.get() == ["1"]
    assert hasty.net.server.reason_of(session.sid) == "ping timeout"
    session.expect_gone()


@pytest.mark.parametrize("packet", ['42["a"]', "6", ws_message(b"")], ids=str)
def test_9_4_any_packet_shows_that_a_client_lives(hasty, packet):
    client = hasty.websocket()
    if isinstance(packet, bytes):
        texts = [f'451-["x",{HOLDER}]', packet]
    else:
        texts = [packet]
    end = time.monotonic() + 2 * (INTERVAL + TIMEOUT)
    while time.monotonic() < end:
        client.send(*texts)
        time.sleep(INTERVAL / 2)
    client.send('4299["last"]')
    while (received := client.receive()) != "4399[]":
        assert isinstance(received, (str, bytes)), received


@pytest.mark.parametrize("over", ["polling", "websocket"])
def test_9_4_a_pong_is_the_servers_part(net, clients, over):
    if over == "polling":
        session = clients.joined_polling()
        poll = session.pending_get()
        session.post("3")
        assert poll.packets() == ["1"]
        sid = session.sid
    else:
        client = clients.websocket()
        client.send("3")
        client.expect_close()
        sid = client.socket_id
    assert net.server.reason_of(sid) == "transport error"


def test_cve_2026_48802_a_flood_of_pings(net, clients):
    """Who pings and does not read gets one answer, holds no memory, and starts no threads."""
    session = clients.joined_polling()
    threads = net.server.threads
    for _ in range(20):
        session.post(*["2"] * 5000)
    assert net.server.counts()["buffered_bytes"] < 100
    assert net.server.threads == threads
    assert session.get() == ["3"]
    net.assert_served()


# --- closing


def test_8_a_client_closes_over_polling(net, clients):
    session = clients.joined_polling()
    poll = session.pending_get()
    session.post("1")
    assert poll.packets() == ["6"]
    assert net.server.reason_of(session.sid) == "transport close"
    session.expect_gone()


def test_8_a_client_closes_over_websocket(net, clients):
    client = clients.websocket()
    client.connection.close()
    assert net.server.reason_of(client.socket_id) == "transport close"


def test_3_4_the_server_closes_over_polling(clients):
    session = clients.joined_polling()
    session.post('42["bye"]')
    assert session.get() == ["41"]
    assert session.get() == ["6", "1"]
    session.expect_gone()


def test_3_1_two_polls_at_a_time(net, clients):
    session = clients.joined_polling()
    poll = session.pending_get()
    response = session.request("GET")
    assert (response.status, response.body) == (400, b"")
    assert poll.packets() == ["1"]
    assert net.server.reason_of(session.sid) == "transport error"


# --- upgrade


@pytest.mark.parametrize("eio", ["3", "4"])
def test_7_1_upgrade(clients, eio):
    """The session's revision holds, whatever the WebSocket's request says."""
    session = clients.joined_polling()
    poll = session.pending_get()
    probe = clients.probe(session, eio=eio)
    probe.send("2probe")
    probe.expect("3probe")
    assert poll.packets() == ["6"]
    session.post('42["queued",1]')
    probe.send("5")
    probe.expect('42["echo","queued",1]')
    probe.send(f'451-["x",{HOLDER}]', ws_message(b"\1\2"))
    probe.expect(f'451-["echo","x",{HOLDER}]', ws_message(b"\1\2"))
    probe.send("2")
    probe.expect("3")
    assert session.request("GET").text == '{"code":3,"message":"Bad request"}'


def test_7_1_a_poll_that_waits_gets_a_close_packet(clients):
    session = clients.joined_polling()
    probe = clients.probe(session)
    poll = session.pending_get()
    probe.send("2probe", "5")
    probe.expect("3probe")
    assert poll.packets() == ["1"]
    probe.barrier()


def test_9_4_the_heartbeat_goes_on_after_the_upgrade(hasty):
    session = hasty.joined_polling()
    probe = hasty.probe(session)
    probe.send("2probe", "5")
    probe.expect("3probe")
    probe.expect_close()
    assert hasty.net.server.reason_of(session.sid) == "ping timeout"


@pytest.mark.parametrize("packet", ["2", '42["a"]', b"\2probe", "3probe"], ids=str)
def test_7_2_what_is_no_probe_ends_the_websocket_alone(clients, packet):
    session = clients.joined_polling()
    probe = clients.probe(session)
    probe.send(packet)
    probe.expect_close()
    session.post('420["a"]')
    assert session.get() == ["430[]"]


def test_7_2_a_second_upgrade(clients):
    session = clients.joined_polling()
    first = clients.probe(session)
    first.send("2probe", "5")
    first.expect("3probe")
    first.barrier()
    second = clients.probe(session)
    second.expect_close()
    first.barrier()


# --- by the rules of everyone


def test_13_3_no_one_is_held_by_a_body_that_does_not_come(net, clients):
    session = clients.joined_polling()
    connection = net.connect()
    connection.send(
        f"POST {session.target} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n20:4".encode()
    )
    connection.close()
    assert net.server.reason_of(session.sid) == "transport error"


def test_allow_eio3_off_leaves_revision_4_alone(networks):
    net = networks(flags=8)  # SIO_SERVER_NO_EIO3
    response = exchange(net.connect(), "GET", target("polling"))
    assert response.status == 400
    with pytest.raises((AssertionError, Closed)):
        net.open_websocket(target("websocket"))
    net.assert_served()
