"""Namespaces that clients ask for."""

import pytest

PATTERN = r"""
io.on("echo", lambda sid, *args: args)
rooms = io.of(re.compile("/room-[0-9]+"))
rooms.on("connect", lambda nsp, sid, environ, auth: hear("connect", nsp, auth))
rooms.on("echo", lambda nsp, sid, *args: (nsp, *args))
rooms.on("disconnect", lambda nsp, sid, reason: hear("disconnect", nsp))
io.on("new_namespace", lambda nsp: nsp.startswith("/room") and hear("new", nsp))
"""


def test_a_pattern(script, peer, mode):
    server = script(PATTERN)
    one = peer().connect(server, mode, namespaces=["/room-1"])
    assert server.heard()[:2] == ["new", "/room-1"]
    assert server.heard()[:2] == ["connect", "/room-1"]
    assert one.call("echo", b"\1", nsp="/room-1") in (("/room-1", b"\1"), ["/room-1", b"\1"])
    two = peer().connect(server, mode, namespaces=["/room-2"])
    assert [server.heard()[:2] for _ in range(2)] == [["new", "/room-2"], ["connect", "/room-2"]]
    server.run("rooms.emit('news', 1)")
    assert one.expect("news", "/room-1") == two.expect("news", "/room-2") == (1,)
    server.run("io.of('/room-2').emit('news', 2)")
    assert two.expect("news", "/room-2") == (2,)
    assert one.nothing("news", "/room-1")
    assert sorted(server.run("rooms.sockets()")) == sorted(
        server.run("io.sockets(namespace='/room-1') + io.sockets(namespace='/room-2')")
    )


def ask_for(client, server, mode, nsp, generation):
    """Connects, and asks for a namespace that is refused."""
    if generation == 5:
        with pytest.raises(Exception, match="namespaces failed"):
            client.connect(server, mode, namespaces=["/", nsp])
    else:
        client.connect(server, mode)
        client.client._send_packet(packet(nsp))
    (error,) = client.expect("connect_error", nsp.partition("?")[0])
    return error["message"] if isinstance(error, dict) else error


def packet(nsp):
    from socketio.packet import CONNECT, Packet

    return Packet(CONNECT, namespace=nsp)


@pytest.mark.parametrize("nsp", ["/room-x", "/room-1x", "/xroom-1", "/nowhere"])
def test_a_name_that_does_not_match(script, peer, mode, nsp, generation):
    server = script(PATTERN)
    assert ask_for(peer(), server, mode, nsp, generation) == "Invalid namespace"


def test_a_function_decides(script, peer, mode, generation):
    server = script("""
    mine = io.of(lambda nsp, auth: nsp == "/mine" and auth == {"key": "1"})
    mine.on("connect", lambda nsp, sid, environ: None)
    mine.on("echo", lambda nsp, sid, *args: args)
    """)
    for nsp in ("/mine", "/yours") if generation == 5 else ("/mine?key=2", "/yours?key=1"):
        assert ask_for(peer(), server, mode, nsp, generation) == "Invalid namespace"
    client = peer()
    if generation == 5:
        client.connect(server, mode, namespaces=["/mine"], auth={"key": "1"})
    else:
        client.connect(server, mode, namespaces=["/mine?key=1"])
    assert client.call("echo", 1, nsp="/mine") == 1
    # It is there now: nobody is asked about it, as in Node.
    ask = peer()
    ask.connect(server, mode, namespaces=["/mine"])
    assert ask.call("echo", 2, nsp="/mine") == 2


def test_children_go_with_their_last_client(script, peer, mode):
    server = script(PATTERN, cleanup_empty_child_namespaces=True)
    for _ in range(2):
        client = peer().connect(server, mode, namespaces=["/room-1"])
        assert [server.heard()[0] for _ in range(2)] == ["new", "connect"]
        getattr(client, "disconnect", client.client.disconnect)()
        assert server.heard() == ["disconnect", "/room-1"]


def test_only_so_many(script, peer, mode, generation):
    server = script(PATTERN, max_child_namespaces=1)
    one = peer().connect(server, mode, namespaces=["/room-1"])
    assert ask_for(peer(), server, mode, "/room-2", generation) == "Invalid namespace"
    assert one.call("echo", nsp="/room-1") == "/room-1"


def test_middleware_and_a_refusal_with_data(script, peer, mode, generation):
    server = script("""
    chat = io.of("/chat")
    chat.use(lambda sid, environ: hear("asked", environ["REQUEST_METHOD"]))
    @chat.event
    def connect(sid, environ, auth):
        raise libsocketio.ConnectionRefusedError("no entry", {"code": 403})
    """)
    client = peer()
    if generation == 5:
        with pytest.raises(Exception, match="namespaces failed"):
            client.connect(server, mode, namespaces=["/", "/chat"])
        error = {"message": "no entry", "data": {"code": 403}}
    else:
        client.connect(server, mode)
        client.client._send_packet(packet("/chat"))
        error = {"code": 403}
    assert client.expect("connect_error", "/chat") == (error,)
    assert server.heard() == ["asked", "GET"]


@pytest.mark.parametrize("option", ["/lobby", "*"])
def test_namespaces_by_an_option(script, peer, mode, option):
    options = {"namespaces": option if option == "*" else [option]}
    server = script("io.on('where', lambda nsp, sid: nsp, namespace='*')", **options)
    client = peer().connect(server, mode, namespaces=["/lobby"])
    assert client.call("where", nsp="/lobby") == "/lobby"
