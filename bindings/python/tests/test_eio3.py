"""Clients of Socket.IO 1 and 2: what Python sees of them, on the bare wire of long polling."""

from __future__ import annotations

import http.client
import json

import pytest

import libsocketio
from conftest import TIMEOUT, Inbox

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


class OldClient:
    """Revision 3 of Engine.IO over long polling: each packet behind its length."""

    def __init__(self, running):
        self._connection = http.client.HTTPConnection(
            *running.url.removeprefix("http://").split(":"), timeout=TIMEOUT
        )
        self._target = "/socket.io/?EIO=3&transport=polling"
        _, text = self.exchange("GET")
        self.sid = json.loads(text.partition(":0")[2])["sid"]
        self._target += f"&sid={self.sid}"

    def exchange(self, method, body=None):
        self._connection.request(method, self._target, body)
        response = self._connection.getresponse()
        return response.status, response.read().decode()

    def post(self, packet):
        assert self.exchange("POST", f"{len(packet)}:{packet}") == (200, "ok")

    def expect(self, packet):
        assert self.exchange("GET") == (200, f"{len(packet)}:{packet}")


def test_an_old_client_is_like_any_other(server_class, run):
    connected = Inbox()
    io = server_class(threads=1)
    for namespace in ("/", "/chat"):
        io.on("connect", lambda sid, environ, auth: connected.add(sid, environ, auth), namespace)
    running = run(io)
    client = OldClient(running)
    client.expect("40")
    sid, environ, auth = connected.take()
    assert sid == client.sid
    assert environ["libsocketio.revision"] == 3
    assert auth is None or auth == {}
    client.post("40/chat?token=a%20b,")
    client.expect("40/chat,")
    sid, environ, auth = connected.take()
    assert sid == f"/chat#{client.sid}"
    assert auth == {"token": "a b"}
    running.wait_for(io.emit("hi", 1, to=sid, namespace="/chat"))
    client.expect('42/chat,["hi",1]')
    running.wait_for(io.emit("hi", 2, to=client.sid))
    client.expect('42["hi",2]')
    client.post("41/chat,")
    client.post("40/chat,")
    client.expect("40/chat,")
    assert connected.take()[0] == sid, "its id is made of the session's"
    running.wait_for(io.emit("hi", 3, to=sid, namespace="/chat"))
    client.expect('42/chat,["hi",3]')


def test_a_refused_connect(server_class, run):
    io = server_class(threads=1)

    @io.on("connect")
    def connect(sid, environ, auth):
        raise libsocketio.ConnectionRefusedError("not today")

    client = OldClient(run(io))
    client.expect('44"not today"')


REVISIONS = {
    "EIO=3&": "asks for revision 3",
    "EIO=5&": "(EIO is neither 3 nor 4)",
    "EIO=abc&": "(EIO is neither 3 nor 4)",
    "EIO=&": "names no revision",
    "": "names no revision",
}


def ask(running, revision, transport):
    """The answer to a handshake: status and body."""
    connection = http.client.HTTPConnection(*running.io.address[:2], timeout=TIMEOUT)
    headers = UPGRADE if transport == "websocket" else {}
    connection.request("GET", f"/socket.io/?{revision}transport={transport}", headers=headers)
    response = connection.getresponse()
    body = "" if response.status == 101 else response.read().decode()
    connection.close()
    return response.status, body


@pytest.mark.parametrize("transport", ["polling", "websocket"])
@pytest.mark.parametrize("revision", list(REVISIONS))
def test_allow_eio3_false_explains_itself(server_class, run, caplog, revision, transport):
    """The client and the log are told which versions met, and the mend."""
    running = run(server_class(threads=1, allow_eio3=False, logger=True))
    status, body = ask(running, revision, transport)
    assert status == 400
    if transport == "polling":
        fields = json.loads(body)
        assert (fields["code"], fields["message"]) == (5, "Unsupported protocol version")
        body = fields["context"]
    for text in (body, logged(running, caplog, "Unsupported protocol version")):
        assert REVISIONS[revision] in text
        assert "revision 3" in text
        assert "revision 4" in text
        assert "use a client of Socket.IO 3 or later" in text


@pytest.mark.parametrize("transport", ["polling", "websocket"])
@pytest.mark.parametrize("revision", list(REVISIONS))
def test_who_did_not_ask_for_revision_3_gets_it_with_a_warning(
    server_class, run, caplog, revision, transport
):
    """As Node does it: what is not 4 is 3."""
    running = run(server_class(threads=1, logger=True))
    status, body = ask(running, revision, transport)
    assert status == (200 if transport == "polling" else 101)
    assert body[:5] == ("" if transport == "websocket" else "118:0")
    running.shutdown()
    warnings = [text for text in caplog.messages if "EIO=4" in text]
    if revision == "EIO=3&":
        assert warnings == []
    else:
        (warning,) = warnings
        assert REVISIONS[revision] in warning
        assert "a client of Socket.IO 3 or later has to ask with EIO=4" in warning


def test_strangers_do_not_flood_the_log(server_class, run, caplog):
    running = run(server_class(threads=1, logger=True))
    for _ in range(25):
        assert ask(running, "EIO=4&", "none")[0] == 400
    running.shutdown()
    assert len([text for text in caplog.messages if "Transport unknown" in text]) == 20


@pytest.mark.parametrize(
    ("packet", "words"),
    [("3", "has to ask with EIO=4"), ("40", "open its connection with EIO=4")],
)
def test_who_speaks_another_version_is_told_in_the_log(server_class, run, caplog, packet, words):
    running = run(server_class(threads=1, logger=True))
    client = OldClient(running)
    client.expect("40")
    client.post(packet)
    assert words in logged(running, caplog, words)


def logged(running, caplog, words):
    """The line of the log with these words; its thread may be a moment behind."""
    running.shutdown()
    return next(text for text in caplog.messages if words in text)
