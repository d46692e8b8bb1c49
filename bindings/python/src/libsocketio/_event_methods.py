"""Class-based namespaces, as servers and clients have them in common."""

from __future__ import annotations

from typing import Any

from ._handling import Handler
from ._table import normalized


class EventMethods:
    """A class whose `on_...` methods are the handlers of a namespace."""

    def __init__(self, namespace: str | None = None) -> None:
        self.namespace = normalized(namespace)

    def is_asyncio_based(self) -> bool:
        """Whether its methods may be coroutines."""
        return False

    def trigger_event(self, event: str, *args: Any) -> Any:
        """Calls the method of an event. Override it to do something else with all events."""
        handler = getattr(self, "on_" + event, None)
        return None if handler is None else handler(*args)

    def _handler(self, event: str) -> Handler | None:
        """The handler of an event, found once for many calls."""
        if type(self).trigger_event in _FORWARDING:
            return getattr(self, "on_" + event, None)
        trigger = self.trigger_event
        return lambda *args: trigger(event, *args)


class AsyncEventMethods(EventMethods):
    """The same, whose methods may be coroutines."""

    def is_asyncio_based(self) -> bool:
        """Whether its methods may be coroutines."""
        return True

    async def trigger_event(self, event: str, *args: Any) -> Any:
        """Calls the method of an event. Override it to do something else with all events."""
        handler = getattr(self, "on_" + event, None)
        if handler is None:
            return None
        result = handler(*args)
        return await result if hasattr(result, "__await__") else result


#: The functions `trigger_event` that do nothing but what `_handler` does sooner.
_FORWARDING: set[Any] = {EventMethods.trigger_event, AsyncEventMethods.trigger_event}
