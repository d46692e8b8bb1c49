"""Clients: what both kinds do, at a server of this package."""

import time

import pytest

import libsocketio
from conftest import TIMEOUT
from libsocketio import _native, exceptions

DEEP = {"a": [1, None, True, 1.5, "é€😀\u2028"], "b": [b"\x00\x01", {"c": b""}]}


def echo_server(run, **options):
    """A server that replies, says and asks."""
    io = libsocketio.Server(**options)
    for nsp in ("/", "/chat"):
        io.on("echo", lambda sid, *args: args, nsp)
        io.on("say", lambda sid, *args, n=nsp: io.emit("said", args, to=sid, namespace=n), nsp)
        io.on("whoami", lambda sid: sid, nsp)
        io.on("leave", lambda sid, n=nsp: io.disconnect(sid, n), nsp)
    return run(io)


def test_connects_and_disconnects(own_client, run, transports):
    running = echo_server(run)
    client = own_client().hear("connect", "disconnect")
    assert not client.raw.connected
    assert client.raw.sid is None
    client.connect(running, transports=transports)
    assert client.take("connect") == ()
    assert client.raw.connected
    assert client.call("whoami") == client.raw.get_sid() == client.raw.sid
    assert client.raw.namespaces == {"/": client.raw.sid}
    wanted = "polling" if transports == ["polling"] else None
    assert client.raw.transport() == wanted or client.raw.transport() in ("polling", "websocket")
    client.disconnect()
    assert client.take("disconnect") == (client.raw.reason.CLIENT_DISCONNECT,)
    assert not client.raw.connected
    assert client.raw.get_sid() is None
    assert client.raw.transport() is None
    client.disconnect()  # legal at any time
    client.run("shutdown")


@pytest.mark.parametrize("in_registers", [True, False])
def test_texts_go_in_registers_or_as_structs(own_client, run, monkeypatch, in_registers):
    if in_registers and not _native.IN_REGISTERS:
        in_registers = False  # not on this machine
    monkeypatch.setattr(_native, "IN_REGISTERS", in_registers)
    client = own_client().hear("said").connect(echo_server(run))
    for text in ("", "x", "é\0" * 40_000):
        client.emit("say", text)
        assert client.take("said") == (text,)


def test_connects_again_after_a_disconnect(own_client, run):
    running = echo_server(run)
    client = own_client()
    sids = set()
    for _ in range(3):
        client.connect(running)
        sids.add(client.call("whoami"))
        client.disconnect()
    assert len(sids) == 3


def test_already_connected(own_client, run):
    running = echo_server(run)
    client = own_client().connect(running)
    with pytest.raises(exceptions.ConnectionError, match="Already connected"):
        client.connect(running)
    assert client.call("echo", 1) == 1


def test_values_both_ways(own_client, run, transports):
    running = echo_server(run)
    client = own_client().hear("said").connect(running, transports=transports)
    assert client.call("echo", DEEP) == DEEP
    assert client.call("echo") is None
    assert client.call("echo", (1, b"2", None)) == (1, b"2", None)
    client.emit("say", DEEP)
    assert client.take("said") == (DEEP,)
    client.emit("say", (1, b"\xff"))
    assert client.take("said") == (1, b"\xff")


def test_send_is_the_event_message(own_client, run, inbox):
    io = libsocketio.Server()
    io.on("message", lambda sid, *args: inbox.add(*args))
    client = own_client().connect(run(io))
    client.run("send", {"a": b"1"})
    assert inbox.take() == ({"a": b"1"},)


def test_callbacks(own_client, run, inbox):
    client = own_client().connect(echo_server(run))
    client.emit("echo", (1, b"2"), callback=inbox.add)
    assert inbox.take() == (1, b"2")
    client.run("send", 1, callback=inbox.add)  # nobody handles it
    client.emit("echo", callback=inbox.add)
    assert inbox.take() == ()


def test_the_server_asks(own_client, run, inbox):
    io = libsocketio.Server()
    client = own_client()
    client.raw.on("question", lambda *args: (args, b"yes"))
    client.raw.on("nothing", lambda: None)
    client.connect(run(io))
    sid = client.raw.sid
    assert io.call("question", ("really", b"?"), to=sid, timeout=TIMEOUT) == (
        ["really", b"?"],
        b"yes",
    )
    assert io.call("nothing", to=sid, timeout=TIMEOUT) is None


