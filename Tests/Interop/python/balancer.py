"""What stands between clients and servers: as much of a load balancer as a drain needs, and
a network that stalls."""

import contextlib
import http.client
import socket
import threading


class Balancer:
    """Passes each new connection to the first server that says "ready" at /ready."""

    def __init__(self, *servers):
        self._ports = [server.port for server in servers]
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._open = [self._socket]
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _ready(self, port):
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with contextlib.closing(asked), contextlib.suppress(OSError):
            asked.request("GET", "/ready")
            return asked.getresponse().status == 200
        return False

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self._open.append(connection)
                port = next((port for port in self._ports if self._ready(port)), None)
                if port is None:
                    connection.close()
                    continue
                server = socket.create_connection(("127.0.0.1", port))
                self._open.append(server)
                for pair in ((connection, server), (server, connection)):
                    threading.Thread(target=self._pump, args=pair, daemon=True).start()

    def _pump(self, source, target):
        with contextlib.suppress(OSError):
            while data := self._receive(source):
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _receive(self, source):
        return source.recv(65536)

    def close(self):
        for end in self._open:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class Valve(Balancer):
    """Passes connections to a server, and keeps back what that sends while it is shut."""

    def __init__(self, server):
        self._flows = threading.Event()
        self._flows.set()
        self._is_full = threading.Event()
        super().__init__(server)

    def shut(self):
        self._flows.clear()

    def open(self):
        self._flows.set()

    def is_full(self):
        """Whether it keeps something back, and does not read on."""
        return self._is_full.is_set()

    def close(self):
        self.open()
        super().close()

    def _ready(self, port):
        return True

    def _receive(self, source):
        data = super()._receive(source)
        if source.getpeername()[1] in self._ports and not self._flows.is_set():
            self._is_full.set()
            self._flows.wait()
        return data
