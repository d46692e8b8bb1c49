"""The constructors: what they take, and what they say about the rest."""

import asyncio
import dataclasses
import http.client
import json
import socket

import pytest
import socketio

import libsocketio


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"cors_allowed_origins": 3}, TypeError, r"cors_allowed_origins must be '\*'.*, not 3$"),
        ({"cors_allowed_origins": ["*", 3]}, TypeError, r"cors_allowed_origins.*\['\*', 3\]"),
        ({"cors_allowed_origins": b"*"}, TypeError, r"cors_allowed_origins.*b'\*'"),
        ({"cors_allowed_origins": (o for o in "*")}, TypeError, "cors_allowed_origins.*generator"),
        ({"ping_interval": (25, 5, 1)}, TypeError, "ping_interval"),
        ({"ping_interval": (25, "5")}, TypeError, "ping_interval"),
        ({"ping_timeout": 0}, ValueError, "ping_timeout"),
        ({"max_http_buffer_size": 0}, ValueError, "max_http_buffer_size"),
        ({"max_http_buffer_size": 1e6}, TypeError, "max_http_buffer_size"),
        ({"transports": ["webtransport"]}, ValueError, "webtransport"),
        ({"transports": []}, ValueError, "empty"),
        ({"transports": 3}, TypeError, "transports must be a list .*, not 3$"),
        ({"socketio_path": 3}, TypeError, "socketio_path must be a str .*, not 3$"),
        ({"namespaces": 3}, TypeError, "namespaces must be a list .*, not 3$"),
        ({"threads": 0}, ValueError, "threads"),
        ({"serializer": "pickle"}, ValueError, "'default' and 'msgpack', not 'pickle'"),
        ({"serializer": dict}, TypeError, "serializer must be"),
        ({"async_mode": "eventlet"}, TypeError, "async_mode.*threads"),
        ({"cookie": 3}, TypeError, "cookie"),
        ({"cookie": {"name": "io", "SameSite": "maybe"}}, ValueError, "SameSite='maybe'"),
        ({"cookie": {"colour": "red"}}, ValueError, "colour"),
        ({"headers": ["X-A: 1"]}, TypeError, "headers must be a dict of str"),
        ({"initial_headers": {"X-A": 1}}, TypeError, "initial_headers must be a dict of str"),
        ({"cors_methods": 3}, TypeError, "cors_methods"),
        ({"cors_max_age": 1.5}, TypeError, "cors_max_age"),
        ({"destroy_upgrade_timeout": 0}, ValueError, "destroy_upgrade_timeout"),
        ({"compression_threshold": "1k"}, TypeError, "compression_threshold"),
        (
            {"per_message_deflate": 3},
            TypeError,
            "per_message_deflate must be False, True or a dict",
        ),
        (
            {"per_message_deflate": {"level": 0}},
            ValueError,
            "level of per_message_deflate.* 1 and 9",
        ),
        (
            {"per_message_deflate": {"serverMaxWindowBits": 9}},
            ValueError,
            "no 'serverMaxWindowBits'",
        ),
        (
            {"per_message_deflate": {"server_max_window_bits": 8}},
            ValueError,
            "server_max_window_bits of per_message_deflate.* 9 and 15",
        ),
        (
            {"per_message_deflate": {"client_no_context_takeover": 1}},
            TypeError,
            "client_no_context_takeover of per_message_deflate",
        ),
        ({"ping_intervall": 3}, TypeError, "ping_intervall"),
    ],
)
def test_bad_options_are_named(server_class, options, error, words):
    with pytest.raises(error, match=words):
        server_class(**options)


def test_good_options(server_class, run, connect):
    io = server_class(
        cors_allowed_origins="*",
        cors_credentials=True,
        ping_interval=0.5,
        ping_timeout=5,
        upgrade_timeout=1,
        connect_timeout=3,
        max_http_buffer_size=100_000,
        max_attachments=2,
        max_buffered_bytes=1 << 20,
        max_packets_per_poll=4,
        max_connections=1000,
        max_connections_per_address=100,
        max_handshakes_per_second=100,
        max_namespaces_per_connection=2,
        max_rooms_per_socket=10,
        max_pending_acks=10,
        max_pending_replies=10,
        max_header_bytes=2000,
        max_headers=50,
        max_json_depth=10,
        request_timeout=10,
        transports=["websocket"],
        allow_upgrades=False,
        socketio_path="/io/",
        threads=1,
        namespaces=["/open"],
    )
    io.on("echo", lambda sid, data: data)
    client = connect(run(io), socketio_path="io", namespaces=["/", "/open"])
    assert client.call("echo", 1, timeout=20) == 1
    assert client.eio.ping_interval == 0.5


