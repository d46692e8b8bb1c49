"""A connection, of TCP or with TLS on it, on which every wait ends."""

import socket
import ssl
import struct
import time

PATIENCE = 30.0
"""How long anything may take that has to happen, in seconds, however busy the machine is."""


class Closed(Exception):
    """The peer ended the connection; what came before is in `received`."""

    def __init__(self, received: bytes = b""):
        super().__init__(f"closed by the peer after {received[:200]!r}")
        self.received = received


class Connection:
    """Bytes in, bytes out. What is read too early waits in a buffer."""

    def __init__(self, port: int, tls: ssl.SSLContext | None = None):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        self._buffer = bytearray()

    def send(self, data: bytes) -> None:
        self.socket.settimeout(PATIENCE)
        self.socket.sendall(data)

    def send_all_it_takes(self, data: bytes) -> None:
        """Sends until the peer has had enough: it may close in the midst."""
        try:
            self.send(data)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLEOFError):
            pass

    def _fill(self, deadline: float) -> None:
        self.socket.settimeout(max(0.001, deadline - time.monotonic()))
        try:
            data = self.socket.recv(262_144)
        except ConnectionResetError:
            data = b""
        except TimeoutError:
            raise TimeoutError(f"nothing came but {bytes(self._buffer[:200])!r}") from None
        if not data:
            raise Closed(bytes(self._buffer))
        self._buffer += data

    def read_exactly(self, count: int, patience: float = PATIENCE) -> bytes:
        deadline = time.monotonic() + patience
        while len(self._buffer) < count:
            self._fill(deadline)
        return self._take(count)

    def read_until(self, mark: bytes, patience: float = PATIENCE) -> bytes:
        """Everything up to and with `mark`."""
        deadline = time.monotonic() + patience
        while (at := self._buffer.find(mark)) < 0:
            self._fill(deadline)
        return self._take(at + len(mark))

    def read_some(self, patience: float = PATIENCE) -> bytes:
        """What has come, at least a byte."""
        if not self._buffer:
            self._fill(time.monotonic() + patience)
        return self._take(len(self._buffer))

    def read_to_end(self, patience: float = PATIENCE) -> bytes:
        """Everything until the peer closes."""
        deadline = time.monotonic() + patience
        try:
            while True:
                self._fill(deadline)
        except Closed:
            return self._take(len(self._buffer))

    def is_silent(self, seconds: float) -> bool:
        """Whether nothing comes for a while, not even the end."""
        if self._buffer:
            return False
        try:
            # Not select(): with TLS what comes may be none of ours.
            self._fill(time.monotonic() + seconds)
        except TimeoutError:
            return True
        except Closed:
            pass
        return False

    def _take(self, count: int) -> bytes:
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        return data

    def finish_sending(self) -> None:
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Closes with an RST instead of a FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self) -> None:
        self.socket.close()
