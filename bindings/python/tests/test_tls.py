"""TLS: what it is told, how clients come through it, and that a certificate can be exchanged."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import socket
import ssl
import subprocess
import time

import aiohttp
import pytest
import socketio

import libsocketio
from libsocketio import exceptions

TIMEOUT = 20


@pytest.fixture
def listen():
    """Starts servers with TLS that echo, and checks in the end that nothing of a client is left."""
    servers = []

    def start(threads=1, logger=False, **options):
        io = libsocketio.Server(threads=threads, connect_timeout=10, logger=logger)
        servers.append(io)

        @io.on("echo")
        def echo(sid, data):
            return data

        @io.on("environ")
        def environ(sid):
            seen = io.get_environ(sid)
            return [seen["wsgi.url_scheme"], seen.get("SSL_CLIENT_CERT", "")]

        io.listen("127.0.0.1", 0, **options)
        return io

    yield start
    for io in servers:
        deadline = time.monotonic() + TIMEOUT
        while (counts := io.counts()).connections + counts.sessions:
            assert time.monotonic() < deadline, counts
            time.sleep(0.02)
        io.shutdown()


def client_context(authority, certificate=None, **options):
    context = ssl.create_default_context(cafile=authority.certificate)
    if certificate:
        context.load_cert_chain(certificate.chain, certificate.key)
    for name, value in options.items():
        setattr(context, name, value)
    return context


def connection(io, context, patience=TIMEOUT):
    raw = socket.create_connection((io.address.host, io.address.port), patience)
    return context.wrap_socket(raw, server_hostname="localhost")


def serial(io, context):
    """The number of the certificate that a new connection is shown."""
    with connection(io, context) as peer:
        return int(peer.getpeercert()["serialNumber"], 16)


def get(peer, target="/socket.io/?EIO=4&transport=polling"):
    """The status line and the body of a response."""
    peer.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    response = b""
    while b"\r\n\r\n" not in response:
        response += peer.recv(65536)
    head, _, body = response.partition(b"\r\n\r\n")
    length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
    while len(body) < length:
        body += peer.recv(65536)
    return head.split(b"\r\n")[0].decode(), body.decode()


def end_session(io, context, body):
    """Leaves nothing of a session that a test has opened."""
    sid = re.search(r'"sid":"([^"]+)"', body)[1]
    with connection(io, context) as peer:
        peer.sendall(
            f"POST /socket.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nHost: localhost\r\n"
            "Content-Length: 1\r\n\r\n1".encode()
        )
        assert peer.recv(65536).startswith(b"HTTP/1.1 200")


def talk(io, context, transports=None, work=None):
    """Connects with python-socketio, and returns what `work`, a coroutine, does."""

    async def main():
        connector = aiohttp.TCPConnector(ssl=context)
        async with aiohttp.ClientSession(connector=connector) as session:
            client = socketio.AsyncClient(reconnection=False, http_session=session)
            url = f"https://localhost:{io.address.port}"
            await client.connect(url, transports=transports, wait_timeout=TIMEOUT)
            result = await work(client)
            await client.disconnect()
            return result

    return asyncio.run(asyncio.wait_for(main(), TIMEOUT * 2))


# --- clients


@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize("transports", [["polling"], ["websocket"], None])
def test_a_client_comes_by_every_transport(listen, authority, threads, transports):
    """With several loops, upgrades find their session on another one, and are relayed."""
    io = listen(threads, ssl_certfile=authority.server.chain, ssl_keyfile=authority.server.key)
    large = "x" * 600_000

    async def work(client):
        assert await client.call("echo", "hi") == "hi"
        assert await client.call("echo", large) == large
        assert await client.call("echo", b"\0" * 100_000) == b"\0" * 100_000
        echoes = await asyncio.gather(*[client.call("echo", n) for n in range(50)])
        assert echoes == list(range(50))
        while io.counts().connections > 3:  # those of the client before this one end
            await asyncio.sleep(0.01)
        return await client.call("environ"), client.transport()

    for _ in range(1 if transports else 2 * threads):
        (scheme, certificate), transport = talk(
            io, client_context(authority), transports=transports, work=work
        )
        assert (scheme, certificate) == ("https", "")
        assert transport == ("polling" if transports == ["polling"] else "websocket")


def test_a_relayed_client_that_does_not_read_is_held_back(listen, authority):
    """What it is sent waits in the session, which is bounded, and not in the relay."""
    io = listen(2, ssl_certfile=authority.server.chain, ssl_keyfile=authority.server.key)
    seen = []

    @io.event
    def disconnect(sid, reason):
        seen.append(reason)

    async def work(client):
        transport = client.eio.ws._response.connection.transport
        transport.pause_reading()
        for _ in range(60):
            io.emit("flood", "y" * 1_000_000)
        deadline = time.monotonic() + TIMEOUT
        while not seen and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        transport.resume_reading()

    for _ in range(4):
        talk(io, client_context(authority), work=work)
        assert seen == ["transport error"]
        seen.clear()


def test_a_browser_s_page_from_plain_http_is_a_stranger(listen, authority):
    io = listen(ssl_certfile=authority.server.chain, ssl_keyfile=authority.server.key)
    context = client_context(authority)
    for origin, expected in [("https", "200"), ("http", "403")]:
        with connection(io, context) as peer:
            peer.sendall(
                "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n"
                f"Host: localhost\r\nOrigin: {origin}://localhost\r\n\r\n".encode()
            )
            answer = peer.recv(65536).decode()
            assert answer.split()[1] == expected
            if expected == "200":
                end_session(io, context, answer)


def test_a_whole_response_and_the_end_of_tls_come_before_the_end(listen, authority):
    """A close_notify tells the client that nothing was cut off."""
    io = listen(ssl_certfile=authority.server.chain, ssl_keyfile=authority.server.key)
    with connection(io, client_context(authority)) as peer:
        peer.sendall(b"GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        response = b""
        while piece := peer.recv(65536):  # without a close_notify this raises
            response += piece
        assert response.startswith(b"HTTP/1.1 404") and response.endswith(b"Not Found\n")


# --- versions, plain HTTP, silence


def test_versions(listen, authority):
    io = listen(ssl_certfile=authority.server.chain, ssl_keyfile=authority.server.key)
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = client_context(authority, minimum_version=version, maximum_version=version)
        with connection(io, context) as peer:
            assert peer.version().replace(".", "_") == version.name
    old = subprocess.run(
        f"openssl s_client -connect {io.address} -tls1_1 -cipher ALL:@SECLEVEL=0".split(),
        input=b"",
        capture_output=True,
        timeout=TIMEOUT,
    )
    assert old.returncode == 1 and b"alert protocol version" in old.stderr


def test_a_minimum_version(listen, authority):
    io = listen(
        ssl_certfile=authority.server.chain,
        ssl_keyfile=authority.server.key,
        ssl_min_version=ssl.TLSVersion.TLSv1_3,
    )
    with pytest.raises(ssl.SSLError):
        connection(io, client_context(authority, maximum_version=ssl.TLSVersion.TLSv1_2))
    connection(io, client_context(authority)).close()


def test_the_chain_is_sent(listen, authority):
    io = listen(ssl_certfile=authority.chained.chain, ssl_keyfile=authority.chained.key)
    shown = subprocess.run(
        f"openssl s_client -connect {io.address} -CAfile {authority.certificate} "
        "-showcerts -verify_return_error".split(),
        input=b"",
        capture_output=True,
        timeout=TIMEOUT,
    ).stdout.decode()
    assert shown.count("BEGIN CERTIFICATE") == 2
    assert "Verify return code: 0 (ok)" in shown


def test_plain_http_is_closed_and_the_log_says_why(listen, authority, caplog):
    io = listen(
        logger=logging.getLogger("tls"),
        ssl_certfile=authority.server.chain,
        ssl_keyfile=authority.server.key,
    )
    with socket.create_connection((io.address.host, io.address.port), TIMEOUT) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        while plain.recv(100):
            pass
    deadline = time.monotonic() + TIMEOUT
    while "plain HTTP" not in caplog.text and time.monotonic() < deadline:
        time.sleep(0.01)
    assert "failed: it sent plain HTTP, and this address speaks TLS: use https://" in caplog.text


def test_a_silent_client_is_closed_in_time(listen, authority):
    """Slowloris: the time counts from the start, whatever comes."""
    io = listen(
        ssl_certfile=authority.server.chain,
        ssl_keyfile=authority.server.key,
        ssl_handshake_timeout=0.3,
    )
    started = time.monotonic()
    with socket.create_connection((io.address.host, io.address.port), TIMEOUT) as silent:
        silent.sendall(b"\x16\x03\x01")
        silent.settimeout(0.05)
        while time.monotonic() - started < TIMEOUT:
            try:
                if not silent.recv(100):
                    break
            except TimeoutError:
                with contextlib.suppress(ConnectionError):  # the next recv says so
                    silent.sendall(b"\x02")
            except ConnectionResetError:
                break
    assert 0.25 < time.monotonic() - started < TIMEOUT - 1


# --- certificates of clients


def test_a_client_has_to_show_a_certificate(listen, authority):
    io = listen(
        ssl_certfile=authority.server.chain,
        ssl_keyfile=authority.server.key,
        ssl_cert_reqs=ssl.CERT_REQUIRED,
        ssl_ca_certs=authority.certificate,
    )

    async def work(client):
        return await client.call("environ")

    for transports in (["polling"], ["websocket"]):
        scheme, shown = talk(io, client_context(authority, authority.client), transports, work)
        assert (scheme, shown) == ("https", authority.client.pem)
    for certificate in (None, authority.stranger):
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            # Its end of the handshake is over before ours refuses it.
            with connection(io, client_context(authority, certificate)) as peer:
                get(peer)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_client_may_show_a_certificate(listen, authority, version):
    """swift-nio-ssl#590: one who shows none ended the process."""
    io = listen(
        ssl_certfile=authority.server.chain,
        ssl_keyfile=authority.server.key,
        ssl_cert_reqs=ssl.CERT_OPTIONAL,
        ssl_ca_certs=authority.certificate,
    )
    for certificate in (None, authority.client):
        context = client_context(authority, certificate, maximum_version=version)
        for _ in range(2):  # the second resumes the session of the first
            with connection(io, context) as peer:
                status, body = get(peer)
            assert status == "HTTP/1.1 200 OK"
            end_session(io, context, body)
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        with connection(io, client_context(authority, authority.stranger)) as peer:
            get(peer)


