"""TLS as `openssl s_client` sees it: a peer that others wrote."""

from __future__ import annotations

import ssl
import subprocess

import pytest

import libsocketio
from certificates import openssl
from conftest import TIMEOUT

#: Versions that are older than what a client of today would try.
ALL = ["-cipher", "ALL:@SECLEVEL=0"]


@pytest.fixture
def listen(authority):
    """Starts servers that answer "https" to whoever comes, and end with the test."""
    servers = []

    def start(**options):
        io = libsocketio.Server(
            allow_request=lambda environ: libsocketio.Response(environ["wsgi.url_scheme"])
        )
        servers.append(io)
        chain, key = authority.server.chain, authority.server.key
        io.listen("127.0.0.1", 0, ssl_certfile=chain, ssl_keyfile=key, **options)
        return io

    yield start
    for io in servers:
        io.shutdown()


def command(io, *arguments):
    return ["openssl", "s_client", "-connect", str(io.address), *map(str, arguments)]


def request(end="close"):
    target = "/socket.io/?EIO=4&transport=polling"
    return f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: {end}\r\n\r\n".encode()


def ask(io, *arguments):
    """What s_client prints of a request: the status of its end, stdout and stderr."""
    done = subprocess.run(
        command(io, "-ign_eof", *arguments), input=request(), capture_output=True, timeout=TIMEOUT
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def served(io, *arguments):
    """What s_client prints of a request that is answered."""
    status, out, err = ask(io, *arguments)
    assert status == 0, err
    assert "HTTP/1.1 200 OK" in out, out + err
    return out


def shown(io, authority):
    """The number of the certificate that s_client is shown, which the authority has signed."""
    out = ask(io, "-showcerts", "-CAfile", authority.certificate, "-verify_return_error")[1]
    assert "Verify return code: 0 (ok)" in out
    return int(openssl("x509", "-noout", "-serial", input=out.encode()).split("=")[1], 16)


@pytest.mark.parametrize(
    ("least", "accepted", "refused"),
    [
        (None, ["tls1_2", "tls1_3"], ["tls1", "tls1_1"]),
        (ssl.TLSVersion.TLSv1_2, ["tls1_2", "tls1_3"], ["tls1", "tls1_1"]),
        (ssl.TLSVersion.TLSv1_3, ["tls1_3"], ["tls1", "tls1_1", "tls1_2"]),
    ],
)
def test_versions(listen, least, accepted, refused):
    io = listen(**({"ssl_min_version": least} if least else {}))
    names = {"tls1_2": "TLSv1.2", "tls1_3": "TLSv1.3"}
    for version in accepted:
        out = served(io, f"-{version}")
        assert f"New, {names[version]}, Cipher is" in out
        assert "\r\n\r\nhttps" in out
    for version in refused:
        status, out, err = ask(io, f"-{version}", *ALL)
        assert status == 1
        assert "alert protocol version" in err, err
        assert "HTTP/1.1" not in out
    served(io)


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_a_certificate_of_the_client(listen, authority, version):
    io = listen(ssl_cert_reqs=ssl.CERT_REQUIRED, ssl_ca_certs=authority.certificate)

    def showing(certificate):
        return [version, "-cert", certificate.chain, "-key", certificate.key]

    served(io, *showing(authority.client))
    for arguments, alert in [
        ([version], "alert certificate required" if "3" in version else "alert handshake failure"),
        (showing(authority.stranger), "alert unknown ca"),
    ]:
        _, out, err = ask(io, *arguments)
        assert "HTTP/1.1" not in out
        assert alert in err, err
    served(io, *showing(authority.client))


def test_a_reload_while_an_old_connection_lives(listen, authority):
    """New connections are shown the new certificate; the old one is served on."""
    io = listen()
    old = subprocess.Popen(
        command(io, "-quiet"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )

    def ask_again():
        old.stdin.write(request("keep-alive"))
        old.stdin.flush()
        assert old.stdout.readline() == b"HTTP/1.1 200 OK\r\n"
        while old.stdout.readline() != b"\r\n":
            pass
        assert old.stdout.read(len("https")) == b"https"

    try:
        ask_again()
        assert shown(io, authority) == authority.server.serial
        io.reload_tls(0, ssl_certfile=authority.renewed.chain, ssl_keyfile=authority.renewed.key)
        assert shown(io, authority) == authority.renewed.serial
        ask_again()
        assert old.poll() is None
    finally:
        old.kill()
        old.communicate()


def test_cve_2011_1473_a_client_cannot_renegotiate(listen):
    """One that asks for new handshakes costs a server many times what it costs itself."""
    io = listen()
    with subprocess.Popen(
        ["timeout", str(TIMEOUT), *command(io, "-tls1_2")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as client:
        client.stdin.write(b"R\n")  # s_client's word for it
        client.stdin.flush()
        out = client.stdout.read().decode()
        assert client.wait() == 1
    assert "RENEGOTIATING" in out
    assert "no renegotiation" in out or "unexpected eof" in out, out
    served(io)
