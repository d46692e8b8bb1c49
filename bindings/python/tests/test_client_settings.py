"""What the options of clients do: seen by the server, or by who emits too much."""

import logging

import pytest

import libsocketio
from conftest import until
from libsocketio import exceptions
from relays import Place, Proxy


def serve(run, **options):
    io = libsocketio.Server(**options)
    io.on("echo", lambda sid, *args: args)
    io.on("environ", lambda sid, name: str(io.get_environ(sid).get(name, "")))
    return io, run(io)


@pytest.fixture
def seen(own_client, run):
    """Connects a client of these options; what the first request had: seen("QUERY_STRING")."""

    def connect(name, transports=("polling",), server=None, **options):
        _, running = serve(run, **(server or {}))
        client = own_client(upgrade=False, **options)
        client.connect(running, transports=list(transports))
        return client.call("environ", name)

    return connect


def test_force_base64(seen):
    assert "b64=1" not in seen("QUERY_STRING")
    assert "b64=1" in seen("QUERY_STRING", force_base64=True)


def test_timestamp_requests(seen):
    assert "&t=" in seen("QUERY_STRING")
    assert "&t=" not in seen("QUERY_STRING", timestamp_requests=False)


def test_add_trailing_slash(seen):
    assert seen("PATH_INFO") == "/socket.io/"
    server = {"add_trailing_slash": False}
    assert seen("PATH_INFO", server=server, add_trailing_slash=False) == "/socket.io"


def test_http_compression(seen):
    assert "gzip" in seen("HTTP_ACCEPT_ENCODING")
    assert not seen("HTTP_ACCEPT_ENCODING", http_compression=False)


def test_protocols(seen):
    asked = seen("HTTP_SEC_WEBSOCKET_PROTOCOL", ["websocket"], protocols=["one", "two"])
    assert asked == "one, two"


def test_per_message_deflate(seen):
    name, way = "HTTP_SEC_WEBSOCKET_EXTENSIONS", ["websocket"]
    assert not seen(name, way)
    server = {"per_message_deflate": True}
    assert "permessage-deflate" in seen(name, way, server, per_message_deflate=True)


def test_the_order_of_transports(seen):
    assert "transport=polling" in seen("QUERY_STRING", ["polling", "websocket"])
    assert "transport=websocket" in seen("QUERY_STRING", ["websocket", "polling"])


def test_upgrade(own_client, run):
    _, running = serve(run)
    client = own_client(upgrade=False).connect(running)
    for number in range(20):
        assert client.call("echo", number) == number
    assert client.raw.transport() == "polling"
    client = own_client().connect(running)
    until(lambda: client.raw.transport() == "websocket")
    assert "transport=polling" in client.call("environ", "QUERY_STRING")


def test_try_all_transports(own_client, run):
    _, running = serve(run, transports=["websocket"])
    with pytest.raises(exceptions.ConnectionError, match="allow this transport") as caught:
        own_client().connect(running)
    assert (caught.value.transport, caught.value.http_status) == ("polling", 400)
    client = own_client(try_all_transports=True).connect(running)
    assert client.raw.transport() == "websocket"


@pytest.mark.parametrize("remember", [True, False])
def test_remember_upgrade(own_client, run, remember):
    _, running = serve(run)
    between = Proxy()
    client = own_client(remember_upgrade=remember, proxy=f"http://127.0.0.1:{between.port}").hear(
        "connect"
    )
    client.connect(running)
    client.take("connect")
    until(lambda: client.raw.transport() == "websocket")
    assert client.call("echo", 1) == 1
    between.cut()
    client.take("connect")
    began = "websocket" if remember else "polling"
    assert f"transport={began}" in client.call("environ", "QUERY_STRING")
    between.close()


# --- limits


@pytest.fixture
def away(own_client, inbox):
    """A client that waits for a server which is not there yet, and how to start that."""
    servers, places = [], []

    def make(**options):
        io = libsocketio.Server()
        servers.append(io)
        io.on("note", lambda sid, number: inbox.add(number))
        places.append(Place())
        port = places[-1].port
        client = own_client(**options).hear("connect_error", "disconnect", "connect")
        client.connect(None, url=f"http://127.0.0.1:{port}", wait=False, retry=True)
        client.take("connect_error")
        return client, lambda: io.listen("127.0.0.1", port)

    yield make
    for io in servers:
        io.shutdown()
    for place in places:
        place.close()


def test_what_waits_is_limited(away, inbox):
    client, begin = away(max_buffered_packets=3)
    for number in range(5):
        client.emit("note", number)
    with pytest.raises(exceptions.LimitError):
        client.call("note", 5)
    assert client.raw.of("/").dropped_events == 3
    begin()
    assert [inbox.take()[0] for _ in range(3)] == [0, 1, 2]
    client.emit("note", 4)
    assert inbox.take() == (4,)


def test_the_oldest_is_dropped(away, inbox):
    client, begin = away(max_buffered_packets=3, overflow="drop_oldest")
    for number in range(5):
        client.emit("note", number)
    until(lambda: client.raw.of("/").dropped_events == 2)
    begin()
    assert [inbox.take()[0] for _ in range(3)] == [2, 3, 4]


def test_too_much_leaves_the_namespace(away):
    client, _ = away(max_buffered_packets=3, overflow="close")
    with pytest.raises(exceptions.SocketIOError):
        for number in range(5):
            client.emit("note", number)
        client.call("note", 5)
    client.run("wait")
    assert not client.raw.of("/").active


def test_bytes_that_wait_are_limited(away):
    client, _ = away(max_buffered_bytes=10_000)
    client.emit("note", "x" * 5000)
    client.emit("note", "x" * 6000)
    until(lambda: client.raw.of("/").dropped_events == 1)


def test_replies_that_are_awaited_are_limited(own_client, run):
    _, running = serve(run)
    client = own_client(max_pending_acks=2).connect(running)
    for _ in range(2):
        client.emit("unheard of", callback=print)
    with pytest.raises(exceptions.LimitError):
        client.call("echo", 1)


def test_bytes_that_come_are_limited(own_client, run, transports):
    io, running = serve(run)
    client = own_client(max_http_buffer_size=10_000, reconnection=False).hear("disconnect")
    client.raw.on("disconnect", lambda reason, details: client.came.add(reason, details))
    client.connect(running, transports=transports)
    io.emit("large", "x" * 20_000)
    _, details = client.came.take()
    assert "than 10000 bytes: raise the limit" in details


@pytest.mark.parametrize("option", ["logger", "engineio_logger"])
def test_the_log_goes_where_it_is_wanted(own_client, run, caplog, option):
    """python-socketio has two loggers, and its programs turn on either or both."""
    _, running = serve(run)
    caplog.set_level(logging.DEBUG, "mine")
    client = own_client(**{option: logging.getLogger("mine")})

    def fails():
        raise ValueError("of the application")

    client.raw.on("connect", fails)
    client.connect(running)
    until(lambda: "of the application" in caplog.text)
    # Python-socketio's clients of earlier tests may complain meanwhile.
    assert {record.name for record in caplog.records} - {"engineio.client"} == {"mine"}


def test_max_attachments(own_client, run):
    _, running = serve(run, max_attachments=20)
    client = own_client().connect(running)
    assert client.call("echo", (b"x",) * 10) == (b"x",) * 10
    with pytest.raises(exceptions.LimitError, match=r"There are 11 binary values.*max_attachments"):
        client.emit("echo", (b"x",) * 11)
    more = own_client(max_attachments=11).connect(running)
    assert more.call("echo", (b"x",) * 11) == (b"x",) * 11
