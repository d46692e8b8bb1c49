"""What stands between in tests: a proxy that can cut, a server of one answer, a port."""

from __future__ import annotations

import base64
import contextlib
import socket
import threading


def listening():
    made = socket.create_server(("127.0.0.1", 0))
    return made, made.getsockname()[1]


class Place:
    """A port that nobody else is given: a server may listen there, be gone, and listen again."""

    def __init__(self):
        self._bound = socket.socket()
        self._bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._bound.bind(("127.0.0.1", 0))
        self.port = self._bound.getsockname()[1]

    def close(self):
        self._bound.close()


class Answering:
    """Says the same to everyone who connects, then closes, or waits for the other side to."""

    def __init__(self, answer=b"", *, silent=False):
        self._answer, self._silent = answer, silent
        self._listener, self.port = listening()
        self.url = f"http://127.0.0.1:{self.port}"
        #: The first bytes of each who came.
        self.heard = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                one, _ = self._listener.accept()
                threading.Thread(target=self._meet, args=[one], daemon=True).start()

    def _meet(self, one):
        with contextlib.suppress(OSError), one:
            self.heard.append(one.recv(65536))
            one.sendall(self._answer)
            if not self._silent:
                one.shutdown(socket.SHUT_WR)
            while one.recv(65536):  # closed with something unread, it would be reset
                pass

    def close(self):
        # Closed alone, it would go on to accept for whoever gets its descriptor's number.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


class Proxy(Answering):
    """Knows CONNECT, and one user."""

    def __init__(self, user=None):
        self._user = user
        self._ends = []
        super().__init__()

    def _meet(self, one):
        with contextlib.suppress(OSError, ValueError):
            head = b""
            while b"\r\n\r\n" not in head:
                head += one.recv(1) or one.close() or b""
            self.heard.append(head.decode())
            if self._user is not None:
                wanted = "Basic " + base64.b64encode(self._user.encode()).decode()
                if f"proxy-authorization: {wanted}".lower() not in head.decode().lower():
                    one.sendall(b"HTTP/1.1 407 Who are you?\r\nContent-Length: 0\r\n\r\n")
                    return one.close()
            host, _, port = head.split()[1].decode().rpartition(":")
            other = socket.create_connection((host.strip("[]"), int(port)))
            one.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            self._ends += [one, other]
            back = threading.Thread(target=self._carry, args=[other, one], daemon=True)
            back.start()
            self._carry(one, other)
            back.join()
        return None

    def _carry(self, giver, taker):
        with contextlib.suppress(OSError):
            while data := giver.recv(65536):
                taker.sendall(data)
        for end in (giver, taker):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self):
        """Ends all that goes through it."""
        ends, self._ends = self._ends, []
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self):
        super().close()
        self.cut()
