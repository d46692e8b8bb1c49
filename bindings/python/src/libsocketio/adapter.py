"""The rooms of a namespace, and who hears of them: `io.of("/chat").adapter`."""

from __future__ import annotations

from typing import Any, Callable

__all__ = ["Adapter"]

_EVENTS = ("create-room", "join-room", "leave-room", "delete-room")


class Adapter:
    """The rooms of a namespace, in Node's words."""

    __slots__ = ("_namespace", "_server")

    def __init__(self, server: Any, namespace: str) -> None:
        self._server = server
        self._namespace = namespace

    @property
    def rooms(self) -> dict[str, set[str]]:
        """The sids of the clients in each room, as they are now; each sid is a room, too."""
        rooms: dict[str, set[str]] = {}
        for sid, joined in self.sids.items():
            for room in joined:
                rooms.setdefault(room, set()).add(sid)
        return rooms

    @property
    def sids(self) -> dict[str, set[str]]:
        """The rooms of each client, as they are now."""
        server, namespace = self._server, self._namespace
        return {sid: set(server.rooms(sid, namespace)) for sid in server.sockets(None, namespace)}

    def on(self, event: str, handler: Callable[..., Any] | None = None) -> Any:
        """Calls a function for "create-room" and "delete-room" with (room), for "join-room" and
        "leave-room" with (room, sid). A client's own room, which has its sid as
        its name, is one of them. Without a function it is a decorator.

        A room's beginning is told once, and so is its end, however many threads
        change it. The events of one client come in their order, as far as one
        thread makes the changes. With several event loops (`threads`) those of
        different clients come in any: a second client's "join-room" may come before
        the "create-room" of the first.
        """
        if event not in _EVENTS:
            raise ValueError(f"the events of rooms are {', '.join(_EVENTS)}, not {event!r}")

        def register(handler: Callable[..., Any]) -> Callable[..., Any]:
            state = self._server._state(self._namespace)
            state.rooms.setdefault(event, []).append(handler)
            self._server._heard(state)
            return handler

        return register if handler is None else register(handler)

    def off(self, event: str, handler: Callable[..., Any]) -> None:
        """Takes back a function of `on`."""
        handlers = self._server._state(self._namespace).rooms.get(event, [])
        if handler in handlers:
            handlers.remove(handler)
