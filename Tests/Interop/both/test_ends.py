"""Every reason for which a client may have left, as the server is told."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from engineio.packet import CLOSE, Packet
from server import PATIENCE
from socketio.packet import DISCONNECT
from socketio.packet import Packet as SocketPacket

SOURCE = "io.on('disconnect', lambda sid, reason: hear(sid, reason))"


class Client:
    """What a client puts on the wire, whichever kind it is."""

    def __init__(self, peer, mode):
        self.peer, self.mode = peer, mode

    def run(self, method, *args):
        result = method(*args)
        if hasattr(result, "__await__"):
            return self.peer._loop.run(result)
        return result

    def engine(self, packet):
        self.run(self.peer.client.eio._send_packet, packet)

    def message(self, text):
        self.run(self.peer.client.eio.send, text)

    def leave(self):
        self.run(self.peer.client._send_packet, SocketPacket(DISCONNECT, namespace="/"))


@pytest.fixture
def client(peer):
    def connect(server, mode):
        return Client(peer().connect(server, mode), mode)

    return connect


def test_client_namespace_disconnect(script, client, mode, sid_of):
    server = script(SOURCE)
    one = client(server, mode)
    sid = sid_of(one.peer)
    one.leave()
    assert server.heard() == [sid, "client namespace disconnect"]


@pytest.mark.parametrize("close", [False, True])
def test_server_namespace_disconnect(script, client, mode, sid_of, close):
    server = script(SOURCE)
    sid = sid_of(client(server, mode).peer)
    server.run(f"io.disconnect('{sid}', close={close})")
    assert server.heard() == [sid, "server namespace disconnect"]


def test_server_shutting_down(script, client, mode, sid_of):
    server = script(SOURCE)
    sid = sid_of(client(server, mode).peer)
    server.run("later(io.shutdown)")
    assert server.heard() == [sid, "server shutting down"]


def test_ping_timeout(script, client, mode, sid_of, generation):
    if generation == 4 and mode != "polling":
        mode = "polling"  # with a WebSocket this client gives up at the same moment
    # A client gives up an interval later than the server.
    server = script(SOURCE, ping_interval=1, ping_timeout=2)
    one = client(server, mode)
    sid = sid_of(one.peer)
    silent = one.peer.client.eio
    if hasattr(one.peer, "_loop"):

        async def nothing(packet):
            pass

        silent._send_packet = nothing
    else:
        silent._send_packet = lambda packet: None
    assert server.heard() == [sid, "ping timeout"]


def test_transport_close(script, client, mode, sid_of):
    server = script(SOURCE)
    one = client(server, mode)
    sid = sid_of(one.peer)
    one.engine(Packet(CLOSE))
    assert server.heard() == [sid, "transport close"]


def test_forced_close(script, client, mode, sid_of):
    server = script(SOURCE)
    one = client(server, mode)
    sid = sid_of(one.peer)
    one.message("9 is no type")
    assert server.heard() == [sid, "forced close"]


def test_forced_close_of_an_event_for_a_namespace_not_joined(script, client, mode, sid_of):
    server = script(SOURCE)
    one = client(server, mode)
    sid = sid_of(one.peer)
    one.message('2/nowhere,["x"]')
    found, reason = server.heard()
    assert found == sid
    assert reason == "forced close" or (reason, mode) == ("forced server close", "polling")


def begin(server, generation):
    """A session by hand; its id, and a function that posts."""
    url = f"{server.url}/socket.io/?EIO={4 if generation == 5 else 3}&transport=polling"
    text = requests.get(url, timeout=PATIENCE).text
    sid = text.partition('"sid":"')[2].partition('"')[0]

    def post(packet):
        body = packet if generation == 5 else f"{len(packet)}:{packet}"
        return requests.post(f"{url}&sid={sid}", data=body, timeout=PATIENCE)

    post.url = f"{url}&sid={sid}"
    if generation == 5:
        post("40")
        return requests.get(f"{url}&sid={sid}", timeout=PATIENCE).text[10:30], post
    requests.get(post.url, timeout=PATIENCE)
    return sid, post


def test_forced_server_close(script, generation):
    """Of a client that does not even poll."""
    server = script(SOURCE)
    sid, post = begin(server, generation)
    post('42/nowhere,["x"]')
    assert server.heard() == [sid, "forced server close"]


def test_parse_error(script, generation):
    server = script(SOURCE)
    sid, post = begin(server, generation)
    post("abc")
    assert server.heard() == [sid, "parse error"]


def test_transport_error(script, generation):
    """Of a client that polls twice at the same time."""
    server = script(SOURCE)
    sid, post = begin(server, generation)
    url = post.url
    with ThreadPoolExecutor() as pool:
        for answer in [pool.submit(requests.get, url, timeout=PATIENCE) for _ in range(2)]:
            answer.result()
    assert server.heard() == [sid, "transport error"]
