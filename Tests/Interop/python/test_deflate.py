"""permessage-deflate, spoken by `websockets` and aiohttp."""

import asyncio
import json
import os

import aiohttp
import pytest
from server import PATIENCE
from websockets.exceptions import ConnectionClosed
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.sync.client import connect

QUERY = "/socket.io/?EIO=4&transport=websocket"
PLACEHOLDER = {"_placeholder": True, "num": 0}
TEXTS = ["", "x", "again and " * 500, "é漢字👩" * 3000, os.urandom(100_000).hex()]


def address(server, scheme="ws"):
    return f"{scheme}://127.0.0.1:{server.port}{QUERY}"


def converse(socket):
    """Texts, bytes and fragments there and back, several times: contexts are taken over, or not."""
    assert socket.recv(PATIENCE).startswith("0{")
    socket.send("40")
    assert socket.recv(PATIENCE).startswith("40{")
    assert socket.recv(PATIENCE).startswith('42["welcome"')
    for _ in range(2):
        for text in TEXTS:
            socket.send("42" + json.dumps(["echo", text]))
            assert json.loads(socket.recv(PATIENCE)[2:]) == ["echo", text]
            # In fragments.
            packet = "42" + json.dumps(["echo", text])
            socket.send(packet[i : i + 1000] for i in range(0, len(packet), 1000))
            assert json.loads(socket.recv(PATIENCE)[2:]) == ["echo", text]
        for data in (b"", bytes(5000), os.urandom(200_000)):
            socket.send("451-" + json.dumps(["echo", PLACEHOLDER]))
            socket.send(data)
            assert json.loads(socket.recv(PATIENCE)[4:]) == ["echo", PLACEHOLDER]
            assert socket.recv(PATIENCE) == data


@pytest.mark.parametrize("server_window", [None, 9, 15])
@pytest.mark.parametrize("client_window", [None, True, 9, 15])
@pytest.mark.parametrize("takeover", [0, 1, 2, 3])
def test_offers(serve, server_window, client_window, takeover):
    factory = ClientPerMessageDeflateFactory(
        server_no_context_takeover=bool(takeover & 1),
        client_no_context_takeover=bool(takeover & 2),
        server_max_window_bits=server_window,
        client_max_window_bits=client_window,
    )
    url = address(serve("--deflate"))
    with connect(url, extensions=[factory], compression=None) as socket:
        assert [extension.name for extension in socket.protocol.extensions] == [
            "permessage-deflate"
        ]
        converse(socket)


@pytest.mark.parametrize(
    "wishes",
    [
        ["--server-no-takeover", "--client-no-takeover"],
        ["--server-window", 9, "--client-window", 10],
        ["--server-window", 12, "--server-no-takeover", "--deflate-threshold", 1],
    ],
)
def test_what_the_server_wants(serve, wishes):
    with connect(address(serve("--deflate", *wishes))) as socket:
        (extension,) = socket.protocol.extensions
        if "--client-window" in wishes:
            assert extension.local_max_window_bits == 10
            assert extension.remote_max_window_bits == 9
        if "--server-no-takeover" in wishes:
            assert extension.remote_no_context_takeover
        converse(socket)


def deflate_of(socket):
    """What a client has agreed to, as it calls it; of RFC 7692's words those that are set."""
    (extension,) = socket.protocol.extensions
    return {
        "server_no_context_takeover": extension.remote_no_context_takeover,
        "client_no_context_takeover": extension.local_no_context_takeover,
        "server_max_window_bits": extension.remote_max_window_bits,
        "client_max_window_bits": extension.local_max_window_bits,
    }


@pytest.mark.parametrize(
    ("wish", "changed"),
    [
        ([], {}),
        (["--server-no-takeover"], {"server_no_context_takeover": True}),
        (["--client-no-takeover"], {"client_no_context_takeover": True}),
        *[(["--server-window", n], {"server_max_window_bits": n}) for n in (9, 12)],
        *[(["--client-window", n], {"client_max_window_bits": n}) for n in (9, 12)],
    ],
)
def test_each_wish_of_the_server_alone(serve, wish, changed):
    with connect(address(serve("--deflate", *wish))) as socket:
        defaults = {
            "server_no_context_takeover": False,
            "client_no_context_takeover": False,
            "server_max_window_bits": 15,
            "client_max_window_bits": 15,
        }
        assert deflate_of(socket) == {**defaults, **changed}
        converse(socket)


@pytest.mark.parametrize("threshold", [1, 500, 1024])
def test_the_threshold(serve, threshold):
    """Messages of so many bytes come compressed; smaller ones do not."""
    with connect(address(serve("--deflate", "--deflate-threshold", threshold))) as socket:
        (extension,) = socket.protocol.extensions
        decode, compressed = extension.decode, []

        def watch(frame, **options):
            compressed.append(frame.rsv1)
            return decode(frame, **options)

        extension.decode = watch
        socket.send("40")
        for _ in range(3):
            socket.recv(PATIENCE)  # the session, the socket, a welcome
        for size in (threshold - 1, threshold):
            packet = "42" + json.dumps(["echo", ""], separators=(",", ":"))
            packet = packet.replace('""', '"' + "x" * (size - len(packet)) + '"')
            if len(packet) > size:
                continue
            compressed.clear()
            socket.send(packet)
            assert socket.recv(PATIENCE) == packet
            assert compressed == [size >= threshold]
        if threshold == 1:
            compressed.clear()
            socket.send('42["echo"]')
            socket.recv(PATIENCE)
            assert compressed == [True]


def test_a_client_that_cannot_be_told_its_window_goes_without(serve):
    factory = ClientPerMessageDeflateFactory(client_max_window_bits=None)
    url = address(serve("--deflate", "--client-window", 10))
    with connect(url, extensions=[factory], compression=None) as socket:
        assert socket.protocol.extensions == []
        converse(socket)


def test_beyond_the_limit(serve):
    with connect(address(serve("--deflate"))) as socket:
        socket.recv(PATIENCE)
        socket.send("4" * 1_000_001)
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(PATIENCE)
        assert closed.value.rcvd.code == 1009


@pytest.mark.parametrize("compress", [9, 12, 15])
def test_aiohttp(serve, compress):
    async def run():
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(address(serve("--deflate"), "http"), compress=compress) as socket,
        ):
            assert socket.compress
            assert (await socket.receive_str(timeout=PATIENCE)).startswith("0{")
            await socket.send_str("40")
            assert (await socket.receive_str(timeout=PATIENCE)).startswith("40{")
            assert (await socket.receive_str(timeout=PATIENCE)).startswith('42["welcome"')
            for text in TEXTS * 2:
                await socket.send_str("42" + json.dumps(["echo", text]))
                answer = await socket.receive_str(timeout=PATIENCE)
                assert json.loads(answer[2:]) == ["echo", text]

    asyncio.run(run())


def test_python_socketio(serve, peer, mode):
    """aiohttp offers it for AsyncClient; requests asks for compressed polling responses."""
    client = peer().connect(serve("--deflate"), mode)
    for text in TEXTS:
        assert client.call("echo", text) == text
        assert client.call("echo", text.encode()) == text.encode()