def test_a_certificate_with_strange_names_is_read(listen, authority):
    """swift-nio-ssl d930168: an otherName among the alternative names was read out of bounds."""
    io = listen(
        ssl_certfile=authority.server.chain,
        ssl_keyfile=authority.server.key,
        ssl_cert_reqs=ssl.CERT_REQUIRED,
        ssl_ca_certs=authority.certificate,
    )
    context = client_context(authority, authority.other_name)

    async def work(client):
        return await client.call("environ")

    assert talk(io, context, ["websocket"], work) == ["https", authority.other_name.pem]
    served = listen(ssl_certfile=authority.other_name.chain, ssl_keyfile=authority.other_name.key)
    context = client_context(authority, check_hostname=False)
    with connection(served, context) as peer:
        assert get(peer, "/none")[0] == "HTTP/1.1 404 Not Found"


# --- what is given


def test_from_memory_and_with_a_password(listen, authority):
    chain = authority.server.chain.read_bytes()
    for options in [
        {"ssl_certfile": chain, "ssl_keyfile": authority.server.key.read_bytes()},
        {"ssl_certfile": chain + authority.server.key.read_bytes()},
        {
            "ssl_certfile": str(authority.server.chain),
            "ssl_keyfile": authority.server.encrypted_key("secret"),
            "ssl_keyfile_password": "secret",
        },
    ]:
        io = listen(**options)
        assert serial(io, client_context(authority)) == authority.server.serial


