"""What clients are told when they cannot connect: a code, what there is of it, and what to do."""

import threading

import pytest

import libsocketio
from conftest import TIMEOUT, until
from libsocketio import exceptions
from relays import Answering


def response(status, body="", *fields):
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields, "Connection: close"]
    return "\r\n".join([*lines, "", body]).encode()


@pytest.fixture
def failure():
    """The exception of a client that meets an answer."""
    servers = []

    def meet(answer, transport="polling", scheme="http", **options):
        silent = options.pop("silent", False)
        servers.append(Answering(answer, silent=silent))
        client = libsocketio.Client(reconnection=False, **options)
        url = servers[-1].url.replace("http", scheme)
        with pytest.raises(exceptions.ConnectionError) as caught:
            client.connect(url, transports=[transport], wait_timeout=TIMEOUT)
        return caught.value

    yield meet
    for server in servers:
        server.close()


NODE = '{"code":1,"message":"Session ID unknown"}'
OLD = '"The client is using an unsupported version of the Socket.IO or Engine.IO protocols"'

#: An answer, the code, the status, and the words that say what to do.
ANSWERS = {
    "not found": (response("404 No"), "http", 404, "do URL and path fit"),
    "no password": (response("401 No"), "http", 401, "are the credentials"),
    "forbidden": (response("403 No"), "http", 403, "are the credentials, the origin"),
    "too many": (response("429 No"), "http", 429, "less often"),
    "bad gateway": (response("502 No", "<html>nginx"), "http", 502, "nginx: try again later"),
    "teapot": (response("418 No"), "http", 418, "is there a Socket.IO server"),
    "redirect": (response("301 No", "", "Location: /to"), "redirect", 301, '"/to": redirects are'),
    "old": (response("400 No", OLD), "revision", 400, "set the revision to"),
    "no session": (response("400 No", NODE), "http", 400, "sticky sessions"),
    "bad request": (response("400 No", "what?"), "http", 400, "what\\?: does it allow this"),
    "no HTTP": (b"SSH-2.0-OpenSSH\r\n", "protocol", None, "Are host and port right"),
    "TLS": (b"\x15\x03\x01\x00\x02\x02\x46", "protocol", None, "use https://"),
    "closed": (b"", "lost", None, "does it want https://"),
}


@pytest.mark.parametrize("transport", ["polling", "websocket"])
@pytest.mark.parametrize("name", ANSWERS)
def test_answers(failure, name, transport):
    answer, code, status, mend = ANSWERS[name]
    told = failure(answer, transport)
    assert (told.code, told.transport, told.http_status) == (code, transport, status)
    with pytest.raises(exceptions.ConnectionError, match=mend):
        raise told


@pytest.mark.parametrize("transport", ["polling", "websocket"])
def test_a_page_instead_of_a_server(failure, transport):
    told = failure(response("200 OK", "<!doctype html>"), transport)
    assert told.code == ("protocol" if transport == "polling" else "http")
    assert (told.transport, told.http_status) == (transport, 200)
    with pytest.raises(exceptions.ConnectionError, match="URL and path"):
        raise told


def test_a_server_without_tls(failure):
    told = failure(response("400 No"), scheme="https")
    assert told.code == "tls"
    assert "use http:// or ws://" in str(told)


@pytest.mark.parametrize("transport", ["polling", "websocket"])
def test_a_server_that_says_nothing(failure, transport):
    told = failure(b"", transport, silent=True, request_timeout=0.1)
    assert (told.code, told.transport) == ("timeout", transport)
    assert "overloaded or blocked" in str(told)


def test_a_name_that_nobody_has():
    # As long as the system's resolver may ask around.
    client = libsocketio.Client(reconnection=False, request_timeout=TIMEOUT)
    with pytest.raises(exceptions.ConnectionError, match="is the name right") as caught:
        client.connect("http://nobody.invalid", wait_timeout=TIMEOUT)
    assert caught.value.code == "resolve"


def test_another_parser(run, transports):
    """The server ends the connection, since it cannot read what comes."""
    running = run(libsocketio.Server())
    client = libsocketio.Client(reconnection=False, serializer="msgpack")
    with pytest.raises(exceptions.ConnectionError, match="the same parser") as caught:
        client.connect(running.url, transports=transports, wait_timeout=TIMEOUT)
    assert caught.value.code == "lost"
    assert caught.value.transport


def test_a_server_that_never_decides(run):
    io, decided = libsocketio.Server(), threading.Event()
    io.on("connect", lambda sid, environ: decided.wait(TIMEOUT))
    running = run(io)
    client = libsocketio.Client(reconnection=False, request_timeout=4)
    try:
        sentence = "not answered in time whether / may be joined"
        with pytest.raises(exceptions.ConnectionError, match=sentence) as caught:
            client.connect(running.url, transports=["websocket"], wait_timeout=0)
    finally:
        decided.set()
    assert (caught.value.code, caught.value.transport) == ("timeout", "websocket")


def test_auth_that_raises_says_so(run):
    client = libsocketio.Client(reconnection=False)
    sentence = "the function of auth has raised KeyError: 'token'"
    with pytest.raises(exceptions.ConnectionError, match=sentence) as caught:
        client.connect(run(libsocketio.Server()).url, auth=lambda: {}["token"])
    assert caught.value.code == "auth"


def test_a_refusal_says_over_what(own_client, run):
    io = libsocketio.Server()
    io.on("connect", lambda sid, environ: False)
    with pytest.raises(exceptions.ConnectionError) as caught:
        own_client().connect(run(io), transports=["websocket"])
    assert (caught.value.code, caught.value.transport) == ("refused", "websocket")


def test_disconnected_while_it_connects(own_client):
    server = Answering(silent=True)
    client = own_client()

    def leave():
        until(lambda: server.heard)
        client.disconnect()

    leaving = threading.Thread(target=leave)
    leaving.start()
    with pytest.raises(exceptions.ConnectionError, match="was disconnected before it had joined /"):
        client.connect(None, url=server.url)
    leaving.join()
    server.close()
