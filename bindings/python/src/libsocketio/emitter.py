"""Node's emitter: functions that are added and taken back, besides the handlers of `on`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from . import exceptions

if TYPE_CHECKING:
    from ._handlers import NamespaceState
    from ._listeners import Listeners

Handler = Callable[..., Any]

__all__ = ["Emitter", "Listening"]


class Listening:
    """The listeners of a namespace, or of one client.

    They are called as handlers are, with (sid, *args), in addition to the handler;
    the reply is what the handler returns or, without one, the first result of a
    listener that is not None. "connect", which is "connection" too, "disconnect" and
    "disconnecting" can be listened to as well.

    Without a function, the methods that add one are decorators.
    """

    __slots__ = ()

    def _place(self) -> tuple[Any, NamespaceState, Listeners, bool]:
        """The server, the namespace, its listeners or a client's, and whether a client's."""
        raise NotImplementedError

    def add_listener(self, event: str, handler: Handler | None = None) -> Any:
        """Adds a function for an event, behind those that are there."""
        return self._add(event, handler)

    def prepend_listener(self, event: str, handler: Handler | None = None) -> Any:
        """Adds a function for an event, before those that are there."""
        return self._add(event, handler, first=True)

    def once(self, event: str, handler: Handler | None = None) -> Any:
        """Adds a function for the next event of that name."""
        return self._add(event, handler, once=True)

    def prepend_once_listener(self, event: str, handler: Handler | None = None) -> Any:
        """Adds a function for the next event of that name, before those that are there."""
        return self._add(event, handler, once=True, first=True)

    def off(self, event: str, handler: Handler | None = None) -> None:
        """Takes back a function for an event; without one, all of them."""
        server, state, listeners, of_client = self._place()
        if handler is None:
            self.remove_all_listeners(event)
            return
        event = _name(event, state, of_client)
        if not listeners.remove(event, handler) and not of_client:
            for handlers in (state.handlers, state.own):
                if handlers.get(event) == handler:
                    del handlers[event]
        server._heard(state)

    def remove_listener(self, event: str, handler: Handler) -> None:
        """The same as `off` with a function."""
        self.off(event, handler)

    def remove_all_listeners(self, event: str | None = None) -> None:
        """Takes back all functions for an event; without one, all but middlewares."""
        server, state, listeners, of_client = self._place()
        if event is None:
            listeners.events.clear()
            listeners.any, listeners.outgoing = [], []
            if not of_client:
                state.handlers.clear()
                state.own.clear()
        else:
            event = _name(event, state, of_client)
            listeners.events.pop(event, None)
            if not of_client:
                state.handlers.pop(event, None)
                state.own.pop(event, None)
        server._heard(state)

    def listeners(self, event: str) -> list[Handler]:
        """The functions for an event, in the order in which they are called."""
        _, state, listeners, of_client = self._place()
        event = _name(event, state, of_client)
        before, behind = (
            [one.function for one in listeners.of(event, first=first)] for first in (True, False)
        )
        handler = None if of_client else state.handlers.get(event, state.own.get(event))
        return [*before, *([] if handler is None else [handler]), *behind]

    def listener_count(self, event: str) -> int:
        """How many functions there are for an event."""
        return len(self.listeners(event))

    def event_names(self) -> list[str]:
        """The names of the events that have functions."""
        _, state, listeners, of_client = self._place()
        own = [] if of_client else [*state.handlers, *state.own]
        return list(dict.fromkeys([*own, *listeners.events]))

    # --- every event

    def prepend_any(self, handler: Handler) -> Handler:
        """Adds a function for every event, called with (event, sid, *args) before the others.

        It goes before those that are there.
        """
        return self._change("any", lambda those: [handler, *those], handler)

    def off_any(self, handler: Handler | None = None) -> None:
        """Takes back a function for every event; without one, all of them."""
        self._change("any", lambda those: _without(those, handler))

    def listeners_any(self) -> list[Handler]:
        """The functions for every event."""
        return list(self._place()[2].any)

    def prepend_any_outgoing(self, handler: Handler) -> Handler:
        """Adds a function for every event that is sent, called with (event, sid, *args).

        It goes before those that are there. For a broadcast it is called once for
        each client that it goes to.
        """
        return self._change("outgoing", lambda those: [handler, *those], handler)

    def off_any_outgoing(self, handler: Handler | None = None) -> None:
        """Takes back a function for what is sent; without one, all of them."""
        self._change("outgoing", lambda those: _without(those, handler))

    def listeners_any_outgoing(self) -> list[Handler]:
        """The functions for what is sent."""
        return list(self._place()[2].outgoing)

    def use_packet(self, middleware: Handler) -> Handler:
        """Registers a middleware for the events of clients; Node's `socket.use`.

        It is called with (sid, event, args) before anybody hears of the event.
        False, or an exception, drops it, without a reply: the handler of "error" is
        then called with (sid, exception). `args` is a list, and may be changed.
        """
        return self._change("packet", lambda those: [*those, middleware], middleware)

    # --- how

    def _add(
        self, event: str, handler: Handler | None, *, once: bool = False, first: bool = False
    ) -> Any:
        if not isinstance(event, str):
            raise TypeError(f"an event's name must be a str, not {type(event).__name__}")

        def register(handler: Handler) -> Handler:
            _check(handler)
            server, state, listeners, of_client = self._place()
            listeners.add(_name(event, state, of_client), handler, once=once, first=first)
            server._heard(state)
            return handler

        return register if handler is None else register(handler)

    def _change(
        self, name: str, change: Callable[[list[Handler]], list[Handler]], handler: Any = None
    ) -> Any:
        if handler is not None:
            _check(handler)
        server, state, listeners, of_client = self._place()
        setattr(listeners, name, change(getattr(listeners, name)))
        if of_client and name == "outgoing":
            state.hears_clients_outgoing = True
        server._heard(state)
        return handler


class Emitter(Listening):
    """All of it.

    These two are apart because a class-based namespace cannot have them: there,
    `on_any` is the handler of an event with the name "any".
    """

    __slots__ = ()

    def on_any(self, handler: Handler) -> Handler:
        """Adds a function for every event, called with (event, sid, *args) before the others."""
        return self._change("any", lambda those: [*those, handler], handler)

    def on_any_outgoing(self, handler: Handler) -> Handler:
        """Adds a function for every event that is sent, called with (event, sid, *args).

        For a broadcast it is called once for each client that it goes to.
        """
        return self._change("outgoing", lambda those: [*those, handler], handler)


def _name(event: str, state: NamespaceState, of_client: bool) -> str:
    """What a namespace calls an event."""
    return event if of_client else state.aliases.get(event, event)


def _check(handler: Any) -> None:
    if not callable(handler):
        raise exceptions.ArgumentError(f"a listener must be a function, not {handler!r}")


def _without(those: list[Handler], handler: Handler | None) -> list[Handler]:
    if handler is None:
        return []
    index = next((at for at, one in enumerate(those) if one == handler), len(those))
    return those[:index] + those[index + 1 :]