def test_what_is_wrong_is_said(authority, tmp_path):
    server, other = authority.server, authority.client
    broken = tmp_path / "broken.pem"
    broken.write_text("nothing")
    encrypted = server.encrypted_key("secret")
    none = tmp_path / "none.pem"
    wrong = [
        ({"ssl_certfile": none}, exceptions.SystemCallError, f"certificate file {none}"),
        ({"ssl_certfile": broken}, exceptions.ArgumentError, f"certificate in {broken}"),
        ({"ssl_certfile": b"x"}, exceptions.ArgumentError, "There is no certificate"),
        ({"ssl_certfile": server.chain}, exceptions.ArgumentError, "There is no key in"),
        ({"ssl_keyfile": none}, exceptions.SystemCallError, f"key file {none}"),
        ({"ssl_keyfile": broken}, exceptions.ArgumentError, f"no key in {broken}"),
        ({"ssl_keyfile": other.key}, exceptions.ArgumentError, "does not belong to the cert"),
        ({"ssl_keyfile": encrypted}, exceptions.ArgumentError, "encrypted: give its password"),
        (
            {"ssl_keyfile": encrypted, "ssl_keyfile_password": "wrong"},
            exceptions.ArgumentError,
            "does not open the key",
        ),
        (
            {"ssl_keyfile": encrypted, "ssl_keyfile_password": "gehëim"},
            exceptions.ArgumentError,
            "ASCII",
        ),
        (
            {"ssl_keyfile": server.key, "ssl_cert_reqs": 1, "ssl_ca_certs": broken},
            exceptions.ArgumentError,
            "client CA",
        ),
        ({"ssl_certfile": None}, TypeError, "ssl_certfile"),
        ({"ssl_certfile": 5}, TypeError, "ssl_certfile must be"),
        ({"ssl_cert": "x"}, TypeError, "no option 'ssl_cert'"),
        ({"ssl_cert_reqs": 7}, ValueError, "ssl_cert_reqs"),
        ({"ssl_min_version": ssl.TLSVersion.TLSv1_1}, ValueError, "ssl_min_version"),
        ({"ssl_handshake_timeout": 0}, ValueError, "ssl_handshake_timeout"),
    ]
    io = libsocketio.Server()
    try:
        for options, kind, sentence in wrong:
            with pytest.raises(kind, match=re.escape(sentence)):
                io.listen("127.0.0.1", 0, **{"ssl_certfile": server.chain, **options})
        assert io.addresses == []
    finally:
        io.shutdown()


