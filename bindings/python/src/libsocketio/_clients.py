"""Who is connected: sids (of Python's users) and handles (of the library)."""

from __future__ import annotations

from typing import Any

from . import _ffi
from ._environ import build_environ
from ._listeners import Listeners
from ._native import socket_id
from ._recovery import Sessions, recovered


class Client:
    """One client in one namespace."""

    __slots__ = (
        "_environ",
        "handle",
        "joined",
        "last_rooms",
        "left",
        "listeners",
        "recovered",
        "recovery_failure",
        "session",
        "sid",
        "socket",
    )

    def __init__(self, sid: str, handle: int) -> None:
        self.sid = sid
        self.handle = handle
        #: The handle as the library's functions take it.
        self.socket = _ffi.sio_socket(handle)
        #: Whether the library said that it has joined.
        self.joined = False
        #: Whether its disconnect handlers have been called: those of before find it connected.
        self.left = False
        #: What the application keeps about the client.
        self.session: dict[str, Any] = {}
        self._environ: dict[str, Any] | None = None
        #: Functions that hear of its events, if there are any.
        self.listeners: Listeners | None = None
        #: The rooms that it was in when it left.
        self.last_rooms: list[str] | None = None
        #: Whether it went on where it was, and why it could not, if it wanted to.
        self.recovered = False
        self.recovery_failure = ""

    @property
    def environ(self) -> dict[str, Any]:
        """How the client came; made when it is first asked for."""
        if self._environ is None:
            self._environ = build_environ(self.socket)
            self._environ["libsocketio.recovered"] = self.recovered
            if self.recovery_failure:
                self._environ["libsocketio.recovery_failure"] = self.recovery_failure
        return self._environ


class Clients:
    """The clients of one namespace, from the connect request to the end of disconnect."""

    __slots__ = ("_admitted", "_namespace", "_sweep_at", "by_handle", "by_sid", "sessions")

    _SWEEP = 64

    def __init__(self, namespace: str, sessions: Sessions | None = None) -> None:
        self._namespace = namespace
        #: Of the clients of the server that may come back; None if nobody can.
        self.sessions = sessions
        self.by_sid: dict[str, Client] = {}
        self.by_handle: dict[int, Client] = {}
        self._admitted: set[Client] = set()
        self._sweep_at = self._SWEEP

    def add(self, handle: int) -> Client | None:
        """A new client; None if it is gone already."""
        sid = socket_id(_ffi.sio_socket(handle))
        if sid is None:
            return None
        return self.adopt(sid, handle)

    def adopt(self, sid: str, handle: int) -> Client:
        """The client with this sid and handle; a new one if it was not known."""
        # setdefault, because a thread may ask for a client that is just connecting.
        made = Client(sid, handle)
        client = self.by_handle.setdefault(handle, made)
        before = self.by_sid.get(sid)
        self.by_sid[sid] = client
        if client is made and self.sessions is not None and recovered(client.socket):
            client.recovered = True
            session = self.sessions.take(self._namespace, sid)
            # Its end may not have been told yet.
            client.session = before.session if session is None and before else session or {}
        return client

    def admit(self, client: Client) -> None:
        """Notes that a client was accepted, and that its connection event must follow.

        It does not follow if the client left in between; such clients are swept
        out from time to time.
        """
        if client.joined:
            return
        self._admitted.add(client)
        if len(self._admitted) >= self._sweep_at:
            for other in list(self._admitted):
                if socket_id(other.socket) is None:
                    self.remove(other)
            self._sweep_at = 2 * len(self._admitted) + self._SWEEP

    def join(self, handle: int) -> Client | None:
        """Notes that a client has joined."""
        client = self.by_handle.get(handle) or self.add(handle)
        if client is not None:
            client.joined = True
            self._admitted.discard(client)
        return client

    def leave(self, handle: int) -> Client | None:
        """Takes out the handle of a client that has left. Its sid stays until `remove`."""
        client = self.by_handle.pop(handle, None)
        if client is not None:
            self._admitted.discard(client)
        return client

    def remove(self, client: Client) -> None:
        """Forgets a client."""
        self.by_handle.pop(client.handle, None)
        # One of Socket.IO 2 that has joined again has the sid that it had before.
        if self.by_sid.get(client.sid) is client:
            del self.by_sid[client.sid]
        self._admitted.discard(client)
