"""Servers that die, hang, forget and refuse; clients of this package come back, or do not."""

import contextlib
import time

import pytest
from box import Box
from hosts import PATIENCE
from libsocketio import exceptions
from server import until

#: Of a connection that broke.
BROKEN = ("transport close", "transport error")


def test_is_killed_and_comes_back_with_nothing(client, host, host_kind, mode):
    made = host(host_kind)
    one = client(revision=made.revision)
    for event in ("reconnect_attempt", "reconnect"):
        one.client.manager.on(event, lambda number, e=event: one._remember("io", e, (number,)))
    one.connect(made, mode)
    one.expect("connect")
    before = one.sid()
    assert one.call("memory") == 1
    made.crash()
    assert one.expect("disconnect")[0] in BROKEN
    one.client.emit("say", "offline")
    made.restart()
    one.expect("connect", patience=2 * PATIENCE)
    assert one.expect("said") == ("offline",), "what was emitted meanwhile has waited"
    assert one.expect("reconnect_attempt", "io") == (1,)
    assert one.expect("reconnect", "io")
    assert one.sid() != before
    assert one.call("memory") == 1


def test_hangs(client, host, host_kind, mode):
    made = host(host_kind, ping_interval=0.3, ping_timeout=1.5)
    one = client(revision=made.revision, request_timeout=3).connect(made, mode)
    one.expect("connect")
    made.freeze()
    assert one.expect("disconnect", patience=3 * PATIENCE)[0] in ("ping timeout", *BROKEN)
    made.thaw()
    one.expect("connect", patience=3 * PATIENCE)
    assert one.call("echo", 1) == 1


@pytest.mark.parametrize("host_kind", ["uvicorn", "aiohttp", "ours"])
def test_a_box_that_ends_every_websocket(client, host, host_kind):
    """python-engineio says nothing more in a session whose probe was lost behind its handshake,
    and answers every GET at once: it is not asked too often, and the next session does without."""
    made = host(host_kind, ping_interval=0.5, ping_timeout=2)
    box = Box(made.port)
    one = client().connect(made, "upgrade", url=box.url, retry=True)
    until(lambda: box.ended)
    reply, ends = None, time.monotonic() + 3 * PATIENCE
    while reply is None and time.monotonic() < ends:
        with contextlib.suppress(exceptions.TimeoutError):
            reply = one.call("echo", 1, timeout=1)
    assert reply == 1
    assert one.client.transport() == "polling"
    assert box.ended == 1
    assert box.gets < 100
    box.close()


def test_calls_end_when_the_server_dies(client, host, mode):
    made = host("uvicorn")
    one = client().connect(made, mode)
    ended = []
    one.client.on("disconnect", lambda reason: ended.append(reason))
    one.client.emit("never", callback=lambda *args: ended.append(args))
    assert one.call("echo", 1) == 1
    made.crash()
    with pytest.raises((exceptions.DisconnectedError, exceptions.TimeoutError)):
        one.call("never", timeout=2)


def test_comes_back_and_refuses(client, host):
    for kind in ("uvicorn", "aiohttp", "ours"):
        made = host(kind)
        one = client().connect(made)
        one.expect("connect")
        made.restart(refusing=True)
        (said,) = one.expect("connect_error", patience=2 * PATIENCE)
        while not isinstance(said, dict):  # while nobody listened
            (said,) = one.expect("connect_error", patience=2 * PATIENCE)
        assert said["message"] == "not you"
        one.wait()
        assert not one.client.connected


def test_a_token_that_expires(client, host):
    """The function of auth is asked before every attempt, and told why."""
    made = host("uvicorn")
    one = client()
    asked = []

    def auth(attempt, reason):
        asked.append((attempt, reason))
        return {"token": len(asked)}

    one.connect(made, auth=auth)
    assert one.expect("welcome")[1] == {"token": 1}
    made.restart()
    assert one.expect("welcome", patience=2 * PATIENCE)[1] == {"token": len(asked)}
    assert asked[0] == (1, None)
    assert asked[-1][1]


def test_no_reconnection(client, host, host_kind, mode):
    made = host(host_kind)
    one = client(revision=made.revision, reconnection=False).connect(made, mode)
    made.crash()
    assert one.expect("disconnect")[0] in BROKEN
    one.wait()
    made.restart()
    with pytest.raises(exceptions.BadNamespaceError):
        one.emit("say", 1)


def test_gives_up(client, host):
    made = host("uvicorn")
    one = client(reconnection_attempts=2).connect(made)
    one.client.manager.on("reconnect_failed", lambda: one._remember("io", "failed", ()))
    made.crash()
    one.expect("failed", "io", patience=2 * PATIENCE)
    one.wait()
    made.restart()
    assert one.connect(made).call("echo", 1) == 1


def test_leaves_while_nobody_answers(client, host, mode):
    made = host("uvicorn")
    one = client().connect(made, mode)
    made.freeze()
    one.disconnect()
    one.wait()
    made.thaw()


def test_leaves_while_trying(client, host):
    made = host("uvicorn")
    one = client().connect(made)
    made.crash()
    one.expect("disconnect")
    one.disconnect()
    one.wait()
    made.restart()
