"""Rooms and broadcasts: who hears what."""

import pytest


@pytest.fixture
def three(server, peer, mode):
    """Three clients, of which the first two are in the room "r"."""
    clients = [peer().connect(server, mode) for _ in range(3)]
    for client in clients[:2]:
        client.call("join", "r")
    return clients


def heard(clients):
    return [not client.nothing("news") for client in clients]


def test_everyone(three):
    three[0].emit("tell-all", "x")
    for client in three:
        assert client.expect("news") == ("x",)


def test_everyone_else(three):
    three[0].call("echo")
    three[0].emit("tell-others", "x", b"\x01")
    three[0].call("echo")
    assert three[1].expect("news") == ("x", b"\x01")
    assert three[2].expect("news") == ("x", b"\x01")
    assert heard(three) == [False, False, False]


@pytest.mark.parametrize(
    ("event", "sender", "hearing"),
    [
        ("tell-room", 0, [True, True, False]),
        ("tell-room", 2, [True, True, False]),
        ("tell-room-others", 0, [False, True, False]),
        ("tell-room-others", 2, [True, True, False]),
        ("tell-except", 0, [False, False, True]),
    ],
)
def test_a_room(three, event, sender, hearing):
    three[sender].emit(event, "r", "x")
    three[sender].call("echo")
    assert heard(three) == hearing


def test_two_rooms_hear_it_once(three):
    three[1].call("join", "s")
    three[2].call("join", "s")
    three[0].emit("tell-rooms", "r", "s", "x")
    three[0].call("echo")
    for client in three:
        assert client.expect("news") == ("r", "s", "x")
    assert heard(three) == [False, False, False]


def test_a_room_that_is_left(three):
    three[1].call("leave", "r")
    three[1].call("leave", "r")
    three[0].emit("tell-room", "r")
    three[0].call("echo")
    assert heard(three) == [True, False, False]


def test_a_room_that_is_closed(three):
    assert three[0].call("members", "r") == 2
    three[2].call("close-room", "r")
    assert three[0].call("members", "r") == 0
    three[0].emit("tell-room", "r")
    three[0].call("echo")
    assert heard(three) == [False, False, False]


def test_a_clients_own_id_is_a_room(three):
    three[0].emit("tell-room", three[2].sid(), "psst")
    assert three[2].expect("news") == (three[2].sid(), "psst")
    assert heard(three) == [False, False, False]


def test_the_rooms_of_a_client(three):
    three[0].call("join", "s 2")
    assert sorted(three[0].call("rooms")) == sorted([three[0].sid(), "r", "s 2"])
    assert three[2].call("rooms") == [three[2].sid()]


def test_who_leaves_leaves_the_rooms(three):
    three[1].disconnect()
    three[1].expect("disconnect")
    counts = three[0].call("counts")
    assert (counts["sockets"], counts["room_entries"]) == (2, 3)
    assert three[0].call("members", "r") == 1


def test_namespaces_are_apart(server, peer, mode):
    client = peer().connect(server, mode, namespaces=["/", "/chat"])
    client.call("join", "r")
    client.emit("tell-room", "r", nsp="/chat")
    client.emit("tell-all", "here", nsp="/chat")
    assert client.expect("news", "/chat") == ("here",)
    assert client.nothing("news")


def test_volatile_reaches_who_can_take_it(server, peer):
    client = peer().connect(server, "websocket")
    client.emit("tell-volatile", 1)
    assert client.expect("news") == (1,)


def test_volatile_never_stands_in_the_way(server, peer, mode):
    client = peer().connect(server, mode)
    client.emit("volatile", 1000)
    client.expect("volatile-end")
    assert client.call("echo", 1) == 1
