"""The methods of Socket.IO 1 and 2 by their names."""

import logging
import re
import socket
import threading
from urllib.request import Request as HTTPRequest
from urllib.request import urlopen

import in_order
import pytest
import socketio

import libsocketio
from conftest import TIMEOUT, Inbox

NAMES = """checkRequest serveClient set checkNamespace path adapter origins attach listen initEngine
attachServe serve serveMap bind onconnection of close setMaxListeners getMaxListeners emit
addListener on prependListener once prependOnceListener removeListener off removeAllListeners
listeners rawListeners listenerCount eventNames to in in_ use send write clients compress
binary""".split()


@pytest.fixture
def io(server_class):
    return server_class()


def begin(run, io, start):
    """Runs a server that one of the functions below has to make listen."""
    listen = io.listen
    io.listen = lambda host, port: (setattr(io, "listen", listen), start(io))[1]
    return run(io)


@pytest.mark.parametrize("name", NAMES)
def test_is_there(io, name):
    assert callable(getattr(io, name))
    assert getattr(type(io), name).__doc__ or name == "in"


def test_check_request(io):
    inbox = Inbox()

    def check(**headers):
        io.checkRequest({f"HTTP_{k.upper()}": v for k, v in headers.items()}, inbox.add)
        error, ok = inbox.take()
        assert error is None
        return ok

    # Not set, the modern option counts: the own origin, and no origin at all.
    assert io.origins() == []
    assert check() and check(origin="null")
    assert check(origin="http://a:80", host="a:80")
    assert not check(origin="http://b", host="a")
    for origins in ("http://a:80", "a:80", "a:*", "*:80", ["x:1", "a:80"], "*:*"):
        assert io.origins(origins) is io
        assert io.origins() == origins
        assert check(origin="http://a")
        assert check(referer="http://a/page")
    io.origins("a:443")
    assert check(origin="https://a") and not check(origin="http://a")
    assert not check() and not check(origin="http://[") and not check(origin="http://a:port")
    io.origins(lambda origin, fn: fn(None, origin == "http://c"))
    assert check(origin="http://c") and not check(origin="http://d")
    io.origins(lambda origin, fn: fn("error", True))
    assert not check(origin="http://c")
    request = libsocketio.Request("GET", "/", {"origin": "http://c"})
    io.origins("c:*").checkRequest(request, inbox.add)
    assert inbox.take() == (None, True)


def test_origins_decide_who_comes(io, run, connect):
    io.origins(["good:*"])
    running = run(io)
    connect(running, transports=["polling"], headers={"Origin": "http://good"})
    for headers in ({"Origin": "http://bad"}, {}):
        with pytest.raises(socketio.exceptions.ConnectionError):
            connect(running, transports=["polling"], headers=headers)


def test_set(io, run, connect, caplog):
    inbox = Inbox()
    io.set("authorization", lambda environ, fn: fn(None, "yes" in environ["QUERY_STRING"]))
    io.set("resource", "/io").set("transports", ["websocket"]).set("origins", "*:*")
    io.set("heartbeat interval", 7000).set("heartbeat timeout", 3000)
    io.set("destroy buffer size", 5000)
    with caplog.at_level(logging.ERROR, "libsocketio"):
        assert io.set("nonsense", 1) is io
    assert "Option nonsense is not valid. Please refer to the README." in caplog.text
    assert (io._options.ping_interval, io._options.ping_timeout) == (7, 3)
    assert io._options.max_http_buffer_size == 5000
    running = run(io)
    how = {"transports": ["websocket"], "socketio_path": "io", "wait_timeout": TIMEOUT}
    client = in_order.Client(reconnection=False)
    client.on("connect_error", inbox.add)
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(running.url, **how)
    assert inbox.take()[0]["message"] == "Not authorized"
    client = in_order.Client(reconnection=False)
    client.connect(running.url + "?yes", **how)
    client.disconnect()
    with pytest.raises(libsocketio.exceptions.StateError):
        io.set("transports", ["polling"])


def test_path(io):
    assert io.path() == "/socket.io"
    assert io.path("/other/") is io
    assert io.path() == "/other"


def test_files_of_the_client(server_class, run, tmp_path):
    io = server_class()
    running_request = libsocketio.Request("GET", "/socket.io/socket.io.js")
    assert io.serveClient() is False
    with pytest.raises(ValueError):
        io.serveClient(True)
    (tmp_path / "socket.io.js").write_text("/*! * Socket.IO v2.5.0 */ code")
    (tmp_path / "socket.io.js.map").write_text("{}")
    (tmp_path / "socket.io.min.js").write_text("small")
    io.attachServe(tmp_path)
    assert io.serveClient() is True
    assert io.serveClient(True) is io

    def answer(request, function):
        result = function(request)
        if io.is_asyncio_based() and hasattr(result, "send"):
            with pytest.raises(StopIteration) as end:
                result.send(None)
            return end.value.value
        return result

    response = answer(running_request, io.serve)
    assert response.status == 200
    assert response.content_type == "application/javascript"
    assert response.headers == {"ETag": '"2.5.0"', "Cache-Control": "public, max-age=0"}
    known = libsocketio.Request("GET", "/", {"if-none-match": '"2.5.0"'})
    assert answer(known, io.serve).status == 304
    map_ = answer(running_request, io.serveMap)
    assert (map_.status, map_.content_type) == (200, "application/json")
    assert "Cache-Control" not in map_.headers
    running = run(io)
    with urlopen(HTTPRequest(running.url + "/socket.io/socket.io.min.js"), timeout=TIMEOUT) as got:
        assert got.read() == b"small"
    assert io.serveClient(False) is io
    assert io.serveClient() is False
    assert answer(running_request, io.serve).status == 404


