"""Hooks: functions that are asked about Socket.IO's own requests."""

import asyncio
import http.client
import uuid

import pytest

import libsocketio

POLLING = "/socket.io/?EIO=4&transport=polling"
EVIL = "http://evil.example"
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.fixture
def ask(run):
    """Starts a server, once, and makes requests to it: (status, headers, body)."""
    started = {}

    def make(io, path=POLLING, headers=None, method="GET"):
        if io not in started:
            started[io] = run(io)
        connection = http.client.HTTPConnection(*io.address[:2], timeout=20)
        connection.request(method, path, headers=headers or {})
        response = connection.getresponse()
        body = b"" if response.status == 101 else response.read()
        connection.close()
        return response.status, response.headers, body.decode()

    return make


@pytest.mark.parametrize(
    ("result", "status", "body"),
    [
        (None, 200, '0{"sid"'),
        (True, 200, '0{"sid"'),
        (False, 403, '{"code":4,"message":"Forbidden"}'),
        ("full", 403, '{"code":4,"message":"full"}'),
        (libsocketio.Response("later", 503), 503, "later"),
        (3, 403, '{"code":4,"message":"Forbidden"}'),
    ],
)
def test_allow_request(server_class, ask, result, status, body):
    answer = ask(server_class(allow_request=lambda environ: result))
    assert answer[0] == status
    assert answer[2].startswith(body)


def test_allow_request_of_websockets(server_class, ask):
    io = server_class(allow_request=lambda environ: "full")
    assert ask(io, "/socket.io/?EIO=4&transport=websocket", UPGRADE)[::2] == (400, "full")


def test_the_environ(server_class, ask):
    seen = []
    ask(server_class(allow_request=seen.append), POLLING + "&a=b%20c", {"X-One": "1"})
    (environ,) = seen
    assert environ["REQUEST_METHOD"] == "GET"
    assert environ["PATH_INFO"] == "/socket.io/"
    assert environ["QUERY_STRING"] == "EIO=4&transport=polling&a=b%20c"
    assert environ["REMOTE_ADDR"] == "127.0.0.1"
    assert int(environ["REMOTE_PORT"]) > 0
    assert environ["HTTP_X_ONE"] == "1"
    assert environ["wsgi.url_scheme"] == "http"


def test_a_hook_that_raises_refuses(server_class, ask, caplog):
    def fail(environ):
        raise ZeroDivisionError("on purpose")

    assert ask(server_class(allow_request=fail))[0] == 403
    assert ask(server_class(generate_id=fail))[0] == 403
    assert ask(server_class(headers=fail))[0] == 400
    assert ask(server_class(cors_allowed_origins=fail), headers={"Origin": EVIL})[0] == 403
    assert caplog.text.count("ZeroDivisionError: on purpose") == 4


def test_generate_id(server_class, run, connect, transports):
    made = []

    def generate(environ):
        made.append(str(uuid.uuid4()))
        return made[-1]

    io = server_class(generate_id=generate, cookie="io")
    io.on("echo", lambda sid, data: data)
    client = connect(run(io), transports=transports)
    assert client.eio.sid == made[0]
    assert client.call("echo", 1, timeout=20) == 1


@pytest.mark.parametrize("result", ["", "a b", "a" * 65, 3, None, "a\0b"])
def test_what_is_no_id_refuses(server_class, ask, caplog, result):
    assert ask(server_class(generate_id=lambda environ: result))[0] == 403
    assert "Error" in caplog.text


def test_an_id_that_is_in_use_refuses(server_class, ask):
    io = server_class(generate_id=lambda environ: "the-same")
    assert ask(io)[0] == 200
    assert ask(io)[::2] == (400, '{"code":3,"message":"Bad request"}')


def test_origins(server_class, ask):
    seen = []

    def allowed(origin, environ):
        seen.append((origin, environ["HTTP_HOST"]))
        return origin == EVIL

    io = server_class(cors_allowed_origins=allowed)
    assert ask(io)[0] == 200
    assert seen == []
    status, headers, _ = ask(io, headers={"Origin": EVIL})
    assert (status, headers["access-control-allow-origin"]) == (200, EVIL)
    assert ask(io, headers={"Origin": "http://other.example"})[0] == 403
    assert [origin for origin, _ in seen] == [EVIL, "http://other.example"]
    io = server_class(cors_allowed_origins=lambda origin: origin == EVIL)
    assert ask(io, headers={"Origin": EVIL})[0] == 200
    assert ask(io, headers={"Origin": "http://other.example"})[0] == 403


def test_header_fields(server_class, ask):
    io = server_class(
        headers=lambda environ: {"X-Path": environ["PATH_INFO"]},
        initial_headers=lambda environ: {"X-First": "yes"},
    )
    status, headers, _ = ask(io)
    assert (status, headers["x-path"], headers["x-first"]) == (200, "/socket.io/", "yes")
    status, headers, _ = ask(io, "/socket.io/else")
    assert (status, headers["x-path"], headers["x-first"]) == (400, "/socket.io/else", None)
    status, headers, _ = ask(io, "/socket.io/?EIO=4&transport=websocket", UPGRADE)
    assert (status, headers["x-path"], headers["x-first"]) == (101, "/socket.io/", "yes")
    assert ask(server_class(headers=lambda environ: {"X": "a\r\nY: b"}))[0] == 400
    assert ask(server_class(headers=lambda environ: "X"))[0] == 400


