"""Clients of Socket.IO 1 and 2: what Python sees of them, on the bare wire of long polling."""

from __future__ import annotations

import http.client
import json

import pytest

import libsocketio
from conftest import TIMEOUT, Inbox


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


def test_allow_eio3_false_explains_itself(server_class, run, caplog):
    running = run(server_class(threads=1, allow_eio3=False, logger=True))
    host, port = running.url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
    connection.request("GET", "/socket.io/?EIO=3&transport=polling")
    response = connection.getresponse()
    body = json.loads(response.read())
    assert (response.status, body["code"]) == (400, 5)
    assert body["message"] == "Unsupported protocol version"
    for text in (body["context"], logged(running, caplog, "Unsupported protocol version")):
        assert "revision 3" in text
        assert "revision 4" in text
        assert "use a client of Socket.IO 3 or later" in text


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