def test_check_namespace(io, run):
    inbox = Inbox()
    io.of(re.compile("/r-."))
    asked = io.of(lambda name, query: query == "yes")
    running = run(io)

    def check(*args):
        if io.is_asyncio_based():
            running.loop.call_soon_threadsafe(io.checkNamespace, *args, inbox.add)
        else:
            io.checkNamespace(*args, inbox.add)
        return inbox.take()[0]

    assert check("/r-1", None).name == "/r-1"
    assert check("/f", "no") is False
    asked.on("x", print)
    assert check("/f", "yes").name == "/f"
    assert io._states["/f"].parents[0].name == asked.name


def test_adapter(io):
    assert io.adapter().rooms == {}
    with pytest.raises(ValueError):
        io.adapter(object())


@pytest.mark.parametrize(
    "start",
    [
        lambda io: io.attach(0),
        lambda io: io.attach("0", {"path": "/socket.io", "pingTimeout": 9000}),
        lambda io: io.listen(0),
        lambda io: io.listen("0", {"serveClient": False}),
        lambda io: io.initEngine(0),
        lambda io: io.bind(socket.create_server(("127.0.0.1", 0))),
    ],
    ids=["attach", "digits", "listen", "options", "initEngine", "bind"],
)
def test_attach(io, run, connect, start):
    running = begin(run, io, start)
    running.url = f"http://127.0.0.1:{io.address.port}"
    connect(running)


def test_what_cannot_be_attached(io):
    with pytest.raises(ValueError, match="express request handler"):
        io.attach(lambda req, res: None)
    with pytest.raises(ValueError, match="express request handler"):
        io.listen(lambda req, res: None)
    with pytest.raises(ValueError, match="port"):
        io.attach(object())
    with pytest.raises(ValueError, match="engine"):
        io.bind(object())


def test_onconnection(io, run):
    """A connection that was accepted elsewhere."""
    listener = socket.create_server(("127.0.0.1", 0))
    running = run(io)
    client = socket.create_connection(listener.getsockname(), timeout=TIMEOUT)
    accepted, _ = listener.accept()
    assert io.onconnection(accepted) is io
    client.sendall(b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n")
    assert client.recv(4096).startswith(b"HTTP/1.1 200")
    client.close()
    listener.close()
    assert running.io is io


def test_close(io, run, connect):
    running, ended = run(io), threading.Event()
    client = connect(running)
    if io.is_asyncio_based():
        running.loop.call_soon_threadsafe(io.close, ended.set)
    else:
        io.close(ended.set)
    assert ended.wait(TIMEOUT)
    client.wait()


def test_the_emitter(io, run, connect, caplog):
    calls = []

    def listener(name):
        return lambda sid: calls.append(name)

    added = io.addListener("x", listener("added"))
    io.prependListener("x", listener("prepended"))
    io.once("x", listener("once"))
    io.prependOnceListener("x", listener("first"))
    io.on("x", listener("handler"))
    assert io.listenerCount("x") == len(io.listeners("x")) == len(io.rawListeners("x")) == 5
    assert io.eventNames() == ["x"]
    client = connect(run(io))
    client.call("x", timeout=TIMEOUT)
    assert calls == ["first", "prepended", "handler", "added", "once"]
    io.removeListener("x", added)
    calls.clear()
    client.call("x", timeout=TIMEOUT)
    assert calls == ["prepended", "handler"]
    io.off("x")
    io.addListener("y", added)
    assert io.eventNames() == ["y"]
    io.removeAllListeners()
    assert io.eventNames() == []
    assert io.getMaxListeners() == 10
    assert io.setMaxListeners(1) is io
    with caplog.at_level(logging.WARNING, "libsocketio"):
        io.addListener("z", added)
        assert "listeners" not in caplog.text
        io.addListener("z", added)
    assert "2 listeners of 'z'" in caplog.text


def test_to_everyone(io, run, connect, inbox):
    io.use(lambda sid, environ: None)
    client = connect(
        run(io), handlers={("message", "/"): inbox.add, ("x", "/"): lambda *args: inbox.add(*args)}
    )
    sid = client.get_sid()
    io.write("a")
    assert inbox.take() == ("a",)
    io.send("b")
    assert inbox.take() == ("b",)
    for whom in (
        io.to(sid),
        io.in_(sid),
        getattr(io, "in")(sid),
        io.compress(False),
        io.binary(True),
        io.of("/"),
    ):
        whom.emit("x", 1)
        assert inbox.take() == (1,)
    io.emit("x", 2)
    assert inbox.take() == (2,)
    io.clients(inbox.add)
    assert inbox.take() == (None, [sid])
    io.enter_room(sid, "r")
    for whom, sids in (
        (io.in_("r"), [sid]),
        (getattr(io.to("x"), "in")("r"), [sid]),
        (io.to("nobody"), []),
        (io.of("/"), [sid]),
    ):
        assert whom.clients(inbox.add) is whom
        assert inbox.take() == (None, sids)
