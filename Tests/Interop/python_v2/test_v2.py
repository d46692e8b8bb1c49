"""A client of Socket.IO 2 at a server of today, over every transport."""

import json

import pytest
from clients import TRANSPORTS
from engineio.packet import PONG
from socketio import exceptions, packet

HOLDER = {"_placeholder": True, "num": 0}


def test_connects(server, peer, mode):
    client = peer().connect(server, mode, query="/?room=a%20b", headers={"X-Test": "yes"})
    assert client.transport == ("polling" if mode == "polling" else "websocket")
    assert client.expect("welcome") == (client.sid, {})
    details = client.call("handshake")
    assert details["revision"] == 3
    assert details["nsp"] == "/"
    assert details["auth"] == {}
    assert details["headers"]["x-test"] == "yes"
    assert "room=a%20b" in details["query"]
    assert details["transport"] == client.transport


def test_namespaces_and_their_queries(server, peer, mode):
    client = peer().connect(server, mode, namespaces=["/chat?token=a%26b&n=1"])
    sid, auth = client.expect("welcome", "/chat")
    assert sid == f"/chat#{client.sid}"
    assert auth == {"token": "a&b", "n": "1"}
    assert client.call("echo", "root") == "root"
    assert client.call("echo", "chat", nsp="/chat") == "chat"
    assert client.call("counts")["sockets"] == 2


@pytest.mark.parametrize(
    ("mode_", "error"),
    [
        ("refuse", ({"code": 401, "why": ["no ticket", None, True]},)),
        ("refuse-plain", ("go away",)),
        ("refuse-later", ({"code": 401, "why": ["no ticket", None, True]},)),
    ],
)
def test_a_namespace_is_refused(server, peer, mode, mode_, error):
    client = peer().connect(server, mode)
    connect = packet.Packet(packet.CONNECT, namespace=f"/chat?mode={mode_}")
    client.client._send_packet(connect)
    assert client.expect("connect_error", "/chat") == error
    assert client.call("echo", 1) == 1


def test_is_let_in_later(server, peer, mode):
    client = peer().connect(server, mode, namespaces=["/chat?mode=accept-later"])
    assert client.expect("welcome", "/chat")[0] == f"/chat#{client.sid}"


def test_an_unknown_namespace(server, peer, mode):
    client = peer()
    client.client.connect(server.url, transports=TRANSPORTS[mode], namespaces=["/nowhere"])
    client.expect("connect")
    assert client.expect("connect_error", "/nowhere") == ({"message": "Invalid namespace"},)
    assert client.call("echo", 1) == 1


@pytest.mark.parametrize(
    "value", ["", "é€😀\u2028\x1e", {"a": [1, None, True, 1.5]}, [], "x" * 50_000]
)
def test_text_both_ways(server, peer, mode, value):
    client = peer().connect(server, mode)
    assert client.call("echo", value) == value
    client.emit("echo", value, 7)
    assert client.expect("echo") == (value, 7)