# --- reloading


def test_a_certificate_is_exchanged_while_clients_stay(listen, authority, tmp_path):
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    authority.server.copy_to(chain, key)
    io = listen(ssl_certfile=chain, ssl_keyfile=key)
    context = client_context(authority)

    async def work(client):
        assert serial(io, context) == authority.server.serial
        authority.renewed.copy_to(chain, key)
        assert serial(io, context) == authority.server.serial
        io.reload_tls()
        assert serial(io, context) == authority.renewed.serial
        assert await client.call("echo", 1) == 1

        # What is broken changes nothing.
        key.write_text("broken")
        with pytest.raises(exceptions.ArgumentError, match="no key in"):
            io.reload_tls()
        authority.server.key_to(key)
        with pytest.raises(exceptions.ArgumentError, match="does not belong"):
            io.reload_tls()
        assert serial(io, context) == authority.renewed.serial

        # Others than those of the beginning.
        io.reload_tls(0, ssl_certfile=authority.server.chain, ssl_keyfile=authority.server.key)
        assert serial(io, context) == authority.server.serial
        return await client.call("echo", 2)

    assert talk(io, context, work=work) == 2


def test_only_an_address_with_tls_is_reloaded(listen, authority):
    io = libsocketio.Server()
    with pytest.raises(exceptions.StateError):
        io.reload_tls()
    try:
        io.listen("127.0.0.1", 0)
        with pytest.raises(exceptions.ArgumentError, match="has no TLS"):
            io.reload_tls()
        with pytest.raises(exceptions.ArgumentError, match="index 7"):
            io.reload_tls(7)
    finally:
        io.shutdown()


def test_a_reload_disturbs_nobody_who_shakes_hands(listen, authority):
    """Many handshakes at once with many reloads: each gets one of the two, whole."""
    io = listen(2, ssl_certfile=authority.server.chain, ssl_keyfile=authority.server.key)
    context = client_context(authority)
    known = {authority.server.serial, authority.renewed.serial}

    async def shake():
        for _ in range(25):
            _, writer = await asyncio.open_connection(
                io.address.host, io.address.port, ssl=context, server_hostname="localhost"
            )
            shown = writer.get_extra_info("peercert")["serialNumber"]
            writer.close()
            assert int(shown, 16) in known

    async def main():
        shaking = asyncio.gather(*[shake() for _ in range(4)])
        sides = [authority.renewed, authority.server]
        while not shaking.done():
            sides.reverse()
            io.reload_tls(0, ssl_certfile=sides[0].chain, ssl_keyfile=sides[0].key)
            await asyncio.sleep(0.005)
        await shaking

    asyncio.run(asyncio.wait_for(main(), 3 * TIMEOUT))
