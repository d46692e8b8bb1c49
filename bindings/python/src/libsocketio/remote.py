"""A client, as `fetch_sockets` gives it."""

from __future__ import annotations

from email.utils import formatdate
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from ._errors import reached
from ._library import quick
from ._listeners import Listeners
from ._native import room_bytes, socket_rooms
from ._outbound import DEFAULT, Buffered
from .broadcast import Broadcast, ToSocket, flat
from .emitter import Emitter

if TYPE_CHECKING:
    from ._clients import Client
    from ._handlers import NamespaceState

__all__ = ["RemoteSocket"]


class RemoteSocket(Emitter):
    """A client in a namespace: the same as its sid, with what can be done to it as methods.

    What returns nothing with a `Server` can be awaited with an `AsyncServer`. To
    do something to a client that has left has no effect, and is no error.
    """

    __slots__ = ("_client", "_server", "namespace")

    def __init__(self, server: Any, namespace: str, client: Client) -> None:
        self._server = server
        self._client = client
        #: The namespace's name.
        self.namespace = namespace

    def __repr__(self) -> str:
        return f"<RemoteSocket {self.id} in {self.namespace}>"

    @property
    def id(self) -> str:
        """The sid."""
        return self._client.sid

    #: The same as `id`.
    sid = id

    @property
    def rooms(self) -> list[str]:
        """The rooms that it is in now, its own sid among them; see `Server.rooms`."""
        rooms = socket_rooms(self._client.socket)
        if not rooms and self._is_known:
            return list(self._client.last_rooms or ())
        return rooms

    @property
    def data(self) -> dict[str, Any]:
        """What the application keeps about it; the session of `get_session`."""
        return self._client.session

    @data.setter
    def data(self, data: dict[str, Any]) -> None:
        self._client.session = data

    #: The same as `data`.
    session = data

    @property
    def environ(self) -> dict[str, Any]:
        """How it came; see `Server.get_environ`."""
        return self._client.environ

    @property
    def handshake(self) -> dict[str, Any]:
        """How it came, in Node's words: headers, query, url, address, secure, xdomain, auth, and
        when: `issued` in milliseconds since 1970, `time` for people.
        """
        environ = self.environ
        headers = {
            key[5:].lower().replace("_", "-"): value
            for key, value in environ.items()
            if key.startswith("HTTP_")
        }
        issued, auth = environ.get("libsocketio.issued", 0), environ.get("libsocketio.auth", "")
        query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        return {
            "headers": headers,
            "query": {key: values[-1] for key, values in query.items()},
            "url": environ.get("RAW_URI", ""),
            "address": environ.get("REMOTE_ADDR", ""),
            "secure": environ.get("wsgi.url_scheme") == "https",
            "xdomain": "origin" in headers,
            "issued": issued,
            "time": formatdate(issued / 1000, usegmt=True),
            "auth": self._server._codec.loads(auth) if auth else {},
        }

    @property
    def connected(self) -> bool:
        """Whether it is connected still; not in handlers of "disconnect"."""
        return self._is_known and not self._client.left

    @property
    def _is_known(self) -> bool:
        """Whether its last handler has not returned yet."""
        return self._server._find(self.id, self.namespace) is self._client

    @property
    def recovered(self) -> bool:
        """Whether it went on where it was; see the option connection_state_recovery."""
        return self._client.recovered

    @property
    def transport(self) -> str:
        """What its connection uses now; see `Server.transport`."""
        result: str = self._server.transport(self.id, self.namespace)
        return result

    @property
    def writable(self) -> bool:
        """Whether an event would leave at once; see `Server.writable`."""
        return self._server._find_writable(self._client)

    @property
    def buffered(self) -> Buffered:
        """What waits for it; see `Server.buffered`."""
        return self._server._find_buffered(self._client)

    # --- sending

    def emit(self, event: str, *args: Any, callback: Any = None) -> Any:
        """Sends it an event with any number of arguments; see `Server.emit`."""
        self._server._emit(event, args, self.id, None, self.namespace, callback, False, DEFAULT)
        return self._server._done

    def send(self, *args: Any) -> Any:
        """Sends it the event "message"."""
        return self.emit("message", *args)

    #: The same as `send`.
    write = send

    def call(self, event: str, *args: Any, timeout: float | None = 60) -> Any:
        """Sends it an event and waits for its reply; see `Server.call`."""
        return self._server.call(event, args, to=self.id, namespace=self.namespace, timeout=timeout)

    def emit_with_ack(self, event: str, *args: Any) -> Any:
        """Sends it an event and waits for its reply, as long as it stays; see `timeout`."""
        return self._itself.emit_with_ack(event, *args)

    @property
    def volatile(self) -> ToSocket[Any]:
        """An event to this client, if it can take it at this moment."""
        return self._itself.volatile

    def compress(self, compress: bool) -> ToSocket[Any]:
        """An event to this client that may be compressed on its way, or not."""
        return self._itself.compress(compress)

    def coalesce(self, key: str) -> ToSocket[Any]:
        """An event that replaces one that waits with the same key; see `Broadcast.coalesce`."""
        return self._itself.coalesce(key)

    def overflow(self, policy: str) -> ToSocket[Any]:
        """An event with a policy of its own, should the client read too slowly."""
        return self._itself.overflow(policy)

    def timeout(self, seconds: float) -> ToSocket[Any]:
        """An event to this client, whose reply has to come in time."""
        return self._itself.timeout(seconds)

    # --- to others

    @property
    def broadcast(self) -> Broadcast[Any]:
        """A broadcast to everyone in the namespace but this client."""
        return self._itself.broadcast

    def to(self, *rooms: Any) -> Broadcast[Any]:
        """A broadcast to rooms, but not to this client."""
        return self.broadcast.to(*rooms)

    #: The same as `to`.
    in_ = to

    def except_(self, *rooms: Any) -> Broadcast[Any]:
        """A broadcast to all but the clients in these rooms, or with these sids, and this one."""
        return self.broadcast.except_(*rooms)

    @property
    def local(self) -> Broadcast[Any]:
        """A broadcast to the others of this process, in a cluster."""
        return self.broadcast.local

    #: The same as `add_listener`.
    on = Emitter.add_listener

    def _place(self) -> tuple[Any, NamespaceState, Listeners, bool]:
        state = self._server._state(self.namespace)
        if self._client.listeners is None:
            self._client.listeners = Listeners()
            state.listens_to_clients = True
        return self._server, state, self._client.listeners, True

    @property
    def _itself(self) -> ToSocket[Any]:
        return ToSocket(self._server, self.namespace, self._client)

    # --- what can be done to it

    # By its handle, so that they work in a connect handler, too: before it has joined.

    def join(self, *rooms: Any) -> Any:
        """Puts it into rooms."""
        for room in flat(rooms):
            reached(quick.sio_socket_join(self._client.socket, room_bytes(room)))
        return self._server._done

    def leave(self, *rooms: Any) -> Any:
        """Takes it out of rooms."""
        for room in flat(rooms):
            reached(quick.sio_socket_leave(self._client.socket, room_bytes(room)))
        return self._server._done

    def disconnect(self, close: bool = False) -> Any:
        """Disconnects it from the namespace; with `close` its connection ends as well."""
        reached(quick.sio_socket_disconnect(self._client.socket, int(close)))
        return self._server._done
