"""Compression: what clients are sent, with options and for single emits."""

import gzip
import http.client

import pytest

import libsocketio

LARGE = "again and " * 500


@pytest.fixture
def poll(run):
    """Sends `LARGE` to a polling client, which asks for gzip: the coding, and the text."""

    def make(io, emit):
        running = run(io)
        connection = http.client.HTTPConnection(*running.io.address[:2], timeout=20)

        def request(method, target, body=None):
            connection.request(method, target, body, {"Accept-Encoding": "gzip"})
            response = connection.getresponse()
            return response.getheader("content-encoding"), response.read()

        target = "/socket.io/?EIO=4&transport=polling"
        opened = request("GET", target)[1].decode()
        target += "&sid=" + opened.split('"')[3]
        request("POST", target, "40")
        request("GET", target)
        emit(io)
        coding, body = request("GET", target)
        request("POST", target, "1")
        return coding, (gzip.decompress(body) if coding else body).decode()

    return make


def everyone(io):
    io.of("/").emit("large", LARGE)


@pytest.mark.parametrize(
    ("options", "emit", "coding"),
    [
        ({}, everyone, "gzip"),
        ({"http_compression": False}, everyone, None),
        ({"compression_threshold": 10_000}, everyone, None),
        ({"compression_threshold": 0}, everyone, "gzip"),
        ({}, lambda io: io.compress(False).emit("large", LARGE), None),
        ({}, lambda io: io.compress(False).compress(True).emit("large", LARGE), "gzip"),
    ],
)
def test_polling_responses(server_class, poll, options, emit, coding):
    # The namespace exists, so that clients can join it.
    io = server_class(namespaces=["/"], **options)
    assert poll(io, emit) == (coding, f'42["large","{LARGE}"]')


@pytest.mark.parametrize(
    ("option", "agreed"),
    [
        (False, None),
        (True, "permessage-deflate"),
        (
            {
                "server_no_context_takeover": True,
                "client_no_context_takeover": False,
                "server_max_window_bits": 9,
                "client_max_window_bits": 10,
                "threshold": 0,
                "level": 1,
                "mem_level": 1,
            },
            "permessage-deflate; server_no_context_takeover; server_max_window_bits=9; "
            "client_max_window_bits=10",
        ),
    ],
)
def test_per_message_deflate(server_class, run, option, agreed):
    io = server_class(namespaces=["/"], per_message_deflate=option)
    running = run(io)
    connection = http.client.HTTPConnection(*running.io.address[:2], timeout=20)
    connection.request(
        "GET",
        "/socket.io/?EIO=4&transport=websocket",
        headers={
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
        },
    )
    response = connection.getresponse()
    assert (response.status, response.getheader("Sec-WebSocket-Extensions")) == (101, agreed)
    connection.close()


def test_options_are_described():
    for name in ("http_compression", "compression_threshold", "per_message_deflate"):
        assert name in libsocketio.Server.__doc__
