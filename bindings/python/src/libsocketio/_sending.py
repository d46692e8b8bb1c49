"""Sending: what emits and broadcasts become, and what is done to clients."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Callable

from ._clients import Client
from ._core import Core
from ._errors import reached
from ._handlers import NamespaceState, normalized
from ._handling import Handling
from ._library import quick
from ._native import emit_options, room_bytes
from ._outbound import DEFAULT, Delivery


class Sending(Handling):
    """The sending half of a server."""

    #: The library's side; None while the server does not listen.
    _core: Core | None
    _states: dict[str, NamespaceState]

    def _request(
        self,
        socket: Any,
        name: bytes,
        payload: bytes,
        attachments: Sequence[bytes] | None,
        timeout_ms: int,
        answered: Callable[[int, list[Any]], None],
        how: Delivery = DEFAULT,
        flags: int = 0,
    ) -> bool:
        """Sends an event and calls `answered` once. False if the client is gone: then not."""

        status = self._await_ack(
            quick.sio_emit_with_ack,
            socket,
            name,
            payload=payload,
            options=emit_options(flags, attachments, *how),
            timeout_ms=timeout_ms,
            answered=answered,
        )
        return reached(status)

    # --- clients

    def _find(self, sid: str, namespace: str | None) -> Client | None:
        """A client; None if it is not connected to the namespace."""
        state = self._states.get(normalized(namespace))
        found = (self._find_in(place, sid) for place in (state.places if state else ()))
        return next(filter(None, found), None)

    def _find_in(self, state: NamespaceState, sid: str) -> Client | None:
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
