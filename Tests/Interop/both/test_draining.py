"""A server's slow end, behind a load balancer."""

import contextlib
import subprocess

import pytest
import requests
from balancer import Balancer
from server import PATIENCE, until

SOURCE = """
io.on("echo", lambda sid, *args: args)
io.on("disconnect", lambda sid, reason: hear(sid, reason, time.monotonic()))
"""


@pytest.fixture
def balance():
    """Starts load balancers."""
    with contextlib.ExitStack() as balancers:

        def start(*servers):
            return balancers.enter_context(contextlib.closing(Balancer(*servers)))

        yield start


def drains(server):
    return requests.get(server.url + "/ready", timeout=PATIENCE).status_code == 503


def test_they_leave_one_after_the_other_and_get_the_last_word(script, peer, mode):
    server = script(SOURCE, ready_path="/ready")
    peers = [peer().connect(server, mode) for _ in range(3)]
    server.run("io.emit('last', b'word')")
    server.run("later(lambda: io.drain(3))")
    left = [server.heard() for _ in range(3)]
    assert [reason for _, reason, _ in left] == ["server shutting down"] * 3
    times = [at for *_, at in left]
    assert 0.25 < times[-1] - times[0] < PATIENCE
    for client in peers:
        assert client.expect("last") == (b"word",)
        client.expect("disconnect")


def test_new_clients_are_refused_and_the_others_go_on(script, peer, mode):
    server = script(SOURCE, ready_path="/ready")
    client = peer().connect(server, mode)
    server.run("later(lambda: io.drain(600))")
    until(lambda: drains(server))
    with pytest.raises(Exception, match=r"[Cc]onnection|503|refused|status|Unexpected"):
        peer().connect(server, mode)
    assert client.call("echo", "still") == "still"


@pytest.mark.parametrize("path", ["/ready", "/socket.io/?EIO=4&transport=polling"])
@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_what_curl_is_told(script, certificate, path, version):
    server = script(ready_path="/ready", listen={"ssl_certfile": certificate})
    curl = [
        "curl",
        "-sk",
        version,
        "-m",
        str(PATIENCE),
        "-w",
        "%{http_version} %{http_code}",
        "-D-",
    ]
    url = f"https://127.0.0.1:{server.port}{path}"

    def told():
        return subprocess.run([*curl, url], capture_output=True, text=True, check=True).stdout

    number = "2" if version == "--http2" else "1.1"
    assert told().endswith(f"{number} 200")
    server.run("later(lambda: io.drain(600))")
    until(lambda: told().endswith(f"{number} 503"))
    assert path == "/ready" or "retry-after: 1" in told().lower()


def test_they_go_on_at_another_server(script, peer, mode, balance, generation):
    one, two = (script(SOURCE, ready_path="/ready") for _ in range(2))
    balancer = balance(one, two)
    client = peer()
    engine = client.client
    engine.reconnection = True
    engine.reconnection_delay = engine.reconnection_delay_max = 0.05
    engine.randomization_factor = 0
    client.connect(balancer, mode)
    assert one.run("len(io.sockets())") == 1
    if generation == 5:
        client.expect("connect")
    one.run("later(lambda: io.drain(0.1))")
    client.expect("disconnect")
    if mode == "polling":
        return  # these clients take the end of a session for its goodbye
    client.expect("connect")
    assert two.run("len(io.sockets())") == 1
    assert client.call("echo", "at the other") == "at the other"
    engine.reconnection = False
