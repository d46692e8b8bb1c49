"""The end of clients: who ended it, and what is left."""

import http.client
import json

import pytest
import socketio
import socketio.packet
import websocket

import libsocketio
from conftest import TIMEOUT, settle


def leave(client):
    """Says goodbye, and does not close a WebSocket before that was sent.

    The client's own disconnect does both at once, on two threads.
    """
    settle(client)
    if client.transport() == "polling":
        client.disconnect()
        return
    client._send_packet(socketio.packet.Packet(socketio.packet.DISCONNECT, namespace="/"))


def socket_of(running):
    """Where WebSockets are opened."""
    return running.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"


def test_by_the_client(server_class, run, connect, inbox, transports):
    io = server_class()
    io.on("disconnect", inbox.add)
    client = connect(run(io), transports=transports)
    sid = client.get_sid()
    leave(client)
    assert inbox.take() == (sid, io.reason.CLIENT_DISCONNECT)


def test_by_the_client_in_its_own_words(server_class, run, connect, inbox, transports):
    io = server_class()
    io.on("disconnect", inbox.add)
    client = connect(run(io), transports=transports)
    sid = client.get_sid()
    settle(client)
    client.disconnect()
    assert inbox.take() in [
        (sid, io.reason.CLIENT_DISCONNECT),
        (sid, io.reason.TRANSPORT_CLOSE),
    ]


def test_by_the_server(server_class, run, connect, inbox, transports):
    io = server_class()
    io.on("disconnect", inbox.add)
    at_client = type(inbox)()
    client = connect(
        run(io),
        transports=transports,
        handlers={("disconnect", "/"): at_client.add, ("last", "/"): at_client.add},
    )
    sid = client.get_sid()
    io.emit("last", to=sid)
    io.disconnect(sid)
    assert inbox.take() == (sid, io.reason.SERVER_DISCONNECT)
    assert at_client.take() == ()
    assert at_client.take() == ("server disconnect",)
    io.disconnect(sid)


def test_of_one_namespace(server_class, run, connect, inbox):
    io = server_class(namespaces=["/a"])
    io.on("disconnect", inbox.add, namespace="/a")
    io.on("ask", lambda sid: "here")
    client = connect(run(io), namespaces=["/", "/a"])
    sid = client.get_sid("/a")
    io.disconnect(sid, namespace="/a")
    assert inbox.take() == (sid, io.reason.SERVER_DISCONNECT)
    assert client.call("ask", timeout=20) == "here"


def test_of_the_connection(server_class, run, connect, inbox):
    io = server_class(namespaces=["/a"])
    io.on("disconnect", lambda sid, reason: inbox.add(reason))
    io.on("disconnect", lambda sid, reason: inbox.add(reason), namespace="/a")
    client = connect(run(io), namespaces=["/", "/a"])
    io.disconnect(client.get_sid("/a"), namespace="/a", close=True)
    assert {inbox.take()[0], inbox.take()[0]} <= {
        io.reason.SERVER_DISCONNECT,
        io.reason.FORCED_SERVER_CLOSE,
    }


def test_by_a_broken_connection(server_class, run, connect, inbox):
    io = server_class()
    io.on("disconnect", inbox.add)
    client = connect(run(io))
    sid = client.get_sid()
    client.eio.ws.sock.shutdown(2)
    assert inbox.take() in [
        (sid, io.reason.TRANSPORT_CLOSE),
        (sid, io.reason.TRANSPORT_ERROR),
    ]


def test_by_silence(server_class, run, inbox):
    """Of a client that cannot itself lose patience, and has the time to join."""
    io = server_class(ping_interval=0.1, ping_timeout=2)
    io.on("connect", lambda sid, environ: inbox.add(sid))
    io.on("disconnect", inbox.add)
    peer = websocket.create_connection(socket_of(run(io)), timeout=TIMEOUT)
    peer.send("40")
    (sid,) = inbox.take()
    assert inbox.take() == (sid, io.reason.PING_TIMEOUT)
    peer.close()


def test_details(server_class, run, inbox):
    io = server_class()
    io.on("disconnect", lambda sid, reason, details: inbox.add("left", reason, details))
    io.on("disconnecting", lambda sid, reason, details: inbox.add("leaves", reason, details))
    io.of("/").add_listener("disconnect", lambda sid, reason: inbox.add("heard", reason))
    peer = websocket.create_connection(socket_of(run(io)), timeout=TIMEOUT)
    peer.recv()
    peer.send("40")
    assert peer.recv().startswith("40")
    peer.send_close(4001)
    reason, details = io.reason.TRANSPORT_CLOSE, "The client closed its WebSocket with code 4001."
    assert inbox.take() == ("leaves", reason, details)
    assert inbox.take() == ("left", reason, details)
    assert inbox.take() == ("heard", reason)
    peer.close()