def test_middleware_of_the_engine(server_class, ask):
    io = server_class(cors_allowed_origins=EVIL)
    seen = []

    @io.use_engine
    def first(environ):
        seen.append("first")
        if environ["QUERY_STRING"].endswith("&stop"):
            return libsocketio.Response("stopped", 429, headers={"Retry-After": "9"})
        return not environ["QUERY_STRING"].endswith("&no")

    io.use_engine(lambda environ: seen.append("second"))
    assert ask(io)[0] == 200
    assert ask(io, POLLING + "&no")[::2] == (400, '{"code":3,"message":"Bad request"}')
    status, headers, body = ask(io, POLLING + "&stop")
    assert (status, headers["retry-after"], body) == (429, "9", "stopped")
    assert seen == ["first", "second", "first", "first"]
    # Preflights come by, too.
    page = {"Origin": EVIL, "Access-Control-Request-Method": "GET"}
    assert ask(io, headers=page, method="OPTIONS")[0] == 204
    assert ask(io, POLLING + "&stop", page, "OPTIONS")[0] == 429
    assert seen[4:] == ["first", "second", "first"]
    io.use_engine(lambda environ: False)  # it listens already
    assert ask(io)[0] == 400
    assert ask(io, "/elsewhere")[0] == 404
    with pytest.raises(TypeError):
        io.use_engine(None)


def test_coroutines_are_awaited(run, ask):
    async def allow(environ):
        await asyncio.sleep(0.01)
        return "not now" if "no" in environ["QUERY_STRING"] else None

    async def generate(environ):
        await asyncio.sleep(0.01)
        return "from-a-coroutine"

    async def fields(environ):
        return {"X-Slow": "yes"}

    async def origins(origin):
        await asyncio.sleep(0.01)
        return origin == EVIL

    io = libsocketio.AsyncServer(
        allow_request=allow, generate_id=generate, headers=fields, cors_allowed_origins=origins
    )
    status, headers, body = ask(io, headers={"Origin": EVIL})
    assert (status, headers["x-slow"]) == (200, "yes")
    assert '"sid":"from-a-coroutine"' in body
    assert ask(io, POLLING + "&no")[::2] == (403, '{"code":4,"message":"not now"}')
    assert ask(io, headers={"Origin": "http://b"})[0] == 403


@pytest.mark.parametrize("option", ["allow_request", "generate_id"])
def test_what_is_no_function(server_class, option):
    with pytest.raises(TypeError, match=f"{option} must be a function"):
        server_class(**{option: "x"})


@pytest.mark.parametrize(
    ("path", "headers", "code", "message", "context"),
    [
        ("/socket.io/?EIO=4", {}, 0, "Transport unknown", "the request names no transport"),
        (POLLING + "&sid=x", {}, 1, "Session ID unknown", "no session has this id"),
        ("/socket.io/?EIO=4&transport=websocket", {}, 3, "Bad request", "a plain request"),
        (POLLING, {"Origin": EVIL}, 4, "Forbidden", "the origin"),
        (POLLING + "&full", {}, 4, "full", "a hook refused the handshake"),
        ("/socket.io/?EIO=3&transport=websocket", UPGRADE, 5, "Unsupported", "revision 3"),
    ],
)
def test_connection_error(server_class, ask, inbox, path, headers, code, message, context):
    io = server_class(
        allow_eio3=False,
        allow_request=lambda environ: "full" if "full" in environ["QUERY_STRING"] else None,
    )
    io.on("connection_error", inbox.add)
    assert ask(io, path, {"X-One": "1", **headers})[0] in (400, 403)
    (failure,) = inbox.take()
    assert failure.code == code
    assert failure.message.startswith(message)
    assert context in failure.context
    assert failure.environ["QUERY_STRING"] == path.partition("?")[2]
    assert failure.environ["HTTP_X_ONE"] == "1"
    assert failure.environ["REMOTE_ADDR"] == "127.0.0.1"
    assert io.totals().connection_errors[code] == 1


def test_connection_error_is_the_servers(server_class, ask, inbox):
    io = server_class()

    @io.event
    def connection_error(failure):
        inbox.add("first", failure.code)

    assert ask(io, POLLING, method="PUT")[0] == 400
    assert inbox.take() == ("first", 2)
    io.on("connection_error", lambda failure: inbox.add("second", failure.code))
    assert ask(io, POLLING + "&sid=x")[0] == 400
    assert inbox.take() == ("second", 1)
    assert ask(io)[0] == 200
    # In another namespace it is an event of clients like any other.
    io.on("connection_error", lambda *args: inbox.add("chat"), namespace="/chat")
    for _ in range(2):
        assert ask(io, POLLING + "&sid=x")[0] == 400
        assert inbox.take() == ("second", 1)


def test_connection_error_can_be_taken_back(server_class, ask, inbox):
    io = server_class()
    first, second = (lambda failure, n=n: inbox.add(n, failure.code) for n in (1, 2))
    io.on("connection_error", first)
    assert ask(io, POLLING, method="PUT")[0] == 400
    assert inbox.take() == (1, 2)
    assert io.listeners("connection_error") == [first]
    assert io.event_names() == ["connection_error"]
    io.off("connection_error", second)
    assert io.listener_count("connection_error") == 1
    io.off("connection_error", first)
    assert io.listener_count("connection_error") == 0
    assert ask(io, POLLING, method="PUT")[0] == 400
    # Nobody was told of that one, or the second is late; of the next it is told once.
    io.on("connection_error", second)
    assert ask(io, POLLING + "&sid=x")[0] == 400
    told = inbox.take()
    assert (inbox.take() if told == (2, 2) else told) == (2, 1)
    assert ask(io, POLLING, method="PUT")[0] == 400
    assert inbox.take() == (2, 2)
    io.off("connection_error")
    io.on("connection_error", first)
    io.remove_all_listeners()
    assert io.event_names() == []
