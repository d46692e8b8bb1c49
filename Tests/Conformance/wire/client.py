"""Engine.IO clients on the raw transports, and the little of Socket.IO that every test needs."""

import json
import time
from collections.abc import Callable

from . import http, websocket
from .connection import PATIENCE, Closed, Connection
from .process import ServerProcess

SEPARATOR = "\x1e"
PATH = "/socket.io/"


def target(transport: str, sid: str | None = None, *, path: str = PATH, extra: str = "") -> str:
    query = f"EIO=4&transport={transport}"
    if sid is not None:
        query += f"&sid={sid}"
    return f"{path}?{query}{'&' + extra if extra else ''}"


class Poll:
    """A GET that was sent and not answered yet. `decode` makes packets of the response, and
    `has_arrived` asks the server."""

    def __init__(
        self,
        connection: Connection,
        decode: Callable[[http.Response], list],
        has_arrived: Callable[[], bool] = lambda: True,
    ):
        self.connection = connection
        self._decode = decode
        self._has_arrived = has_arrived

    def response(self, patience: float = PATIENCE) -> http.Response:
        return http.read_response(self.connection, patience)

    def packets(self, patience: float = PATIENCE) -> list:
        return self._decode(self.response(patience))

    def is_pending(self, seconds: float = 0.15) -> bool:
        """Whether it waits at the server: what is sent now, on whatever connection, comes later."""
        deadline = time.monotonic() + PATIENCE
        while not self._has_arrived():
            if not self.connection.is_silent(0.01):
                return False
            assert time.monotonic() < deadline, "the poll does not arrive"
        return self.connection.is_silent(seconds)


def packets_of(response: http.Response) -> list[str]:
    assert response.status == 200, f"{response.status} {response.body!r}"
    return response.text.split(SEPARATOR)


class PollingSession:
    """What sessions over long polling of both revisions have in common."""

    close_packet = b"1"

    def request(self, method: str, headers: http.Headers = (), body: bytes | None = None):
        """Any request of this session, on a connection of its own."""
        raise NotImplementedError

    def expect_gone(self) -> None:
        """The session exists no longer."""
        response = self.request("GET")
        assert response.status == 400
        assert response.body == b'{"code":1,"message":"Session ID unknown"}'

    def end(self) -> None:
        """Leaves nothing behind, whatever state the session is in."""
        try:
            self.request("POST", body=self.close_packet)
            for _ in range(64):
                if self.request("GET").status != 200:
                    break
        except (Closed, OSError):
            pass


class Polling(PollingSession):
    """A session over long polling: one connection for GET, one for POST."""

    def __init__(self, net: "Network", extra: str = "", path: str = PATH):
        self._server = net.server
        self.connect_tcp = net.connect
        self._get, self._post = net.connect(), net.connect()
        self.handshake = http.exchange(self._get, "GET", target("polling", extra=extra, path=path))
        assert self.handshake.status == 200, self.handshake.body
        assert self.handshake.text[0] == "0"
        self.opened = json.loads(self.handshake.text[1:])
        self.sid: str = self.opened["sid"]
        self.target = target("polling", self.sid, path=path)
        self.socket_id: str | None = None
        self._root_id: str | None = None

    def request(self, method: str, headers: http.Headers = (), body: bytes | None = None):
        return http.exchange(self.connect_tcp(), method, self.target, headers, body)

    def start_get(self, *, own_connection: bool = False) -> Poll:
        connection = self.connect_tcp() if own_connection else self._get
        connection.send(http.request("GET", self.target))
        return Poll(connection, packets_of, self._has_poll)

    def _has_poll(self) -> bool:
        return self._root_id is None or self._server.has_poll_of(self._root_id)

    def get(self, patience: float = PATIENCE) -> list[str]:
        """The packets of the next poll."""
        return self.start_get().packets(patience)

    def start_post(self, *packets: str) -> Poll:
        body = SEPARATOR.join(packets).encode()
        self._post.send(http.request("POST", self.target, {"Content-Type": "text/plain"}, body))
        return Poll(self._post, packets_of)

    def post(self, *packets: str) -> None:
        response = self.start_post(*packets).response()
        assert (response.status, response.body) == (200, b"ok")

    def join(self, namespace: str = "/", auth: str = "") -> str:
        """Joins a namespace; the socket's id."""
        prefix = "" if namespace == "/" else namespace + ","
        self.post(f"40{prefix}{auth}")
        packet, *rest = self.get()
        assert not rest
        self.socket_id = id_of(packet, prefix)
        if namespace == "/":
            self._root_id = self.socket_id
        return self.socket_id