def test_namespaces(own_client, run):
    client = own_client().hear("connect", "said", "disconnect", nsp="/chat")
    client.connect(echo_server(run), namespaces=["/", "chat"])
    assert client.take("connect") == ()
    assert set(client.raw.namespaces) == {"/", "/chat"}
    assert client.call("whoami", namespace="/chat") == client.raw.get_sid("/chat")
    assert client.call("whoami") == client.raw.get_sid("/")
    client.emit("say", 1, namespace="/chat")
    assert client.take("said") == (1,)
    client.emit("leave", namespace="/chat")
    assert client.take("disconnect") == (client.raw.reason.SERVER_DISCONNECT,)
    assert client.call("echo", 1) == 1, "the other one goes on"
    with pytest.raises(exceptions.BadNamespaceError):
        client.emit("say", namespace="/chat")


def test_namespaces_are_those_with_handlers(own_client, run):
    client = own_client().hear("said", nsp="/chat")
    client.connect(echo_server(run))
    assert set(client.raw.namespaces) == {"/chat"}


def test_joins_and_leaves_namespaces(own_client, run):
    client = own_client().hear("connect", "disconnect", nsp="/chat")
    client.connect(echo_server(run), namespaces="/")
    chat = client.raw.of("/chat")
    assert not chat.connected
    client.run(chat.connect)
    client.run(chat.connect)  # once is enough
    assert client.take("connect") == ()
    assert chat.connected
    assert chat.active
    assert chat.id == client.call("whoami", namespace="/chat")
    client.run(chat.disconnect)
    assert client.take("disconnect") == (client.raw.reason.CLIENT_DISCONNECT,)
    assert not chat.active
    assert client.raw.connected


def test_the_end_of_the_last_namespace_is_the_end(own_client, run):
    client = own_client().hear("disconnect")
    client.connect(echo_server(run))
    client.emit("leave")
    assert client.take("disconnect") == (client.raw.reason.SERVER_DISCONNECT,)
    client.run("wait")
    assert not client.raw.connected


def test_an_unknown_namespace(own_client, run):
    client = own_client().hear("connect_error", nsp="/nowhere")
    with pytest.raises(exceptions.ConnectionError, match="/nowhere") as caught:
        client.connect(echo_server(run), namespaces=["/", "/nowhere"])
    assert caught.value.code == "refused"
    assert client.take("connect_error") == ({"message": "Invalid namespace"},)
    assert not client.raw.connected


def test_is_refused(own_client, run, transports):
    io = libsocketio.Server()

    @io.on("connect")
    def connect(sid, environ, auth):
        raise libsocketio.ConnectionRefusedError("not you", {"code": 401, "auth": auth})

    client = own_client().hear("connect_error")
    with pytest.raises(exceptions.ConnectionError, match="not you") as caught:
        client.connect(run(io), transports=transports, auth={"token": "x"})
    wanted = {"message": "not you", "data": {"code": 401, "auth": {"token": "x"}}}
    assert caught.value.data == wanted
    assert client.take("connect_error") == (wanted,)


def test_nobody_listens(own_client):
    client = own_client().hear("connect_error")
    with pytest.raises(exceptions.ConnectionError) as caught:
        client.connect(None, url="http://127.0.0.1:1")
    assert caught.value.code == "connect"
    assert caught.value.errno
    assert str(caught.value)
    (said,) = client.take("connect_error")
    assert said == str(caught.value)
    assert client.came.empty(), "it does not try again"


def test_it_does_not_try_again_behind_a_handler_that_takes_its_time(own_client):
    client = own_client(reconnection_delay=0.01).hear("connect_error")
    client.raw.manager.on("error", lambda error: time.sleep(0.2))
    with pytest.raises(exceptions.ConnectionError):
        client.connect(None, url="http://127.0.0.1:1")
    client.take("connect_error")
    client.run("wait")
    assert client.came.empty()


def test_what_the_server_sees(own_client, run, inbox):
    io = libsocketio.Server(socketio_path="elsewhere")
    io.on("connect", lambda sid, environ, auth: inbox.add(environ, auth))
    running = run(io)
    client = own_client()
    client.connect(
        running,
        url=running.url + "/ignored?a=1&b=%20",
        headers={"X-Test": "yes"},
        auth={"token": [1]},
        socketio_path="/elsewhere/",
    )
    environ, auth = inbox.take()
    assert auth == {"token": [1]}
    assert "a=1&b=%20" in environ["QUERY_STRING"]
    assert environ["HTTP_X_TEST"] == "yes"
    assert environ["PATH_INFO"].startswith("/elsewhere")


def test_urls_and_headers_that_are_functions(own_client, run, inbox):
    io = libsocketio.Server()
    io.on("connect", lambda sid, environ: inbox.add(environ["HTTP_X_TEST"]))
    running = run(io)
    own_client().connect(running, url=lambda: running.url, headers=lambda: {"X-Test": "yes"})
    assert inbox.take() == ("yes",)


