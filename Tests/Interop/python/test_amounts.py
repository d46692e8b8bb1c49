"""Large messages, and many of them."""

import pytest

LIMIT = 1_000_000
FRAME = len('4200["echo",""]')  # what stands around the text on the wire, about
BURST = 200


def test_just_below_the_limit(server, peer, mode):
    client = peer().connect(server, mode)
    text = "x" * (LIMIT - FRAME - 10)
    assert client.call("echo", text) == text


def test_just_below_the_limit_in_bytes(server, peer, mode):
    client = peer().connect(server, mode)
    size = LIMIT - 1 if mode != "polling" else LIMIT * 3 // 4 - 100
    data = bytes(range(256)) * (size // 256)
    assert client.call("echo", data) == data


def test_above_the_limit(serve, peer, mode):
    # Over polling it is a response with status 413: the session goes on, but the
    # client sends nothing more, no pong either.
    server = serve("--ping-interval", 300, "--ping-timeout", 2000)
    client = peer().connect(server, mode)
    client.emit("echo", "x" * LIMIT)
    client.expect("disconnect")
    other = peer().connect(server, mode)
    assert other.call("echo", 1) == 1


def test_above_the_limit_tells_the_server(server, watcher, peer):
    client = peer().connect(server, "websocket")
    sid = client.sid()
    client.emit("echo", "x" * LIMIT)
    assert watcher.expect("gone", "/watch") == ("/", sid, "transport error")


def test_the_limit_can_be_moved(serve, peer, mode):
    client = peer().connect(serve("--max-size", 3_000_000), mode)
    text = "x" * 2_900_000
    assert client.call("echo", text) == text


def test_a_burst_from_the_client_keeps_its_order(server, peer, mode):
    client = peer().connect(server, mode)
    for i in range(BURST):
        client.emit("echo", i)
    assert [client.expect("echo")[0] for _ in range(BURST)] == list(range(BURST))
    assert client.call("echo", "still here") == "still here"


@pytest.mark.parametrize("source", ["burst", "stream"])
def test_a_burst_from_the_server_keeps_its_order(server, peer, mode, source):
    client = peer().connect(server, mode)
    client.emit(source, BURST)
    assert [client.expect("tick")[0] for _ in range(BURST)] == list(range(BURST))
    assert client.call("echo", "still here") == "still here"


def test_large_messages_in_a_row(server, peer, mode):
    client = peer().connect(server, mode)
    # Over polling the client puts all of them into one request.
    texts = [str(i) * 100_000 for i in range(9)]
    for text in texts:
        client.emit("echo", text)
    assert [client.expect("echo")[0] for _ in texts] == texts


def test_thousands_both_ways(server, peer, mode):
    client = peer().connect(server, mode)
    count = 500 if mode == "polling" else 3000
    client.emit("stream", count)
    for i in range(count):
        client.emit("echo", i)
    assert [client.expect("echo")[0] for _ in range(count)] == list(range(count))
    assert [client.expect("tick")[0] for _ in range(count)] == list(range(count))
