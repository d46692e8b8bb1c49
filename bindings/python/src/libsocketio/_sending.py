"""Sending: what emits and broadcasts become, and what is done to clients."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, Callable

from . import _ffi
from ._clients import Client
from ._core import Core
from ._errors import check, reached
from ._events import NO_RELEASE, Slot, free_slot, take_slot, trampoline
from ._handlers import Handler, NamespaceState, normalized
from ._json import Codec, pack
from ._library import quick
from ._native import (
    emit_options,
    name_bytes,
    read_attachments,
    room_bytes,
    send,
    target_of,
    text_of,
)


class Sending(ABC):
    """The sending half of a server."""

    _codec: Codec
    #: The library's side; None while the server does not listen.
    _core: Core | None
    _states: dict[str, NamespaceState]

    def _emit(
        self,
        event: str,
        data: Any,
        room: Any,
        skip_sid: Any,
        namespace: str | None,
        callback: Handler | None,
        local: bool,
    ) -> None:
        """Sends an event with python-socketio's arguments."""
        state = self._states.get(namespace or "/") or self._states.get(normalized(namespace))
        name = name_bytes(event)
        payload, attachments = self._codec.encode(pack(data))
        if state is None or self._core is None:
            return
        if room.__class__ is str and skip_sid is None:
            client = state.clients.by_sid.get(room)
            if client is not None and callback is None:
                if attachments is None:
                    status = send(client.socket, name, payload)
                else:
                    options = emit_options(0, attachments)
                    text = text_of(payload)
                    status = quick.sio_emit(client.socket, name, text, options)
                if status:
                    reached(status)
                return
        rooms = _as_list(room)
        skipped = _as_list(skip_sid) or []
        if callback is not None:
            self._ask_clients(state, name, payload, attachments, rooms, skipped, callback)
            return
        flags = _ffi.SIO_EMIT_LOCAL if local else 0
        self._send_many(state, name, payload, attachments, rooms, skipped, flags)

    def _broadcast(
        self,
        namespace: str,
        event: str,
        args: Sequence[Any],
        rooms: Sequence[Any] | None,
        skipped: Sequence[Any],
        flags: int,
    ) -> None:
        """Sends an event with the chain's arguments."""
        name = name_bytes(event)
        payload, attachments = self._codec.encode(args)
        state = self._states.get(namespace)
        if state is not None and self._core is not None:
            self._send_many(state, name, payload, attachments, rooms, skipped, flags)

    def _send_many(
        self,
        state: NamespaceState,
        name: bytes,
        payload: bytes,
        attachments: Sequence[bytes] | None,
        rooms: Sequence[Any] | None,
        skipped: Sequence[Any],
        flags: int,
    ) -> None:
        """Broadcasts; `rooms` None is everyone, [] is nobody."""
        core = self._core
        if core is None or (rooms is not None and not rooms):
            return
        status = quick.sio_server_emit(
            core.server,
            state.encoded,
            target_of(rooms or (), skipped),
            name,
            text_of(payload),
            emit_options(flags, attachments),
        )
        if status:
            reached(status)

    def _ask_clients(
        self,
        state: NamespaceState,
        name: bytes,
        payload: bytes,
        attachments: Sequence[bytes] | None,
        rooms: Sequence[Any] | None,
        skipped: Sequence[Any],
        callback: Handler,
    ) -> None:
        """Sends an event to clients one by one, each with a callback for its reply."""
        if rooms is None:
            raise ValueError("an emit with a callback needs a client or a room: give `to`")

        def answered(status: int, args: list[Any]) -> None:
            if status == _ffi.SIO_OK:
                self._call_back(callback, args)

        asked: set[int] = set()
        for room in rooms:
            one = state.clients.by_sid.get(room)
            asked.update([one.handle] if one else self._handles(state, room))
        for room in skipped:
            asked.difference_update(self._handles(state, room))
        for handle in asked:
            socket = _ffi.sio_socket(handle)
            self._request(socket, name, payload, attachments, 0, answered)

    def _reply(self, ack: int, result: Any) -> None:
        """Replies to an event with what its handler returned."""
        payload, attachments = self._codec.encode(pack(result))
        options = emit_options(0, attachments)
        status = quick.sio_reply(_ffi.sio_ack(ack), text_of(payload), options)
        if status:
            reached(status)

    def _arguments(self, view: Any) -> list[Any]:
        """The arguments of an event."""
        text = view.args
        if not text:
            return []
        if view.attachment_count:
            result: list[Any] = self._codec.decode(text, read_attachments(view))
        else:
            result = self._codec.loads(text.decode())
        return result

    @abstractmethod
    def _guarded(self, slot: Slot) -> Slot:
        """A slot whose exceptions are dealt with."""

    @abstractmethod
    def _call_back(self, callback: Handler, args: list[Any]) -> None:
        """Calls the callback of an emit with the arguments of the reply."""

    def _request(
        self,
        socket: Any,
        name: bytes,
        payload: bytes,
        attachments: Sequence[bytes] | None,
        timeout_ms: int,
        answered: Callable[[int, list[Any]], None],
    ) -> bool:
        """Sends an event and calls `answered` once. False if the client is gone: then not."""

        def ack(view: Any) -> None:
            free_slot(number)
            status = view.status
            answered(status, self._arguments(view) if status == _ffi.SIO_OK else [])

        number = take_slot(self._guarded(ack))
        status = quick.sio_emit_with_ack(
            socket,
            name,
            text_of(payload),
            emit_options(0, attachments),
            timeout_ms,
            trampoline,
            number,
            NO_RELEASE,
        )
        if status:
            free_slot(number)
        return reached(status)

    # --- clients

    def _find(self, sid: str, namespace: str | None) -> Client | None:
        """A client; None if it is not connected to the namespace."""
        state = self._states.get(normalized(namespace))
        if state is None:
            return None
        client = state.clients.by_sid.get(sid)
        if client is not None or self._core is None:
            return client
        # The library knows a client a moment before its connection event is
        # handled here, and somebody may have the sid from the client itself.
        handle = self._core.socket(state.encoded, room_bytes(sid))
        if handle is None:
            return None
        client = state.clients.adopt(sid, handle)
        if self._core.socket(state.encoded, room_bytes(sid)) is None:
            state.clients.remove(client)  # it left, perhaps before it was adopted
            return None
        return client

    def _get(self, sid: str, namespace: str | None) -> Client:
        """A client; KeyError if it is not connected to the namespace."""
        client = self._find(sid, namespace)
        if client is None:
            raise KeyError(f"no client {sid!r} is connected to {normalized(namespace)!r}")
        return client

    def _handles(self, state: NamespaceState, room: Any) -> Iterable[int]:
        """The handles of the clients of a namespace, or of one of its rooms."""
        if self._core is None:
            return []
        return self._core.sockets(state.encoded, None if room is None else room_bytes(room))

    def _enter_room(self, sid: str, room: Any, namespace: str | None) -> None:
        client = self._find(sid, namespace)
        if client is None:
            raise ValueError("sid is not connected to requested namespace")
        reached(quick.sio_socket_join(client.socket, room_bytes(room)))

    def _leave_room(self, sid: str, room: Any, namespace: str | None) -> None:
        client = self._find(sid, namespace)
        if client is not None:
            reached(quick.sio_socket_leave(client.socket, room_bytes(room)))

    def _close_room(self, room: Any, namespace: str | None) -> None:
        state = self._states.get(normalized(namespace))
        if state is not None and self._core is not None:
            check(quick.sio_server_close_room(self._core.server, state.encoded, room_bytes(room)))

    def _disconnect(self, sid: str, namespace: str | None, close: bool) -> None:
        client = self._find(sid, namespace)
        if client is not None:
            reached(quick.sio_socket_disconnect(client.socket, int(close)))

    def _disconnect_many(
        self,
        namespace: str,
        rooms: Sequence[Any] | None,
        skipped: Sequence[Any],
        close: bool,
    ) -> None:
        state = self._states.get(namespace)
        if state is None or self._core is None or (rooms is not None and not rooms):
            return
        target = target_of(rooms or (), skipped)
        reached(quick.sio_server_disconnect(self._core.server, state.encoded, target, int(close)))


def _as_list(value: Any) -> Sequence[Any] | None:
    """Rooms as python-socketio takes them: one, or several in a list; None for none."""
    if value is None or value == "":
        return None
    if isinstance(value, (list, tuple, set, frozenset)):
        return list(value)
    return [value]
