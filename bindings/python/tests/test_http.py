"""Requests outside the Socket.IO path."""

import http.client

import pytest

import libsocketio


@pytest.fixture
def request_of(run):
    """Sends requests to a server: (status, headers, body)."""

    def make(io):
        running = run(io)
        connection = http.client.HTTPConnection(*running.io.address[:2], timeout=20)

        def request(method, target, body=None, headers=None):
            connection.request(method, target, body, headers or {})
            response = connection.getresponse()
            return response.status, response.headers, response.read()

        return request

    return make


def test_without_a_handler_it_is_not_found(server_class, request_of):
    assert request_of(server_class())("GET", "/")[0] == 404


def test_requests_and_responses(server_class, request_of):
    seen = []
    io = server_class()

    @io.http
    def handle(request):
        seen.append(request)
        if request.path == "/page":
            return libsocketio.Response("<p>é", 201, "text/html; charset=utf-8", {"x-more": "yes"})
        return {"/text": "plain é", "/bytes": b"\x00\x01"}.get(request.path)

    request = request_of(io)
    status, headers, body = request(
        "POST", "/page?a=%20b&c", b"body\x00", {"X-One": "1", "Content-Type": "text/x"}
    )
    assert (status, body.decode()) == (201, "<p>é")
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["x-more"] == "yes"
    assert (seen[0].method, seen[0].target) == ("POST", "/page?a=%20b&c")
    assert (seen[0].path, seen[0].query_string) == ("/page", "a=%20b&c")
    assert (seen[0].headers["x-one"], seen[0].headers["content-type"]) == ("1", "text/x")
    assert seen[0].body == b"body\x00"
    status, headers, body = request("GET", "/text")
    assert (status, body.decode()) == (200, "plain é")
    assert headers["content-type"] == "text/plain; charset=utf-8"
    assert request("GET", "/bytes")[2] == b"\x00\x01"
    assert request("GET", "/else")[0] == 404
    assert request("HEAD", "/text")[2] == b""
    assert seen[1].body == b""


def test_failures_are_500(server_class, request_of, caplog):
    io = server_class()

    @io.http
    def handle(request):
        if request.path == "/type":
            return 7
        if request.path == "/header":
            return libsocketio.Response("x", headers={"bad name": "a\r\nb"})
        raise ZeroDivisionError("on purpose")

    request = request_of(io)
    assert request("GET", "/")[0] == 500
    assert request("GET", "/type")[0] == 500
    assert request("GET", "/header")[0] == 500
    assert "ZeroDivisionError: on purpose" in caplog.text
    assert "not a Response" in caplog.text


def test_a_handler_that_comes_later(server_class, request_of):
    io = server_class()
    request = request_of(io)
    io.http(lambda request: "first")
    assert request("GET", "/")[2] == b"first"
    io.http(lambda request: "second")
    assert request("GET", "/")[2] == b"second"