@pytest.mark.parametrize(
    ("transports", "other"),
    [(["websocket"], "polling"), (["polling"], "websocket"), ("websocket", "polling")],
)
def test_transports(server_class, run, connect, transports, other):
    running = run(server_class(transports=transports, namespaces=["/"]))
    (one,) = {"polling", "websocket"} - {other}
    assert connect(running, transports=[one]).transport() == one
    with pytest.raises(socketio.exceptions.ConnectionError):
        connect(running, transports=[other])
    assert running.io.totals().connection_errors[0] == 1  # transport unknown


@pytest.mark.parametrize("option", [{"allow_upgrades": False}, {"transports": ["polling"]}])
def test_no_upgrades(answer, option):
    assert json.loads(answer(**option).read()[1:])["upgrades"] == []


def test_options_that_ask_for_nothing(server_class):
    """Programs for python-socketio may say what is so here in any case."""
    server_class(
        always_connect=False,
        async_mode=None,
        client_manager=None,
        monitor_clients=True,
    )
    for option in (
        {"always_connect": True},
        {"async_mode": "gevent"},
        {"client_manager": object()},
        {"monitor_clients": False},
    ):
        with pytest.raises(TypeError, match="of python-socketio is not supported"):
            server_class(**option)


def test_a_grace_for_pings(answer):
    """python-engineio's pair: clients wait longer."""
    told = json.loads(answer(ping_interval=(0.5, 3), ping_timeout=2).read()[1:])
    assert (told["pingInterval"], told["pingTimeout"]) == (500, 5000)


def test_limits_say_so(run, connect):
    """One of each kind; `Tests/SocketIOServerTests/Server/LimitTests.swift` has them all."""
    io = libsocketio.Server(max_handshakes_per_second=1, max_rooms_per_socket=1, max_pending_acks=1)

    @io.on("limits")
    def limits(sid):
        io.enter_room(sid, "one")
        with pytest.raises(libsocketio.exceptions.LimitError, match="in 1 rooms already"):
            io.enter_room(sid, "two")
        with pytest.raises(libsocketio.exceptions.LimitError, match="in 1 rooms already"):
            io.sockets_join("two")
        io.emit("unanswered", to=sid, callback=lambda *args: None)
        with pytest.raises(libsocketio.exceptions.LimitError):
            io.call("asked", to=sid, timeout=20)
        return "all"

    running = run(io)
    assert connect(running).call("limits", timeout=20) == "all"
    connection = http.client.HTTPConnection(*running.io.address[:2], timeout=20)
    statuses = set()
    for _ in range(20):  # in less than 20 seconds
        connection.request("GET", "/socket.io/?EIO=4&transport=polling")
        response = connection.getresponse()
        statuses.add((response.status, response.getheader("Retry-After")))
        response.read()
    assert (503, "1") in statuses


def test_a_websocket_is_one_connection_at_any_moment(run):
    """Not two for as long as its connection changes hands, when the limit is near."""
    io = libsocketio.Server(max_connections=2)
    address = run(io).io.address[:2]
    request = "\r\n".join(
        [
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
            "Host: localhost",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ]
    )
    for _ in range(200):
        with socket.create_connection(address, timeout=20) as websocket:
            websocket.sendall(f"{request}\r\n\r\n".encode())
            while b"sid" not in websocket.recv(65536):
                pass
            other = http.client.HTTPConnection(*address, timeout=20)
            other.request("GET", "/")
            assert other.getresponse().status == 404
            other.close()
        while io.counts().connections > 0:
            pass


def test_ready_path(answer):
    response = answer(path="/ready", ready_path="/ready")
    assert (response.status, response.read()) == (200, b"ready\n")
    with pytest.raises(libsocketio.exceptions.ArgumentError, match="ready_path"):
        answer(ready_path="/socket.io/ready")


@pytest.mark.parametrize(
    ("option", "origin", "allowed"),
    [
        (None, "https://a.example", False),
        (None, "http://{}", True),
        (["https://a.example", "https://b.example"], "https://b.example", True),
        ("https://a.example", "https://b.example", False),
        ("https://a.example", "http://{}", True),
        ("*", "https://b.example", True),
        ([], "https://b.example", True),
    ],
)
def test_origins(run, option, origin, allowed):
    running = run(libsocketio.Server(cors_allowed_origins=option))
    host, port, text = running.io.address
    connection = http.client.HTTPConnection(host, port, timeout=20)
    connection.request(
        "GET", "/socket.io/?EIO=4&transport=polling", headers={"Origin": origin.format(text)}
    )
    response = connection.getresponse()
    response.read()
    assert (response.status == 200) == allowed


