"""Ping and pong: who lives stays, who does not answer goes."""

import pytest

FAST = ("--ping-interval", 100, "--ping-timeout", 2000)


@pytest.fixture
def server(serve):
    return serve(*FAST)


def count_pings(peer):
    """Remembers each ping as the event "ping"."""
    receive = peer.client.eio._receive_packet

    def counting(packet):
        if packet.packet_type == 2:
            peer._remember("/", "ping", ())
        return receive(packet)

    peer.client.eio._receive_packet = counting


def test_stays_for_many_intervals(server, peer, mode):
    client = peer()
    count_pings(client)
    client.connect(server, mode)
    # Each but the first stands behind the answer to the one before.
    for _ in range(10):
        client.expect("ping")
    assert client.call("echo", "alive") == "alive"
    assert not client.has_come("disconnect")


def test_goes_when_it_does_not_answer(server, watcher, peer, mode):
    client = peer().connect(server, mode)
    sid = client.sid()
    client.go_deaf()
    client.emit("echo", "talking does not help")
    assert watcher.expect("gone", "/watch") == ("/", sid, "ping timeout")
    client.expect("disconnect")


@pytest.mark.parametrize("mode", ["websocket", "upgrade"])
def test_the_client_goes_when_the_server_stops(server, peer, mode):
    client = peer().connect(server, mode)
    server.freeze()
    try:
        client.expect("disconnect")
    finally:
        server.thaw()


def test_who_joins_no_namespace_is_sent_away(serve):
    import engineio

    server = serve("--connect-timeout", 100)
    client = engineio.Client(handle_sigint=False)
    client.connect(server.url, engineio_path="socket.io")
    client.wait()
    assert client.state == "disconnected"
