"""RFC 6455 as the package `websockets` reads it: its sans-IO protocol checks all that the
server sends, and frames that it would not send are written with its serializer."""

import asyncio
import contextlib
import json
import socket

import pytest
import websockets.sync.client
from server import PATIENCE
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri


class Lawless(Frame):
    """A frame that may break the rules."""

    def check(self):
        pass


class Client:
    """A WebSocket behind its handshake and the Engine.IO open packet."""

    def __init__(self, server, **options):
        self._socket = socket.create_connection(("127.0.0.1", server.port), PATIENCE)
        url = f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket"
        self.protocol = ClientProtocol(parse_uri(url), **options)
        self._events = []
        self.protocol.send_request(self.protocol.connect())
        self.flush()
        self.response = self._event()
        assert self.protocol.state is State.OPEN, self.protocol.handshake_exc
        assert self.receive().startswith('0{"sid":')

    def flush(self):
        for data in self.protocol.data_to_send():
            # A server that has got its Close may be gone before the answer to its own.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self._socket.sendall(data)

    def _event(self):
        while not self._events:
            self._read()
        return self._events.pop(0)

    def _read(self):
        try:
            data = self._socket.recv(65536)
        except ConnectionResetError:
            data = b""
        if data:
            self.protocol.receive_data(data)
        else:
            self.protocol.receive_eof()
            assert self.protocol.state is State.CLOSED, "the server hung up without a Close"
        self._events += self.protocol.events_received()
        self.flush()  # what the protocol answers: the Close

    def frame(self):
        return self._event()

    def receive(self):
        frame = self.frame()
        assert frame.fin, "the server has no reason to fragment"
        return frame.data.decode() if frame.opcode is Opcode.TEXT else bytes(frame.data)

    def send(self, text):
        self.protocol.send_text(text.encode())
        self.flush()

    def send_lawless(self, *frames, mask=True):
        self._socket.sendall(b"".join(frame.serialize(mask=mask) for frame in frames))

    def join(self):
        self.send("40")
        assert self.receive().startswith('40{"sid":')
        assert self.receive().startswith('42["welcome"')
        return self

    def echo(self, value="still here"):
        self.send(f'420["echo",{json.dumps(value)}]')
        assert self.receive() == f"430[{json.dumps(value)}]"

    def wait_for_end(self):
        """The end of the connection, by the server; the code of its Close."""
        while self.protocol.state is not State.CLOSED:
            self._read()
        return self.protocol.close_rcvd and self.protocol.close_rcvd.code

    def close(self):
        self._socket.close()


@pytest.fixture
def connect(server):
    clients = []

    def start(**options):
        clients.append(Client(server, **options))
        return clients[-1]

    yield start
    for client in clients:
        client.close()


# --- what is legal ----------------------------------------------------------------------------


def test_the_handshake(connect):
    client = connect(subprotocols=["one", "two"])
    assert client.protocol.subprotocol == "one"
    client.join().echo()


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 500_000])
def test_messages_of_all_sizes(connect, size):
    connect().join().echo("x" * size)


@pytest.mark.parametrize("pieces", [2, 3, 14])
def test_fragments(connect, pieces):
    client = connect().join()
    text = '420["echo","é€😀"]'.encode()  # cut anywhere, in a character too
    cuts = [len(text) * i // pieces for i in range(pieces + 1)]
    for i in range(pieces):
        data, fin = text[cuts[i] : cuts[i + 1]], i + 1 == pieces
        if i == 0:
            client.protocol.send_text(data, fin)
        else:
            client.protocol.send_continuation(data, fin)
        client.flush()
    assert client.receive() == '430["é€😀"]'


def test_fragments_of_bytes_some_of_them_empty(connect):
    client = connect().join()
    client.send('451-0["echo",{"_placeholder":true,"num":0}]')
    client.protocol.send_binary(b"", fin=False)
    client.protocol.send_continuation(b"\x00\xff", fin=False)
    client.protocol.send_continuation(b"", fin=False)
    client.protocol.send_continuation(b"", fin=True)
    client.flush()
    assert client.receive() == '461-0[{"_placeholder":true,"num":0}]'
    assert client.receive() == b"\x00\xff"


def test_control_frames_between_fragments(connect):
    client = connect().join()
    client.protocol.send_text(b'420["echo",', fin=False)
    client.protocol.send_ping(b"1")
    client.protocol.send_continuation(b"7", fin=False)
    client.protocol.send_pong(b"nobody asked")
    client.protocol.send_ping(b"2" * 125)
    client.protocol.send_continuation(b"]", fin=True)
    client.flush()
    assert [client.frame() for _ in range(2)] == [
        Frame(Opcode.PONG, b"1"),
        Frame(Opcode.PONG, b"2" * 125),
    ]
    assert client.receive() == "430[7]"


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 4999])
def test_a_close_is_answered_with_its_code(connect, code):
    client = connect().join()
    client.protocol.send_close(code, "for a reason")
    client.flush()
    assert client.wait_for_end() == code


def test_a_close_without_a_code(connect):
    client = connect().join()
    client.send_lawless(Frame(Opcode.CLOSE, b""))
    assert client.wait_for_end() == 1005


