"""What a client tells of its connection, as Node's `socket.io` does."""

from __future__ import annotations

from typing import Any, Callable, NamedTuple

Handler = Callable[..., Any]

EVENTS = (
    "open",
    "close",
    "error",
    "ping",
    "packet",
    "reconnect_attempt",
    "reconnect",
    "reconnect_error",
    "reconnect_failed",
    "upgrade",
    "drain",
)


class Packet(NamedTuple):
    """A packet from the server."""

    #: "CONNECT", "DISCONNECT", "EVENT", "ACK" or "CONNECT_ERROR".
    type: str
    nsp: str
    #: Of an event the list of its name and arguments, of a reply that of its arguments.
    data: Any
    #: The number of the reply that an event asks for, or that this is.
    id: int | None


class Manager:
    """Hears of attempts to connect again, and of the connection.

    ::

        @client.manager.on("reconnect_attempt")
        def attempt(number): ...

    "reconnect_attempt" and "reconnect" are called with the number of the attempt, counted
    from 1, "reconnect_error" with a `ConnectionError`, "reconnect_failed", after the last
    one, with nothing.

    "open" is called when the connection that the namespaces share is there, with nothing;
    "close" when it is gone, with (reason, details); "error" when it could not be made, for
    the first time or again, with a `ConnectionError`. "ping" is the server's half of a
    heartbeat. "packet" gets a `Packet` for every packet from the server, before it is
    delivered: it costs time, and is there to look for errors.

    "upgrade" is called when the connection has moved from polling to WebSocket, "drain" when
    all that waited for the server has left: in POSTs that it has answered, or as fast as it
    has read; what waits for a moment only is not told of. Both get nothing.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._handlers: dict[str, list[Handler]] = {}
        #: Called when somebody has begun to listen.
        self._changed = changed

    def on(self, event: str, handler: Handler | None = None) -> Any:
        """Adds a function for an event, as a decorator or a call."""
        if event not in EVENTS:
            raise ValueError(f"the events of a manager are {', '.join(EVENTS)}, not {event!r}")

        def register(handler: Handler) -> Handler:
            if not callable(handler):
                raise TypeError(f"the handler of {event!r} cannot be called: {handler!r}")
            self._handlers[event] = [*self._handlers.get(event, ()), handler]
            self._changed()
            return handler

        return register if handler is None else register(handler)

    def off(self, event: str, handler: Handler | None = None) -> None:
        """Takes back a function for an event; without one, all of them."""
        rest = [one for one in self._handlers.get(event, ()) if handler and one != handler]
        self._handlers[event] = rest

    def handlers(self, event: str) -> list[Handler]:
        """The functions for an event."""
        return self._handlers.get(event, [])