class EngineSocket(websocket.WebSocket):
    """A session over WebSocket, or a probe for one."""

    socket_id: str | None = None

    def join(self, namespace: str = "/", auth: str = "") -> str:
        prefix = "" if namespace == "/" else namespace + ","
        self.send(f"40{prefix}{auth}")
        self.socket_id = id_of(self.receive(), prefix)
        return self.socket_id

    def barrier(self, namespace: str = "/") -> None:
        """Waits until the server has handled everything sent so far."""
        prefix = "" if namespace == "/" else namespace + ","
        self.send(f'42{prefix}909["barrier"]')
        self.expect(f"43{prefix}909[]")


def id_of(packet: str, prefix: str = "") -> str:
    """The socket id in the answer to a CONNECT."""
    start = f'40{prefix}{{"sid":"'
    assert isinstance(packet, str), packet
    assert packet.startswith(start), packet
    assert packet.endswith('"}')
    return packet[len(start) : -2]


class Network:
    """Makes clients of a server, and ends them all."""

    def __init__(self, server: ServerProcess):
        self.server = server
        self._connections: list[Connection] = []
        self._sessions: list[Polling] = []

    def connect(self) -> Connection:
        connection = self.server.connect()
        self._connections.append(connection)
        return connection

    def connect_across(self) -> Connection:
        """A connection that comes to another loop than the polls of a session that was just opened.
        Connections go to the loops in turn, and a session has two."""
        self.connect()
        return self.connect()

    def exchange(
        self, method: str, target: str, headers: http.Headers = (), body: bytes | None = None
    ) -> http.Response:
        """One request on a connection of its own."""
        return http.exchange(self.connect(), method, target, headers, body)

    def polling(self, extra: str = "", path: str = PATH) -> Polling:
        session = Polling(self, extra, path)
        self._sessions.append(session)
        return session

    def adopt(self, session) -> None:
        """Ends a session with the network: one that has `end`."""
        self._sessions.append(session)

    def open_websocket(
        self, target: str, headers: http.Headers = (), extensions: str | None = None
    ) -> EngineSocket:
        """A WebSocket, with nothing read from it."""
        return self._open_websocket(self.connect(), target, headers, extensions)

    def _open_websocket(self, connection: Connection, *what) -> EngineSocket:
        opened = websocket.open_websocket(connection, *what)
        return EngineSocket(opened.connection, opened.response)

    def websocket(self, extra: str = "") -> EngineSocket:
        """A session over WebSocket, behind its open packet."""
        client = self.open_websocket(target("websocket", extra=extra))
        packet = client.receive()
        assert packet.startswith('0{"sid":"')
        return client

    def probe(self, session: Polling) -> EngineSocket:
        """A WebSocket that asks for a polling session; with two loops it has to go to the other."""
        return self._open_websocket(self.connect_across(), target("websocket", session.sid))

    def joined(self, namespace: str = "/") -> EngineSocket:
        client = self.websocket()
        client.join(namespace)
        return client

    def assert_served(self) -> None:
        """Another client is served: over polling, and over WebSocket."""
        session = self.polling()
        session.join()
        session.post('420["a"]')
        assert session.get() == ["430[]"]
        self.joined().barrier()

    def close(self) -> None:
        for session in self._sessions:
            session.end()
        for connection in self._connections:
            connection.close()
        self._connections.clear()
        self._sessions.clear()
