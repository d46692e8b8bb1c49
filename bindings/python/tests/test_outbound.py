"""What waits for clients that read too slowly: marks, policies, what is told of it."""

import itertools
import time

import pytest
import requests

import libsocketio
from conftest import TIMEOUT


@pytest.fixture
def poller():
    """A client of long polling that polls when it is told to."""
    sessions = []

    class Poller:
        def __init__(self, running):
            self.http = requests.Session()
            sessions.append(self.http)
            self.url = f"{running.url}/socket.io/?EIO=4&transport=polling"
            opened = self.http.get(self.url, timeout=TIMEOUT).text
            self.url += "&sid=" + opened.split('"')[3]
            self.http.post(self.url, data="40", timeout=TIMEOUT)
            self.sid = self.poll()[0].split('"')[3]

        def poll(self):
            return self.http.get(self.url, timeout=TIMEOUT).text.split("\x1e")

    yield Poller
    for session in sessions:
        session.close()


def wait_until(condition):
    end = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


def test_the_newest_is_dropped(server_class, run, poller):
    io = server_class(max_buffered_packets=2, overflow="drop_newest")
    client = poller(run(io))
    for number in range(4):
        io.emit("x", number, to=client.sid)
    wait_until(lambda: io.totals().dropped_newest == 2)
    assert client.poll() == ['42["x",0]', '42["x",1]']


def test_an_emit_may_say_what_becomes_of_it(server_class, run, poller):
    io = server_class(max_buffered_packets=2)
    client = poller(run(io))
    io.emit("x", 1, overflow="drop_oldest")
    io.emit("x", 2, to=client.sid, overflow="drop_oldest")
    io.to(client.sid).overflow("drop_newest").emit("x", 3)
    io.overflow("drop_oldest").emit("x", 4)
    wait_until(lambda: io.totals().dropped_oldest == 1)
    assert client.poll() == ['42["x",2]', '42["x",4]']
    assert io.totals().dropped_newest == 1


def test_a_key_replaces_what_waits(server_class, run, poller):
    io = server_class()
    client = poller(run(io))
    io.emit("price", 1, to=client.sid, coalesce_key="p")
    io.emit("other")
    io.emit("price", 2, coalesce_key="p")
    io.coalesce("p").emit("price", b"3")
    wait_until(lambda: io.totals().dropped_coalesced == 2)
    assert client.poll() == ['451-["price",{"_placeholder":true,"num":0}]', "bMw==", '42["other"]']
    with pytest.raises(libsocketio.exceptions.LimitError):
        io.emit("price", coalesce_key="p" * 257)


def test_how_much_waits_and_drain(server_class, run, poller, inbox):
    io = server_class()
    io.of("/").conn.on("drain", inbox.add)
    client = poller(run(io))
    assert io.buffered(client.sid) == (0, 0)
    assert not io.writable(client.sid)  # it does not poll
    io.emit("x", b"12", to=client.sid)
    wait_until(lambda: io.buffered(client.sid).packets == 2)
    socket = io.get_socket(client.sid)
    assert socket.buffered.bytes == io.counts().buffered_bytes
    assert client.poll() == ['451-["x",{"_placeholder":true,"num":0}]', "bMTI="]
    assert inbox.take() == (client.sid,)
    assert socket.buffered == (0, 0)
    assert not io.writable("nobody")
    assert io.buffered("nobody") == (0, 0)


@pytest.mark.parametrize(("limit", "sizes"), [(2, [2, 2, 1]), (16, [5])])
def test_packets_of_a_poll(server_class, run, poller, limit, sizes):
    io = server_class(max_packets_per_poll=limit)
    client = poller(run(io))
    for number in range(5):
        io.emit("x", number, to=client.sid)
    wait_until(lambda: io.buffered(client.sid).packets == 5)
    polls = [client.poll() for _ in sizes]
    assert [len(packets) for packets in polls] == sizes
    assert [*itertools.chain(*polls)] == [f'42["x",{number}]' for number in range(5)]


def test_websockets_are_writable(server_class, run, connect):
    io = server_class()
    client = connect(run(io))
    sid = client.get_sid()
    assert io.writable(sid)
    assert io.get_socket(sid).writable
    io.get_socket(sid).overflow("drop_newest").emit("x")
    io.get_socket(sid).coalesce("k").emit("x")


def test_who_waits_for_a_reply_is_told(run, poller):
    io = libsocketio.Server(max_buffered_packets=1, overflow="drop_newest")
    client = poller(run(io))
    io.emit("x", to=client.sid)
    with pytest.raises(libsocketio.exceptions.LimitError):
        io.call("y", to=client.sid, timeout=TIMEOUT)
    with pytest.raises(libsocketio.exceptions.LimitError):
        io.to(client.sid).volatile.emit_with_ack("y")
    assert io.totals().dropped_newest == 1
    assert io.totals().dropped_volatile == 1


def test_too_much_for_the_server(server_class, run, poller):
    io = server_class(max_server_buffered_bytes=300, overflow="drop_oldest")
    running = run(io)
    hog, other = poller(running), poller(running)
    for number in range(4):
        io.emit("x", [number, "x" * 80], to=hog.sid)
    io.emit("y", to=other.sid)
    wait_until(lambda: io.totals().dropped_server > 0)
    assert other.poll() == ['42["y"]']
    assert '"x",[3,' in hog.poll()[-1]


def test_faster_than_the_loops(server_class, run, poller):
    """One event that is larger than all that may be on its way to them is enough."""
    io = server_class(max_pending_emit_bytes=1000)
    client = poller(run(io))
    with pytest.raises(libsocketio.exceptions.LimitError, match="max_pending_emit_bytes"):
        io.emit("x", "x" * 1000, to=client.sid)
    with pytest.raises(libsocketio.exceptions.LimitError, match="max_pending_emit_bytes"):
        io.emit("x", "x" * 1000)
    io.emit("x", "x" * 1000, to=client.sid, overflow="drop_newest")
    assert io.totals().dropped_server == 3
    io.emit("y", to=client.sid)
    assert client.poll() == ['42["y"]']


def test_beyond_is_the_end(server_class, run, poller, inbox):
    io = server_class(max_buffered_packets=1)
    io.on("disconnect", lambda sid, reason: inbox.add(reason))
    client = poller(run(io))
    io.emit("x", to=client.sid)
    io.emit("x", to=client.sid)
    assert inbox.take() == ("transport error",)
    assert io.totals().overflowed_clients == 1


def test_a_client_of_the_reference(server_class, run, connect, inbox):
    """It gets the latest of a key, whatever else, in any order: it has a thread for each event."""
    io = server_class(max_buffered_packets=20, overflow="coalesce")
    connect(run(io), handlers={("n", "/"): lambda n, _: inbox.add(n)})
    for number in range(1000):
        io.emit("n", (number, "x" * 1000), coalesce_key="n")
    while inbox.take() != (999,):
        pass


@pytest.mark.parametrize(
    "option",
    [
        {"overflow": "drop"},
        {"overflow": 1},
        {"max_buffered_packets": 0},
        {"max_server_buffered_bytes": 2**63},
        {"max_pending_emit_bytes": 0},
    ],
)
def test_mistakes(server_class, option):
    with pytest.raises((ValueError, TypeError)):
        server_class(**option)
    with pytest.raises(ValueError, match="overflow is one of"):
        server_class().emit("x", overflow="drop")
    with pytest.raises(ValueError, match="the events of connections are"):
        server_class().of("/").conn.on("x", print)
