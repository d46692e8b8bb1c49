"""What happens to the connections of a namespace's clients: `io.of("/chat").conn`."""

from __future__ import annotations

from typing import Any, Callable

__all__ = ["Conn"]

#: By the event: the function of the library that tells of it.
EVENTS = {"drain": "sio_server_on_drain", "upgrade": "sio_server_on_upgrade"}


class Conn:
    """The connections of a namespace's clients, in the words of Node's `socket.conn`."""

    __slots__ = ("_namespace", "_server")

    def __init__(self, server: Any, namespace: str) -> None:
        self._server = server
        self._namespace = namespace

    def on(self, event: str, handler: Callable[..., Any] | None = None) -> Any:
        """Calls a function with (sid): for "upgrade" when a client that has joined moves from
        polling to WebSocket; those that join later came over WebSocket. For "drain"
        when all that waited for a client has left: for its next poll, or until it had
        read what was sent before, see `Server.buffered`; more may wait by then, and
        what waits for a moment only is not told of. In namespaces of a pattern or a
        function, and in "*", the namespace goes before the sid. Without a function it
        is a decorator.
        """
        if event not in EVENTS:
            raise ValueError(f"the events of connections are {', '.join(EVENTS)}, not {event!r}")

        def register(handler: Callable[..., Any]) -> Callable[..., Any]:
            state = self._server._state(self._namespace)
            state.connections.setdefault(event, []).append(handler)
            self._server._heard(state)
            return handler

        return register if handler is None else register(handler)

    def off(self, event: str, handler: Callable[..., Any]) -> None:
        """Takes back a function of `on`."""
        handlers = self._server._state(self._namespace).connections.get(event, [])
        if handler in handlers:
            handlers.remove(handler)
