"""HTTP/2: requests on streams, and their answers."""

from __future__ import annotations

import time

import pytest

from h2server import OPEN, TIMEOUT, Running, join, open_session

PROTOCOL_ERROR = 1


@pytest.fixture(params=[1, 3], ids=["one-loop", "three-loops"])
def server(request, authority):
    running = Running(authority, threads=request.param)
    yield running
    running.close()


# --- requests


def test_requests_and_their_answers(server):
    client = server.client()
    status, headers, body = client.request("GET", "/hello", [("x-a", "1"), ("x-a", "2")])
    assert (status, body) == (200, b"hello")
    assert headers["content-length"] == "5" and "date" in headers
    assert not {"connection", "keep-alive", "transfer-encoding"} & set(headers)
    assert all(name == name.lower() for name in headers)
    status, headers, body = client.request("HEAD", "/hello")
    assert (status, body, headers["content-length"]) == (200, b"", "5")
    status, headers, body = client.request("GET", "/none")
    assert (status, body) == (204, b"") and "content-length" not in headers
    assert client.request("GET", "/large")[2] == b"z" * 5_000_000
    assert client.request("PUT", "/body", body=b"b" * 900_000)[2] == b"b" * 900_000
    assert client.request("OPTIONS", "*")[0] == 200


def test_what_the_program_sees(server):
    client = server.client()
    client.request("GET", "/x?y=1", [("cookie", "a=1"), ("cookie", "b=2"), ("user-agent", "h2")])
    request = server.seen[-1]
    assert (request.method, request.path) == ("GET", "/x")
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert headers["cookie"] == "a=1; b=2"
    assert headers["host"] == f"localhost:{server.port}"


def test_many_requests_at_once(server):
    client = server.client()
    streams = [client.start("GET", f"/{n}", body=str(n).encode()) for n in range(100)]
    assert [client.response(stream)[2] for stream in streams] == [
        str(n).encode() for n in range(100)
    ]


def test_a_body_is_bounded(server):
    client = server.client()
    stream = client.start("POST", "/x", [("content-length", "1000001")], end=False)
    assert client.response(stream)[0] == 413
    stream = client.start("POST", "/x", body=b"x" * 1_000_001)
    assert client.response(stream)[0] == 413
    assert client.request("GET", "/hello")[0] == 200


def test_a_body_of_another_length_than_announced_resets_its_stream(server):
    client = server.client()
    for length in ("3", "9"):
        stream = client.start("POST", "/x", [("content-length", length)], end=False)
        client.raw(client.frame(0, 1, stream, b"12345"))
        client.until_ended(stream)
        assert client.reset[stream] == PROTOCOL_ERROR
    assert client.request("GET", "/hello")[0] == 200


def test_expect_100_continue(server):
    client = server.client()
    stream = client.start("POST", "/x", [("expect", "100-continue")], end=False)
    # A body is announced by the stream itself, and the answer comes with or without a word before.
    client.send(stream, b"body", end=True)
    assert client.response(stream)[::2] == (200, b"body")


# --- long polling


def test_a_session_over_polling(server):
    client = server.client()
    sid = open_session(client)
    join(client, sid)
    path = f"{OPEN}polling&sid={sid}"
    poll = client.start("GET", path)
    assert client.request("POST", path, body=b'420["echo","hi"]')[0] == 200
    assert client.response(poll)[2] == b'430["hi"]'
    # A session is not its connection's: another one goes on with it, on another loop perhaps.
    for _ in range(3):
        other = server.client()
        poll = other.start("GET", path)
        assert client.request("POST", path, body=b'421["echo",1]')[0] == 200
        assert other.response(poll)[2] == b"431[1]"
    assert server.seen[0]["wsgi.url_scheme"] == "https"
    assert client.request("POST", path, body=b"1")[0] == 200


def test_a_poll_that_is_reset_ends_its_session(server):
    client = server.client()
    sid = open_session(client)
    join(client, sid)
    poll = client.start("GET", f"{OPEN}polling&sid={sid}")
    client.request("GET", "/hello")
    client.h2.reset_stream(poll, 8)
    client.flush()
    deadline = time.monotonic() + TIMEOUT
    while "transport error" not in server.seen:
        assert time.monotonic() < deadline, server.seen
        time.sleep(0.01)
    assert client.request("GET", "/hello")[0] == 200


# --- the end


def test_a_server_that_ends_says_so(authority):
    """GOAWAY, an answer for what waits, and a Close frame for WebSockets."""
    running = Running(authority, threads=2)
    client = running.client()
    sid = open_session(client)
    join(client, sid)
    waiting = client.start("GET", f"{OPEN}polling&sid={sid}")
    ws = client.open_websocket(OPEN + "websocket")
    ws.receive()
    started = time.monotonic()
    running.io.shutdown()
    assert time.monotonic() - started < 4
    client.until_closed()
    assert client.goaway == 0
    assert (client.headers[waiting][":status"], bytes(client.data[waiting])) == ("200", b"1")
    assert ws.receive() == 1005
