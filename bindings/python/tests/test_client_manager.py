"""What a client tells of its connection, and options of connecting again that change."""

import pytest

import libsocketio
from libsocketio import Packet


def serve(run, **options):
    io = libsocketio.Server(**options)
    io.on("echo", lambda sid, *args: args)
    io.on("say", lambda sid, *args: io.emit("said", args, to=sid))
    io.on("leave", io.disconnect)
    return io, run(io)


def test_open_and_close(own_client, run):
    client = own_client(reconnection=False)
    client.raw.manager.on("open", lambda: client.came.add("open"))
    client.raw.manager.on("close", lambda *args: client.came.add("close", *args))
    _, running = serve(run)
    client.connect(running, transports=["websocket"])
    assert client.take("open") == ()
    client.disconnect()
    assert client.take("close") == ("forced close", "")
    client.connect(running, transports=["websocket"])
    client.take("open")
    running.shutdown()
    reason, details = client.take("close")
    assert reason in ("transport close", "transport error")
    assert isinstance(details, str)


def test_error(own_client):
    client = own_client()
    client.raw.manager.on("error", lambda error: client.came.add("error", error))
    with pytest.raises(libsocketio.exceptions.ConnectionError):
        client.connect(None, url="http://127.0.0.1:1")
    (error,) = client.take("error")
    assert isinstance(error, libsocketio.exceptions.ConnectionError)
    assert error.code == "connect"
    assert error.errno
    assert "127.0.0.1" in str(error)


def test_pings(own_client, run):
    client = own_client()
    client.raw.manager.on("ping", lambda: client.came.add("ping"))
    client.connect(serve(run, ping_interval=0.02)[1])
    for _ in range(3):
        client.take("ping")


def test_packets(own_client, run):
    client = own_client().hear("said")
    _, running = serve(run)
    client.connect(running)
    # Somebody who looks while there is a connection sees what comes from then on.
    client.raw.manager.on("packet", lambda packet: client.came.add("packet", packet))
    client.emit("say", (1, b"\x02"))
    (packet,) = client.take("packet")
    assert packet == Packet("EVENT", "/", ["said", 1, b"\x02"], None)
    assert client.take("said") == (1, b"\x02")
    assert client.call("echo", {"a": b"b"}) == {"a": b"b"}
    (packet,) = client.take("packet")
    assert (packet.type, packet.data) == ("ACK", [{"a": b"b"}])
    assert isinstance(packet.id, int)
    client.emit("leave")
    assert client.take("packet") == (Packet("DISCONNECT", "/", None, None),)


def test_other_delays(own_client, run):
    _, running = serve(run)
    client = own_client(reconnection_delay=1000, reconnection_delay_max=1000)
    client.hear("connect", "disconnect")
    manager = client.raw.manager
    manager.on("reconnect_attempt", lambda number: client.came.add("attempt", number))
    manager.on("reconnect_failed", lambda: client.came.add("failed"))
    client.connect(running)
    client.take("connect")
    # Of a client that is connected: the next attempt comes sooner.
    client.raw.reconnection_delay = 0.01
    client.call("echo")  # the event loop knows of it now
    running.shutdown()
    client.take("disconnect")
    assert client.take("attempt") == (1,)
    # Of one that waits: without reconnection it does so no more.
    client.raw.reconnection = False
    while client.came.take()[0] != "failed":
        pass
    client.run("wait")
