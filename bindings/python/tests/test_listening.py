"""Sockets of one's own, their options, and proxies: against curl, python-socketio and raw bytes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

import in_order
import pytest
import socketio

import libsocketio
from conftest import TIMEOUT, Inbox, until
from libsocketio import exceptions

#: For programs of their own: where they find the package.
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(libsocketio.__file__).parents[1])}

HANDSHAKE = b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\n"


@contextlib.contextmanager
def serving(**options):
    """A server, and what its clients say of themselves when they join."""
    io = libsocketio.Server(**options)
    io.joined = Inbox()

    @io.event
    def connect(sid, environ):
        io.joined.add(
            environ["REMOTE_ADDR"], int(environ["REMOTE_PORT"]), environ["wsgi.url_scheme"]
        )

    @io.event
    def echo(sid, data):
        return data

    @io.http
    def http(request):
        return f"http {request.method}"

    try:
        yield io
    finally:
        io.shutdown()


def curl(*arguments):
    """What curl prints."""
    result = subprocess.run(
        ["curl", "-sS", "--max-time", str(TIMEOUT), *arguments], capture_output=True, check=False
    )
    return (result.stdout or result.stderr).decode()


def join(port, *, before=b"", fields=b"", host="127.0.0.1"):
    """A WebSocket that joins, bytes and all; False if the server ends the connection."""
    request = (
        b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\n"
        b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + fields + b"\r\n"
    )
    frame = b"\x81\x82\0\0\0\x0040"
    with socket.create_connection((host, port), timeout=TIMEOUT) as connection:
        try:
            connection.sendall(before + request + frame)
            received = b""
            while b"40{" not in received:
                chunk = connection.recv(4096)
                if not chunk:
                    return False
                received += chunk
        except ConnectionError:
            return False
        return True


# --- options


def sockets(port):
    """The lines of ss about a port: the listening socket, and the server's ends."""
    lines = subprocess.run(
        ["ss", "-tnaomieH", f"sport = :{port}"], capture_output=True, text=True, check=True
    ).stdout
    return lines.replace("\n\t", " ").splitlines()


def test_options_by_the_systems_word():
    with serving() as io:
        address = io.listen(
            "127.0.0.1",
            0,
            backlog=9,
            keep_alive=(60, 7, 3),
            receive_buffer_size=20_000,
            send_buffer_size=30_000,
            device="lo",
            linger=2,
            no_delay=False,
            reuse_address=False,
        )
        with socket.create_connection((address.host, address.port), timeout=TIMEOUT) as client:
            client.sendall(HANDSHAKE + b"\r\n")
            assert client.recv(4096)
            # Until the kernel has nothing more to send, that is what its timer is for.
            until(lambda: "timer:(keepalive" in "".join(sockets(address.port)))
            lines = sockets(address.port)
        (listening,) = [line for line in lines if line.startswith("LISTEN")]
        (connection,) = [line for line in lines if line.startswith("ESTAB")]
        assert listening.split()[2] == "9"
        assert re.search(r"127\.0\.0\.1%lo:", listening)
        assert re.search(r"timer:\(keepalive,(\d+sec|59|1min)", connection)
        assert "rb40000" in connection and "tb60000" in connection


def test_options_that_make_no_sense():
    with serving() as io:
        for options, failure, words in [
            ({"device": "no-such-device"}, exceptions.HostError, "no-such-device"),
            ({"keep_alive": (10**6, 0, 0)}, exceptions.ArgumentError, "1000000"),
            ({"keep_alive": 5}, TypeError, "keep_alive"),
            ({"linger": -1}, ValueError, "linger"),
            ({"backlog": "5"}, TypeError, "backlog"),
            ({"unix_owner": "root"}, exceptions.ArgumentError, "Unix"),
            ({"proxy_protocol": True}, exceptions.ArgumentError, "trusted_proxies"),
            ({"back_log": 5}, TypeError, "back_log"),
        ]:
            with pytest.raises(failure, match=words):
                io.listen("127.0.0.1", 0, **options)
        assert io.addresses == []
    with pytest.raises(exceptions.ArgumentError, match="localhost"):
        libsocketio.Server(trusted_proxies=["localhost"]).listen("127.0.0.1", 0)


def test_unix_sockets(tmp_path):
    path = tmp_path / "s"
    with serving() as io:
        io.listen(f"unix:{path}", unix_mode=0o660, unix_owner=os.geteuid(), unix_group=os.getegid())
        assert path.stat().st_mode & 0o777 == 0o660
        assert curl("--unix-socket", str(path), "http://localhost/x") == "http GET"
        abstract = io.listen(f"unix:@sio-test-{os.getpid()}")
        assert abstract.text == f"unix:@sio-test-{os.getpid()}"
        assert curl("--abstract-unix-socket", abstract.host[1:], "http://localhost/x") == "http GET"
    assert not path.exists()


