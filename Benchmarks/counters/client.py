"""The client's side of Socket.IO, as little as counting needs: blocking, over
WebSocket and over long polling. What is sent is made before, so that a message
is one send and the receives of its answer.
"""

import json
import socket

TIMEOUT = 30  # seconds; the server's answer to a message takes far less
MASK = bytes((0x5A, 0xC3, 0x0F, 0x96))


class UnexpectedAnswer(Exception):
    pass


class Connection:
    """A TCP connection and what was received on it, not yet taken."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = bytearray()

    def send(self, data):
        self.socket.sendall(data)

    def _receive_more(self):
        data = self.socket.recv(65536)
        if not data:
            raise UnexpectedAnswer("the server closed the connection")
        self.received += data

    def take(self, count):
        while len(self.received) < count:
            self._receive_more()
        taken = bytes(self.received[:count])
        del self.received[:count]
        return taken

    def take_head(self):
        """The head of an HTTP response; its status must be 200, or 101."""
        while (end := self.received.find(b"\r\n\r\n")) < 0:
            self._receive_more()
        head = self.take(end + 4).decode("latin-1")
        if head.split(" ", 2)[1] not in ("101", "200"):
            raise UnexpectedAnswer(f"the server answered {head.splitlines()[0]!r}")
        return head

    def close(self):
        self.socket.close()


def frame(message):
    """A message, text or bytes, as a client's WebSocket frame."""
    opcode, payload = (1, message.encode()) if isinstance(message, str) else (2, message)
    length = len(payload)
    if length < 126:
        head = bytes((0x80 | opcode, 0x80 | length))
    elif length < 65536:
        head = bytes((0x80 | opcode, 0x80 | 126)) + length.to_bytes(2, "big")
    else:
        head = bytes((0x80 | opcode, 0x80 | 127)) + length.to_bytes(8, "big")
    return head + MASK + bytes(byte ^ MASK[i % 4] for i, byte in enumerate(payload))


class WebSocketClient:
    """A client that has joined the main namespace."""

    def __init__(self, port):
        self.connection = Connection(port)
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
        """The next message's payload. Servers do not mask, nor split what we ask for."""
        length = self.connection.take(2)[1]
        if length == 126:
            length = int.from_bytes(self.connection.take(2), "big")
        elif length == 127:
            length = int.from_bytes(self.connection.take(8), "big")
        return self.connection.take(length)

    def close(self):
        self.connection.close()


class PollingClient:
    """The same over long polling, with a connection for each direction, as
    browsers have."""

    def __init__(self, port):
        self.polls = Connection(port)
        self.posts = Connection(port)
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
