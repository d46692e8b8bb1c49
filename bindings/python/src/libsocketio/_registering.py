"""Registering handlers, as servers and clients do it; and where they log."""

from __future__ import annotations

import logging
from typing import Any, Protocol, TypeVar, overload

from ._events import log
from ._handling import Handler
from ._options import Logger

H = TypeVar("H", bound=Handler)


class Decorator(Protocol):
    """Registers a function, and gives it back."""

    def __call__(self, handler: H, /) -> H: ...


class Registering:
    """The part that does not depend on who is at the other end."""

    def is_asyncio_based(self) -> bool:
        """Whether handlers may be coroutines."""
        raise NotImplementedError

    @overload
    def event(self, handler: H) -> H: ...

    @overload
    def event(self, handler: None = None, namespace: str | None = None) -> Decorator: ...

    def event(self, handler: Handler | None = None, namespace: str | None = None) -> Any:
        """Registers a handler under its own name: `@io.event`, `@io.event(namespace="/chat")`."""

        def register(handler: Handler) -> Handler:
            return self.on(handler.__name__, handler, namespace)  # type: ignore[attr-defined, no-any-return]

        return register if handler is None else register(handler)


def logger_of(logger: Logger, engineio_logger: Logger) -> tuple[Any, int]:
    """The logger, and the level down to which the library's own log is wanted.

    python-socketio has two; here there is one, which is the first that is given.
    """
    option = logger or engineio_logger
    if not isinstance(option, bool):
        return option, option.getEffectiveLevel()
    if option:
        if log.level == logging.NOTSET:
            log.setLevel(logging.INFO)
        if not log.hasHandlers():
            log.addHandler(logging.StreamHandler())
        return log, log.getEffectiveLevel()
    return log, logging.ERROR