SCOPED = """
import socket, sys
import libsocketio
io = libsocketio.Server()
address = io.listen("fe80::1%lo", 0)
print(address)
socket.create_connection(("fe80::1%lo", address.port), timeout=5).close()
io.shutdown()
"""


def test_a_scoped_address():
    """In a network of its own, whose loopback device has a link-local address."""
    address = "ip link set lo up && ip -6 addr add fe80::1/64 dev lo nodad"
    script = address + ' || exit 77; exec "$0" -c "$1"'
    result = subprocess.run(
        ["unshare", "-n", "sh", "-c", script, sys.executable, SCOPED],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if result.returncode == 77 or "unshare" in result.stderr:
        pytest.skip("no network of one's own here: " + result.stderr)
    assert result.returncode == 0, result.stderr
    assert re.fullmatch(r"\[fe80::1%lo\]:\d+\n", result.stdout)


# --- sockets of one's own


def test_a_listening_socket(tmp_path):
    with serving() as io:
        own = socket.create_server(("127.0.0.1", 0))
        port = own.getsockname()[1]
        address = io.listen_socket(own)
        assert address == ("127.0.0.1", port, f"127.0.0.1:{port}")
        assert own.fileno() == -1
        assert join(port)
        path = tmp_path / "s"
        unix = socket.socket(socket.AF_UNIX)
        unix.bind(str(path))
        unix.listen()
        assert io.listen_socket(unix.detach()).text == f"unix:{path}"
        assert curl("--unix-socket", str(path), "http://localhost/x") == "http GET"
        with socket.socket() as silent, pytest.raises(exceptions.ArgumentError, match="listen"):
            io.listen_socket(silent)
    assert path.exists()


# What systemd does to a service: the descriptors from 3 on, and three variables.
LAUNCHER = """
import os, socket, sys
listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*(one.getsockname()[1] for one in listeners), flush=True)
for number, one in enumerate(listeners):
    os.dup2(one.fileno(), 100 + number)
for number in range(2):
    os.dup2(100 + number, 3 + number)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="2", LISTEN_FDNAMES="web:admin")
os.execv(sys.executable, [sys.executable, "-c", sys.argv[1]])
"""

SERVICE = """
import os, sys
import libsocketio
import libsocketio.exceptions
def inheritable(fd):
    try:
        return 2 < fd < 100 and os.get_inheritable(fd)
    except OSError:  # that of the listing itself
        return False
io = libsocketio.Server()
try:
    io.listen_systemd("none")
except libsocketio.exceptions.ArgumentError as error:
    print(error)
print(*io.listen_systemd("admin"))
print(*io.listen_systemd())
try:
    io.listen_systemd()
except libsocketio.exceptions.StateError as error:
    print(error)
open_fds = map(int, os.listdir("/proc/self/fd"))
print(os.environ["LISTEN_FDS"], any(map(inheritable, open_fds)), flush=True)
sys.stdin.read()
io.shutdown()
"""


def test_sockets_of_systemd():
    with subprocess.Popen(
        [sys.executable, "-c", LAUNCHER, SERVICE],
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as service:
        web, admin = service.stdout.readline().split()
        assert 'no socket "none", but web, admin' in service.stdout.readline()
        assert service.stdout.readline() == f"127.0.0.1:{admin}\n"
        assert service.stdout.readline() == f"127.0.0.1:{web}\n"
        assert "an earlier call" in service.stdout.readline()
        assert service.stdout.readline() == "2 False\n"
        assert join(int(web))
        assert join(int(admin))
        service.stdin.close()
        assert service.wait(TIMEOUT) == 0


ACTIVATED = """
import libsocketio
io = libsocketio.Server()

@io.http
def http(request):
    return "activated"

print(*io.listen_systemd("web"), flush=True)
io.wait()
"""


def test_systemd_starts_the_service(tmp_path):
    path = tmp_path / "s"
    command = ["systemd-socket-activate", "-l", str(path), "--fdname=web"]
    command += ["-E", f"PYTHONPATH={ENVIRONMENT['PYTHONPATH']}"]
    with subprocess.Popen(
        [*command, sys.executable, "-c", ACTIVATED],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as service:
        try:
            until(lambda: path.exists() or service.poll() is not None)
            assert service.poll() is None
            # It is there before somebody listens on it.
            again = ("--retry", "20", "--retry-delay", "1", "--retry-connrefused")
            assert curl(*again, "--unix-socket", str(path), "http://localhost/x") == "activated"
            assert service.stdout.readline() == f"unix:{path}\n"
        finally:
            service.kill()


def test_no_sockets_of_systemd():
    io = libsocketio.Server()
    with pytest.raises(exceptions.StateError, match="LISTEN_FDS is not set"):
        io.listen_systemd()
    io.shutdown()


# --- adopted connections


class FrontServer(threading.Thread):
    """Another server: it answers itself, but for Socket.IO's requests, and reads in pieces."""

    def __init__(self, adopt, step):
        super().__init__(daemon=True)
        self.adopt, self.step = adopt, step
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            data = b""
            while data.count(b" ") < 2:
                data += connection.recv(self.step)
            if data.split(b" ")[1].startswith(b"/socket.io/"):
                self.adopt(connection, data)
            else:
                with connection:
                    while b"\r\n\r\n" not in data:
                        data += connection.recv(self.step)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfront")

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@pytest.mark.parametrize("step", [1, 7, 4096])
@pytest.mark.parametrize("transports", [["polling"], ["websocket"], None])
def test_a_client_over_adopted_connections(transports, step):
    with serving(threads=2) as io:
        front = FrontServer(io.adopt, step)
        try:
            assert curl(f"http://127.0.0.1:{front.port}/") == "front"
            with in_order.SimpleClient() as client:
                client.connect(
                    f"http://127.0.0.1:{front.port}", transports=transports, wait_timeout=TIMEOUT
                )
                assert io.joined.take()[0] == "127.0.0.1"
                data = ["x" * 100_000, b"\0\1", {"a": None}]
                assert client.call("echo", data, timeout=TIMEOUT) == data
        finally:
            front.close()


def test_what_another_server_knows():
    with serving() as io:
        for address, secure, expected in [
            (("192.0.2.7", 99), True, ("192.0.2.7", 99, "https")),
            ("2001:db8::1", False, ("2001:db8::1", 0, "http")),
            (None, False, ("unix", 0, "http")),
        ]:
            ours, theirs = socket.socketpair()
            io.adopt(theirs, HANDSHAKE + b"\r\n", secure=secure, address=address)
            assert theirs.fileno() == -1
            with ours:
                answer = b""
                while not (sid := re.search(rb'"sid":"([^"]+)"', answer)):
                    answer += ours.recv(4096)
                target = b"/socket.io/?EIO=4&transport=polling&sid=" + sid[1]
                ours.sendall(
                    b"POST " + target + b" HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n40"
                )
                assert io.joined.take() == expected


def test_connections_that_are_not_adopted():
    with serving() as io:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            with pytest.raises(exceptions.ArgumentError, match="not the address"):
                io.adopt(theirs, address="example.com")
            with pytest.raises(TypeError, match=r"socket\.socket"):
                io.adopt("socket")
            with socket.socket() as lonely, pytest.raises(exceptions.ArgumentError):
                io.adopt(lonely)
            assert theirs.fileno() >= 0
            io.shutdown()
            with pytest.raises(exceptions.StateError):
                io.adopt(theirs)
            theirs.sendall(b"still ours")
            assert ours.recv(64) == b"still ours"


def test_an_asyncio_server_hands_over():
    async def main():
        io = libsocketio.AsyncServer()
        loop = asyncio.get_running_loop()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.setblocking(False)

            async def front():
                connection, _ = await loop.sock_accept(listener)
                io.adopt(connection, await loop.sock_recv(connection, 64))

            accepting = loop.create_task(front())
            async with socketio.AsyncSimpleClient() as client:
                url = f"http://127.0.0.1:{listener.getsockname()[1]}"
                await client.connect(url, transports=["websocket"], wait_timeout=TIMEOUT)
            await accepting
        await io.shutdown()

    asyncio.run(asyncio.wait_for(main(), TIMEOUT))


# --- proxies


def test_forwarded_headers_of_a_trusted_proxy():
    with serving(trusted_proxies=["127.0.0.1", "10.0.0.0/8"]) as io:
        port = io.listen("127.0.0.1", 0).port
        for fields, expected in [
            (b"X-Forwarded-For: 192.0.2.1, 10.0.0.3\r\n", "192.0.2.1"),
            (b"X-Forwarded-For: 127.0.0.1, 192.0.2.1\r\nX-Forwarded-Proto: https\r\n", "192.0.2.1"),
            (b'Forwarded: for="[2001:db8::1]:4711";proto=https\r\n', "2001:db8::1"),
            (b"Forwarded: for=192.0.2.66\r\nX-Forwarded-For: 192.0.2.1\r\n", "127.0.0.1"),
        ]:
            assert join(port, fields=fields)
            host, _, scheme = io.joined.take()
            assert host == expected
            assert scheme == ("https" if b"https" in fields else "http")


def test_a_client_that_is_gone_before_it_is_accepted_is_no_proxy():
    """It has no address any more, and must not pass for a Unix socket's, which may be trusted."""
    asked = Inbox()
    lies = HANDSHAKE + b"X-Forwarded-For: 192.0.2.66\r\n\r\n"

    def allow_request(environ):
        asked.add(environ["REMOTE_ADDR"])

    with serving(trusted_proxies=["unix"], allow_request=allow_request) as io:
        own = socket.create_server(("127.0.0.1", 0))
        address = own.getsockname()
        with socket.create_connection(address, timeout=TIMEOUT) as gone:
            gone.sendall(lies)
            gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        io.listen_socket(own)
        with socket.create_connection(address, timeout=TIMEOUT) as client:
            client.sendall(lies)
            assert client.recv(4096)
        assert asked.take() == ("127.0.0.1",)
        assert asked.empty()


@pytest.mark.parametrize("proxies", [None, ["10.0.0.0/8", "::1", "unix"]])
def test_lies_of_strangers_change_nothing(proxies):
    with serving(trusted_proxies=proxies) as io:
        port = io.listen("127.0.0.1", 0).port
        lies = (
            b"X-Forwarded-For: 192.0.2.66\r\nX-Forwarded-Proto: https\r\n"
            b"X-Forwarded-Host: evil.example\r\nForwarded: for=192.0.2.66;proto=https\r\n"
        )
        assert join(port, fields=lies)
        host, _, scheme = io.joined.take()
        assert (host, scheme) == ("127.0.0.1", "http")
        assert not join(port, fields=lies + b"Origin: https://evil.example\r\n")


def test_curl_speaks_the_proxy_protocol():
    with serving(trusted_proxies=["127.0.0.1"]) as io:
        port = io.listen("127.0.0.1", 0, proxy_protocol=True).port
        url = f"http://127.0.0.1:{port}/x"
        assert curl("--haproxy-protocol", url) == "http GET"
        assert "http" not in curl(url).split()  # without the header: closed


SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b"PROXY TCP4 192.0.2.1 127.0.0.1 4711 80\r\n", ("192.0.2.1", 4711)),
        (b"PROXY TCP6 2001:db8::1 ::1 4711 80\r\n", ("2001:db8::1", 4711)),
        (b"PROXY UNKNOWN\r\n", ("127.0.0.1", None)),
        (
            SIGNATURE
            + b"\x21\x11"
            + struct.pack("!H", 15)
            + bytes([192, 0, 2, 1, 127, 0, 0, 1])
            + struct.pack("!HH", 4711, 80)
            + b"\x04\0\0",
            ("192.0.2.1", 4711),
        ),
        (SIGNATURE + b"\x20\0\0\0", ("127.0.0.1", None)),
        (SIGNATURE + b"\x21\x31" + struct.pack("!H", 216) + bytes(216), ("unix", 0)),
        (b"PROXY TCP4 10.0.0.1 127.0.0.1 4711 80\r\n", ("192.0.2.9", 0)),
        (b"PROXY TCP4 1.2.3 127.0.0.1 4711 80\r\n", None),
        (b"", None),
        (SIGNATURE + b"\x21\x11\xff\xff", None),
    ],
)
def test_proxy_headers(header, expected):
    with serving(trusted_proxies=["127.0.0.1", "10.0.0.1"], threads=2) as io:
        port = io.listen("127.0.0.1", 0, proxy_protocol=True).port
        # Behind a header that names a proxy of ours the next one's word counts.
        forwarded = b"X-Forwarded-For: 192.0.2.9\r\n" if expected == ("192.0.2.9", 0) else b""
        assert join(port, before=header, fields=forwarded) is (expected is not None)
        if expected is not None:
            host, number, _ = io.joined.take()
            assert host == expected[0]
            assert expected[1] in (None, number)


def test_proxy_headers_of_strangers():
    with serving(trusted_proxies=["10.0.0.0/8"]) as io:
        port = io.listen("127.0.0.1", 0, proxy_protocol=True).port
        assert not join(port, before=b"PROXY TCP4 192.0.2.1 127.0.0.1 4711 80\r\n")
        assert io.joined.empty()
