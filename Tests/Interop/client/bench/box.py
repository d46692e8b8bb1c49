"""A box on the way to a server, as some firewalls and virus scanners are one."""

import contextlib
import socket
import threading


class Box:
    """Passes everything on, but ends each WebSocket as soon as its handshake is over."""

    def __init__(self, port):
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        #: How many WebSockets it has ended, and how many GETs it has seen.
        self.ended = self.gets = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                one, _ = self._listener.accept()
                other = socket.create_connection(("127.0.0.1", self._port))
                for giver, taker in ((one, other), (other, one)):
                    threading.Thread(target=self._carry, args=[giver, taker], daemon=True).start()

    def _carry(self, giver, taker):
        with contextlib.suppress(OSError):
            while data := giver.recv(65536):
                taker.sendall(data)
                self.gets += data.count(b"GET /")
                if data.startswith(b"HTTP/1.1 101"):
                    self.ended += 1
                    break
        for end in (giver, taker):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self):
        self._listener.close()
