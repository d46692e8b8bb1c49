"""Files and the JavaScript client: what the dicts and the calls mean."""

import asyncio
import http.client
import os

import pytest

import libsocketio


@pytest.fixture
def web(tmp_path):
    (tmp_path / "static" / "sub").mkdir(parents=True)
    (tmp_path / "page.html").write_text("page")
    (tmp_path / "static" / "a.js").write_text("a")
    (tmp_path / "static" / "index.html").write_text("index")
    (tmp_path / "static" / "main.txt").write_text("main")
    (tmp_path / "static" / ".hidden").write_text("hidden")
    (tmp_path / "socket.io.js").write_text("/*!\n * Socket.IO v4.8.1\n */")
    return tmp_path


@pytest.fixture
def get(run):
    def make(io):
        running = run(io)
        connection = http.client.HTTPConnection(*running.io.address[:2], timeout=20)

        def get(target):
            connection.request("GET", target)
            response = connection.getresponse()
            return response.status, response.headers["content-type"], response.read().decode()

        return get

    return make


def test_static_files(server_class, get, web):
    static = {
        "/": str(web / "page.html"),
        "/static": web / "static",
        "/odd": {"filename": str(web / "page.html"), "content_type": "text/odd"},
    }
    target = get(server_class(static_files=static))
    assert target("/") == (200, "text/html; charset=utf-8", "page")
    assert target("/static/a.js") == (200, "text/javascript; charset=utf-8", "a")
    assert target("/static/") == (200, "text/html; charset=utf-8", "index")
    assert target("/odd") == (200, "text/odd", "page")
    for other in ["/page.html", "/static/.hidden", "/static/sub/", "/static/../page.html"]:
        assert target(other)[0] == 404


def test_the_name_of_index_files(server_class, get, web):
    target = get(server_class(static_files={"": "main.txt", "/static/": str(web / "static")}))
    assert target("/static/")[2] == "main"


def test_serve_files_before_and_after(server_class, get, web):
    io = server_class()
    io.serve_files("/before", web / "static", index="main.txt", hidden=True)
    io.serve_client(web)

    @io.http
    def handle(request):
        return "handler"

    target = get(io)
    assert target("/before/")[2] == "main"
    assert target("/before/.hidden")[2] == "hidden"
    assert target("/before/nothing")[2] == "handler"
    assert target("/after/a.js")[2] == "handler"
    io.serve_files("/after", web / "static", content_type="text/plain")
    assert target("/after/a.js") == (200, "text/plain", "a")
    io.serve_files("/after", None)
    assert target("/after/a.js")[2] == "handler"
    assert target("/socket.io/socket.io.js")[0] == 200
    io.serve_client(None)
    assert target("/socket.io/socket.io.js")[0] == 400
    with pytest.raises(libsocketio.exceptions.ArgumentError, match="cannot be served"):
        io.serve_files("/x", web / "nothing")


def test_relative_paths_are_of_the_constructor(server_class, get, web, monkeypatch):
    monkeypatch.chdir(web)
    io = server_class(static_files={"/static": "static"}, serve_client=".")
    os.chdir("/")
    target = get(io)
    assert target("/static/a.js")[2] == "a"
    assert target("/socket.io/socket.io.js")[0] == 200


@pytest.mark.parametrize(
    ("options", "failure", "words"),
    [
        ({"static_files": ["a"]}, TypeError, "static_files must be a dict"),
        ({"static_files": {1: "a"}}, TypeError, "keys of static_files"),
        ({"static_files": {"/": 3}}, TypeError, "must be a path"),
        ({"static_files": {"/": {"file": "a"}}}, ValueError, "'filename'"),
        ({"serve_client": 3}, TypeError, "serve_client must be a path"),
    ],
)
def test_what_is_wrong_is_said_at_once(server_class, options, failure, words):
    with pytest.raises(failure, match=words):
        server_class(**options)


def test_what_is_not_there_is_said_by_listen(server_class, tmp_path):
    async def listen(io):
        io.listen("127.0.0.1", 0)

    for options in [{"static_files": {"/": tmp_path / "no"}}, {"serve_client": tmp_path}]:
        io = server_class(**options)
        for _ in range(2):
            with pytest.raises(libsocketio.exceptions.ArgumentError, match=str(tmp_path)):
                asyncio.run(listen(io))
