"""Clients that go on where they were. python-socketio's clients cannot: a client by hand does."""

import json

import pytest
import websocket

import libsocketio
from conftest import TIMEOUT, until


class Raw:
    """A client of Socket.IO 4.6 and later, on a WebSocket."""

    def __init__(self, running, auth="", namespace=""):
        url = running.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
        self.socket = websocket.create_connection(url, timeout=TIMEOUT)
        self.prefix = namespace and f"{namespace},"
        assert self.receive().startswith("0{")
        self.socket.send(f"40{self.prefix}{auth}")
        self.missed = []
        while not (packet := self.receive()).startswith("40"):
            self.missed.append(self.event(packet))
        answer = json.loads(packet[2 + len(self.prefix) :])
        self.sid, self.pid = answer["sid"], answer["pid"]

    def receive(self):
        while (packet := self.socket.recv()) == "2":
            self.socket.send("3")
        return packet

    def event(self, packet=None):
        packet = packet or self.receive()
        assert packet.startswith("42"), packet
        event = json.loads(packet[2 + len(self.prefix) :])
        self.offset = event[-1]
        return event[:-1]

    def back(self, running, offset=True):
        auth = {"pid": self.pid}
        if offset:
            auth["offset"] = self.offset
        return Raw(running, json.dumps(auth), self.prefix[:-1])


@pytest.mark.parametrize("namespace", ["/", "/chat"])
@pytest.mark.parametrize("skip", [False, True])
def test_comes_back(server_class, run, inbox, namespace, skip):
    io = server_class(connection_state_recovery={"skip_middlewares": skip}, namespaces=[namespace])
    asked, told = [], []
    io.use(lambda sid, environ: asked.append(environ["libsocketio.recovered"]), namespace)
    io.on("connect", lambda sid, environ: told.append(environ["libsocketio.recovered"]), namespace)
    io.on("disconnect", lambda sid, reason: inbox.add(reason), namespace)
    io.on("ask", lambda sid: inbox.add("asked", sid), namespace)
    running = run(io)
    client = Raw(running, namespace=namespace.strip("/") and namespace)
    sid = client.sid
    io.emit("first", 1, namespace=namespace)
    assert client.event() == ["first", 1]
    io.enter_room(sid, "room", namespace)
    running.wait_for(io.get_session(sid, namespace))["name"] = "ann"
    client.socket.sock.close()
    assert inbox.take() == ("transport close",)
    io.emit("missed", [b"".decode(), 2], room="room", namespace=namespace)
    io.emit("not for it", room="other", namespace=namespace)
    back = client.back(running)
    assert (back.sid, back.pid) == (sid, client.pid)
    assert back.missed == [["missed", ["", 2]]]
    back.socket.send(f'42{back.prefix}["ask"]')
    assert inbox.take() == ("asked", sid)
    assert sorted(io.rooms(sid, namespace)) == sorted([sid, "room"])
    assert running.wait_for(io.get_session(sid, namespace)) == {"name": "ann"}
    assert io.recovered(sid, namespace)
    assert io.get_environ(sid, namespace)["libsocketio.recovered"] is True
    (socket,) = running.wait_for(io.of(namespace).fetch_sockets())
    assert socket.recovered
    assert asked == ([False] if skip else [False, True])
    assert told == [False, True]
    # And once more, without having seen an event in between.
    back.socket.sock.close()
    assert inbox.take() == ("transport close",)
    again = back.back(running, offset=False)
    assert again.sid == sid
    again.socket.send(f'42{back.prefix}["ask"]')
    assert inbox.take() == ("asked", sid)
    assert running.wait_for(io.get_session(sid, namespace)) == {"name": "ann"}


@pytest.mark.parametrize("refuse", ["returns", "raises"])
def test_who_is_back_without_middlewares_may_be_sent_away(server_class, run, inbox, refuse):
    io = server_class(connection_state_recovery={"skip_middlewares": True})

    def connected(sid, environ, auth):
        inbox.add(auth)
        if "pid" not in auth:
            return None
        if refuse == "raises":
            raise libsocketio.ConnectionRefusedError("no more")
        return False

    io.on("connect", connected)
    io.on("disconnect", lambda sid, reason: inbox.add(reason))
    running = run(io)
    client = Raw(running, '{"name":1}')
    assert inbox.take() == ({"name": 1},)
    client.socket.sock.close()
    assert inbox.take() == ("transport close",)
    back = client.back(running, offset=False)
    assert back.sid == client.sid
    assert inbox.take() == ({"pid": client.pid},)
    assert back.receive() == "41"
    assert inbox.take() == ("server namespace disconnect",)


