"""Functions that hear of events, once, always, or before anybody else."""

import pytest


def test_once_and_off(script, peer, mode):
    server = script("""
    root = io.of("/")
    root.once("x", lambda sid, n: hear("once", n))
    root.add_listener("x", lambda sid, n: hear("always", n))
    root.prepend_listener("x", lambda sid, n: hear("first", n))
    """)
    client = peer().connect(server, mode)
    client.call("x", 1)
    client.call("x", 2)
    assert [server.heard() for _ in range(5)] == [
        ["first", 1],
        ["once", 1],
        ["always", 1],
        ["first", 2],
        ["always", 2],
    ]
    assert server.run("(root.listener_count('x'), root.event_names())") == [2, ["x"]]
    server.run("root.off('x')")
    assert server.run("(root.listener_count('x'), root.event_names())") == [0, []]
    server.run("root.on('x', lambda sid, n: hear('again', n))")
    client.call("x", 3)
    assert server.heard() == ["again", 3]


def test_every_event(script, peer, mode):
    server = script("""
    root = io.of("/")
    root.on("x", lambda sid, *args: hear("handler", *args))
    root.on_any(lambda event, sid, *args: hear("any", event, *args))
    root.prepend_any(lambda event, sid, *args: hear("before", event))
    """)
    client = peer().connect(server, mode)
    client.call("x", b"\1", {"deep": [b"\2"]})
    assert [server.heard() for _ in range(3)] == [
        ["before", "x"],
        ["any", "x", [1], {"deep": [[2]]}],
        ["handler", [1], {"deep": [[2]]}],
    ]
    server.run("root.off_any()")
    client.call("x")
    assert server.heard() == ["handler"]


def test_what_goes_out(script, peer, mode, sid_of):
    server = script("""
    root = io.of("/")
    root.on("echo", lambda sid, *args: args)
    root.on_any_outgoing(lambda event, sid, *args: hear(event, sid, *args))
    """)
    one, two = (peer().connect(server, mode) for _ in range(2))
    sids = sorted([sid_of(one), sid_of(two)])
    server.run("io.emit('news', (1, b'\\0'))")
    assert sorted(server.heard() for _ in range(2)) == [["news", sid, 1, [0]] for sid in sids]
    assert one.expect("news") == two.expect("news") == (1, b"\0")
    server.run(f"io.emit('you', to='{sids[0]}')")
    assert server.heard() == ["you", sids[0]]
    server.run("root.off_any_outgoing()")
    server.run("io.emit('last')")
    server.run("hear('end')")
    assert server.heard() == ["end"]


def test_of_one_client(script, peer, mode):
    server = script("""
    @io.on("connect")
    def connect(sid, environ):
        io.get_socket(sid).once("x", lambda sid, n: hear(n))
    """)
    one, two = (peer().connect(server, mode) for _ in range(2))
    one.call("x", 1)
    one.call("x", 2)
    two.call("x", 3)
    assert [server.heard() for _ in range(2)] == [[1], [3]]


def test_packet_middleware(script, peer, mode):
    server = script("""
    root = io.of("/")
    @root.use_packet
    def check(sid, event, args):
        if event == "bad":
            raise ValueError("no such word")
        args.append("checked")
    root.on("good", lambda sid, *args: args)
    root.on("bad", lambda sid, *args: hear("bad", *args))
    root.on("error", lambda sid, error: hear("error", str(error)))
    """)
    client = peer().connect(server, mode)
    assert list(client.call("good", 1)) == [1, "checked"]
    client.emit("bad", 1)
    assert server.heard() == ["error", "no such word"]
    assert list(client.call("good", 2)) == [2, "checked"]


def leave(client):
    """Disconnects a peer of either generation."""
    getattr(client, "disconnect", client.client.disconnect)()


@pytest.mark.parametrize("by", ["client", "server", "connection"])
def test_disconnecting_with_rooms(script, peer, mode, sid_of, by):
    server = script("""
    io.on("connect", lambda sid, environ: io.enter_room(sid, "r"))
    io.on("disconnecting", lambda sid, reason: hear("disconnecting", sorted(io.rooms(sid)), reason))
    io.on("disconnect", lambda sid, reason: hear("disconnect", io.sockets("r"), reason))
    """)
    client = peer().connect(server, mode)
    sid = sid_of(client)
    if by == "client":
        leave(client)
    else:
        server.run(f"io.disconnect('{sid}', close={by == 'connection'})")
    event, rooms, reason = server.heard()
    assert (event, rooms) == ("disconnecting", sorted([sid, "r"]))
    assert server.heard() == ["disconnect", [], reason]
    if by == "server":
        assert reason == "server namespace disconnect"


def test_room_events(script, peer, mode, sid_of):
    server = script("""
    adapter = io.of("/").adapter
    for event in ("create-room", "join-room", "leave-room", "delete-room"):
        adapter.on(event, lambda *args, event=event: hear(event, *args))
    """)
    client = peer().connect(server, mode)
    sid = sid_of(client)
    assert [server.heard() for _ in range(2)] == [["create-room", sid], ["join-room", sid, sid]]
    server.run(f"io.enter_room('{sid}', 'r')")
    assert [server.heard() for _ in range(2)] == [["create-room", "r"], ["join-room", "r", sid]]
    server.run(f"io.disconnect('{sid}')")
    left = [server.heard() for _ in range(4)]
    for room in (sid, "r"):
        own = [event for event in left if event[1] == room]
        assert own == [["leave-room", room, sid], ["delete-room", room]]
