"""Functions that hear of events besides the handlers: of a namespace, or of one client."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import Any, Callable

Function = Callable[..., Any]

#: Calls to make, one after the other: each is yielded, and its result sent back.
Steps = Generator[Callable[[], Any], Any, Any]


class Listener:
    """A function that hears of an event."""

    __slots__ = ("first", "function", "once")

    def __init__(self, function: Function, once: bool, first: bool) -> None:
        self.function = function
        self.once = once
        self.first = first


class Listeners:
    """The functions of one place."""

    def __init__(self) -> None:
        self.events: dict[str, list[Listener]] = {}
        #: Called for every event.
        self.any: list[Function] = []
        #: Called for every event that is sent.
        self.outgoing: list[Function] = []
        #: Asked about every event before anybody hears of it.
        self.packet: list[Function] = []

    def add(self, event: str, function: Function, *, once: bool, first: bool) -> None:
        """Adds a function for an event, before or behind those that are there."""
        listener = Listener(function, once, first)
        # Copied, since another thread may be going through the list.
        rest = self.events.get(event, [])
        self.events[event] = [listener, *rest] if first else [*rest, listener]

    def of(self, event: str, *, first: bool) -> list[Listener]:
        """Those for an event that go before the handler, or behind it."""
        return [one for one in self.events.get(event, ()) if one.first is first]

    def remove(self, event: str, function: Function) -> bool:
        """Takes back the function that was added last; False if there is none."""
        rest = self.events.get(event, [])
        for index in range(len(rest) - 1, -1, -1):
            if rest[index].function == function:
                self._set(event, rest[:index] + rest[index + 1 :])
                return True
        return False

    def take(self, event: str, listener: Listener) -> bool:
        """Whether a listener is to be called: one that hears once, only if it has not."""
        if not listener.once:
            return True
        rest = self.events.get(event, [])
        if listener not in rest:
            return False
        self._set(event, [one for one in rest if one is not listener])
        return True

    def _set(self, event: str, rest: list[Listener]) -> None:
        if rest:
            self.events[event] = rest
        else:
            self.events.pop(event, None)

    def hears(self, event: str) -> bool:
        """Whether somebody hears of an event."""
        return bool(self.any or self.packet or self.events.get(event))

    def calls(self, event: str, before: tuple[Any, ...], args: Any, *, first: bool) -> Steps:
        """Calls those for an event; the result is the first that is not None."""
        result = None
        for listener in self.of(event, first=first):
            if self.take(event, listener):
                said = yield partial(listener.function, *before, *args)
                result = said if result is None else result
        return result
