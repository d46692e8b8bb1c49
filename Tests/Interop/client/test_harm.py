"""Hostile servers and clients of this package: they notice, and neither crash, grow nor hang."""

import resource

import hostile as harm
import pytest
from hosts import PATIENCE
from libsocketio import exceptions

MODES_OF = {**dict.fromkeys(harm.AT_ONCE, "both"), **dict.fromkeys(harm.POLLING, "polling")}

OPTIONS = {"max_http_buffer_size": 1_000_000}

#: Against those who send for ever there is no limit of a message, only one of time.
HASTY = {"request_timeout": 2, **OPTIONS}


def memory():
    """The most that this process has ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.fixture
def met(client, hostile):
    """Has a client meet a server, once; it is gone afterwards."""

    def meet(behaviour, mode):
        server = hostile(behaviour)
        one = client(**HASTY)
        before = memory()
        with pytest.raises(exceptions.ConnectionError) as caught:
            one.connect(server, mode)
        assert str(caught.value)
        assert server.wait_for_end(PATIENCE), "the client has to close the connection"
        assert memory() - before < 64
        assert not one.client.connected
        return caught.value

    return meet


@pytest.mark.parametrize("mode", ["polling", "websocket"])
@pytest.mark.parametrize("name", harm.AT_ONCE)
def test_at_once(met, name, mode):
    met(harm.AT_ONCE[name], mode)


@pytest.mark.parametrize("name", harm.POLLING)
def test_polling(met, name):
    met(harm.POLLING[name], "polling")


@pytest.mark.parametrize("name", harm.SOCKET)
def test_websocket(met, name):
    met(harm.SOCKET[name], "websocket")


@pytest.mark.parametrize("name", harm.CONNECTED)
def test_connected(client, hostile, name):
    server = hostile(harm.CONNECTED[name])
    one = client(reconnection=False, **OPTIONS).connect(server)
    one.expect("connect")
    assert one.expect("disconnect")[0] in ("parse error", "transport error", "transport close")
    one.wait()
    assert server.wait_for_end(PATIENCE)


@pytest.mark.parametrize("name", harm.HARMLESS)
def test_harmless(client, hostile, name):
    server = hostile(harm.HARMLESS[name])
    one = client(reconnection=False, close_timeout=1, **OPTIONS).connect(server)
    one.expect("connect")
    assert one.sid() == "hostilesocket"
    one.disconnect()
    assert server.wait_for_end(PATIENCE)


def test_comes_back_from_harm(client, hostile, host):
    """It tries again by itself, and is fine once the server is."""
    server = hostile(harm.AT_ONCE["random_bytes"])
    one = client(**HASTY)
    one.connect(server, wait=False, retry=True)
    for _ in range(3):
        one.expect("connect_error")
    one.disconnect()
    assert one.connect(host("uvicorn")).call("echo", 1) == 1
