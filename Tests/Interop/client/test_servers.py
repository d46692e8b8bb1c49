"""Clients of this package at servers that others wrote, over every transport."""

import time

import libsocketio
import pytest
from hosts import PATIENCE
from libsocketio import exceptions
from vocabulary import DEEP, REFUSAL


@pytest.fixture
def connected(client, shared, host_kind, mode):
    """A client that is connected to a server of each kind, in each way."""

    def connect(**options):
        host = shared(host_kind)
        made = client(revision=host.revision)
        return made.connect(host, mode, **options)

    return connect


def cuts_bodies(host_kind, mode):
    """python-engineio under aiohttp takes what has come of a body for all of it.

    Its own client meets that, too.
    """
    return host_kind in ("aiohttp", "v2") and mode != "websocket"


def test_connects(connected, host_kind, mode):
    one = connected()
    one.expect("connect")
    (sid, _) = one.expect("welcome")
    assert sid == one.sid()
    wanted = ("polling",) if mode == "polling" else ("polling", "websocket")
    assert one.transport in wanted
    assert one.call("echo", 1) == 1
    one.disconnect()
    assert one.expect("disconnect") == ("io client disconnect",)
    one.wait()


def test_upgrades(client, shared, host_kind):
    host = shared(host_kind)
    one = client(revision=host.revision).connect(host, "upgrade")
    number, ends = 0, time.monotonic() + PATIENCE
    while (one.transport != "websocket" or number <= 20) and time.monotonic() < ends:
        assert one.call("echo", number) == number, "nothing is lost on the way"
        number += 1
    assert one.transport == "websocket"


@pytest.mark.parametrize(
    "value", ["", "é€😀\u2028\x1e", {"a": [1, None, True, 1.5]}, [], "x" * 50_000]
)
def test_text_both_ways(connected, value):
    one = connected()
    assert one.call("echo", value) == value
    one.emit("say", value, 7)
    assert one.expect("said") == (value, 7)


@pytest.mark.parametrize("size", [1, 9, 125, 126, 65_536, 200_000])
def test_bytes_both_ways(connected, host_kind, mode, size):
    if size > 10_000 and cuts_bodies(host_kind, mode):
        size = 10_000
    data = (bytes(range(256)) * (size // 256 + 1))[:size]
    one = connected()
    assert one.call("echo", data, {"deep": [data]}) == (data, {"deep": [data]})
    one.emit("say", [data])
    assert one.expect("said") == ([data],)


def test_bytes_at_any_depth(connected, host_kind):
    one = connected()
    one.emit("binary")
    if host_kind == "v2":  # that server's packets lose what is empty
        first, second = one.expect("binary")
        assert (first["all"], second) == (DEEP[0]["all"], DEEP[1])
    else:
        assert one.expect("binary") == DEEP


def test_the_server_asks(connected):
    one = connected()
    one.replies["question"] = ["yes", 2]
    one.emit("ask", "well?")
    assert one.expect("question") == ("well?",)
    assert one.expect("answer") == (["yes", 2],)


def test_the_server_does_not_reply(connected):
    one = connected()
    with pytest.raises(exceptions.TimeoutError):
        one.call("never", timeout=0.1)
    assert one.call("echo", 1) == 1


def test_many_events_in_order(connected):
    one = connected()
    one.emit("burst", 200)
    assert [one.expect("tick")[0] for _ in range(200)] == list(range(200))
    # A POST with more than 16 packets is thrown away by servers in Python.
    for number in range(100):
        one.client.emit("say", number)
    assert [one.expect("said")[0] for _ in range(100)] == list(range(100))


def test_much_of_it(connected, host_kind, mode):
    one = connected()
    assert one.call("large", 900_000) == "x" * 900_000
    if cuts_bodies(host_kind, mode):
        return
    assert one.call("echo", "y" * 400_000) == "y" * 400_000


def test_namespaces(connected, host_kind):
    one = connected(namespaces=["/", "/chat"])
    (sid, _) = one.expect("welcome", "/chat")
    # Of Socket.IO 2 the client makes it, as JavaScript's does; that server says another.
    assert one.sid("/chat") == (f"/chat#{sid}" if host_kind == "v2" else sid)
    assert one.call("echo", "chat", nsp="/chat") == "chat"
    assert one.call("echo", "root") == "root"
    one.emit("leave-me", nsp="/chat")
    assert one.expect("disconnect", "/chat") == ("io server disconnect",)
    assert one.call("echo", 1) == 1


def test_what_the_server_sees(client, shared, host_kind, mode):
    host = shared(host_kind)
    one = client(revision=host.revision)
    one.connect(host, mode, url=host.url + "?a=b", headers={"X-Test": "yes"})
    details = one.call("handshake")
    assert "a=b" in details["query"]
    assert f"EIO={host.revision}" in details["query"]
    assert details["headers"]["x-test"] == "yes"


def test_is_refused(client, shared, mode):
    for kind in ("uvicorn", "aiohttp", "ours"):
        one = client()
        with pytest.raises(exceptions.ConnectionError) as caught:
            one.connect(shared(kind), mode, auth={"mode": "refuse"})
        message, data = REFUSAL
        assert caught.value.code == "refused"
        assert caught.value.data == {"message": message, "data": data}
        assert one.expect("connect_error") == (caught.value.data,)


def test_an_unknown_namespace(client, shared, mode):
    for kind in ("uvicorn", "aiohttp", "ours"):
        one = client()
        with pytest.raises(exceptions.ConnectionError):
            one.connect(shared(kind), mode, namespaces=["/", "/nowhere"])
        (said,) = one.expect("connect_error", "/nowhere")
        assert said["message"]


def test_finds_out_the_revision(client, shared, host_kind, mode):
    one = client(revision="auto").connect(shared(host_kind), mode)
    assert one.call("echo", 1) == 1


@pytest.mark.parametrize("made_of", ["uvicorn", "aiohttp", "ours"])
@pytest.mark.parametrize(
    "options",
    [{"path": "elsewhere"}, {"msgpack": True}, {"no_upgrades": True}, {"cookie": "io"}],
    ids=lambda options: next(iter(options)),
)
def test_options_of_servers(client, host, mode, made_of, options):
    made = host(made_of, **options)
    one = client(serializer="msgpack" if "msgpack" in options else "default")
    one.connect(made, mode, socketio_path=options.get("path", "socket.io"))
    assert one.call("echo", {"a": b"1"}) == {"a": b"1"}


def test_simple_clients(shared, host_kind, mode):
    host = shared(host_kind)
    transports = None if mode == "upgrade" else [mode]
    with libsocketio.SimpleClient(revision=host.revision) as simple:
        simple.connect(host.url, transports=transports, wait_timeout=PATIENCE)
        assert simple.receive(timeout=PATIENCE)[0] == "welcome"
        simple.emit("say", (1, b"2"))
        assert simple.receive(timeout=PATIENCE) == ["said", 1, b"2"]
        assert simple.call("echo", 1, timeout=PATIENCE) == 1
