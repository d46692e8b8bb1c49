"""Sections 1.5 to 1.7: session ids, the open packet, headers."""

import json
import re

import pytest
from wire.client import target
from wire.http import exchange

OPEN = (
    r'0\{"sid":"([A-Za-z0-9_-]{20})","upgrades":\[%s\],'
    r'"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000\}'
)


def test_1_6_open_packet_over_polling(net):
    session = net.polling()
    assert re.fullmatch(OPEN % '"websocket"', session.handshake.text)


def test_1_6_open_packet_over_websocket(net):
    packet = net.open_websocket(target("websocket")).receive()
    assert re.fullmatch(OPEN % "", packet)


def test_1_6_no_upgrades_by_option(networks):
    assert networks(flags=1).polling().opened["upgrades"] == []


def test_1_6_numbers_are_those_of_the_options(networks):
    net = networks(ping_interval=7000, ping_timeout=6000, max_buffer=5000)
    opened = net.polling().opened
    assert list(opened) == ["sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"]
    assert list(opened.values())[2:] == [7000, 6000, 5000]


def test_1_6_nothing_shares_the_handshake_response(net):
    """What the application emits on connection waits for the next GET."""
    session = net.polling(extra="greet=1")
    assert "\x1e" not in session.handshake.text
    poll = session.start_get()
    assert poll.is_pending()
    session.post("40")
    packets = poll.packets()
    if len(packets) == 1:
        packets += session.get()
    assert packets[1] == '42["hello","world"]'


def test_1_7_headers_of_a_get(net):
    response = net.polling().handshake
    assert response.header("content-type") == "text/plain; charset=UTF-8"
    assert response.header("content-length") == str(len(response.body))
    assert response.header("cache-control") == "no-store"
    assert response.header("set-cookie") is None
    assert response.header("transfer-encoding") is None


def test_1_7_headers_of_a_post(net):
    response = net.polling().start_post("40").response()
    assert response.status == 200
    assert response.header("content-type") == "text/html"
    assert response.header("content-length") == "2"
    assert response.header("cache-control") == "no-store"
    assert response.body == b"ok"


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        ({}, "keep-alive"),
        ({"Connection": "keep-alive"}, "keep-alive"),
        ({"Connection": "close"}, "close"),
    ],
)
def test_1_7_connection_is_always_told(net, sent, answered):
    connection = net.connect()
    response = exchange(connection, "GET", target("none"), sent)
    assert response.header("connection") == answered
    if answered == "close":
        assert connection.read_to_end() == b""


def test_cve_2017_16031_ids_are_random(net):
    """1.5: 20 characters of the alphabet, all different, and no bit that stays the same."""
    connection = net.connect()
    ids = []
    for _ in range(300):
        opened = json.loads(exchange(connection, "GET", target("polling")).text[1:])
        ids.append(opened["sid"])
    for sid in ids:
        exchange(connection, "POST", target("polling", sid), body=b"1")
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{20}", sid) for sid in ids)
    columns = [{sid[i] for sid in ids} for i in range(20)]
    assert min(len(column) for column in columns) > 40


def test_1_5_socket_id_is_not_the_session_id(net):
    session = net.polling()
    socket_id = session.join()
    assert re.fullmatch(r"[A-Za-z0-9_-]{20}", socket_id)
    assert socket_id != session.sid
