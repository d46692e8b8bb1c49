"""What a program has a server do to its clients, by their sids: python-socketio's methods."""

from __future__ import annotations

from typing import Any, Callable, Generic, TypeVar

from ._broadcasting import Broadcasting
from ._errors import check, reached
from ._handlers import normalized
from ._json import pack
from ._library import quick
from ._native import room_bytes
from ._numbers import milliseconds
from ._outbound import delivery

R = TypeVar("R")


class Commands(Broadcasting, Generic[R]):
    """The methods that wait for nothing; and for `call`, what comes before the waiting."""

    #: What functions without a result return.
    _done: R

    # --- sending

    def emit(
        self,
        event: str,
        data: Any = None,
        to: Any = None,
        room: Any = None,
        skip_sid: Any = None,
        namespace: str | None = None,
        callback: Callable[..., Any] | None = None,
        ignore_queue: bool = False,
        coalesce_key: str | None = None,
        overflow: str | None = None,
    ) -> R:
        """Sends an event to a client, to rooms, or to everyone.

        `data` is what JSON can say, with bytes at any depth; a tuple is several
        arguments, None is none. `to` (or `room`) is a sid, a room, or a list of
        rooms; without it everyone in the namespace gets the event. `skip_sid`
        is a sid, or a list of sids, that do not. `callback` is called with the
        arguments of the reply of each client; it needs `to`. `ignore_queue`
        keeps the event in this process, in a cluster. With a `coalesce_key` it takes
        the place of an event with the same key that still waits for the same client.
        `overflow` says what becomes of it if too much waits for a client, in place of
        the server's option.

        It is on its way when this returns; with an `AsyncServer` that may be awaited,
        or not, and the callback may be a coroutine. That nobody gets it is no error: the
        client is gone, nobody is in the room, there is no such namespace, or
        the server does not listen yet or was shut down.
        """
        whom, how = room if to is None else to, delivery(coalesce_key, overflow)
        self._emit(event, data, whom, skip_sid, namespace, callback, ignore_queue, how)
        return self._done

    def send(
        self,
        data: Any,
        to: Any = None,
        room: Any = None,
        skip_sid: Any = None,
        namespace: str | None = None,
        callback: Callable[..., Any] | None = None,
        ignore_queue: bool = False,
    ) -> R:
        """Sends the event "message"; see `emit`."""
        return self.emit("message", data, to, room, skip_sid, namespace, callback, ignore_queue)

    def _call(
        self,
        event: str,
        data: Any,
        to: str | None,
        sid: str | None,
        namespace: str | None,
        timeout: float | None,
    ) -> Any:
        """What `call` returns, or awaits."""
        recipient = to if to is not None else sid
        if recipient is None:
            raise ValueError("call() needs one client: give its sid as `to`")
        timeout_ms = 0 if timeout is None else milliseconds("timeout", timeout)
        client = self._find(recipient, namespace)
        return self._ask_one(client, recipient, event, pack(data), timeout_ms)

    # --- clients

    def enter_room(self, sid: str, room: Any, namespace: str | None = None) -> R:
        """Puts a client into a room; the room begins to exist with its first client."""
        client = self._find(sid, namespace)
        if client is None:
            raise ValueError("sid is not connected to requested namespace")
        reached(quick.sio_socket_join(client.socket, room_bytes(room)))
        return self._done

    def leave_room(self, sid: str, room: Any, namespace: str | None = None) -> R:
        """Takes a client out of a room."""
        client = self._find(sid, namespace)
        if client is not None:
            reached(quick.sio_socket_leave(client.socket, room_bytes(room)))
        return self._done

    def close_room(self, room: Any, namespace: str | None = None) -> R:
        """Takes all clients out of a room."""
        state = self._states.get(normalized(namespace))
        if state is not None and self._core is not None:
            check(quick.sio_server_close_room(self._core.server, state.encoded, room_bytes(room)))
        return self._done

    def disconnect(
        self,
        sid: str,
        namespace: str | None = None,
        ignore_queue: bool = False,
        *,
        close: bool = False,
    ) -> R:
        """Disconnects a client from a namespace; with `close` its connection ends as well.

        What was emitted before is sent first. The disconnect handler is called.
        """
        client = self._find(sid, namespace)
        if client is not None:
            reached(quick.sio_socket_disconnect(client.socket, int(close)))
        return self._done

    def save_session(self, sid: str, session: dict[str, Any], namespace: str | None = None) -> R:
        """Keeps something about a client as long as it is connected."""
        self._get(sid, namespace).session = session
        return self._done