@pytest.mark.parametrize("size", [1, 9, 10, 125, 126, 65_536, 200_000])
def test_bytes_both_ways(server, peer, mode, size):
    client = peer().connect(server, mode)
    data = bytes(range(256)) * (size // 256 + 1)
    data = data[:size]
    assert client.call("echo", data, {"deep": [data]}) == (data, {"deep": [data]})
    client.emit("echo", data)
    assert client.expect("echo") == (data,)


def test_bytes_of_the_server(server, peer, mode):
    client = peer().connect(server, mode)
    client.emit("binary")
    first, second = client.expect("binary")
    # This client takes a packet without bytes for one without data.
    assert first == {"all": bytes(range(256)), "deep": [[{"empty": None}], b"\x1e"]}
    assert second == b"\x1e"


def test_the_server_asks(server, peer, mode):
    client = peer()
    client.replies["question"] = ["yes", 2]
    client.connect(server, mode)
    assert client.call("echo-later", "x") == "x"
    assert client.call("echo-twice", "x") == "x"


def test_many_events_in_order(server, peer, mode):
    client = peer().connect(server, mode)
    client.emit("burst", 200)
    assert [client.expect("tick")[0] for _ in range(200)] == list(range(200))
    for i in range(50):
        client.emit("echo", i)
    assert [client.expect("echo")[0] for _ in range(50)] == list(range(50))


def test_rooms_and_broadcasts_between_old_clients(server, peer, mode):
    one, two, three = (peer().connect(server, mode) for _ in range(3))
    one.call("join", "room 1")
    two.call("join", "room 1")
    assert set(one.call("rooms")) == {one.sid, "room 1"}
    assert one.call("members", "room 1") == 2
    assert three.call("members", one.sid) == 1, "everyone is in the room of its own id"
    three.emit("tell-room", "room 1", b"\1\2")
    assert one.expect("news") == two.expect("news") == ("room 1", b"\1\2")
    one.emit("tell-room-others", "room 1")
    assert two.expect("news") == ("room 1",)
    assert one.nothing("news")
    assert three.nothing("news")
    three.emit("tell-room", one.sid)
    assert one.expect("news") == (one.sid,)
    two.call("leave", "room 1")
    assert one.call("members", "room 1") == 1


def test_a_room_of_an_id_in_another_namespace(server, peer, mode):
    one = peer().connect(server, mode, namespaces=["/chat"])
    two = peer().connect(server, mode, namespaces=["/chat"])
    own = f"/chat#{one.sid}"
    assert one.call("rooms", nsp="/chat") == [own]
    two.emit("tell-room", own, nsp="/chat")
    assert one.expect("news", "/chat") == (own,)
    # The session's id is nobody's in this namespace.
    assert two.call("members", one.sid, nsp="/chat") == 0


def test_broadcasts_from_old_to_new_and_back(server, peer, modern, mode):
    old = peer().connect(server, mode)
    data = bytes(range(256)) * 100
    modern.emit("tell-all", "€😀", HOLDER, attachment=data)
    assert old.expect("news") == ("€😀", data)
    assert '"news"' in modern.receive_event("news")
    assert modern.receive() == data
    old.emit("tell-all", "€😀", data)
    kind, _, event = modern.receive_event("news").partition("-")
    assert (kind, json.loads(event)) == ("451", ["news", "€😀", HOLDER])
    assert modern.receive() == data
    assert old.expect("news") == ("€😀", data)


def test_the_client_leaves(server, peer, watcher, mode):
    client = peer().connect(server, mode, namespaces=["/chat"])
    client.disconnect()
    gone = {tuple(watcher.expect("gone", "/watch")) for _ in range(2)}
    reasons = {reason for _, _, reason in gone}
    assert {(nsp, sid) for nsp, sid, _ in gone} == {
        ("/", client.sid or sid_of(gone, "/")),
        ("/chat", f"/chat#{client.sid or sid_of(gone, '/')}"),
    }
    assert reasons <= {"client namespace disconnect", "transport close", "transport error"}


def sid_of(gone, namespace):
    return next(sid for nsp, sid, _ in gone if nsp == namespace)


def test_the_server_ends_a_namespace(server, peer, mode):
    client = peer().connect(server, mode, namespaces=["/chat"])
    client.emit("leave-me", nsp="/chat")
    client.expect("disconnect", "/chat")
    assert client.call("echo", 1) == 1


def test_the_server_ends_the_connection(server, peer, mode):
    client = peer().connect(server, mode)
    client.emit("drop-me")
    client.expect("disconnect")


def test_the_client_pings(serve, peer, mode):
    client = peer()
    receive = client.client.eio._receive_packet

    def counting(packet):
        if packet.packet_type == PONG:
            client._remember("pong", "/", ())
        return receive(packet)

    client.client.eio._receive_packet = counting
    client.connect(serve("--ping-interval", 1000, "--ping-timeout", 1000), mode)
    # Three seconds at least; a client that does not ping has two.
    for _ in range(4):
        client.expect("pong")
    assert client.call("echo", 1) == 1


def test_a_client_that_stops_pinging(serve, peer):
    """Over polling: with a WebSocket this client gives up at the same moment."""
    server = serve("--ping-interval", 1000, "--ping-timeout", 1000)
    watcher = peer().connect(server, namespaces=["/watch"])
    client = peer().connect(server, "polling")
    sid = client.sid
    send = client.client.eio._send_packet
    client.client.eio._send_packet = lambda packet: packet.packet_type == 2 or send(packet)
    assert watcher.expect("gone", "/watch") == ("/", sid, "ping timeout")


SID = "0123456789012345678901234567890123456789" + "0123456789abcdefABCDEF-_"


def test_a_handshake_is_refused(serve, peer, mode):
    """allow_request: the client is told by an exception, and may try again."""
    server = serve("--door")
    client = peer()
    with pytest.raises(exceptions.ConnectionError):
        client.client.connect(server.url + "/?door=closed", transports=TRANSPORTS[mode])
    client.connect(server, mode)
    assert client.call("echo", 1) == 1


@pytest.mark.parametrize("sid", ["abcdefghijklmnopqrst", SID, "x"], ids=len)
def test_a_session_with_an_id_of_the_program(serve, peer, mode, sid):
    """generate_id: one of the usual length is the socket's, too, as this client takes it to be."""
    server = serve("--door")
    client = peer().connect(server, mode, namespaces=["/chat"], query=f"/?id={sid}")
    assert client.sid == sid
    root, chat = client.expect("welcome")[0], client.expect("welcome", "/chat")[0]
    if len(sid) == 20:
        assert (root, chat) == (sid, f"/chat#{sid}")
    else:
        assert (len(root), len(chat)) == (20, 20)
    assert client.call("echo", 1, nsp="/chat") == 1
    client.emit("tell-room", chat, nsp="/chat")
    assert client.expect("news", "/chat") == (chat,)


def test_a_server_that_refuses_old_clients(serve, peer, mode):
    with pytest.raises(exceptions.ConnectionError):
        peer().connect(serve("--no-eio3"), mode)
