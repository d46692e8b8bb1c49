"""HTTP/2 with clients that others wrote."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess

import pytest

from h2server import TIMEOUT, Running


@pytest.fixture
def server(authority):
    running = Running(authority)
    yield running
    running.close()


def test_http2_can_be_turned_off(authority):
    running = Running(authority, http2=False)
    try:
        context = ssl.create_default_context(cafile=str(authority.certificate))
        context.set_alpn_protocols(["h2", "http/1.1"])
        raw = socket.create_connection(("127.0.0.1", running.port), TIMEOUT)
        with context.wrap_socket(raw, server_hostname="localhost") as peer:
            assert peer.selected_alpn_protocol() == "http/1.1"
    finally:
        running.close()


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_curl(server, authority, tmp_path, version):
    if not shutil.which("curl"):
        pytest.skip("no curl")
    body = tmp_path / "body"
    body.write_bytes(b"c" * 500_000)
    url = f"https://localhost:{server.port}"
    answer = subprocess.run(
        [
            *("curl", "-s", version, "--noproxy", "*", "--cacert", authority.certificate),
            *("-w", "%{http_version} %{http_code} %{size_download}", "-o", "/dev/null"),
            *("--data-binary", f"@{body}", f"{url}/body"),
        ],
        capture_output=True,
        timeout=TIMEOUT,
        check=True,
    ).stdout.decode()
    assert answer == ("2" if version == "--http2" else "1.1") + " 200 500000"


def test_h2load(server):
    if not shutil.which("h2load"):
        pytest.skip("no h2load: install nghttp2-client")
    answer = subprocess.run(
        ["h2load", "-n", "2000", "-c", "4", "-m", "50", f"https://127.0.0.1:{server.port}/x"],
        capture_output=True,
        timeout=60,
        check=True,
    ).stdout.decode()
    assert re.search(r"2000 succeeded, 0 failed, 0 errored, 0 timeout", answer), answer
    assert "status codes: 2000 2xx" in answer


def test_nghttp(server, tmp_path):
    """nghttp2's own client: several requests at a time, with their priorities, and a body."""
    if not shutil.which("nghttp"):
        pytest.skip("no nghttp: install nghttp2-client")
    body = tmp_path / "body"
    body.write_bytes(b"n" * 300_000)
    url = f"https://127.0.0.1:{server.port}"
    for arguments, size in [
        ([f"{url}/one", f"{url}/two", f"{url}/three"], 15),
        (["-d", body, f"{url}/body"], 300_000),
        ([f"{url}/large"], 5_000_000),
    ]:
        answer = subprocess.run(
            ["nghttp", "--no-verify-peer", *arguments],
            capture_output=True,
            timeout=TIMEOUT,
            check=True,
        )
        assert len(answer.stdout) == size, answer.stderr


@pytest.mark.parametrize(
    ("offered", "chosen"), [("h2,http/1.1", "h2"), ("http/1.1,h2", "h2"), ("http/1.1", "http/1.1")]
)
def test_openssl(server, authority, offered, chosen):
    answer = subprocess.run(
        [
            *("openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-alpn", offered),
            *("-servername", "localhost", "-CAfile", authority.certificate),
        ],
        input=b"",
        capture_output=True,
        timeout=TIMEOUT,
        check=True,
    ).stdout.decode()
    assert f"ALPN protocol: {chosen}" in answer
