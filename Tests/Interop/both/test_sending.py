"""Flags of an emit, order, and what arguments may hold."""

import pytest
from server import Refusal

SOURCE = """
io.on("echo", lambda sid, *args: args)
io.on("message", lambda sid, *args: hear(*args))
"""


@pytest.fixture
def server(script):
    return script(SOURCE)


def test_flags(server, peer, mode):
    client = peer().connect(server, mode)
    for chain in ("volatile", "compress(True)", "compress(False)", "local", "volatile.local"):
        server.run(f"io.{chain}.emit('news', {chain!r}, b'\\0')")
        if chain.startswith("volatile"):
            server.run("io.emit('end')")
            client.expect("end")
            if not client.nothing("news"):
                assert client.expect("news") == (chain, b"\0")
        else:
            assert client.expect("news") == (chain, b"\0")


def test_volatile_is_for_clients_that_are_ready(script, peer):
    """One that does not poll gets the rest, and not that."""
    server = script(SOURCE)
    client = peer().connect(server, "websocket")
    server.run("io.volatile.emit('news', 1)")
    server.run("io.emit('end')")
    client.expect("end")
    assert client.expect("news") == (1,)


def test_compressed(script, peer, mode):
    server = script(SOURCE, http_compression=True, compression_threshold=100)
    client = peer().connect(server, mode)
    for compress in (True, False):
        server.run(f"io.compress({compress}).emit('news', 'x' * 5000)")
        assert client.expect("news") == ("x" * 5000,)


def test_time_is_up(server, peer, mode, sid_of):
    client = peer().connect(server, mode)
    send = client.client._send_packet
    if hasattr(client, "hold_replies"):
        client.hold_replies()
    else:
        client.client._send_packet = lambda packet: packet.packet_type in (3, 6) or send(packet)
    with pytest.raises(Refusal, match="TimeoutError"):
        server.run(f"io.get_socket('{sid_of(client)}').call('ask', timeout=0.2)")
    with pytest.raises(Refusal, match="TimeoutError"):
        server.run("io.timeout(0.2).emit_with_ack('ask')")
    assert server.run("io.counts().pending_acks") == 0


def test_broadcasts_come_in_order(server, peer, mode):
    clients = [peer().connect(server, mode) for _ in range(3)]
    server.run("io.sockets_join('r')")
    server.run(
        "[(io.emit('n', n), io.to('r').emit('n', n + 0.3), io.emit('n', n + 0.6, to='r'))"
        " for n in range(100)] and None"
    )
    wanted = [(n + part,) for n in range(100) for part in (0, 0.3, 0.6)]
    for client in clients:
        assert [client.expect("n") for _ in wanted] == wanted


def test_binary_and_text_come_in_order(server, peer, mode):
    client = peer().connect(server, mode)
    server.run("[io.emit('n', (n, bytes([n])) if n % 3 else n) for n in range(50)] and None")
    for n in range(50):
        assert client.expect("n") == ((n, bytes([n])) if n % 3 else (n,))


def test_send(server, peer, mode, sid_of):
    client = peer().connect(server, mode)
    server.run("io.send('to all')")
    server.run(f"io.send(('one', 2), to='{sid_of(client)}')")
    server.run("io.of('/').send(3, b'4')")
    assert [client.expect("message") for _ in range(3)] == [("to all",), ("one", 2), (3, b"4")]
    client.emit("message", "back", b"\1")
    assert server.heard() == ["back", [1]]


def test_binary_at_depth(server, peer, mode, generation):
    empty = b"" if generation == 5 else b" "  # which clients of Socket.IO 2 take for nothing
    deep = {"a": [b"\x00\xff", {"b": [[empty, {"c": b"\x1e"}]]}], "": {"_placeholder": False}}
    client = peer().connect(server, mode)
    assert client.call("echo", deep) == deep
    assert tuple(client.call("echo", deep, b"last")) == (deep, b"last")
    server.run(f"io.emit('deep', {deep!r})")
    assert client.expect("deep") == (deep,)
    server.run(f"io.except_('none').emit('deep', {deep!r}, 1)")
    assert client.expect("deep") == (deep, 1)


@pytest.mark.parametrize(
    "value", [None, True, 0, -1.5, "", "é€😀\u2028", [], {}, [None], {"a": None}]
)
def test_what_json_can_say(server, peer, mode, value):
    client = peer().connect(server, mode)
    server.run(f"io.of('/').emit('value', {value!r})")
    assert client.expect("value") == (value,)
    client.emit("message", value)
    assert server.heard() == [value]


def test_recovery_is_nothing_to_these_clients(script, peer, mode, sid_of):
    """Events have one more argument, and nobody minds."""
    server = script(SOURCE, connection_state_recovery=True)
    client = peer().connect(server, mode)
    sid = sid_of(client)
    server.run("io.emit('news', 1)")
    value, offset = client.expect("news")
    assert (value, type(offset)) == (1, str)
    assert client.call("echo", 1) == 1
    again = peer().connect(server, mode)
    assert sid_of(again) != sid
    assert server.run("[socket.recovered for socket in io.fetch_sockets()]") == [False, False]
