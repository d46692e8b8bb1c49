"""Section 20: the files of the official client."""

import gzip

import pytest
from wire import http

SCRIPT = b"/*!\n * Socket.IO v4.8.1\n * (c) 2014-2024\n */\n" + b"io();" * 1000
MAP = b'{"version":3}'
TAG = '"4.8.1"'


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("client")
    (folder / "socket.io.js").write_bytes(SCRIPT)
    (folder / "socket.io.js.map").write_bytes(MAP)
    (folder / "socket.io.min.js").write_bytes(SCRIPT)
    (folder / "socket.io.min.js.br").write_bytes(b"brotli")
    (folder / "socket.io.min.js.gz").write_bytes(gzip.compress(b"beside"))
    (folder / "secret.js").write_text("secret")
    return folder


@pytest.fixture(params=[{}, {"path": "/io", "flags": 2}], ids=["default-path", "own-path"])
def served(networks, folder, request):
    network = networks(client=folder, origin="http://page.example", **request.param)
    network.path = request.param.get("path", "/socket.io")
    return network


def get(net, name, headers=(), method="GET"):
    return net.exchange(method, f"{net.path}/{name}", headers)


def test_scripts_and_maps(served):
    for name, body, kind in [
        ("socket.io.js", SCRIPT, "application/javascript; charset=utf-8"),
        ("socket.io.js.map", MAP, "application/json; charset=utf-8"),
        ("socket.io.min.js", SCRIPT, "application/javascript; charset=utf-8"),
    ]:
        for query in ["", "?", "?EIO=4&transport=polling"]:
            response = get(served, name + query)
            assert (response.status, response.body) == (200, body)
            assert response.header("content-type") == kind
            assert response.header("cache-control") == "public, max-age=0"
            assert response.header("etag") == TAG
            assert response.header("content-encoding") is None


def test_not_modified(served):
    for tag in [TAG, "W/" + TAG]:
        response = get(served, "socket.io.js", {"If-None-Match": tag})
        assert (response.status, response.body) == (304, b"")
    assert get(served, "socket.io.js", {"If-None-Match": '"4.8.0"'}).status == 200


def test_codings(served):
    response = get(served, "socket.io.js", {"Accept-Encoding": "gzip, deflate, br"})
    assert response.header("content-encoding") == "gzip"
    assert "Accept-Encoding" in response.all("vary")
    assert gzip.decompress(response.body) == SCRIPT
    assert len(response.body) < 200
    response = get(served, "socket.io.min.js", {"Accept-Encoding": "gzip, deflate, br"})
    assert (response.header("content-encoding"), response.body) == ("br", b"brotli")
    response = get(served, "socket.io.min.js", {"Accept-Encoding": "gzip"})
    assert gzip.decompress(response.body) == b"beside"


def test_any_method_is_served(served):
    for method in ["POST", "PUT", "DELETE", "OPTIONS"]:
        response = get(served, "socket.io.js", method=method)
        assert (response.status, response.body) == (200, SCRIPT)
    response = get(served, "socket.io.js", method="HEAD")
    assert (response.status, response.header("content-length")) == (200, str(len(SCRIPT)))


def test_cors(served):
    response = get(served, "socket.io.js", {"Origin": "http://page.example"})
    assert response.header("access-control-allow-origin") == "http://page.example"
    response = get(served, "socket.io.js", {"Origin": "http://other.example"})
    assert (response.status, response.body) == (200, SCRIPT)
    assert response.header("access-control-allow-origin") is None


@pytest.mark.parametrize(
    "name",
    [
        "socket.io.esm.min.js",  # the folder has no such file
        "secret.js",
        "socket.io.js/",
        "socket.io.j",
        "socket.io.jss",
        "socket.io.min.js.gz",
        "sub/socket.io.js",
        "../secret.js",
        "socket.io%2ejs",
        "s",
        "",
    ],
)
def test_other_names_are_engine_io(served, name):
    response = get(served, name)
    assert (response.status, response.header("content-type")) == (400, "application/json")
    assert response.body == b'{"code":0,"message":"Transport unknown"}'


def test_clients_connect_beside(served):
    session = served.polling(path=served.path + ("/" if served.path == "/socket.io" else ""))
    assert session.join()


def test_without_a_folder_it_is_engine_io(net):
    response = net.exchange("GET", "/socket.io/socket.io.js")
    assert (response.status, response.body) == (400, b'{"code":0,"message":"Transport unknown"}')


def test_a_large_client_in_pieces(networks, folder, tmp_path):
    """Nobody else waits while it is read slowly."""
    (tmp_path / "socket.io.js").write_bytes(SCRIPT + b"x" * 4_000_000)
    networks_server = networks(client=tmp_path)
    slow, other = networks_server.connect(), networks_server.connect()
    slow.send(http.request("GET", "/socket.io/socket.io.js"))
    slow.read_exactly(1000)
    assert len(http.exchange(other, "GET", "/socket.io/socket.io.js").body) > 4_000_000
