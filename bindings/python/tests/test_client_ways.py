"""The ways of a client to its server: proxies, addresses, Unix sockets, TLS, cookies; and back."""

import hashlib
import ssl
import subprocess

import pytest

import libsocketio
from conftest import until
from libsocketio import exceptions
from relays import Proxy


def serve(run, tls=None, **options):
    io = libsocketio.Server(**options)
    io.on("echo", lambda sid, *args: args)
    io.on("environ", lambda sid, name: str(io.get_environ(sid).get(name, "")))
    return io, run(io, **(tls or {}))


@pytest.fixture
def proxy():
    """Starts proxies: proxy(user="me:secret")."""
    made = []

    def start(**options):
        made.append(Proxy(**options))
        return made[-1]

    yield start
    for one in made:
        one.close()


def secure(running):
    return running.url.replace("http://127.0.0.1", "https://localhost")


@pytest.fixture
def tls(authority):
    """How servers show who they are."""
    return {"ssl_certfile": authority.server.chain, "ssl_keyfile": authority.server.key}


# --- proxies


def test_through_a_proxy(own_client, run, proxy, transports):
    _, running = serve(run)
    between = proxy()
    client = own_client(proxy=f"http://127.0.0.1:{between.port}")
    client.connect(running, transports=transports)
    assert client.call("echo", (1, b"2")) == (1, b"2")
    place = running.url.removeprefix("http://")
    assert between.heard
    assert all(head.startswith(f"CONNECT {place} HTTP/1.1\r\n") for head in between.heard)


def test_through_a_proxy_with_tls(own_client, run, proxy, authority, tls):
    _, running = serve(run, tls)
    between = proxy()
    client = own_client(
        proxy=f"http://127.0.0.1:{between.port}", ssl_ca_certs=str(authority.certificate)
    )
    client.connect(running, url=secure(running))
    assert client.call("environ", "wsgi.url_scheme") == "https"
    assert between.heard[0].startswith("CONNECT localhost:")


def test_a_proxy_that_asks_for_a_password(own_client, run, proxy):
    _, running = serve(run)
    between = proxy(user="me:secret")
    own_client(proxy=f"http://me:secret@127.0.0.1:{between.port}").connect(running)
    with pytest.raises(exceptions.ConnectionError, match="name and a password") as caught:
        own_client(proxy=f"http://me:wrong@127.0.0.1:{between.port}").connect(running)
    assert (caught.value.code, caught.value.http_status) == ("proxy", 407)


def test_a_proxy_that_is_not_there(own_client, run):
    _, running = serve(run)
    with pytest.raises(exceptions.ConnectionError, match="proxy cannot be reached") as caught:
        own_client(proxy="http://127.0.0.1:1").connect(running)
    assert caught.value.code == "proxy"
    assert caught.value.errno


# --- addresses


def test_local_address(own_client, run, transports):
    _, running = serve(run)
    client = own_client(local_address="127.0.0.7").connect(running, transports=transports)
    assert client.call("environ", "REMOTE_ADDR") == "127.0.0.7"


@pytest.mark.parametrize("address", ["192.0.2.1", "::1"])
def test_a_local_address_that_is_none(own_client, run, address):
    _, running = serve(run)
    with pytest.raises(exceptions.ConnectionError, match=f"come from {address}") as caught:
        own_client(local_address=address).connect(running)
    assert caught.value.code == "connect"


@pytest.mark.parametrize("is_file", [True, False])
def test_unix_sockets(own_client, run, tmp_path, transports, is_file):
    io, _ = serve(run)
    # The path has the worker's name in it: two of them may make folders of one name at once.
    place = f"unix:{tmp_path}/io.sock" if is_file else f"unix:@{tmp_path}"
    io.listen(place)
    client = own_client().connect(None, url=place, transports=transports)
    assert client.call("echo", {"a": b"1"}) == {"a": b"1"}


# --- TLS


def test_shows_a_certificate(own_client, run, authority, tls, transports):
    asked = {**tls, "ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_ca_certs": authority.certificate}
    _, running = serve(run, asked)
    own = {"ssl_ca_certs": str(authority.certificate)}
    client = own_client(
        ssl_certfile=str(authority.client.chain),
        ssl_keyfile=authority.client.key.read_bytes(),
        **own,
    )
    client.connect(running, url=secure(running), transports=transports)
    assert client.call("environ", "SSL_CLIENT_CERT").strip() == authority.client.pem.strip()
    with pytest.raises(exceptions.ConnectionError) as caught:
        own_client(**own).connect(running, url=secure(running), transports=transports)
    assert caught.value.code in ("tls", "lost")


def test_a_key_with_a_password(own_client, run, authority, tls):
    asked = {**tls, "ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_ca_certs": authority.certificate}
    _, running = serve(run, asked)
    client = own_client(
        ssl_ca_certs=str(authority.certificate),
        ssl_certfile=str(authority.client.chain),
        ssl_keyfile=str(authority.client.encrypted_key("secret")),
        ssl_keyfile_password="secret",
    )
    client.connect(running, url=secure(running))
    assert client.call("echo", 1) == 1


