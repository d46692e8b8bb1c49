"""What is asked of many clients, and done to many."""

import inspect

import pytest
from server import Refusal

SOURCE = """
io.on("echo", lambda sid, *args: args)

def disconnect_when_asked(sid):
    while io.counts().pending_acks == 0:
        time.sleep(0.001)
    io.disconnect(sid)
"""


@pytest.fixture
def three(script, peer, mode, sid_of):
    """A server with three clients, each of which replies with its number; and their ids."""
    server = script(SOURCE)
    peers = []
    for number in range(3):
        client = peer()
        client.replies["who"] = number
        client.replies["give"] = (number, b"\x00\xff")
        peers.append(client.connect(server, mode))
    return server, peers, [sid_of(client) for client in peers]


def mute(client):
    """Replies to nothing any more."""
    send = client.client._send_packet

    def without_ack(packet):
        return send(packet) if packet.packet_type not in (3, 6) else None

    async def without_ack_async(packet):
        if packet.packet_type not in (3, 6):
            await send(packet)

    is_async = inspect.iscoroutinefunction(send)
    client.client._send_packet = without_ack_async if is_async else without_ack


def test_all_reply(three):
    server, _, sids = three
    assert sorted(server.run("io.timeout(15).emit_with_ack('who')")) == [0, 1, 2]
    assert sorted(server.run("io.timeout(15).emit_with_ack('give', b'x')")) == [
        [number, [0, 255]] for number in range(3)
    ]
    assert server.run(f"io.to('{sids[1]}').timeout(15).emit_with_ack('who')") == [1]
    assert sorted(server.run(f"io.except_('{sids[1]}').timeout(15).emit_with_ack('who')")) == [0, 2]
    assert server.run("io.to('nobody').timeout(15).emit_with_ack('who')") == []


def test_who_was_silent(three):
    server, peers, sids = three
    mute(peers[2])
    with pytest.raises(Refusal) as refusal:
        server.run("io.timeout(2).emit_with_ack('who')")
    told = refusal.value.told
    assert (told["error"], sorted(told["replies"]), told["silent"]) == (
        "TimeoutError",
        [0, 1],
        [sids[2]],
    )


def test_one_that_leaves_is_silent(three):
    server, peers, sids = three
    mute(peers[0])
    server.run(f"later(lambda: disconnect_when_asked('{sids[0]}'))")
    with pytest.raises(Refusal) as refusal:
        server.run(f"io.to('{sids[0]}').timeout(15).emit_with_ack('who')")
    assert refusal.value.told["error"] in ("NoReplyError", "TimeoutError")
    assert refusal.value.told["silent"] == [sids[0]]


def test_a_callback_for_each(three):
    server, _, _ = three
    server.run("io.sockets_join('r')")
    server.run("io.emit('who', room='r', callback=lambda number: hear(number))")
    assert sorted(server.heard() for _ in range(3)) == [[0], [1], [2]]


def test_one_is_asked_and_times_out(three):
    server, peers, sids = three
    assert server.run(f"io.call('who', to='{sids[2]}', timeout=15)") == 2
    mute(peers[2])
    with pytest.raises(Refusal, match="TimeoutError"):
        server.run(f"io.call('who', to='{sids[2]}', timeout=0.2)")


def test_rooms_for_many(three):
    server, peers, (a, b, c) = three
    server.run("io.sockets_join('x', 'y')")
    assert sorted(server.run("io.sockets('y')")) == sorted([a, b, c])
    server.run(f"io.to('{a}', '{b}').sockets_leave('x')")
    server.run("io.to('x').emit('news', 1)")
    assert peers[2].expect("news") == (1,)
    server.run("io.in_('y').except_('x').emit('news', 2)")
    assert peers[0].expect("news") == peers[1].expect("news") == (2,)
    assert peers[2].nothing("news")
    server.run("io.to('x').sockets_join('z')")
    assert server.run("io.sockets('z')") == [c]


def test_clients_as_objects(three):
    server, peers, sids = three
    server.run("[socket.data.update(n=1) for socket in io.fetch_sockets()]")
    found = server.run(
        "[(s.id, s.rooms, s.data, s.handshake['address']) for s in io.fetch_sockets()]"
    )
    assert sorted(found) == sorted([sid, [sid], {"n": 1}, "127.0.0.1"] for sid in sids)
    server.run(f"io.get_socket('{sids[0]}').join('r')")
    server.run(f"io.get_socket('{sids[0]}').emit('news', 1, 2)")
    assert peers[0].expect("news") == (1, 2)
    server.run(f"io.get_socket('{sids[0]}').broadcast.emit('news', 3)")
    assert peers[1].expect("news") == peers[2].expect("news") == (3,)
    assert peers[0].nothing("news")


@pytest.mark.parametrize("close", [False, True])
def test_many_are_disconnected(three, close):
    server, peers, sids = three
    server.run(f"io.except_('{sids[0]}').disconnect_sockets(close={close})")
    for client in peers[1:]:
        client.expect("disconnect")
    assert server.run("io.sockets()") == [sids[0]]
    assert peers[0].call("echo", "here") == "here"
