"""The bench itself, checked with python-socketio's own clients and with raw sockets."""

import json
import socket
import subprocess

import engineio
import hostile as harm
import hosts
import pytest
import requests
import socketio
from conftest import MODES
from hosts import PATIENCE
from papers import KINDS as PAPERS
from peers import ThreadPeer
from vocabulary import DEEP, REFUSAL
from wire import Gone, Wire

MODERN = [kind for kind in hosts.KINDS if kind != "v2"]


@pytest.fixture
def peer(monkeypatch):
    # Its own server sends more packets in a body than this client wants to read.
    monkeypatch.setattr(engineio.payload.Payload, "max_decode_packets", 1000)
    made = []

    def make(**options):
        options.setdefault("reconnection", False)
        made.append(ThreadPeer(request_timeout=PATIENCE, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


def quick_to_return():
    """Options of a client that comes back at once."""
    return {"reconnection": True, "reconnection_delay": 0.05, "randomization_factor": 0}


# --- what the servers do


@pytest.mark.parametrize("kind", MODERN)
def test_vocabulary(shared, peer, kind, mode):
    client = peer().connect(shared(kind), mode, namespaces=["/", "/chat"], auth={"a": 1})
    assert client.expect("welcome") == (client.sid(), {"a": 1})
    assert client.expect("welcome", "/chat") == (client.sid("/chat"), {"a": 1})
    assert client.transport == ("polling" if mode == "polling" else "websocket")
    assert client.call("echo", 1, "é€😀") == (1, "é€😀")
    client.emit("say", [b"\1\2", {"deep": b""}], nsp="/chat")
    assert client.expect("said", "/chat") == ([b"\1\2", {"deep": b""}],)
    client.replies["question"] = ["yes", b"2"]
    client.emit("ask", "well?")
    assert client.expect("question") == ("well?",)
    assert client.expect("answer") == (["yes", b"2"],)
    client.emit("binary")
    assert client.expect("binary") == DEEP
    client.emit("burst", 100)
    assert [client.expect("tick")[0] for _ in range(100)] == list(range(100))
    assert len(client.call("large", 200_000)) == 200_000
    with pytest.raises(socketio.exceptions.TimeoutError):
        client.call("never", timeout=0.1)
    client.emit("leave-me", nsp="/chat")
    assert client.expect("disconnect", "/chat")
    assert client.call("echo", 1) == 1


@pytest.mark.parametrize("kind", MODERN)
def test_handshakes(shared, peer, kind):
    host = shared(kind)
    client = peer().connect(host, url=host.url + "?a=b", headers={"X-Test": "yes"})
    details = client.call("handshake")
    assert "a=b&" in details["query"]
    assert details["headers"]["x-test"] == "yes"
    assert details["path"] == "/socket.io/"


def test_the_old_generation(shared, mode):
    host = shared("v2")
    program = str(hosts.PROGRAM.with_name("reference_v2.py"))
    words = [hosts.python("v2"), "-B", program, host.url, mode]
    done = subprocess.run(words, capture_output=True, text=True, timeout=6 * PATIENCE)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result.pop("welcome")
    assert result.pop("chat")
    assert result == {
        "transport": "polling" if mode == "polling" else "websocket",
        "echo": [1, "é€😀"],
        "bytes": True,
        "question": ["well?"],
        "answer": [["yes", 2]],
        "binary": True,
        "large": 200_000,
    }


@pytest.mark.parametrize("kind", MODERN)
def test_refuses(shared, peer, kind):
    client = peer()  # over WebSocket: over polling it takes half a minute to leave
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(shared(kind), auth={"mode": "refuse"})
    message, data = REFUSAL
    assert client.expect("connect_error") == ({"message": message, "data": data},)


@pytest.mark.parametrize("kind", MODERN)
@pytest.mark.parametrize(
    "options",
    [{"path": "elsewhere"}, {"msgpack": True}, {"no_upgrades": True}, {"cookie": "io"}],
    ids=lambda options: next(iter(options)),
)
def test_options(host, peer, kind, options):
    made = host(kind, **options)
    client = peer(serializer="msgpack" if "msgpack" in options else "default")
    client.connect(made, "upgrade", socketio_path=options.get("path", "socket.io"))
    assert client.call("echo", 1) == 1
    assert client.transport == ("polling" if "no_upgrades" in options else "websocket")
    if "cookie" in options:
        url = made.url + "/socket.io/?EIO=4&transport=polling"
        assert "io" in requests.get(url, timeout=PATIENCE).cookies


# --- certificates


@pytest.mark.parametrize("kind", hosts.KINDS)
@pytest.mark.parametrize("paper", PAPERS)
def test_certificates(host, peer, papers, kind, paper):
    made = host(kind, tls=papers.server(paper))
    with requests.Session() as session:
        session.verify = str(papers.authority)
        session.trust_env = False  # which may say whom to trust
        if kind == "v2":
            url = made.url + "/socket.io/?EIO=3&transport=polling"
            if paper == "good":
                assert session.get(url, timeout=PATIENCE).status_code == 200
            else:
                with pytest.raises(requests.exceptions.SSLError):
                    session.get(url, timeout=PATIENCE)
            return
        for mode in ("polling", "websocket"):
            client = peer(http_session=session)
            if paper == "good":
                client.connect(made, mode)
                assert client.call("echo", 1) == 1
            else:
                with pytest.raises(socketio.exceptions.ConnectionError):
                    client.connect(made, mode)


# --- deaths


@pytest.mark.parametrize("kind", MODERN)
def test_dies_and_comes_back_with_nothing(host, peer, kind, mode):
    made = host(kind)
    client = peer(**quick_to_return()).connect(made, mode)
    client.expect("connect")
    before = client.sid()
    assert client.call("memory") == 1
    made.crash()
    assert client.expect("disconnect")
    made.restart()
    client.expect("connect", patience=2 * PATIENCE)
    assert client.sid() != before
    assert client.call("memory") == 1


@pytest.mark.parametrize("kind", MODERN)
def test_hangs(host, peer, kind, mode):
    made = host(kind, ping_interval=0.3, ping_timeout=1.5)
    client = peer().connect(made, mode)
    made.freeze()
    assert client.expect("disconnect", patience=3 * PATIENCE)
    made.thaw()
    assert peer().connect(made, mode).call("echo", 1) == 1


@pytest.mark.parametrize("kind", MODERN)
def test_comes_back_and_refuses(host, peer, kind):
    made = host(kind)
    client = peer(**quick_to_return()).connect(made)
    made.restart(refusing=True)
    assert client.expect("connect_error")
    made.restart(refusing=False)


# --- harm

REQUEST = (
    "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\n"
    "Accept-Encoding: gzip\r\n\r\n"
)
HANDSHAKE = (
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\n"
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
CONNECT = b"\x81\x82\x00\x00\x00\x0040"  # masked, as clients do
SILENT = {"never_answers", "closes_at_once", "closes_after_request"}


def listen_to(server, request, more=b"", *, until, patience=PATIENCE):
    """What a server says to a request, until that is enough, or nothing more comes."""
    heard = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=patience) as client:
        try:
            client.sendall(request.encode() + more)
            while not until(heard):
                piece = client.recv(65536)
                if not piece:
                    break
                heard += piece
        except OSError:  # nothing more comes, or it was reset
            pass
    return heard


def body_of(heard):
    return heard.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize("name", [*harm.AT_ONCE, *harm.POLLING])
def test_harm_over_http(hostile, name):
    behaviour = {**harm.AT_ONCE, **harm.POLLING}[name]
    server = hostile(behaviour)
    patience = 2 if name in SILENT else PATIENCE
    heard = listen_to(server, REQUEST, until=lambda heard: len(heard) >= 9, patience=patience)
    assert server.wait_for_client(PATIENCE)
    assert server.wait_for_end(PATIENCE), "it has to see that its client is gone"
    if name in SILENT:
        assert not heard
    elif "random" in name:
        assert heard
        assert not heard.startswith(b"HTTP/")
    else:
        assert heard.startswith(b"HTTP/1.1 "), heard[:100]


@pytest.mark.parametrize("name", harm.SOCKET)
def test_harm_over_websocket(hostile, name):
    server = hostile(harm.SOCKET[name])
    heard = listen_to(server, HANDSHAKE, until=lambda heard: b"\r\n\r\n" in heard)
    assert heard.startswith(b"HTTP/1.1 101 ")
    right = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in heard
    assert right is (name not in ("wrong_accept_key", "no_accept_key"))
    assert server.wait_for_end(PATIENCE)


@pytest.mark.parametrize("name", [*harm.CONNECTED, *harm.HARMLESS])
def test_harm_to_those_who_are_connected(hostile, name):
    server = hostile({**harm.CONNECTED, **harm.HARMLESS}[name])
    connected = b'40{"sid":"hostilesocket"}'
    heard = listen_to(server, HANDSHAKE, CONNECT, until=lambda heard: heard.partition(connected)[2])
    opening, connected, rest = body_of(heard).partition(connected)
    assert b'"pingInterval"' in opening
    assert connected
    assert rest
    assert server.wait_for_end(PATIENCE)


def test_a_bomb_is_one(hostile):
    server = hostile(harm.bomb)
    heard = listen_to(server, REQUEST, until=lambda heard: len(body_of(heard)) >= len(harm.BOMB))
    body = body_of(heard)
    assert len(body) < 500_000
    assert harm.unpacked_size(body) == harm.BOMB_SIZE


@pytest.mark.parametrize(
    "name",
    [
        "closes_at_once",
        "closes_after_request",
        "error_page",
        "redirect_to_elsewhere",
        "not_json",
        "no_open_packet",
        "wrong_accept_key",
        "unknown_opcode",
        "socket_not_json",
    ],
)
def test_the_reference_notices_harm(hostile, peer, name):
    behaviour = {**harm.AT_ONCE, **harm.POLLING, **harm.SOCKET}[name]
    mode = "websocket" if name in harm.SOCKET else "polling"
    client = socketio.Client(reconnection=False, request_timeout=2, handle_sigint=False)
    with pytest.raises(Exception):  # noqa: B017 - it is not always one of its own
        client.connect(hostile(behaviour).url, transports=MODES[mode], wait_timeout=2)


def test_wires_speak_websocket():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(
            b"\x81\x85\x01\x02\x03\x04" + bytes(b ^ (i % 4 + 1) for i, b in enumerate(b"hello"))
        )
        wire = Wire(theirs)
        assert wire.message() == "hello"
        wire.frame("x" * 200)
        assert ours.recv(1000) == b"\x81\x7e\x00\xc8" + b"x" * 200
        ours.close()
        with pytest.raises(Gone):
            wire.message()
