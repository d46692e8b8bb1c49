"""What the application registered, and which of it an event is for."""

from __future__ import annotations

import inspect
from functools import partial
from typing import TYPE_CHECKING, Any, Callable, Optional

from . import exceptions
from ._clients import Clients
from ._native import name_bytes

if TYPE_CHECKING:
    from .namespace import BaseNamespace

Handler = Callable[..., Any]

#: Events of the server itself.
LIFECYCLE = ("connect", "disconnect")

#: In a table of handlers: nobody handles this event.
UNHANDLED: Any = object()

#: Why a client is refused: `message`, and perhaps `data`. None: it is not.
Refusal = Optional[dict[str, Any]]


def normalized(namespace: str | None) -> str:
    """A namespace's name: "/" for none, and a slash in front of the others."""
    if not namespace:
        return "/"
    if namespace == "*":
        raise exceptions.BadNamespaceError(
            "the catch-all namespace '*' is not supported: register in each namespace"
        )
    return namespace if namespace[0] == "/" else "/" + namespace


def taking(handler: Handler, most: int, least: int) -> Handler:
    """The handler, callable with `most` arguments even if it takes only `least` of them.

    python-socketio's handlers may leave out the last one: connect its auth,
    disconnect its reason.
    """
    try:
        parameters = inspect.signature(handler).parameters.values()
    except (TypeError, ValueError):  # no signature: something written in C
        return handler
    count = 0
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            return handler
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            count += 1
    if count >= most:
        return handler
    kept = max(count, least)
    return lambda *args: handler(*args[:kept])


def refusal_of(error: BaseException) -> Refusal:
    """The refusal that an exception of a connect handler stands for, if it is one."""
    if isinstance(error, exceptions.ConnectionRefusedError):
        return error.error_args
    if isinstance(error, ConnectionRefusedError):
        return {"message": "Connection refused by server"}
    return None


def rejected() -> dict[str, Any]:
    """The refusal without a word about why."""
    return exceptions.ConnectionRefusedError().error_args


class NamespaceState:
    """A namespace: its handlers and its clients."""

    # A client chooses the names that it sends, so what is remembered about
    # names needs an end.
    _RESOLVED = 1024

    def __init__(self, name: str, prepare: Callable[[Handler], Any]) -> None:
        self.name = name
        self._prepare = prepare
        self.encoded = name_bytes(name)
        self.clients = Clients()
        self.handlers: dict[str, Handler] = {}
        self.middleware: list[Handler] = []
        self.instance: BaseNamespace | None = None
        #: Prepared handlers by the bytes of the event's name, as far as they were needed yet.
        self.resolved: dict[bytes, Any] = {}

    def set_handler(self, event: str, handler: Handler) -> None:
        """Registers the handler of an event; replaces the one before."""
        if not isinstance(event, str):
            raise TypeError(f"an event's name must be a str, not {type(event).__name__}")
        if not callable(handler):
            raise TypeError(f"the handler of {event!r} cannot be called: {handler!r}")
        self.handlers[event] = handler
        self.resolved.clear()

    def set_instance(self, instance: BaseNamespace) -> None:
        """Registers a class-based namespace; replaces the one before."""
        self.instance = instance
        self.resolved.clear()

    def resolve(self, name: bytes) -> Any:
        """The prepared handler for an event's name, called with (sid, *args), or UNHANDLED."""
        event = name.decode("utf-8", "replace")
        handler = None if event in LIFECYCLE else self._find(event)
        if len(self.resolved) >= self._RESOLVED:
            self.resolved.clear()
        prepared = UNHANDLED if handler is None else self._prepare(handler)
        self.resolved[name] = prepared
        return prepared

    def _find(self, event: str) -> Handler | None:
        handler = self.handlers.get(event)
        if handler is not None:
            return handler
        if "*" in self.handlers and event not in LIFECYCLE:
            return partial(self.handlers["*"], event)
        if self.instance is not None:
            return self.instance._handler(event)
        return None

    def connect_steps(self) -> list[Handler]:
        """Who is asked whether a client may join: called with (sid, environ, auth)."""
        steps = [taking(step, 3, 2) for step in self.middleware]
        handler = self._find("connect")
        if handler is not None:
            steps.append(taking(handler, 3, 2))
        return steps

    def disconnect_handler(self) -> Handler | None:
        """Who is told that a client has left: called with (sid, reason)."""
        handler = self._find("disconnect")
        return None if handler is None else taking(handler, 2, 1)

    @property
    def asks(self) -> bool:
        """Whether clients have to be let in by somebody."""
        return bool(self.middleware) or self._find("connect") is not None
