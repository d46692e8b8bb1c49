"""What the servers of a cluster say to each other; as yet each is alone in its own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import partial
from typing import Any, Callable

from . import _ffi, exceptions
from ._core import Core
from ._errors import check, error
from ._events import NO_RELEASE, free_slot, take_slot, trampoline
from ._handlers import Handler, NamespaceState, normalized
from ._hearing import Hearing
from ._library import lib
from ._native import emit_options, name_bytes, text_of
from ._numbers import milliseconds

#: Events that every server has for itself.
_OWN = ("connect", "connection", "new_namespace")


class Cluster(Hearing):
    """The part of a server that has to do with other servers."""

    def on_server_side(
        self, event: str, handler: Handler | None = None, namespace: str | None = None
    ) -> Any:
        """Registers a function for an event that another server of the cluster sends.

        It is called with the event's arguments; in namespaces of a pattern or a
        function, the namespace goes before them. A second one for the same event
        replaces the first. Without a function it is a decorator.
        """

        if event in _OWN:
            raise exceptions.ReservedNameError(f"{event!r} is an event of the server's own")

        def register(handler: Handler) -> Handler:
            state = self._state(normalized(namespace))
            state.server_side[event] = handler
            self._ask(state)
            return handler

        return register if handler is None else register(handler)

    def _ask(self, state: NamespaceState, core: Core | None = None) -> None:
        super()._ask(state, core)
        core = core or self._core
        if core is None or state is self._any:
            return
        for event in state.server_side:
            key = f"server side {event}"
            if key not in state.heard:
                slot = self._of_namespace(partial(self._heard_server_side, event))
                core.on("sio_server_on_server_side", state.encoded, name_bytes(event), slot=slot)
                state.heard.add(key)

    def _heard_server_side(self, event: str, state: NamespaceState, view: Any) -> None:
        args = self._arguments(view)
        for place, before in ((state, ()), *((parent, (state.name,)) for parent in state.parents)):
            handler = place.server_side.get(event)
            if handler is not None:
                self._call_back(handler, [*before, *args])

    def _side_emit(self, namespace: str, event: str, args: Sequence[Any]) -> None:
        """Sends an event to the other servers."""
        whom = self._servers(namespace, event, args)
        if whom is not None:
            check(lib.sio_server_side_emit(*whom))

    @abstractmethod
    def _ask_servers(self, namespace: str, event: str, args: Sequence[Any], timeout: float) -> Any:
        """Sends an event to the other servers, and waits for their replies."""

    def _side_ask(
        self,
        namespace: str,
        event: str,
        args: Sequence[Any],
        timeout: float,
        ended: Callable[[int, list[Any]], None],
    ) -> bool:
        """Calls `ended` with the replies of the other servers; False if there is nothing to ask."""
        timeout_ms = milliseconds("timeout", timeout)
        whom = self._servers(namespace, event, args)
        if whom is None:
            return False

        def answered(view: Any) -> None:
            free_slot(number)
            ended(view.status, self._arguments(view) if view.args else [])

        number = take_slot(self._guarded(answered))
        status = lib.sio_server_side_emit_with_ack(
            *whom, timeout_ms, trampoline, number, NO_RELEASE
        )
        if status != _ffi.SIO_OK:
            free_slot(number)
            raise error(status)
        return True

    def _servers(self, namespace: str, event: str, args: Sequence[Any]) -> Any:
        """The first arguments of the library's functions; None if the server does not listen."""
        name = name_bytes(event)
        payload, attachments = self._codec.encode(args)
        state = self._states.get(normalized(namespace))
        if self._core is None or state is None:
            return None
        options = emit_options(0, attachments)
        return self._core.server, state.encoded, name, text_of(payload), options


def replies(status: int, values: list[Any]) -> list[Any]:
    """What `server_side_emit_with_ack` returns, or raises."""
    if status == _ffi.SIO_OK:
        return values
    raise error(status, "not all servers have replied")
