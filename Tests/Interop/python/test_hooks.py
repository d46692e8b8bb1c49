"""Hooks and options of the handshake, as python-socketio's clients meet them."""

import pytest
import requests
import socketio
from server import PATIENCE

SID = "0123456789012345678901234567890123456789" + "0123456789abcdefABCDEF-_"


def test_a_handshake_is_refused(serve, peer, mode):
    """Over polling the client reads 403, over WebSocket 400."""
    server = serve("--door")
    client = peer()
    with pytest.raises(socketio.exceptions.ConnectionError, match=r".+"):
        client.connect(server, mode, url=f"{server.url}/?door=closed")
    client.connect(server, mode)
    assert client.call("echo", 1) == 1
    assert client.call("counts")["sessions"] == 1


def test_what_the_client_reads_of_a_refusal(serve):
    """What python-engineio hands on: the code and the text of the hook."""
    answer = requests.get(
        serve("--door").url + "/socket.io/",
        {"EIO": "4", "transport": "polling", "door": "closed"},
        timeout=PATIENCE,
    )
    assert answer.status_code == 403
    assert answer.json() == {"code": 4, "message": "closed"}
    assert answer.headers["X-Door"] == "open"


def test_a_session_with_an_id_of_the_program(serve, peer, mode):
    server = serve("--door")
    client = peer().connect(server, mode, url=f"{server.url}/?id={SID}")
    assert client.client.eio.sid == SID
    assert len(client.sid()) == 20
    assert client.call("echo", 1) == 1


def test_polling_alone_announces_no_upgrade(serve, peer):
    client = peer().connect(serve("--transport", "polling"), "upgrade")
    assert client.client.eio.upgrades == []
    assert client.transport == "polling"
    assert client.call("echo", 1) == 1


def test_both_transports_by_default_whatever_the_order(serve, peer):
    for order in ([], ["polling", "websocket"], ["websocket", "polling"]):
        server = serve(*(argument for name in order for argument in ("--transport", name)))
        upgraded = peer().connect(server, "upgrade")
        assert upgraded.transport == "websocket"
        assert peer().connect(server, "websocket").transport == "websocket"


def test_a_cookie_comes_back(serve):
    """A session's cookie is sent with its later requests, as a load balancer needs it."""
    server = serve("--cookie", "io")
    with requests.Session() as session:
        url = server.url + "/socket.io/?EIO=4&transport=polling"
        sid = session.get(url, timeout=PATIENCE).text.split('"')[3]
        assert session.cookies.get_dict() == {"io": sid}
        assert session.post(f"{url}&sid={sid}", "40", timeout=PATIENCE).text == "ok"
        assert "Set-Cookie" not in session.get(f"{url}&sid={sid}", timeout=PATIENCE).headers
