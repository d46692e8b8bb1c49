"""Being let in, being refused, and what the server knows of who comes."""

import pytest
import socketio


def test_connects_with_auth(server, peer, mode):
    client = peer().connect(server, mode, auth={"name": "Zoë", "n": [1, None]})
    sid, auth = client.expect("welcome")
    assert sid == client.sid()
    assert len(sid) == 20
    assert auth == {"name": "Zoë", "n": [1, None]}
    assert client.transport == ("polling" if mode == "polling" else "websocket")


def test_stays_on_polling_where_nobody_may_upgrade(serve, peer):
    client = peer().connect(serve("--no-upgrades"), "upgrade")
    assert client.client.eio.upgrades == []
    assert client.call("echo", 1) == 1
    assert client.transport == "polling"


@pytest.mark.parametrize("when", ["refuse", "refuse-later"])
def test_is_refused_with_message_and_data(server, peer, mode, when):
    client = peer()
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(server, mode, auth={"mode": when})
    assert client.expect("connect_error") == (
        {"message": "not you", "data": {"code": 401, "why": ["no ticket", None, True]}},
    )


def test_is_refused_with_a_message_alone(server, peer, mode):
    client = peer()
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(server, mode, auth={"mode": "refuse-plain"})
    assert client.expect("connect_error") == ({"message": "go away"},)


def test_is_let_in_later(server, peer, mode):
    client = peer().connect(server, mode, auth={"mode": "accept-later"})
    assert client.expect("welcome")[0] == client.sid()


def test_may_try_again_after_a_refusal(server, peer, mode):
    client = peer()
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(server, mode, auth={"mode": "refuse"})
    client.connect(server, mode, auth={})
    assert client.call("echo", 1) == 1


def test_joins_namespaces_on_one_connection(server, peer, mode):
    client = peer().connect(server, mode, namespaces=["/", "/chat"])
    assert client.sid("/") != client.sid("/chat")
    assert client.call("echo", "root") == "root"
    assert client.call("echo", "chat", nsp="/chat") == "chat"
    assert client.call("counts")["sessions"] == 1
    assert client.call("counts")["sockets"] == 2


def test_joins_a_namespace_without_the_root(server, peer, mode):
    client = peer().connect(server, mode, namespaces=["/chat"])
    assert client.call("echo", "chat", nsp="/chat") == "chat"


def test_an_unknown_namespace_is_refused(server, peer, mode):
    client = peer()
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(server, mode, namespaces=["/nowhere"])
    assert client.expect("connect_error", "/nowhere") == ({"message": "Invalid namespace"},)


def test_an_unknown_namespace_leaves_the_others_alone(server, peer, mode):
    client = peer()
    client.connect(server, mode, namespaces=["/"])
    client._listen("/nowhere")
    client._run(client.client._send_packet, client.client.packet_class(0, namespace="/nowhere"))
    assert client.expect("connect_error", "/nowhere") == ({"message": "Invalid namespace"},)
    assert client.call("echo", 1) == 1


def test_the_server_knows_how_a_client_came(server, peer, kind, mode):
    client = peer().connect(
        server,
        mode,
        url=f"{server.url}/?room=a%20b&token=x",
        headers={"X-Test": "yes", "User-Agent": "interop"},
        auth={"a": 1},
    )
    details = client.call("handshake")
    assert details["nsp"] == "/"
    assert details["address"] == "127.0.0.1"
    assert details["port"] > 0
    assert details["secure"] == 0
    # Of the clients, websocket-client alone sends an Origin: the server's.
    assert details["xdomain"] == ((kind, mode) == ("Client", "websocket"))
    assert details["revision"] == 4
    assert details["auth"] == {"a": 1}
    assert details["headers"]["x-test"] == "yes"
    assert details["headers"]["host"] == f"127.0.0.1:{server.port}"
    assert "room=a%20b&token=x" in details["query"] or "room=a+b&token=x" in details["query"]
    assert details["url"].startswith("/socket.io/?")
    assert details["transport"] == client.transport


@pytest.mark.parametrize("only", ["polling", "websocket"])
def test_a_server_with_one_transport(serve, peer, only):
    server = serve("--transport", only)
    client = peer().connect(server, only)
    assert client.call("echo", only) == only
    other = {"polling": "websocket", "websocket": "polling"}[only]
    with pytest.raises(socketio.exceptions.ConnectionError):
        peer().connect(server, other)


def test_a_server_without_upgrades(serve, peer):
    client = peer().connect(serve("--no-upgrades"), "upgrade")
    assert client.transport == "polling"
    assert client.call("echo", 1) == 1


def test_a_path_of_its_own(serve, peer, mode):
    client = peer().connect(serve("--path", "/live/io"), mode, socketio_path="/live/io")
    assert client.call("echo", 1) == 1
