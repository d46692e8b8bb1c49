"""HTTP/2: requests on streams, WebSockets over them (RFC 8441), and those who abuse both."""

from __future__ import annotations

import json
import re
import shutil
import socket
import ssl
import subprocess
import time

import hpack
import pytest
from h2.settings import SettingCodes

import libsocketio
from certificates import Authority
from h2client import H2
from libsocketio import Response

TIMEOUT = 20
OPEN = "/socket.io/?EIO=4&transport="
PROTOCOL_ERROR, ENHANCE_YOUR_CALM = 1, 11


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("http2"))


class Running:
    """A server that echoes, and clients of it."""

    def __init__(self, authority, **options):
        self.authority = authority
        self.seen = []
        listen = {
            name: options.pop(name) for name in list(options) if name in ("http2", "ssl_cert_reqs")
        }
        self.io = io = libsocketio.Server(max_http_buffer_size=1_000_000, **options)

        @io.event
        def connect(sid, environ):
            self.seen.append(environ)

        @io.event
        def disconnect(sid, reason):
            self.seen.append(reason)

        @io.on("echo")
        def echo(sid, data):
            return data

        @io.http
        def http(request):
            self.seen.append(request)
            if request.path == "/large":
                return Response(b"z" * 5_000_000)
            if request.path == "/none":
                return Response(status=204)
            return Response(request.body or b"hello")

        chain, key = authority.server.chain, authority.server.key
        io.listen("127.0.0.1", 0, ssl_certfile=chain, ssl_keyfile=key, **listen)
        self.port = io.address.port
        self.clients = []

    def client(self, **options) -> H2:
        context = ssl.create_default_context(cafile=str(self.authority.certificate))
        client = H2(self.port, context, **options)
        self.clients.append(client)
        return client

    def close(self):
        for client in self.clients:
            client.close()
        deadline = time.monotonic() + TIMEOUT
        while self.io.counts().connections:
            assert time.monotonic() < deadline, self.io.counts()
            time.sleep(0.02)
        self.io.shutdown()


@pytest.fixture(params=[1, 3], ids=["one-loop", "three-loops"])
def server(request, authority):
    running = Running(authority, threads=request.param)
    yield running
    running.close()


def open_session(client) -> str:
    status, _, body = client.request("GET", OPEN + "polling")
    assert status == 200, body
    return json.loads(body[1:])["sid"]


def join(client, sid) -> None:
    path = f"{OPEN}polling&sid={sid}"
    assert client.request("POST", path, body=b"40")[::2] == (200, b"ok")
    status, _, body = client.request("GET", path)
    assert status == 200 and body.startswith(b'40{"sid"')


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


# --- WebSocket over HTTP/2


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
        ("websocket", [("sec-websocket-version", "12")], 400),
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


# --- heads that say two things


@pytest.mark.parametrize(
    "change",
    [
        [("connection", "close")],
        [("transfer-encoding", "chunked")],
        [("upgrade", "websocket")],
        [("x-a", "1\r\nx-b: 2")],
        [("x-a", "1\nx-b: 2")],
        [("x-a", "1\0")],
        [("x-a: 1\r\nx-b", "2")],
        [("x a", "1")],
        [("X-A", "1")],
        [("", "1")],
        [("te", "gzip")],
        [(":path", "/other")],
        [("host", "elsewhere")],
        [("content-length", "1"), ("content-length", "2")],
        [("content-length", "x")],
    ],
    ids=repr,
)
def test_a_head_that_says_two_things_is_refused(server, change):
    """CVE-2026-28898, request smuggling: what would be another request in HTTP/1.1."""
    client = server.client(checked=False)
    stream = client.h2.get_next_available_stream_id()
    block = hpack.Encoder().encode([*client.fields("POST", "/smuggled"), *change])
    client.raw(client.frame(1, 5, stream, block))
    deadline = time.monotonic() + TIMEOUT
    # h2 does not know the stream: the frames are read here.
    kinds = read_frames(client, deadline)
    # What HPACK has no meaning for is the connection's error, the others are the stream's.
    assert kinds in (("goaway",) if change == [("", "1")] else ("reset", "400")), kinds
    assert not [seen for seen in server.seen if getattr(seen, "path", "") == "/smuggled"]


def read_frames(client, deadline) -> str:
    """What came of a request that h2 was not told of."""
    data = b""
    decoder = hpack.Decoder()
    while time.monotonic() < deadline:
        while len(data) >= 9 and len(data) >= 9 + int.from_bytes(data[:3], "big"):
            length, kind = int.from_bytes(data[:3], "big"), data[3]
            payload, data = data[9 : 9 + length], data[9 + length :]
            if kind == 3:
                return "reset"
            if kind == 7:
                return "goaway"
            if kind == 1:
                return dict(decoder.decode(payload))[":status"]
        piece = client.socket.recv(65536)
        if not piece:
            return "closed"
        data += piece
    return "silence"


# --- floods: each ends its connection, and nobody else's


def flooded(server, client) -> None:
    client.until_closed()
    assert server.client().request("GET", "/hello")[0] == 200


def test_rapid_reset_cve_2023_44487(server):
    client = server.client()
    for _ in range(300):
        stream = client.start("GET", "/hello")
        client.h2.reset_stream(stream, 8)
        client.flush()
        if client.closed:
            break
    flooded(server, client)


def test_resets_that_the_server_sends_cve_2019_9514(server):
    client = server.client(checked=False)
    encoder = hpack.Encoder()
    for n in range(300):
        block = encoder.encode([(":method", "GET"), (":path", "/x"), ("connection", "close")])
        client.raw(client.frame(1, 5, 1 + 2 * n, block))
        if client.closed:
            break
    wait_for_end(client)
    assert server.client().request("GET", "/hello")[0] == 200