def test_why_it_cannot(server_class, run, inbox):
    io = server_class(connection_state_recovery=True)
    io.on("connect", lambda sid, environ: inbox.add(environ.get("libsocketio.recovery_failure")))
    running = run(io)
    client = Raw(running, '{"pid":"aaaaaaaaaaaaaaaaaaaa"}')
    (why,) = inbox.take()
    assert "no session" in why
    assert not io.recovered(client.sid)
    assert not io.recovered("nobody")
    Raw(running)
    assert inbox.take() == (None,)


def test_who_left_in_order_does_not_come_back(server_class, run, inbox):
    io = server_class(connection_state_recovery=True)
    io.on("disconnect", lambda sid, reason: inbox.add(reason))
    running = run(io)
    client = Raw(running)
    running.wait_for(io.save_session(client.sid, {"secret": 1}))
    io.disconnect(client.sid)
    assert inbox.take() == ("server namespace disconnect",)
    back = client.back(running, offset=False)
    assert back.sid != client.sid
    assert len(io._sessions) == 0


def test_sessions_are_bounded(server_class, run, inbox):
    io = server_class(connection_state_recovery={"max_sessions": 2})
    io.on("disconnect", lambda sid, reason: inbox.add(reason))
    running = run(io)
    for _ in range(4):
        Raw(running).socket.sock.close()
        inbox.take()
    assert len(io._sessions) == 2


@pytest.mark.parametrize("children", [False, True])
def test_sessions_are_bounded_for_all_namespaces_together(server_class, run, inbox, children):
    """Clients cannot make it more by leaving many namespaces."""
    names = [f"/{number}" for number in range(6)]
    io = server_class(
        connection_state_recovery={"max_sessions": 4}, namespaces="*" if children else names
    )
    for name in ["*"] if children else names:
        io.on("disconnect", lambda *args: inbox.add(*args[-2:]), name)
    running = run(io)
    for name in names + 3 * ["/5"]:
        Raw(running, namespace=name).socket.sock.close()
        inbox.take()
        assert 1 <= len(io._sessions) <= 4


def test_the_namespaces_with_most_sessions_lose_their_oldest(server_class, run, inbox):
    io = server_class(connection_state_recovery={"max_sessions": 4}, namespaces=["/a", "/b"])
    for name in ("/a", "/b"):
        io.on("disconnect", lambda sid, reason: inbox.add(reason), name)
        io.on("ask", lambda sid: inbox.add(sid), name)
    running = run(io)
    alone, *others = clients = [Raw(running, namespace=name) for name in ["/a"] + 5 * ["/b"]]
    for client in clients:
        name = client.prefix[:-1]
        running.wait_for(io.save_session(client.sid, {"sid": client.sid}, name))
        client.socket.sock.close()
        inbox.take()
    for client, name in ((alone, "/a"), (others[-1], "/b")):
        back = client.back(running, offset=False)
        assert back.sid == client.sid
        back.socket.send(f'42{back.prefix}["ask"]')
        assert inbox.take() == (client.sid,)
        assert running.wait_for(io.get_session(client.sid, name)) == {"sid": client.sid}
    assert others[0].back(running, offset=False).sid != others[0].sid


def test_sessions_end(server_class, run, inbox):
    """Those of clients that stay away, though nobody else leaves."""
    io = server_class(connection_state_recovery={"max_disconnection_duration": 0.2})
    io.on("disconnect", lambda sid, reason: inbox.add(len(io._sessions)))
    running = run(io)
    Raw(running).socket.sock.close()
    assert inbox.take() == (1,)
    until(lambda: len(io._sessions) == 0)


@pytest.mark.parametrize(
    "option",
    [
        3,
        {"max_disconnection": 3},
        {"max_disconnection_duration": 0},
        {"max_sessions": "many"},
        {"max_bytes": 0},
    ],
)
def test_wrong_options(server_class, option):
    with pytest.raises((TypeError, ValueError)):
        server_class(connection_state_recovery=option)