def test_details_are_for_those_who_ask(server_class, run, connect, inbox):
    io = server_class()

    kind = libsocketio.AsyncNamespace if io.is_asyncio_based() else libsocketio.Namespace

    class Chat(kind):
        def on_disconnect(self, sid, reason, details):
            inbox.add(reason, details)

    io.register_namespace(Chat("/chat"))
    io.on("disconnect", lambda *args: inbox.add(len(args)))
    io.on("disconnect", lambda sid, reason, number=7: inbox.add(reason, number), namespace="/other")
    running = run(io)
    client = connect(running, namespaces=["/", "/chat", "/other"])
    io.disconnect(client.get_sid())
    assert inbox.take() == (2,)
    io.disconnect(client.get_sid("/other"), namespace="/other")
    assert inbox.take() == (io.reason.SERVER_DISCONNECT, 7)
    io.disconnect(client.get_sid("/chat"), namespace="/chat")
    assert inbox.take() == (io.reason.SERVER_DISCONNECT, "")


def test_by_shutdown(server_class, run, connect, inbox):
    io = server_class()
    io.on("disconnect", inbox.add)
    running = run(io)
    client = connect(running)
    sid = client.get_sid()
    running.shutdown()
    assert inbox.take() == (sid, io.reason.SERVER_SHUTTING_DOWN)
    assert io.counts() == libsocketio.Counts()
    assert io.address is None


def test_by_shutdown_while_polls_wait_on_other_loops(server_class, run, inbox):
    """The connection of a poll may be another event loop's, which must not end it first."""
    io = server_class(threads=2)
    io.on("disconnect", lambda sid, reason: inbox.add(reason))
    running = run(io)
    polls = []

    def request(method, sid="", body=None):
        connection = http.client.HTTPConnection(running.url.partition("//")[2], timeout=TIMEOUT)
        polls.append(connection)
        target = "/socket.io/?EIO=4&transport=polling" + (sid and f"&sid={sid}")
        connection.request(method, target, body)
        return connection

    for _ in range(60):
        text = request("GET").getresponse().read().decode()
        sid = json.loads(text[1:])["sid"]
        assert request("POST", sid, "40").getresponse().read() == b"ok"
        assert request("GET", sid).getresponse().read().startswith(b"40")
        request("GET", sid)  # it waits
    running.shutdown()
    assert {inbox.take() for _ in range(60)} == {(io.reason.SERVER_SHUTTING_DOWN,)}
    for connection in polls:
        connection.close()


def test_handlers_may_leave_out_the_reason(server_class, run, connect, inbox):
    io = server_class()
    io.on("disconnect", lambda sid: inbox.add(sid))
    client = connect(run(io))
    sid = client.get_sid()
    client.disconnect()
    assert inbox.take() == (sid,)


def test_session_and_environ_are_there_until_the_handler_ends(server_class, run, connect, inbox):
    io = server_class()

    @io.on("disconnect")
    def left(sid, reason):
        inbox.add(running.wait_for(io.get_session(sid)), io.get_environ(sid)["REMOTE_ADDR"])

    running = run(io)
    client = connect(running)
    sid = client.get_sid()
    io.save_session(sid, {"name": "x"})
    client.disconnect()
    assert inbox.take() == ({"name": "x"}, "127.0.0.1")


def test_afterwards_the_client_is_unknown(server_class, run, connect, inbox):
    io = server_class()
    io.on("disconnect", inbox.add)
    io.on("end", lambda sid: None)
    running = run(io)
    client, other = connect(running), connect(running)
    sid = client.get_sid()
    client.disconnect()
    inbox.take()
    other.call("end", timeout=TIMEOUT)  # is handled behind the handler of the disconnect
    io.emit("x", to=sid)
    io.emit("x", to=sid, callback=inbox.add)
    io.leave_room(sid, "x")
    io.disconnect(sid)
    assert io.get_environ(sid) is None
    assert io.rooms(sid) == []
    for function in (io.get_session, io.transport):
        with pytest.raises(KeyError):
            function(sid)
    with pytest.raises(ValueError):
        io.enter_room(sid, "x")
    with pytest.raises(libsocketio.exceptions.DisconnectedError):
        running.wait_for(io.call("x", to=sid))


def test_emitting_to_a_client_that_has_just_left_is_no_error(server_class, run, connect, inbox):
    io = server_class()

    @io.event
    def leave(sid):
        io.disconnect(sid)
        for _ in range(10):
            io.emit("x", to=sid)
            io.emit("x", to=sid, callback=print)
            io.enter_room(sid, "room")
        return "unheard"

    io.on("disconnect", inbox.add)
    client = connect(run(io))
    sid = client.get_sid()
    client.emit("leave", callback=print)
    assert inbox.take() == (sid, io.reason.SERVER_DISCONNECT)


def test_sessions(run, connect):
    io = libsocketio.Server(namespaces=["/a"])

    @io.event
    def count(sid):
        with io.session(sid) as session:
            session["count"] = session.get("count", 0) + 1
            return session["count"]

    running = run(io)
    client = connect(running, namespaces=["/", "/a"])
    assert [client.call("count", timeout=20) for _ in range(3)] == [1, 2, 3]
    sid = client.get_sid()
    assert io.get_session(sid) == {"count": 3}
    io.save_session(sid, {"new": True})
    assert io.get_session(sid) == {"new": True}
    assert io.get_session(client.get_sid("/a"), namespace="/a") == {}
    with pytest.raises(KeyError), io.session("nobody"):
        pass