def wait_for_end(client) -> None:
    """Until the server has closed, without a look at what it said."""
    client.socket.settimeout(TIMEOUT)
    try:
        while client.socket.recv(65536):
            pass
    except (ConnectionResetError, ssl.SSLError):
        pass


def test_pings_cve_2019_9512(server):
    client = server.client()
    client.raw(client.frame(6, 0, 0, b"12345678") * 1000)
    flooded(server, client)


def test_settings_cve_2019_9515(server):
    client = server.client()
    client.raw(client.frame(4, 0, 0) * 1000)
    flooded(server, client)


def test_empty_frames_cve_2019_9518(server):
    client = server.client()
    stream = client.start("POST", "/x", end=False)
    client.raw(client.frame(0, 0, stream) * 1000)
    flooded(server, client)


def test_fields_without_names_cve_2019_9516(server):
    client = server.client(checked=False)
    # A literal field, not indexed, with an empty name and an empty value: two zero lengths.
    block = hpack.Encoder().encode(client.fields("GET", "/x")) + b"\x00\x00\x00" * 4000
    client.raw(client.frame(1, 5, 1, block))
    assert read_frames(client, time.monotonic() + TIMEOUT) in ("reset", "goaway")
    assert server.client().request("GET", "/hello")[0] == 200


def test_a_head_without_an_end_continuation_flood(server):
    client = server.client()
    block = hpack.Encoder().encode(client.fields("GET", "/x"))
    client.raw(client.frame(1, 1, 1, block))
    for _ in range(100):
        client.raw(client.frame(9, 0, 1, b"\x00\x01a\x01b" * 100))
        if client.closed:
            break
    flooded(server, client)


def test_a_head_that_is_too_large(server):
    client = server.client()
    client.raw(b"")
    fields = [(f"x-{n}", "v" * 200) for n in range(200)]
    stream = client.start("GET", "/x", fields)
    client.until_ended(stream)
    assert client.closed or stream in client.reset or client.headers[stream][":status"] == "431"
    assert server.client().request("GET", "/hello")[0] == 200


def test_more_streams_than_are_allowed(server):
    client = server.client()
    client.h2.remote_settings[SettingCodes.MAX_CONCURRENT_STREAMS] = 1000
    client.h2.remote_settings.acknowledge()
    streams = [client.start("POST", "/x", end=False) for _ in range(101)]
    client.until(lambda: streams[-1] in client.ended)
    assert client.closed or streams[-1] in client.reset


def test_zero_windows_hold_responses_back(authority):
    """CVE-2019-9517: responses whose windows stay closed end with the time of a request."""
    running = Running(authority)
    try:
        client = running.client(window=0)
        streams = [client.start("GET", "/large") for _ in range(3)]
        client.until(lambda: all(stream in client.headers for stream in streams))
        assert not client.ended
        client.h2.increment_flow_control_window(5_000_000, streams[0])
        client.flush()
        assert client.response(streams[0])[2] == b"z" * 5_000_000
    finally:
        running.close()


def test_what_is_not_http2_is_closed(server, authority):
    context = ssl.create_default_context(cafile=str(authority.certificate))
    client = H2.__new__(H2)
    context.set_alpn_protocols(["h2"])
    raw = socket.create_connection(("127.0.0.1", server.port), TIMEOUT)
    client.socket = context.wrap_socket(raw, server_hostname="localhost")
    client.socket.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    wait_for_end(client)


def test_http2_without_tls_is_refused(authority):
    io = libsocketio.Server()
    try:
        io.listen("127.0.0.1", 0)
        with socket.create_connection(("127.0.0.1", io.address.port), TIMEOUT) as plain:
            plain.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            answer = b""
            while piece := plain.recv(65536):
                answer += piece
        assert answer.startswith(b"HTTP/1.1 400 ")
    finally:
        io.shutdown()


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


# --- clients that others wrote


def test_http2_can_be_turned_off(authority):
    running = Running(authority, http2=False)
    try:
        context = ssl.create_default_context(cafile=str(authority.certificate))
        context.set_alpn_protocols(["h2", "http/1.1"])
        raw = socket.create_connection(("127.0.0.1", running.port), TIMEOUT)
        with context.wrap_socket(raw, server_hostname="localhost") as peer:
            assert peer.selected_alpn_protocol() == "http/1.1"
    finally:
        running.close()


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_curl(server, authority, tmp_path, version):
    if not shutil.which("curl"):
        pytest.skip("no curl")
    body = tmp_path / "body"
    body.write_bytes(b"c" * 500_000)
    url = f"https://localhost:{server.port}"
    answer = subprocess.run(
        [
            *("curl", "-s", version, "--noproxy", "*", "--cacert", authority.certificate),
            *("-w", "%{http_version} %{http_code} %{size_download}", "-o", "/dev/null"),
            *("--data-binary", f"@{body}", f"{url}/body"),
        ],
        capture_output=True,
        timeout=TIMEOUT,
        check=True,
    ).stdout.decode()
    assert answer == ("2" if version == "--http2" else "1.1") + " 200 500000"


def test_h2load(server):
    if not shutil.which("h2load"):
        pytest.skip("no h2load: install nghttp2-client")
    answer = subprocess.run(
        ["h2load", "-n", "2000", "-c", "4", "-m", "50", f"https://127.0.0.1:{server.port}/x"],
        capture_output=True,
        timeout=60,
        check=True,
    ).stdout.decode()
    assert re.search(r"2000 succeeded, 0 failed, 0 errored, 0 timeout", answer), answer
    assert "status codes: 2000 2xx" in answer
