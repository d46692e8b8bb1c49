"""Section 1.1: which requests are Engine.IO's, by prefix of the raw target."""

import pytest
from wire.http import exchange, read_response, request
from wire.websocket import handshake

QUERY = "?EIO=4&transport=polling&x=1"

OURS = ["/socket.io/", "/socket.io/anything/else", "/socket.io//", "/socket.io/%2e%2e/"]
NOT_OURS = [
    "/socket.io",
    "/socket.iofoo",
    "/socket.io%2f",
    "/SOCKET.IO/",
    "//socket.io/",
    "/x/socket.io/",
    "/",
    "/engine.io/",
    "/%73ocket.io/",
]


@pytest.mark.parametrize("path", OURS)
def test_1_1_prefix_matches(net, path):
    session = net.polling(path=path)
    assert len(session.sid) == 20


@pytest.mark.parametrize("path", NOT_OURS)
def test_1_1_others_reach_the_application(net, path):
    response = net.exchange("GET", path + QUERY)
    assert response.status == 404
    assert response.text == f"no such page: {path}{QUERY}"


def test_1_1_upgrade_outside_the_path_is_not_switched(net):
    connection = net.connect()
    connection.send(handshake("/elsewhere?EIO=4&transport=websocket"))
    assert read_response(connection).status == 404
    assert connection.read_to_end() == b""


@pytest.mark.parametrize(
    ("path", "status"),
    [("/socket.io", 200), ("/socket.io/", 200), ("/socket.iofoo", 200), ("/socket.i", 404)],
)
def test_1_1_without_trailing_slash(networks, path, status):
    net = networks(flags=2)
    if status == 200:
        net.polling(path=path)
    else:
        assert net.exchange("GET", path + QUERY).status == status


@pytest.mark.parametrize("option", ["/live", "/live/"])
def test_1_1_path_option(networks, option):
    net = networks(path=option)
    net.polling(path="/live/")
    assert net.exchange("GET", "/socket.io/" + QUERY).status == 404
    assert net.exchange("GET", "/live" + QUERY).status == 404


def test_1_11_requests_follow_each_other_on_a_connection(net):
    connection = net.connect()
    for _ in range(3):
        response = exchange(connection, "GET", "/socket.io/?transport=none")
        assert response.status == 400
        assert response.header("connection") == "keep-alive"


@pytest.mark.parametrize("size", [1, 15, 16, 17, 40])
def test_a_request_in_two_pieces(net, size):
    """The first read of a connection takes 16 bytes, and what waits behind them is read at once:
    here nothing does, since the server answers somebody else before the rest is sent."""
    connection, data = net.connect(), request("GET", "/elsewhere")
    connection.send(data[:size])
    assert net.exchange("GET", "/elsewhere").status == 404
    connection.send(data[size:] + data)
    assert [read_response(connection).status for _ in range(2)] == [404, 404]