@pytest.fixture
def answer(run):
    """Makes a request to a server with some options; the response."""

    def make(method="GET", sent=None, path="/socket.io/?EIO=4&transport=polling", **options):
        running = run(libsocketio.Server(**options))
        connection = http.client.HTTPConnection(*running.io.address[:2], timeout=20)
        connection.request(method, path, headers=sent or {})
        return connection.getresponse()

    return make


@pytest.mark.parametrize(
    ("cookie", "attributes"),
    [
        ("io", "; Path=/; HttpOnly; SameSite=Lax"),
        ({"name": "io"}, "; Path=/"),
        ({"name": "io", "path": "/x", "SameSite": "Strict"}, "; Path=/x; SameSite=Strict"),
        (
            {"name": "io", "HttpOnly": True, "Secure": lambda: True, "max-age": lambda: "60"},
            "; Max-Age=60; Path=/; HttpOnly; Secure",
        ),
        ({"name": "io", "HttpOnly": False, "domain": "a.example"}, "; Domain=a.example; Path=/"),
    ],
)
def test_cookie(answer, cookie, attributes):
    response = answer(cookie=cookie)
    sid = response.read().decode().split('"')[3]
    assert response.headers["set-cookie"] == f"io={sid}{attributes}"


@pytest.mark.parametrize("cookie", ["a;b", {"name": "io", "path": "/\r\nX: y"}])
def test_a_cookie_that_says_something_else_is_refused(run, cookie):
    """CVE-2024-47764."""
    with pytest.raises(libsocketio.exceptions.ArgumentError, match="cookie"):
        run(libsocketio.Server(cookie=cookie))


def test_header_fields(answer):
    fields = {"headers": {"X-All": "1"}, "initial_headers": {"X-First": "2"}}
    response = answer(**fields)
    assert (response.headers["x-all"], response.headers["x-first"]) == ("1", "2")
    response = answer(path="/socket.io/", **fields)
    assert (response.headers["x-all"], response.headers["x-first"]) == ("1", None)


def test_preflight(answer):
    response = answer(
        "OPTIONS",
        {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"},
        cors_allowed_origins="https://a.example",
        cors_credentials=True,
        cors_methods=["GET", "POST"],
        cors_allowed_headers="X-Mine",
        cors_max_age=600,
    )
    assert response.status == 204
    assert response.headers["access-control-allow-methods"] == "GET,POST"
    assert response.headers["access-control-allow-headers"] == "X-Mine"
    assert response.headers["access-control-max-age"] == "600"
    assert response.headers["access-control-allow-credentials"] == "true"


def test_the_slash_behind_the_path(answer):
    query = "EIO=4&transport=polling"
    assert answer(path=f"/socket.io?{query}").status == 404
    assert answer(path=f"/socket.io?{query}", add_trailing_slash=False).status == 200


def test_the_type_hints_name_every_option():
    from libsocketio import _options

    ours = {field.name for field in dataclasses.fields(_options.Options)}
    handled = {"logger", "engineio_logger", "json", "namespaces", "static_files", "serve_client"}
    handled |= {"allow_request", "generate_id"}
    assert set(_options.ServerOptions.__annotations__) == ours | handled


def test_waiting_for_nothing_is_refused():
    with pytest.raises(libsocketio.exceptions.StateError):
        libsocketio.Server().wait()
    with pytest.raises(libsocketio.exceptions.StateError):
        asyncio.run(libsocketio.AsyncServer().wait())


def test_what_cannot_be_registered(server_class):
    io = server_class()
    with pytest.raises(TypeError):
        io.on(3, print)
    with pytest.raises(TypeError):
        io.on("x", "not a function")
    with pytest.raises(TypeError):
        io.use(None)
    with pytest.raises(ValueError):
        io.register_namespace(object())
    other = libsocketio.Namespace if io.is_asyncio_based() else libsocketio.AsyncNamespace
    with pytest.raises(ValueError):
        io.register_namespace(other("/x"))


def test_names_are_checked_when_sending(server_class):
    io = server_class()
    with pytest.raises(TypeError):
        io.emit(3)
    with pytest.raises(ValueError):
        io.emit("a\0b")
    with pytest.raises(TypeError):
        io.emit("a", object())


@pytest.mark.parametrize("target", [{}, {"to": "nobody"}, {"namespace": "/nope"}])
def test_an_emit_that_nobody_gets_is_no_error(server_class, run, target):
    io = server_class()
    io.emit("x", 1, **target)  # it does not listen yet
    running = run(io)
    io.emit("x", 1, **target)
    running.shutdown()
    io.emit("x", 1, **target)


def test_reserved_names_are_refused(server_class, run):
    io = run(server_class()).io
    with pytest.raises(libsocketio.exceptions.ReservedNameError):
        io.emit("disconnect")
    with pytest.raises(ValueError):
        io.to("room").emit("connect")
