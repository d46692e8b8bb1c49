"""The tests of other files once more, with `serializer="msgpack"` at both ends, and
what is the msgpack parser's own."""

import random

import msgpack
import pytest
import socketio
from peers import KINDS, ThreadPeer
from test_binary import *  # noqa: F403
from test_connecting import *  # noqa: F403
from test_ending import *  # noqa: F403
from test_events import *  # noqa: F403
from test_rooms import *  # noqa: F403


@pytest.fixture
def serve(serve):
    return lambda *options: serve("--parser", "msgpack", *options)


@pytest.fixture
def server(serve):
    return serve()


@pytest.fixture(params=["polling", "websocket"])
def mode(request):
    return request.param


@pytest.fixture(params=["Client"])
def kind(request):
    """Both kinds share the packets."""
    return request.param


@pytest.fixture
def peer(peer):
    return lambda **options: peer(serializer="msgpack", **options)


@pytest.fixture
def watcher(server):
    made = ThreadPeer(reconnection=False, serializer="msgpack")
    yield made.connect(server, namespaces=["/watch"])
    made.close()


def test_asyncio_and_an_upgrade(server):
    client = KINDS["AsyncClient"](reconnection=False, serializer="msgpack")
    try:
        client.connect(server, "upgrade", namespaces=["/", "/chat"])
        assert client.call("echo", {"a": [b"1"]}, nsp="/chat") == {"a": [b"1"]}
    finally:
        client.close()


def packed_as(value):
    return msgpack.packb(value, use_bin_type=True)


def random_value(source, depth, bytes_left):
    """What msgpack and JSON both have, with integers of up to 64 bits."""
    kind = source.randrange(10 if depth else 7)
    match kind:
        case 0:
            return source.choice([None, True, False])
        case 1:
            return source.randrange(-(2**63), 2**64)
        case 2:
            bits = source.randrange(63)
            return source.choice([-(2**bits) - 1, -(2**bits), 2**bits - 1, 2**bits])
        case 3:
            return source.choice(
                [source.gauss(0, 1), source.uniform(-1e300, 1e300), 1e16, -0.0, 5e-324]
            )
        case 4 | 5:
            size = source.choice([0, 1, 31, 32, 255, 256, source.randrange(300)])
            letters = source.choice(["ab", '\x00\x1f"\\\\/\n', "é€😀\u2028"])
            return "".join(source.choices(letters, k=size))
        case 6:
            if not bytes_left:
                return []
            bytes_left.pop()
            return source.randbytes(source.choice([0, 1, 255, 256, 1000]))
        case 7 | 8:
            size = source.choice([0, 1, 3, 15, 16, 20])
            return [random_value(source, depth - 1, bytes_left) for _ in range(size)]
        case _:
            size = source.choice([0, 1, 3, 15, 16])
            return {
                f"{random_value(source, 0, [])!s:.40}{i}": random_value(
                    source, depth - 1, bytes_left
                )
                for i in range(size)
            }


@pytest.mark.parametrize("seed", range(4))
def test_random_values_come_back(server, peer, seed):
    """What Python's msgpack writes, and reads of what the server wrote, is the same to the bit."""
    source = random.Random(seed)
    client = peer().connect(server)
    for _ in range(60):
        value = random_value(source, 4, [None] * 10)
        assert packed_as(client.call("echo", value)) == packed_as(value)


@pytest.mark.parametrize(
    ("server_parser", "client_parser"), [("msgpack", "default"), ("default", "msgpack")]
)
def test_another_parser_is_refused(serve, server_parser, client_parser):
    server = serve("--parser", server_parser)
    client = ThreadPeer(reconnection=False, serializer=client_parser)
    try:
        with pytest.raises(socketio.exceptions.ConnectionError):
            client.connect(server)
    finally:
        client.close()