def test_catch_all_handlers(own_client, run):
    io = libsocketio.Server()
    client = own_client()
    client.hear("*", "named")
    client.raw.on("*", lambda event, nsp, *args: client.came.add("all", event, nsp, *args), "*")
    client.raw.on("elsewhere", lambda nsp, *args: client.came.add("elsewhere", nsp, *args), "*")
    io.of("/chat")
    client.connect(run(io), namespaces=["/", "/chat"])
    io.emit("named", 1)
    assert client.take("named") == (1,)
    io.emit("other", (2, 3))
    assert client.take("*") == ("other", 2, 3)
    io.emit("elsewhere", 4, namespace="/chat")
    assert client.take("elsewhere") == ("/chat", 4)
    io.emit("other", 5, namespace="/chat")
    assert client.take("all") == ("other", "/chat", 5)


def test_handlers_that_raise(own_client, run, inbox, caplog):
    client = own_client()

    @client.raw.event
    def bad():
        raise ValueError("from the handler")

    @client.raw.event(namespace="/")
    def good():
        return "fine"

    io = libsocketio.Server()
    client.connect(run(io))
    io.emit("bad")
    assert io.call("good", to=client.raw.sid, timeout=TIMEOUT) == "fine"
    assert "from the handler" in caplog.text


def test_nobody_replies_in_time(own_client, run):
    client = own_client().connect(echo_server(run))
    with pytest.raises(exceptions.TimeoutError):
        client.call("unheard of", timeout=0.05)
    with pytest.raises(exceptions.TimeoutError):
        client.run(client.raw.timeout(0.05).emit_with_ack, "unheard of")


def test_emits_without_a_connection(own_client, run):
    client = own_client()
    for method in (client.emit, client.call):
        with pytest.raises(exceptions.BadNamespaceError):
            method("echo")
    client.connect(echo_server(run))
    client.disconnect()
    with pytest.raises(exceptions.BadNamespaceError):
        client.emit("echo")


def test_reserved_names(own_client, run):
    client = own_client().connect(echo_server(run))
    with pytest.raises(exceptions.ReservedNameError):
        client.emit("connect")


def test_many_events_in_order(own_client, run):
    client = own_client().hear("said").connect(echo_server(run))
    for number in range(500):
        client.raw.emit("say", number)
    assert [client.take("said")[0] for _ in range(500)] == list(range(500))


def test_msgpack(own_client, run):
    client = own_client(serializer="msgpack").connect(echo_server(run, serializer="msgpack"))
    assert client.call("echo", DEEP) == DEEP


def test_does_not_wait(own_client, run):
    client = own_client().hear("connect")
    client.connect(echo_server(run), wait=False)
    client.emit("echo")  # waits until it is connected
    assert client.take("connect") == ()
    assert client.call("echo", 1) == 1


def test_does_not_wait_for_a_failure(own_client):
    client = own_client().hear("connect_error")
    client.connect(None, url="http://127.0.0.1:1", wait=False)
    client.take("connect_error")
    client.run("wait")


def test_disconnects_in_a_handler(own_client, run):
    client = own_client().hear("disconnect")
    client.raw.on("said", lambda: client.raw.disconnect())
    client.connect(echo_server(run))
    client.emit("say")
    assert client.take("disconnect") == (client.raw.reason.CLIENT_DISCONNECT,)
    client.run("wait")


def test_options_that_ask_for_nothing(client_kind):
    """Programs for python-socketio pass them on, whether there is something in them or not."""
    getattr(libsocketio, client_kind)(http_session=None, websocket_extra_options=None)


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ({"http_session": object()}, "http_session.*headers"),
        ({"websocket_extra_options": {}}, "websocket_extra_options"),
        ({"unheard_of": 1}, "unheard_of"),
        ({"reconnection_delay": -1}, "reconnection_delay"),
        ({"randomization_factor": 2}, "randomization_factor"),
        ({"revision": 5}, "revision"),
        ({"overflow": "explode"}, "overflow"),
        ({"serializer": "xml"}, "serializers"),
        ({"ssl_verify": "/path"}, "ssl_verify.*ssl_ca_certs"),
        ({"retries": -1}, "retries"),
        ({"threads": 0}, "threads"),
    ],
)
def test_options_that_are_none(client_kind, options, wrong):
    with pytest.raises((TypeError, ValueError), match=wrong):
        getattr(libsocketio, client_kind)(**options)


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ({"url": "ftp://localhost"}, "ftp"),
        ({"url": 3000}, "url"),
        ({"auth": "token"}, "auth"),
        ({"transports": ["pigeon"]}, "pigeon"),
        ({"transports": []}, "transports"),
        ({"headers": {"A": 1}}, "headers"),
        ({"namespaces": [1]}, "namespaces"),
    ],
)
def test_arguments_of_connect_that_are_wrong(own_client, options, wrong):
    client = own_client()
    with pytest.raises((TypeError, ValueError), match=wrong):
        client.connect(None, **{"url": "http://localhost:1", **options})
    assert client.raw._core is None
