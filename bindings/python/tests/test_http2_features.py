"""What works over HTTP/1.1 works on a stream of HTTP/2."""

from __future__ import annotations

import gzip
import json
import ssl
import zlib

import pytest
import websocket

import libsocketio
from h2client import H2
from h2server import OPEN, TIMEOUT, Running, join, open_session
from libsocketio import Response

FRIEND = "https://friend.example"
TEXT = "again and " * 500


@pytest.fixture
def serve(authority):
    """Starts servers with options."""
    running = []

    def start(**options):
        running.append(Running(authority, **options))
        return running[-1]

    yield start
    for server in running:
        server.close()


def test_404_and_405(authority, tmp_path):
    """Those of the library itself, of a server without a handler for HTTP."""
    (tmp_path / "page.txt").write_text("page")
    io = libsocketio.Server(static_files={"/files": str(tmp_path)})
    chain, key = authority.server.chain, authority.server.key
    port = io.listen("127.0.0.1", 0, ssl_certfile=chain, ssl_keyfile=key).port
    client = H2(port, ssl.create_default_context(cafile=str(authority.certificate)))
    try:
        for path in ("/", "/nowhere", "/files/none", "/socket.i"):
            status, headers, body = client.request("GET", path)
            assert (status, body, headers["content-length"]) == (404, b"Not Found\n", "10")
        assert client.request("HEAD", "/nowhere")[::2] == (404, b"")
        for method in ("POST", "DELETE", "PUT"):
            status, headers, body = client.request(method, "/files/page.txt", body=b"x" * 7_000)
            assert (status, headers["allow"], body) == (405, "GET, HEAD", b"")
        # The connection goes on.
        assert client.request("GET", "/files/page.txt")[::2] == (200, b"page")
    finally:
        client.close()
        io.shutdown()


# --- polling


def test_revision_3(serve):
    """A client of Socket.IO 2: packets with their lengths, the namespace joined at once."""
    client = serve().client()
    status, _, body = client.request("GET", "/socket.io/?EIO=3&transport=polling&b64=1")
    assert status == 200
    sid = json.loads(body[body.index(b"{") :])["sid"]
    path = f"/socket.io/?EIO=3&transport=polling&b64=1&sid={sid}"
    assert client.request("GET", path)[2] == b"2:40"
    poll = client.start("GET", path)
    assert client.request("POST", path, body=b'15:420["echo","h"]')[0] == 200
    assert client.response(poll)[2] == b'8:430["h"]'
    assert client.request("POST", path, body=b"1:1")[0] == 200


def test_jsonp(serve):
    client = serve().client()
    referer = [("referer", f"https://localhost:{client.port}/page")]
    status, _, body = client.request("GET", OPEN + "polling&j=7", referer)
    assert status == 200
    assert body.startswith(b'___eio[7]("0{')
    sid = body.decode().split('\\"')[3]
    path = f"{OPEN}polling&j=7&sid={sid}"
    form = [*referer, ("content-type", "application/x-www-form-urlencoded")]
    assert client.request("POST", path, form, body=b"d=40")[::2] == (200, b"ok")
    assert client.request("GET", path, referer)[2].startswith(b'___eio[7]("40{')
    client.request("POST", path, form, body=b"d=1")


def test_preflight_and_origins(serve):
    client = serve(cors_allowed_origins=[FRIEND]).client()
    asked = [("access-control-request-method", "POST"), ("access-control-request-headers", "x-a")]
    status, headers, _ = client.request("OPTIONS", OPEN + "polling", [("origin", FRIEND), *asked])
    assert (status, headers["access-control-allow-origin"]) == (204, FRIEND)
    assert headers["access-control-allow-headers"] == "x-a"
    status, headers, _ = client.request("GET", OPEN + "polling", [("origin", FRIEND)])
    assert (status, headers["access-control-allow-origin"]) == (200, FRIEND)
    for method, more in [("OPTIONS", asked), ("GET", [])]:
        evil = [("origin", "https://evil.example"), *more]
        status, headers, _ = client.request(method, OPEN + "polling", evil)
        assert status == 403 and "access-control-allow-origin" not in headers
    ws = client.open_websocket(OPEN + "websocket", [("origin", FRIEND)])
    assert ws.headers["access-control-allow-origin"] == FRIEND


def test_an_upgrade_to_a_websocket_of_http_1(serve, authority):
    """Browsers open one, where the server's HTTP/2 has no WebSockets or they do not know."""
    server = serve(threads=3)
    for _ in range(3):
        client = server.client()
        sid = open_session(client)
        join(client, sid)
        poll = client.start("GET", f"{OPEN}polling&sid={sid}")
        peer = websocket.create_connection(
            f"wss://localhost:{server.port}{OPEN}websocket&sid={sid}",
            timeout=TIMEOUT,
            sslopt={"ca_certs": str(authority.certificate), "cert_reqs": ssl.CERT_REQUIRED},
        )
        peer.send("2probe")
        assert peer.recv() == "3probe"
        assert client.response(poll)[2] == b"6"
        peer.send("5")
        peer.send('420["echo","up"]')
        assert peer.recv() == '430["up"]'
        peer.close()


