"""The other side of Socket.IO, as little as counting needs: a client, blocking,
over WebSocket and over long polling, and a server of one WebSocket. What is sent
is made before, so that a message is one send and the receives of its answer.
"""

import base64
import hashlib
import json
import socket

TIMEOUT = 30  # seconds; the server's answer to a message takes far less
MASK = bytes((0x5A, 0xC3, 0x0F, 0x96))


class UnexpectedAnswer(Exception):
    pass


class Connection:
    """A TCP connection and what was received on it, not yet taken."""

    def __init__(self, connected):
        self.socket = connected
        self.socket.settimeout(TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = bytearray()

    @classmethod
    def to(cls, port):
        return cls(socket.create_connection(("127.0.0.1", port), TIMEOUT))

    def send(self, data):
        self.socket.sendall(data)

    def _receive_more(self):
        data = self.socket.recv(65536)
        if not data:
            raise UnexpectedAnswer("the connection was closed")
        self.received += data

    def take(self, count):
        while len(self.received) < count:
            self._receive_more()
        taken = bytes(self.received[:count])
        del self.received[:count]
        return taken

    def take_fields(self):
        """The head of an HTTP message."""
        while (end := self.received.find(b"\r\n\r\n")) < 0:
            self._receive_more()
        return self.take(end + 4).decode("latin-1")

    def take_head(self):
        """The head of an HTTP response; its status must be 200, or 101."""
        head = self.take_fields()
        if head.split(" ", 2)[1] not in ("101", "200"):
            raise UnexpectedAnswer(f"the server answered {head.splitlines()[0]!r}")
        return head

    def close(self):
        self.socket.close()


def frame(message, masked=True):
    """A message, text or bytes, as a WebSocket frame: a client's, or a server's."""
    opcode, payload = (1, message.encode()) if isinstance(message, str) else (2, message)
    length, mask = len(payload), 0x80 if masked else 0
    if length < 126:
        head = bytes((0x80 | opcode, mask | length))
    elif length < 65536:
        head = bytes((0x80 | opcode, mask | 126)) + length.to_bytes(2, "big")
    else:
        head = bytes((0x80 | opcode, mask | 127)) + length.to_bytes(8, "big")
    return head + MASK + apply(MASK, payload) if masked else head + payload


def apply(mask, payload):
    return bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


def take_frame(connection):
    """The next message's payload. Nobody splits what we ask for."""
    length = connection.take(2)[1]
    masked, length = length & 0x80, length & 0x7F
    if length == 126:
        length = int.from_bytes(connection.take(2), "big")
    elif length == 127:
        length = int.from_bytes(connection.take(8), "big")
    return apply(connection.take(4), connection.take(length)) if masked else connection.take(length)


class WebSocketClient:
    """A client that has joined the main namespace."""

    def __init__(self, port):
        self.connection = Connection.to(port)
        self.connection.send(
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
            b"Host: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        self.connection.take_head()
        self.receive()  # the handshake: 0{"sid":...}
        self.send(frame("40"))
        self.receive()  # joined: 40{"sid":...}

    def send(self, frames):
        self.connection.send(frames)

    def receive(self):
        return take_frame(self.connection)

    def close(self):
        self.connection.close()


class ServedClient:
    """A client of the library's, which has connected and joined the main
    namespace, from the server's end."""

    def __init__(self, listener):
        accepted, _ = listener.accept()
        self.connection = Connection(accepted)
        head = self.connection.take_fields()
        key = head.split("Sec-WebSocket-Key: ")[1].split("\r\n")[0]
        accept = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode())
        self.connection.send(
            b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
            b"Upgrade: websocket\r\nSec-WebSocket-Accept: "
            + base64.b64encode(accept.digest())
            + b"\r\n\r\n"
        )
        # No heartbeat among the messages.
        terms = {"sid": "session", "upgrades": [], "maxPayload": 1000000}
        terms |= {"pingInterval": 3600000, "pingTimeout": 3600000}
        self.send(frame("0" + json.dumps(terms), masked=False))
        self.receive()  # 40
        self.send(frame('40{"sid":"socket"}', masked=False))

    def send(self, frames):
        self.connection.send(frames)

    def receive(self):
        return take_frame(self.connection)

    def close(self):
        self.connection.close()


class PollingClient:
    """The same over long polling, with a connection for each direction, as
    browsers have."""

    def __init__(self, port):
        self.polls = Connection.to(port)
        self.posts = Connection.to(port)
        self.path = "/socket.io/?EIO=4&transport=polling"
        self.poll()
        self.path += "&sid=" + json.loads(self.take_poll()[1:])["sid"]
        self.post(self.request("POST", "40"))
        self.poll()
        self.take_poll()  # joined: 40{"sid":...}

    def request(self, method, body=""):
        return (
            f"{method} {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Content-Type: text/plain;charset=UTF-8\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    def poll(self):
        self.polls.send(self.request("GET"))

    def take_poll(self):
        return self._take_body(self.polls)

    def post(self, request):
        self.posts.send(request)
        if (body := self._take_body(self.posts)) != b"ok":
            raise UnexpectedAnswer(f"a POST was answered with {body!r}")

    @staticmethod
    def _take_body(connection):
        head = connection.take_head().lower()
        return connection.take(int(head.split("content-length:")[1].split("\r\n")[0]))

    def close(self):
        self.polls.close()
        self.posts.close()
