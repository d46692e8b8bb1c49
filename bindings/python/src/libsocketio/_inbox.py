"""What has come for a simple client, until somebody receives it."""

from __future__ import annotations

from collections import deque
from typing import Any

from . import exceptions
from ._numbers import positive


class Inbox:
    """Events in order, as many as may wait."""

    def __init__(self, limit: int) -> None:
        self._limit = positive("max_received", limit)
        self._events: deque[list[Any]] = deque()
        self._overflown = False

    def __len__(self) -> int:
        return len(self._events)

    def put(self, event: list[Any]) -> bool:
        """Keeps an event. False if there is no room for it: then it, and the rest, are lost."""
        if len(self._events) >= self._limit:
            self._overflown = True
        else:
            self._events.append(event)
        return not self._overflown

    def take(self) -> list[Any] | None:
        """The next event, or None."""
        return self._events.popleft() if self._events else None

    def clear(self) -> None:
        """Begins anew."""
        self._events.clear()
        self._overflown = False

    def end(self) -> Exception:
        """What `receive` raises once nothing more will come."""
        if self._overflown:
            sentence = f"more than max_received={self._limit} events have waited to be received"
            return exceptions.LimitError(sentence)
        return exceptions.DisconnectedError("the client is disconnected")
