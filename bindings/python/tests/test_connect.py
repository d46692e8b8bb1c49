"""Who may come in: connect handlers, middleware, refusals, how a client came."""

import in_order
import pytest
import socketio

import libsocketio


def refused(connect, running, **options):
    """What a refused client is told."""
    errors = []
    with pytest.raises(socketio.exceptions.ConnectionError):
        connect(
            running, handlers={("connect_error", "/"): lambda *args: errors.append(args)}, **options
        )
    return errors[0][0]


def test_sid_environ_and_auth(server_class, run, connect, inbox, transports):
    io = server_class()
    io.on("connect", inbox.add)
    running = run(io)
    client = connect(
        running, transports=transports, auth={"token": "é"}, headers={"X-Name": "somebody"}
    )
    sid, environ, auth = inbox.take()
    assert sid == client.get_sid()
    assert len(sid) == 20
    assert auth == {"token": "é"}
    assert environ["REQUEST_METHOD"] == "GET"
    assert environ["PATH_INFO"] == "/socket.io/"
    assert "EIO=4" in environ["QUERY_STRING"].split("&")
    assert environ["HTTP_X_NAME"] == "somebody"
    assert environ["REMOTE_ADDR"] == "127.0.0.1"
    assert environ["SERVER_PORT"] == str(io.address.port)
    assert environ["wsgi.url_scheme"] == "http"
    assert io.get_environ(sid) is environ
    assert io.transport(sid) == ("polling" if transports == ["polling"] else "websocket")


def test_without_auth_it_is_none(server_class, run, connect, inbox):
    io = server_class()
    io.on("connect", inbox.add)
    connect(run(io))
    assert inbox.take()[2] is None


def test_handlers_may_leave_out_auth(server_class, run, connect, inbox):
    io = server_class()

    @io.event
    def connect_(sid, environ):
        inbox.add(sid)

    io.on("connect", connect_)
    client = connect(run(io), auth={"ignored": True})
    assert inbox.take() == (client.get_sid(),)


def test_a_type_error_in_a_handler_is_not_a_wrong_signature(server_class, run, connect, caplog):
    calls = []

    def handler(sid, environ, auth):
        calls.append(sid)
        raise TypeError("inside")

    io = server_class()
    io.on("connect", handler)
    error = refused(connect, run(io))
    assert error["message"] == "Connection rejected by server"
    assert len(calls) == 1
    assert "TypeError: inside" in caplog.text


def returning_false(sid, environ):
    return False


def raising(*args):
    def handler(sid, environ):
        raise libsocketio.ConnectionRefusedError(*args)

    return handler


def raising_the_builtin(sid, environ):
    raise ConnectionRefusedError("not shown")


@pytest.mark.parametrize(
    ("handler", "error"),
    [
        (returning_false, {"message": "Connection rejected by server"}),
        (raising(), {"message": "Connection rejected by server"}),
        (raising("no entry"), {"message": "no entry"}),
        (raising("no", {"code": 7}), {"message": "no", "data": {"code": 7}}),
        (raising("no", 1, "two"), {"message": "no", "data": [1, "two"]}),
        (raising_the_builtin, {"message": "Connection refused by server"}),
    ],
)
def test_refusals(server_class, run, connect, handler, error):
    io = server_class()
    io.on("connect", handler)
    io.on("disconnect", lambda *args: pytest.fail("it never joined"))
    assert refused(connect, run(io)) == error
    assert io.sockets() == []
    assert not io._states["/"].clients.by_sid
    assert not io._states["/"].clients.by_handle


def test_refused_on_every_transport(server_class, run, connect, transports):
    io = server_class()
    io.on("connect", raising("closed"))
    assert refused(connect, run(io), transports=transports)["message"] == "closed"


def test_middleware_runs_in_order_before_the_handler(server_class, run, connect):
    order = []
    io = server_class()

    @io.use
    def first(sid, environ, auth):
        order.append("first")

    @io.use
    def second(sid, environ):
        order.append("second")

    @io.event
    def connect_(sid, environ):
        order.append("handler")

    io.on("connect", connect_)
    connect(run(io))
    assert order == ["first", "second", "handler"]


def test_middleware_refuses(server_class, run, connect):
    io = server_class()

    @io.use
    def only_friends(sid, environ, auth):
        if auth != {"who": "friend"}:
            raise libsocketio.ConnectionRefusedError("friends only")

    running = run(io)
    assert refused(connect, running)["message"] == "friends only"
    assert connect(running, auth={"who": "friend"}).connected


def test_middleware_that_comes_later_holds(server_class, run, connect):
    io = server_class()
    running = run(io)
    assert connect(running).connected
    io.use(raising("too late"))
    assert refused(connect, running)["message"] == "too late"


def test_rooms_and_session_in_the_connect_handler(server_class, run, connect, inbox):
    io = server_class()

    @io.on("connect")
    def connecting(sid, environ):
        io.enter_room(sid, "lobby")
        io.save_session(sid, {"name": "x"})

    @io.event
    def hello(sid):
        io.emit("hi", running.wait_for(io.get_session(sid))["name"], room="lobby")

    running = run(io)
    client = connect(running, handlers={("hi", "/"): inbox.add})
    client.emit("hello")
    assert inbox.take() == ("x",)
    assert sorted(io.rooms(client.get_sid())) == sorted([client.get_sid(), "lobby"])


def test_unknown_namespaces_are_refused(server_class, run, connect):
    running = run(server_class())
    with pytest.raises(socketio.exceptions.ConnectionError):
        connect(running, namespaces=["/nowhere"])


def test_many_clients_that_leave_at_once_leave_nothing(server_class, run):
    io = server_class()
    io.on("connect", lambda sid, environ: None)
    running = run(io)
    for _ in range(30):
        client = in_order.SimpleClient()
        client.connect(running.url, transports=["websocket"], wait_timeout=20)
        client.disconnect()
    clients = io._states["/"].clients
    sentinel = in_order.SimpleClient()
    sentinel.connect(running.url, transports=["websocket"], wait_timeout=20)
    sentinel.disconnect()
    running.shutdown()
    assert not clients.by_sid
    assert not clients.by_handle
    assert not clients._admitted
