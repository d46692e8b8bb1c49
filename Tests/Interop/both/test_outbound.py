"""What waits for a client whose network stalls, and what becomes of it."""

import contextlib

import pytest
from balancer import Valve
from server import until

SOURCE = """
io.on("echo", lambda sid, *args: args)
io.on("disconnect", lambda sid, reason: hear(reason))
io.of("/").conn.on("drain", lambda sid: hear("drain", sid))

def emit(event, value, **options):
    "Emits, and waits until the client's loop has come to it."
    done = lambda: (totals := io.totals()).events_sent + totals.dropped_newest
    before = done()
    io.emit(event, value, **options)
    while done() == before:
        time.sleep(0.001)

def fill(sid):
    "Emits until much waits, and in three turns of the loop nothing of it has left."
    sent = calm = 0
    while io.buffered(sid).bytes < 200_000 or calm < 3:
        before = io.buffered(sid).packets
        emit("fill", "x" * 20_000, to=sid)
        sent += 1
        calm = calm + 1 if io.buffered(sid).packets == before + 1 else 0
    return sent
"""

#: Small buffers of the system, so that the server's own are needed soon.
SMALL = {"send_buffer_size": 16384}


@pytest.fixture
def stall(script, peer, mode, sid_of):
    """A server with some options, a client that it has filled, and their valve."""
    with contextlib.ExitStack() as valves:

        def start(**options):
            server = script(SOURCE, listen=SMALL, **options)
            valve = valves.enter_context(contextlib.closing(Valve(server)))
            client = peer().connect(valve, mode)
            assert client.call("echo", 1) == 1
            valve.shut()
            sent = server.run(f"fill('{sid_of(client)}')")
            until(valve.is_full)  # until then the system makes room
            sent += server.run(f"fill('{sid_of(client)}')")
            assert not server.run(f"io.writable('{sid_of(client)}')")
            server.run("hear('full')")
            while server.heard() != ["full"]:  # for a moment all may have left before
                pass
            return server, client, valve, sent

        yield start


def came(client, event):
    """All events of that name that have come, before that of the name "end"."""
    client.expect("end")
    inbox = client._inbox.get(("/", event))
    return [] if inbox is None else [inbox.get_nowait() for _ in range(inbox.qsize())]


def flows(server, client, valve, sid):
    """Opens the valve, and sends the "end" when all that waited has left."""
    valve.open()
    until(lambda: server.run(f"io.buffered('{sid}').packets") == 0)
    server.run("io.emit('end')")


def emit(server, count):
    server.run(f"[emit('n', n) for n in range({count})] and None")


def test_the_latest_of_a_key_and_no_volatile_ones(stall, sid_of):
    server, client, valve, sent = stall()
    sid = sid_of(client)
    server.run("io.volatile.emit('now')")
    server.run("[io.emit('price', n, coalesce_key='p') for n in range(100)] and None")
    until(lambda: server.run("io.totals().dropped_coalesced") == 99)
    assert server.run("io.totals().dropped_volatile") == 1
    flows(server, client, valve, sid)
    assert came(client, "price") == [(99,)]
    assert client._inbox["/", "fill"].qsize() == sent
    assert ("/", "now") not in client._inbox
    assert server.heard() == ["drain", sid]


def test_the_newest_are_dropped(stall, sid_of):
    server, client, valve, _ = stall(overflow="drop_newest", max_buffered_packets=30)
    emit(server, 50)
    until(lambda: server.run("io.totals().dropped_newest") >= 20)
    flows(server, client, valve, sid_of(client))
    numbers = [n for (n,) in came(client, "n")]
    # The system may make room for some between them, late.
    assert numbers[:10] == list(range(10))
    assert numbers == sorted(set(numbers))
    assert len(numbers) + server.run("io.totals().dropped_newest") == 50


def test_the_oldest_are_dropped(stall, sid_of):
    server, client, valve, sent = stall(overflow="drop_oldest", max_buffered_packets=30)
    emit(server, 50)
    until(lambda: server.run("io.totals().dropped_oldest") >= 20)
    flows(server, client, valve, sid_of(client))
    numbers = [n for (n,) in came(client, "n")]
    assert numbers[-30:] == list(range(20, 50))
    assert numbers == sorted(set(numbers))
    missing = 50 - len(numbers) + sent - client._inbox["/", "fill"].qsize()
    assert missing == server.run("io.totals().dropped_oldest")


def test_a_client_that_is_too_slow_goes_and_the_others_stay(stall, peer):
    server, client, valve, _ = stall(max_buffered_packets=30)
    other = peer().connect(server, "websocket")
    emit(server, 50)
    assert server.heard() == ["transport error"]
    assert server.run("io.totals().overflowed_clients") == 1
    assert [other.expect("n") for _ in range(50)] == [(n,) for n in range(50)]
    assert other.call("echo", "still here") == "still here"
    valve.open()
    client.expect("disconnect")