def test_the_server_closes_without_a_code(connect):
    client = connect().join()
    client.send('42["drop-me"]')
    assert client.receive() == "41"
    assert client.wait_for_end() == 1005


def test_a_close_within_a_message(connect):
    client = connect().join()
    client.send_lawless(Frame(Opcode.TEXT, b"42[", fin=False))
    client.protocol.send_close(1001)
    client.flush()
    assert client.wait_for_end() == 1001


# --- what is not ------------------------------------------------------------------------------

TEXT = b'42["echo"]'
VIOLATIONS = {
    "reserved bit 1": (1002, [Lawless(Opcode.TEXT, TEXT, rsv1=True)]),
    "reserved bit 2": (1002, [Lawless(Opcode.TEXT, TEXT, rsv2=True)]),
    "reserved bit 3": (1002, [Lawless(Opcode.TEXT, TEXT, rsv3=True)]),
    "reserved bit on a ping": (1002, [Lawless(Opcode.PING, b"", rsv1=True)]),
    "reserved bit on a continuation": (
        1002,
        [Lawless(Opcode.TEXT, b"4", fin=False), Lawless(Opcode.CONT, b"2", rsv1=True)],
    ),
    **{f"opcode {code}": (1002, [Lawless(code, TEXT)]) for code in (3, 7, 11, 15)},
    "a ping in fragments": (1002, [Lawless(Opcode.PING, b"", fin=False)]),
    "a ping of 126 bytes": (1002, [Lawless(Opcode.PING, b"x" * 126)]),
    "a continuation of nothing": (1002, [Lawless(Opcode.CONT, TEXT)]),
    "text within a message": (
        1002,
        [Frame(Opcode.TEXT, TEXT, fin=False), Frame(Opcode.TEXT, TEXT)],
    ),
    "bytes within a message": (
        1002,
        [Frame(Opcode.TEXT, TEXT, fin=False), Frame(Opcode.BINARY, TEXT)],
    ),
    "not UTF-8": (1007, [Frame(Opcode.TEXT, b'42["\xff"]')]),
    "a surrogate": (1007, [Frame(Opcode.TEXT, b'42["\xed\xa0\x80"]')]),
    "half a character": (1007, [Frame(Opcode.TEXT, b"42\xe2\x82")]),
    "not UTF-8 in a fragment": (
        1007,
        [Frame(Opcode.TEXT, b'42["', fin=False), Frame(Opcode.CONT, b'\xc0\xaf"]')],
    ),
    "too long": (1009, [Frame(Opcode.BINARY, b"x" * 1_000_001)]),
    "too long in fragments": (
        1009,
        [Frame(Opcode.BINARY, b"x" * 900_000, fin=False), Frame(Opcode.CONT, b"x" * 100_001)],
    ),
    "a close of one byte": (1002, [Lawless(Opcode.CLOSE, b"\x03")]),
    "a close with code 1005": (1002, [Lawless(Opcode.CLOSE, (1005).to_bytes(2, "big"))]),
    "a close with code 5000": (1002, [Lawless(Opcode.CLOSE, (5000).to_bytes(2, "big"))]),
    "a close whose reason is not UTF-8": (1007, [Lawless(Opcode.CLOSE, b"\x03\xe8\xff")]),
}


@pytest.mark.parametrize(("code", "frames"), VIOLATIONS.values(), ids=VIOLATIONS)
def test_a_violation_is_told_and_ends_the_connection(connect, code, frames):
    client = connect().join()
    client.send_lawless(*frames)
    assert client.wait_for_end() == code
    connect().join().echo()


@pytest.mark.parametrize("opcode", [Opcode.TEXT, Opcode.BINARY, Opcode.PING, Opcode.CLOSE])
def test_frames_that_are_not_masked(connect, opcode):
    client = connect().join()
    client.send_lawless(Frame(opcode, b""), mask=False)
    assert client.wait_for_end() == 1002


def test_frames_behind_a_close_are_ignored(connect):
    client, witness = connect().join(), connect().join()
    client.send_lawless(
        Frame(Opcode.CLOSE, b"\x03\xe8"), Frame(Opcode.TEXT, b'42["tell-all","late"]')
    )
    assert client.wait_for_end() == 1000
    witness.echo()  # and nothing came before


# --- the clients that programs use --------------------------------------------------------------


def url_of(server):
    return f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket"


def test_its_blocking_client(server):
    with websockets.sync.client.connect(url_of(server)) as client:
        assert client.recv().startswith("0{")
        client.send("40")
        assert [client.recv()[:5], client.recv()[:5]] == ['40{"s', '42["w']
        client.send(iter(["420[", '"echo"', ",1]"]))  # in fragments
        assert client.recv() == "430[1]"
        assert client.ping(b"x").wait(PATIENCE)


def test_its_asyncio_client(server):
    async def talk():
        async with websockets.connect(url_of(server)) as client:
            assert (await client.recv()).startswith("0{")
            await client.send("40")
            assert (await client.recv()).startswith("40")
            await (await client.ping())
            await client.close(4000, "enough")
        return client.close_code

    assert asyncio.run(asyncio.wait_for(talk(), PATIENCE)) == 4000