def test_cookies(serve):
    """Those of one request come in one field or in several."""
    server = serve(cookie={"name": "io", "secure": True})
    client = server.client()
    _, headers, body = client.request("GET", OPEN + "polling", [("cookie", "a=1"), ("cookie", "b")])
    sid = json.loads(body[1:])["sid"]
    assert headers["set-cookie"].startswith(f"io={sid}; ") and "Secure" in headers["set-cookie"]
    join(client, sid)
    assert server.seen[0]["HTTP_COOKIE"] == "a=1; b"


# --- compression


def test_compressed_bodies(serve):
    server = serve()
    client = server.client()
    sid = open_session(client)
    join(client, sid)
    path = f"{OPEN}polling&sid={sid}"
    for accepted, coding in [("gzip", "gzip"), ("identity", None)]:
        assert client.request("POST", path, body=f'420["echo","{TEXT}"]'.encode())[0] == 200
        _, headers, body = client.request("GET", path, [("accept-encoding", accepted)])
        assert headers.get("content-encoding") == coding
        assert headers["vary"] == "Accept-Encoding"
        assert (gzip.decompress(body) if coding else body).decode() == f'430["{TEXT}"]'


def test_permessage_deflate(serve):
    server = serve(per_message_deflate=True)
    offer = "permessage-deflate; client_no_context_takeover; server_no_context_takeover"
    ws = server.client().open_websocket(OPEN + "websocket", [("sec-websocket-extensions", offer)])
    assert ws.headers["sec-websocket-extensions"].startswith("permessage-deflate")
    ws.receive()
    ws.send("40")
    ws.receive()
    ws.send(f'420["echo","{TEXT}"]')
    _, payload = ws._frame()
    assert len(payload) < 200
    inflated = zlib.decompressobj(-15).decompress(payload + b"\0\0\xff\xff")
    assert inflated.decode() == f'430["{TEXT}"]'


# --- files


def test_files(serve, tmp_path):
    """Read and sent as fast as the client opens its window."""
    content = bytes(range(256)) * 12_000
    (tmp_path / "a.bin").write_bytes(content)
    client = serve(static_files={"/static": str(tmp_path)}).client()
    status, headers, body = client.request("GET", "/static/a.bin")
    assert (status, body == content) == (200, True)
    assert client.request("GET", "/static/a.bin", [("if-none-match", headers["etag"])])[0] == 304
    status, more, body = client.request("HEAD", "/static/a.bin")
    assert (status, body, more["content-length"]) == (200, b"", str(len(content)))
    status, more, body = client.request("GET", "/static/a.bin", [("range", "bytes=1000-200999")])
    assert (status, body) == (206, content[1000:201_000])
    for outside in ("/static/b.bin", "/static/../conftest.py"):
        assert client.request("GET", outside)[2] == b"hello"  # the program's
    client.h2.increment_flow_control_window(1_000_000)
    stream = client.start("GET", "/static/a.bin")
    client.unread.add(stream)
    assert client.request("GET", "/static/a.bin", [("range", "bytes=0-9")])[2] == content[:10]
    assert len(client.data.get(stream, b"")) < 100_000


# --- who asks


def test_forwarded_headers_of_trusted_proxies(serve):
    said = [("x-forwarded-for", "192.0.2.7"), ("x-forwarded-proto", "http")]
    for trusted, expected in [(["127.0.0.1"], "192.0.2.7"), ([], "127.0.0.1")]:
        server = serve(trusted_proxies=trusted)
        client = server.client()
        _, _, body = client.request("GET", OPEN + "polling", said)
        join(client, json.loads(body[1:])["sid"])
        assert server.seen[0]["REMOTE_ADDR"] == expected


# --- answers


@pytest.mark.parametrize(
    ("method", "path", "fields", "status"),
    [
        ("GET", OPEN + "none", [], 400),
        ("GET", "/socket.io/", [], 400),
        ("PUT", OPEN + "polling", [], 400),
        ("POST", OPEN + "polling&sid=unknown", [], 400),
        ("GET", "/many", [(f"x-{n}", "") for n in range(150)], 431),
        ("POST", "/long", [("content-length", "1000001")], 413),
        ("CONNECT", "localhost:80", [], 400),
    ],
    ids=lambda value: str(value)[:30],
)
def test_refusals(serve, method, path, fields, status):
    client = serve().client(checked=False)
    if method == "CONNECT":
        stream = client.h2.get_next_available_stream_id()
        client.h2.send_headers(stream, [(":method", method), (":authority", path)], end_stream=True)
        client.flush()
    else:
        stream = client.start(method, path, fields, end=status != 413)
    assert client.response(stream)[0] == status
    assert client.request("GET", "/hello")[0] == 200


def test_fields_of_the_connection_stay_away(serve):
    """What a program says for HTTP/1.1 would be an error of the protocol here."""
    server = serve()
    fields = {"Keep-Alive": "timeout=5", "Proxy-Connection": "close", "X-Kept": "1"}
    server.io.http(lambda request: Response("text", headers=fields))
    status, headers, body = server.client().request("GET", "/")
    assert (status, body, headers["x-kept"]) == (200, b"text", "1")
    assert not {"keep-alive", "proxy-connection"} & set(headers)