def pins(certificate):
    """The pins of a certificate, and of its key."""
    shown = ssl.PEM_cert_to_DER_cert(certificate.pem)
    ask = ("openssl", "pkey", "-in", certificate.key, "-pubout", "-outform", "DER")
    key = subprocess.run(ask, check=True, capture_output=True).stdout
    return [
        f"{what}:{hashlib.sha256(der).hexdigest()}"
        for what, der in (("certificate", shown), ("key", key))
    ]


def test_pins(own_client, run, authority, tls):
    _, running = serve(run, tls)
    own = {"ssl_ca_certs": str(authority.certificate)}
    others = pins(authority.renewed)
    for pin in pins(authority.server):
        client = own_client(ssl_pins=[others[0], pin], **own).connect(running, url=secure(running))
        assert client.call("echo", 1) == 1
    with pytest.raises(exceptions.ConnectionError, match="pinned") as caught:
        own_client(ssl_pins=others, **own).connect(running, url=secure(running))
    assert caught.value.code == "tls"
    with pytest.raises(ValueError, match="pin"):
        own_client(ssl_pins=["certificate:12"], **own).connect(running, url=secure(running))


# --- cookies


def test_cookies_are_sent_back(own_client, run, inbox):
    io, running = serve(run, cookie={"name": "io", "path": "/", "HttpOnly": True})
    io.use_engine(lambda environ: inbox.add(environ.get("HTTP_COOKIE")))
    client = own_client(upgrade=False).connect(running, headers={"X-Test": "yes"})
    assert client.call("echo", 1) == 1
    assert inbox.take() == (None,), "it has none yet"
    later = {inbox.take()[0] for _ in range(3)}
    assert len(later) == 1, "polls and posts have the same"
    assert later.pop().startswith("io=")


def test_cookies_are_not_sent_back(own_client, run, inbox):
    io, running = serve(run, cookie="io")
    io.use_engine(lambda environ: inbox.add(environ.get("HTTP_COOKIE")))
    client = own_client(upgrade=False, cookies=False).connect(running)
    assert client.call("echo", 1) == 1
    assert {inbox.take()[0] for _ in range(4)} == {None}


# --- connection state recovery


def test_goes_on_where_it_was(own_client, run, proxy, transports):
    """It shows its private id and the offset of the last event, and misses nothing."""
    io, running = serve(run, connection_state_recovery=True)
    between = proxy()
    client = own_client(proxy=f"http://127.0.0.1:{between.port}")
    client.hear("connect", "disconnect")
    client.raw.on("news", lambda number: client.came.add("news", number))  # and no offset
    client.connect(running, transports=transports)
    client.take("connect")
    socket = client.raw.of("/")
    assert not socket.recovered
    sid = socket.id
    io.enter_room(sid, "room")
    io.emit("news", 1, to="room")
    assert client.take("news") == (1,)
    for turn in range(2):  # it can do so again
        # What ends while nothing is on its way over it, is made again, and nobody is told.
        until(lambda: transports or client.raw.transport() == "websocket")
        until(lambda: io.writable(sid))
        between.cut()
        client.take("disconnect")
        for number in range(3):
            io.emit("news", 10 * turn + number, to="room")
        came = [client.came.take() for _ in range(4)]
        assert [value for name, *value in came if name == "news"] == [
            [10 * turn + number] for number in range(3)
        ]
        assert ("connect",) in came
        until(lambda: socket.connected)
        assert socket.recovered
        assert socket.id == sid
    assert client.call("echo", 1) == 1
    assert client.came.empty(), "each event has come once"


def test_a_server_that_has_forgotten(own_client, run, proxy):
    _, running = serve(run)
    between = proxy()
    client = own_client(proxy=f"http://127.0.0.1:{between.port}").hear("connect", "disconnect")
    client.connect(running, transports=["websocket"])
    client.take("connect")
    sid = client.raw.sid
    between.cut()
    client.take("disconnect")
    client.take("connect")
    assert not client.raw.of("/").recovered
    assert client.raw.sid != sid


def test_offsets_are_for_those_who_take_them(own_client, run, inbox):
    """Servers with recovery put one behind the arguments of most events."""
    io, running = serve(run, connection_state_recovery=True)
    client = own_client()
    if client.raw.is_asyncio_based():

        async def fixed(data):
            inbox.add("fixed", data)

    else:

        def fixed(data):
            inbox.add("fixed", data)

    client.raw.on("fixed", fixed)
    client.raw.on("none", lambda: inbox.add("none"))
    client.raw.on("all", lambda *args: inbox.add("all", len(args), args[0]))
    client.raw.on("asked", lambda *args: args)
    client.raw.on("*", lambda event, data: inbox.add(event, data))
    client.connect(running)
    for event in ("fixed", "none", "all", "other"):
        io.emit(event, () if event == "none" else "data")
    wanted = [("fixed", "data"), ("none",), ("all", 2, "data"), ("other", "data")]
    assert [inbox.take() for _ in wanted] == wanted
    io.of("/").volatile.emit("fixed", "volatile")
    assert inbox.take() == ("fixed", "volatile")
    assert io.call("asked", "what", to=client.raw.sid) == "what"
