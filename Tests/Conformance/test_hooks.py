"""Hooks: every transport and every request comes by them (engine.io 6.6.7: one did not)."""

import json

import pytest
from wire.client import target
from wire.curl import UPGRADE, curl, opened
from wire.http import read_response
from wire.websocket import handshake

FRIEND = "http://a.friend.example"
BAD_REQUEST = '{"code":3,"message":"Bad request"}'
UUID = "018f3a5c-7b1e-7c3d-9a55-0123456789ab"


@pytest.fixture
def net(networks):
    return networks(hooks=1)


@pytest.mark.parametrize("word", ["no", "busy"])
def test_every_request_of_a_session_is_asked_about(net, word):
    """Polls, posts, probes; and nothing happens to the session."""
    session = net.polling()
    said = (400, BAD_REQUEST) if word == "no" else (503, "busy")
    path = target("polling", session.sid, extra=f"engine={word}")
    for method, body in (("GET", None), ("POST", b"1"), ("OPTIONS", None), ("PUT", b"1")):
        response = net.exchange(method, path, body=body)
        assert (response.status, response.text) == said
    connection = net.connect()
    connection.send(handshake(target("websocket", session.sid, extra=f"engine={word}")))
    response = read_response(connection)
    assert (response.status, response.text) == ((400, "Bad request") if word == "no" else said)
    assert connection.read_to_end() == b""
    session.join()


@pytest.mark.parametrize("query", ["transport=polling", "transport=polling&j=0", "transport=none"])
def test_every_handshake_is_asked_about(net, query):
    for revision in (3, 4):
        answer = curl(net, f"/socket.io/?EIO={revision}&{query}&engine=no")
        assert (answer.status, answer.body) == (400, BAD_REQUEST)


def test_websocket_handshakes_are_asked_about(net):
    answer = curl(net, target("websocket", extra="engine=no"), *UPGRADE)
    assert (answer.status, answer.body) == (400, "Bad request")
    answer = curl(net, target("websocket", extra="allow=full"), *UPGRADE)
    assert (answer.status, answer.body) == (400, "full")


def test_handshakes_are_refused_with_a_message(net):
    answer = curl(net, target("polling", extra='allow=<"full">'.replace('"', "'")))
    assert answer.status == 403
    assert json.loads(answer.body) == {"code": 4, "message": "<'full'>"}


def test_fields(net):
    answer = curl(net, target("polling", extra="engine=here"))
    opened(net, answer)
    assert answer.one("x-engine") == "here"
    for arguments in ([], UPGRADE, ["-d", "x"]):
        assert curl(net, "/socket.io/?a&engine=here", *arguments).one("x-engine") == "here"
    upgraded = net.open_websocket(target("websocket", extra="engine=here"))
    assert upgraded.response.header("x-engine") == "here"


def test_origins(net):
    answer = curl(net, target("polling"), "-H", f"Origin: {FRIEND}")
    opened(net, answer)
    assert answer.one("access-control-allow-origin") == FRIEND
    assert answer.one("vary") == "Origin"
    asking = ["-X", "OPTIONS", "-H", "Access-Control-Request-Method: POST"]
    answer = curl(net, target("polling"), *asking, "-H", f"Origin: {FRIEND}")
    assert (answer.status, answer.one("access-control-allow-origin")) == (204, FRIEND)
    for arguments in ([], asking):
        answer = curl(net, target("polling"), *arguments, "-H", "Origin: http://evil.example")
        assert answer.status == 403
        assert answer.all("access-control-allow-origin") == []
    upgraded = net.open_websocket(target("websocket"), {"Origin": FRIEND})
    assert upgraded.response.header("access-control-allow-origin") == FRIEND


def test_ids(net):
    session = net.polling(f"id={UUID}")
    assert session.sid == UUID
    session.join()
    answer = curl(net, target("polling", extra=f"id={UUID}"))
    assert (answer.status, answer.body) == (400, BAD_REQUEST)
    answer = curl(net, target("websocket", extra=f"id={UUID}"), *UPGRADE)
    assert (answer.status, answer.body) == (400, "Bad request")
    probe = net.probe(session)
    probe.send("2probe")
    probe.expect("3probe")
    probe.send("5")
    probe.send('420["a"]')
    probe.expect("430[]")


def test_a_served_client_comes_by_them(net):
    net.assert_served()
