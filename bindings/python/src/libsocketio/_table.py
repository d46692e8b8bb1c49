"""What the application registered for a namespace: of a server, or of a client."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Callable

from ._handling import Handler
from ._listeners import Listeners, Steps
from ._native import name_bytes

if TYPE_CHECKING:
    from ._event_methods import EventMethods

#: Every event, and every namespace.
ANY = "*"

#: In a table of handlers: nobody handles this event.
UNHANDLED: Any = object()


def normalized(namespace: str | None) -> str:
    """A namespace's name: "/" for none, and a slash in front of the others but "*"."""
    if not namespace:
        return "/"
    return namespace if namespace[0] == "/" or namespace == ANY else "/" + namespace


def taking(
    handler: Handler,
    most: int,
    least: int,
    several: int | None = None,
    extra: Sequence[str] = (),
) -> Handler:
    """The handler, callable with `most` arguments even if it takes only `least` of them.

    python-socketio's handlers may leave out the last one: connect its auth,
    disconnect its reason. One with `*args` gets `several`, or all. `extra` names the last
    arguments, which python-socketio does not have: what a parameter has as a default stays
    there, unless it has that name.
    """
    try:
        parameters = inspect.signature(handler).parameters.values()
    except (TypeError, ValueError):  # no signature: something written in C
        return handler
    count = 0
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            if several is None or count > several:
                return handler
            return lambda *args: handler(*args[:several])
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            has_default = parameter.default is not parameter.empty
            if has_default and count >= most - len(extra) and parameter.name not in extra:
                break
            count += 1
    if count >= most:
        return handler
    kept = max(count, least)
    return lambda *args: handler(*args[:kept])


def without_offset(handler: Handler) -> Handler:
    """The handler, callable with an offset behind what it takes.

    Servers with connection state recovery add one to most events. Functions of JavaScript
    do not mind; here only those with `*args` get it.
    """
    try:
        parameters = inspect.signature(handler).parameters.values()
    except (TypeError, ValueError):
        return handler
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
        return handler
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    most = sum(parameter.kind in positional for parameter in parameters)

    def taken(args: tuple[Any, ...]) -> tuple[Any, ...]:
        return args[:-1] if len(args) == most + 1 and isinstance(args[-1], str) else args

    if inspect.iscoroutinefunction(handler):

        async def awaited(*args: Any) -> Any:
            return await handler(*taken(args))

        return awaited
    return lambda *args: handler(*taken(args))


class Table:
    """The handlers of a namespace, and those that it inherits."""

    # The other side chooses the names that it sends, so what is remembered about
    # names needs an end.
    _RESOLVED = 1024

    #: Events that are not messages; "*" is not for them.
    lifecycle: tuple[str, ...] = ()
    #: Other names of events, and those that they have here.
    aliases: Mapping[str, str] = {}

    def __init__(
        self, name: str, prepare: Callable[[Handler], Any], run: Callable[[Steps], Any]
    ) -> None:
        self.name = name
        self._prepare = prepare
        self._run = run
        self.encoded = name_bytes(name)
        self.handlers: dict[str, Handler] = {}
        #: Handlers of what no other side sends: events of the server itself.
        self.own: dict[str, Handler] = {}
        self.listeners = Listeners()
        self.instance: EventMethods | None = None
        #: Whose handlers it has for what it has none of its own.
        self.parents: list[Any] = []
        #: Who has those of this one.
        self.heirs: dict[str, Any] = {}
        #: Prepared handlers by the bytes of the event's name, as far as they were needed yet.
        self.resolved: dict[bytes, Any] = {}

    def set_handler(self, event: str, handler: Handler) -> None:
        """Registers the handler of an event; replaces the one before."""
        if not isinstance(event, str):
            raise TypeError(f"an event's name must be a str, not {type(event).__name__}")
        if not callable(handler):
            raise TypeError(f"the handler of {event!r} cannot be called: {handler!r}")
        self.handlers[event] = handler
        self.changed()

    def set_instance(self, instance: EventMethods) -> None:
        """Registers a class-based namespace; replaces the one before."""
        self.instance = instance
        self.changed()

    def changed(self) -> None:
        """Forgets what was resolved, here and in those that inherit."""
        self.resolved.clear()
        for heir in list(self.heirs.values()):
            heir.changed()

    def inherit(self, parent: Any) -> None:
        """Has the handlers of a parent from now on, too."""
        self.parents.append(parent)
        parent.heirs[self.name] = self

    def resolve(self, name: bytes) -> Any:
        """The prepared handler for an event's name, or UNHANDLED."""
        event = name.decode("utf-8", "replace")
        handler = None
        if event not in self.lifecycle:
            handler = self._find(event)
            if self._listens(event):
                handler = partial(self._heard_by_all, event, handler)
        if len(self.resolved) >= self._RESOLVED:
            self.resolved.clear()
        prepared = UNHANDLED if handler is None else self._prepare(handler)
        self.resolved[name] = prepared
        return prepared

    def _listens(self, event: str) -> bool:
        raise NotImplementedError

    def _heard_by_all(self, event: str, handler: Handler | None, *args: Any) -> Any:
        raise NotImplementedError

    def _find(self, event: str) -> Handler | None:
        handler = self._function(event)
        for parent in self.parents:
            handler = handler or parent._function(event, self.name)
        if handler is None and self.instance is not None:
            handler = self.instance._handler(event)
        for parent in self.parents:
            if handler is None and parent.instance is not None:
                inherited = parent.instance._handler(event)
                handler = None if inherited is None else partial(inherited, self.name)
        return handler

    def _function(self, event: str, *before: str) -> Handler | None:
        """The function registered for an event, or for all, with what it gets first."""
        handler = self.handlers.get(event)
        if handler is None and event not in self.lifecycle:
            handler = self.handlers.get(ANY)
            before = (event, *before)
        return partial(handler, *before) if handler and before else handler
