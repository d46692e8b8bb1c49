"""Hearing of what else happens: what is sent, rooms, clients that are about to leave.

The library is asked for it once somebody wants to hear of it: the first two cost
something for every event, and for every change of a room.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from ._core import Core
from ._events import Slot
from ._handlers import NamespaceState
from ._namespaces import Namespaces
from ._native import read_view
from .conn import EVENTS


class Hearing(Namespaces):
    """The part of a server that hears of what else happens."""

    def _heard(self, state: NamespaceState) -> None:
        """Takes note that what somebody wants to hear of has changed in a namespace."""
        state.changed()
        self._ask(state)

    def _ask(self, state: NamespaceState, core: Core | None = None) -> None:
        super()._ask(state, core)
        core = core or self._core
        if core is None or state is self._any:
            return
        # A child's events come from its parent.
        place = state.parents[0] if state.is_child else state
        for function, wanted, flags, slot in (
            ("sio_server_on_disconnecting", state.hears_of_ends, (), self._disconnecting),
            ("sio_server_on_any_outgoing", state.hears_outgoing, (0,), self._outgoing),
            ("sio_server_on_room", state.hears_of_rooms, (), self._room),
            *((EVENTS[one], state.hears_of(one), (), partial(self._conn, one)) for one in EVENTS),
        ):
            if wanted and function not in place.heard:
                place.heard.add(function)
                core.on(function, place.encoded, *flags, slot=self._of_namespace(slot))

    def _of_namespace(self, slot: Any) -> Slot:
        def heard(view: Any) -> None:
            state = self._states.get(view.nsp.decode())
            if state is not None:
                slot(state, view)

        return self._guarded(heard)

    def _disconnecting(self, state: NamespaceState, view: Any) -> None:
        client = state.clients.by_handle.get(view.socket)
        if client is None or not client.joined:
            return
        client.last_rooms = self._codec.loads(view.args.decode())
        handler = state.end_handler("disconnecting")
        if handler is not None:
            details = read_view(view.details, view.details_length)
            self._call_back(handler, [client.sid, view.reason.decode(), details])

    def _conn(self, event: str, state: NamespaceState, view: Any) -> None:
        client = self._client(state, view.socket)
        if client is None:
            return
        for place, before in ((state, ()), *((parent, (state.name,)) for parent in state.parents)):
            for handler in list(place.connections.get(event, ())):
                self._call_back(handler, [*before, client.sid])

    def _outgoing(self, state: NamespaceState, view: Any) -> None:
        client = self._client(state, view.socket)
        if client is None:
            return
        args = [view.name.decode(), client.sid, *self._arguments(view)]
        for listeners, before in state.places_of(client):
            for function in listeners.outgoing:
                self._call_back(partial(function, args[0], *before), args[1:])

    def _room(self, state: NamespaceState, view: Any) -> None:
        event, room = view.name.decode(), view.room.decode()
        args = [room]
        if event in ("join-room", "leave-room"):
            client = self._client(state, view.socket)
            if client is None:
                return
            args.append(client.sid)
        for place, before in ((state, ()), *((parent, (state.name,)) for parent in state.parents)):
            for handler in list(place.rooms.get(event, ())):
                self._call_back(handler, [*before, *args])
