"""Limits, as clients meet them."""

import pytest

SOURCE = """
io.on("echo", lambda sid, *args: args)
io.on("disconnect", lambda sid, reason: hear(reason))
"""


def is_refused(peer, server, mode):
    """Whether a client cannot connect."""
    try:
        peer().connect(server, mode)
    except Exception:
        return True
    return False


def test_namespaces_of_a_connection(script, peer, mode, generation):
    server = script(
        "for n in range(9): io.on('echo', lambda sid, *args: args, namespace=f'/{n}')",
        max_namespaces_per_connection=3,
    )
    client = peer()
    if generation == 5:
        with pytest.raises(Exception, match="namespaces failed"):
            client.connect(server, mode, namespaces=["/", "/1", "/2", "/3"])
        assert client.expect("connect_error", "/3") == ({"message": "Too many namespaces"},)
        client = peer().connect(server, mode, namespaces=["/", "/1", "/2"])
    else:
        client.connect(server, mode, namespaces=["/1", "/2"])
        client.client._send_packet(connect_packet("/3"))
        assert client.expect("connect_error", "/3") == ({"message": "Too many namespaces"},)
    assert client.call("echo", 1, nsp="/2") == 1


def connect_packet(nsp):
    from socketio.packet import CONNECT, Packet

    return Packet(CONNECT, namespace=nsp)


def test_connections(script, peer):
    server = script(SOURCE, max_connections=2)
    clients = [peer().connect(server, "websocket") for _ in range(2)]
    assert is_refused(peer, server, "websocket")
    assert [client.call("echo", 1) for client in clients] == [1, 1]
    assert server.run("io.counts().connections") == 2


def test_connections_of_an_address(script, peer):
    server = script(SOURCE, max_connections_per_address=1)
    client = peer().connect(server, "websocket")
    assert is_refused(peer, server, "websocket")
    assert client.call("echo", 1) == 1


def test_handshakes_a_second(script, peer, mode):
    server = script(SOURCE, max_handshakes_per_second=1)
    outcomes = []
    while len(outcomes) < 20 and True not in outcomes:
        outcomes.append(is_refused(peer, server, mode))
    assert (outcomes[0], outcomes[-1]) == (False, True)


def test_attachments(script, peer, mode):
    server = script(SOURCE, max_attachments=2)
    client = peer().connect(server, mode)
    assert list(client.call("echo", b"1", b"2")) == [b"1", b"2"]
    client.emit("echo", b"1", b"2", b"3")
    client.expect("disconnect")
    assert server.heard()[0] in ("forced close", "forced server close")


def test_bytes_of_a_message(script, peer, mode):
    server = script(SOURCE, max_http_buffer_size=10_000)
    client = peer().connect(server, mode)
    assert client.call("echo", "x" * 9_000) == "x" * 9_000
    client.emit("echo", "x" * 20_000)
    if mode == "polling":
        # 413: this client sends no more, and the session is none the wiser.
        assert server.run("len(io.sockets())") == 1
    else:
        # Close code 1009.
        assert server.heard() == ["transport error"]


def test_depth(script, peer, mode):
    server = script(SOURCE, max_json_depth=8)
    client = peer().connect(server, mode)
    assert client.call("echo", [[[[1]]]]) == [[[[1]]]]
    client.emit("echo", [[[[[[[[[1]]]]]]]]])
    client.expect("disconnect")
    assert server.heard()[0] in ("forced close", "forced server close")


def test_rooms_and_replies(script, peer, mode, sid_of):
    server = script(SOURCE, max_rooms_per_socket=2, max_pending_acks=1)
    client = peer().connect(server, mode)
    sid = sid_of(client)
    server.run(f"[io.enter_room('{sid}', room) for room in 'ab']")
    with pytest.raises(Exception, match="LimitError"):
        server.run(f"io.enter_room('{sid}', 'c')")
    assert sorted(server.run(f"io.rooms('{sid}')")) == sorted([sid, "a", "b"])
    assert client.call("echo", "still here") == "still here"
