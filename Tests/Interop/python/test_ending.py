"""How it ends, and what each side is told about why."""

import pytest

CLIENT = "client disconnect"
SERVER = "server disconnect"
BROKEN = "transport error"


def test_the_client_disconnects(server, watcher, peer, mode):
    client = peer().connect(server, mode)
    sid = client.sid()
    client.disconnect()
    assert client.expect("disconnect") == (CLIENT,)
    gone = watcher.expect("gone", "/watch")
    assert gone[:2] == ("/", sid)
    # The client may close its WebSocket before it has sent its DISCONNECT.
    assert gone[2] in ("client namespace disconnect", "transport close")


def test_the_server_disconnects(server, watcher, peer, mode):
    client = peer().connect(server, mode)
    sid = client.sid()
    client.emit("echo", "before")
    client.emit("leave-me")
    assert client.expect("echo") == ("before",)
    assert client.expect("disconnect") == (SERVER,)
    assert watcher.expect("gone", "/watch") == ("/", sid, "server namespace disconnect")


def test_the_server_disconnects_one_namespace(server, watcher, peer, mode):
    client = peer().connect(server, mode, namespaces=["/", "/chat"])
    client.emit("leave-me", nsp="/chat")
    assert client.expect("disconnect", "/chat") == (SERVER,)
    assert watcher.expect("gone", "/watch")[::2] == ("/chat", "server namespace disconnect")
    assert client.call("echo", "still here") == "still here"


def test_the_server_ends_the_connection(server, watcher, peer, mode):
    client = peer().connect(server, mode, namespaces=["/", "/chat"])
    client.emit("drop-me")
    # The client may see the end of the connection before it has read the rest.
    for nsp in ("/", "/chat"):
        assert client.expect("disconnect", nsp)[0] in (SERVER, BROKEN)
    gone = {watcher.expect("gone", "/watch")[::2] for _ in range(2)}
    assert gone == {(nsp, "server namespace disconnect") for nsp in ("/", "/chat")}


def test_the_server_disconnects_a_room(server, peer, mode):
    inside, outside = (peer().connect(server, mode) for _ in range(2))
    inside.call("join", "r")
    outside.emit("kick-room", "r")
    assert inside.expect("disconnect") == (SERVER,)
    assert outside.call("echo", 1) == 1


def test_the_server_closes(serve, peer, mode):
    server = serve()
    client = peer().connect(server, mode)
    assert server.close() == 0
    assert client.expect("disconnect")[0] in (SERVER, BROKEN)


def test_the_client_comes_back_after_a_crash(serve, peer, mode):
    first = serve()
    client = peer(
        reconnection=True,
        reconnection_delay=0.05,
        reconnection_delay_max=0.1,
        randomization_factor=0,
    )
    client.connect(first, mode, auth={"name": "again"})
    client.expect("connect")
    sid, _ = client.expect("welcome")
    first.crash()  # not closed: over polling, this client respects a goodbye
    client.expect("disconnect")
    serve("--port", first.port)
    client.expect("connect")
    new_sid, auth = client.expect("welcome")
    assert (new_sid != sid, auth) == (True, {"name": "again"})
    assert client.call("echo", "back") == "back"


@pytest.mark.parametrize("end", ["client", "leave-me", "drop-me"])
def test_nothing_is_left(server, watcher, peer, mode, end):
    for _ in range(5):
        client = peer().connect(server, mode)
        client.call("join", "r")
        if end == "client":
            client.disconnect()
        else:
            client.emit(end)
        client.expect("disconnect")
        watcher.expect("gone", "/watch")
    last = peer().connect(server, mode)
    counts = last.call("counts")
    assert (counts["sockets"], counts["room_entries"]) == (2, 2)
    assert (counts["pending_acks"], counts["pending_replies"]) == (0, 1)
