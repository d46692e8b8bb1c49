"""WebSockets over streams of HTTP/2 (RFC 8441)."""

from __future__ import annotations

import time

import pytest
from h2.settings import SettingCodes

from h2server import OPEN, TIMEOUT, Running, join, open_session


@pytest.fixture(params=[1, 3], ids=["one-loop", "three-loops"])
def server(request, authority):
    running = Running(authority, threads=request.param)
    yield running
    running.close()


def test_a_websocket(server):
    client = server.client()
    assert client.h2.remote_settings[SettingCodes.ENABLE_CONNECT_PROTOCOL] == 1
    ws = client.open_websocket(OPEN + "websocket", [("sec-websocket-protocol", "chat, other")])
    assert ws.headers[":status"] == "200"
    assert ws.headers["sec-websocket-protocol"] == "chat"
    assert "sec-websocket-accept" not in ws.headers
    assert ws.receive().startswith('0{"sid"')
    ws.send("40")
    assert ws.receive().startswith('40{"sid"')
    for size in (1, 1000, 70_000, 900_000):
        ws.send('420["echo","' + "x" * size + '"]')
        assert ws.receive() == '430["' + "x" * size + '"]'
    # Requests beside it are served.
    assert client.request("GET", "/hello")[2] == b"hello"
    assert server.io.counts().connections == 1
    ws.send(b"", opcode=8)
    assert ws.receive() == 1005
    client.until_ended(ws.stream)
    assert ws.stream not in client.reset
    client.h2.end_stream(ws.stream)
    client.flush()
    assert client.request("GET", "/hello")[0] == 200


@pytest.mark.parametrize("other_connection", [False, True])
def test_an_upgrade(server, other_connection):
    """On the connection of the polling, or on another one, whose loop may be another, too."""
    for _ in range(3 if other_connection else 1):
        client = server.client()
        sid = open_session(client)
        join(client, sid)
        second = server.client() if other_connection else client
        poll = client.start("GET", f"{OPEN}polling&sid={sid}")
        ws = second.open_websocket(f"{OPEN}websocket&sid={sid}")
        assert ws.headers[":status"] == "200"
        ws.send("2probe")
        assert ws.receive() == "3probe"
        assert client.response(poll)[2] == b"6"
        ws.send("5")
        ws.send('420["echo","' + "x" * 500_000 + '"]')
        assert ws.receive() == '430["' + "x" * 500_000 + '"]'
        ws.send("41")
        deadline = time.monotonic() + TIMEOUT
        while "client namespace disconnect" not in server.seen:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        server.seen.clear()
        ws.send(b"", opcode=8)
        assert ws.receive() == 1005
        second.until_ended(ws.stream)


@pytest.mark.parametrize("end", ["stream", "reset", "connection"])
def test_the_end_of_a_stream_is_the_end_of_its_websocket(server, end):
    for upgraded in (False, True):
        client = server.client()
        sid = open_session(client) if upgraded else ""
        second = server.client()
        ws = second.open_websocket(OPEN + "websocket" + (f"&sid={sid}" if upgraded else ""))
        if upgraded:
            join(client, sid)
            ws.send("2probe")
            assert ws.receive() == "3probe"
            ws.send("5")
        else:
            ws.receive()
            ws.send("40")
            ws.receive()
        ws.send('420["echo",1]')
        assert ws.receive() == "430[1]"
        if end == "stream":
            second.h2.end_stream(ws.stream)
            second.flush()
            second.until_ended(ws.stream)
        elif end == "reset":
            second.h2.reset_stream(ws.stream, 8)
            second.flush()
        else:
            second.close()
        deadline = time.monotonic() + TIMEOUT
        while server.seen[-1] != "transport close":
            assert time.monotonic() < deadline, server.seen
            time.sleep(0.01)


def test_a_websocket_that_is_not_read_is_held_back(server):
    """CVE-2019-9517: a client opens the connection's window, and not the stream's."""
    client = server.client()
    ws = client.open_websocket(OPEN + "websocket")
    ws.receive()
    ws.send("40")
    ws.receive()
    client.unread.add(ws.stream)
    client.h2.increment_flow_control_window(10_000_000)
    for _ in range(40):
        server.io.emit("flood", "y" * 1_000_000)
    deadline = time.monotonic() + TIMEOUT
    while server.seen[-1] != "transport error":
        assert time.monotonic() < deadline, server.seen[-1]
        client.request("GET", "/hello")
    assert client.request("GET", "/hello")[0] == 200


def test_refused_websockets(server):
    client = server.client()
    fields = client.fields("CONNECT", OPEN + "websocket")
    for protocol, extra, status in [
        ("websocket", [], 400),  # no version
        ("websocket", [("sec-websocket-version", "12")], 426),
        ("connect-udp", [("sec-websocket-version", "13")], 501),
    ]:
        stream = client.h2.get_next_available_stream_id()
        client.h2.send_headers(stream, [fields[0], (":protocol", protocol), *fields[1:], *extra])
        client.flush()
        assert client.response(stream)[0] == status
    assert client.request("GET", OPEN + "websocket")[0] == 400
    ws = client.open_websocket(OPEN + "websocket&sid=none")
    assert ws.headers[":status"] == "400"
    ws = client.open_websocket(OPEN + "websocket", [("origin", "https://evil.example")])
    assert ws.headers[":status"] == "400"
    ws = client.open_websocket("/elsewhere")
    assert ws.headers[":status"] == "200" or ws.stream in client.reset
