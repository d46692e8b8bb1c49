"""What a client knows of a namespace: handlers, and whether it has joined it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from . import exceptions
from ._handling import Handler
from ._listeners import Listeners, Steps
from ._table import Table, taking, without_offset

if TYPE_CHECKING:
    from ._client_core import ClientCore


class ClientState(Table):
    """A namespace of a client.

    Its handlers stay; the rest is of the latest connection that was to join it. Events of
    one before that, which may still be on its way out, change nothing here.
    """

    #: The last one is python-socketio's name for the end of it all.
    lifecycle = ("connect", "connect_error", "disconnect", "__disconnect_final")

    #: The connection that all this is of.
    core: ClientCore | None = None
    #: The id of the client there; None while it is not connected.
    sid: str | None = None
    #: Whether the last connection went on where the one before was.
    recovered = False
    #: Whether it will be joined, without anybody's doing.
    pending = False
    #: Whether it was left, and the event of that has not come.
    leaving = False
    #: Whether it was joined, since it was asked for.
    was_joined = False
    #: Why it was not joined, if that is decided.
    failure: exceptions.ConnectionError | None = None
    #: Why the latest attempt to join it has failed.
    latest_failure: exceptions.ConnectionError | None = None
    #: Whether events have an offset behind their arguments: the server keeps a session.
    has_offsets = False
    #: What is heard of what is sent.
    hears_outgoing = False

    def begin(self, core: ClientCore) -> None:
        """Is about to be joined."""
        self.leaving = self.leaving and self.core is core
        self.core, self.sid, self.failure, self.latest_failure = core, None, None, None
        self.recovered, self.pending, self.was_joined = False, True, False

    def end(self) -> None:
        """Is not joined, and will not be."""
        self.sid, self.pending, self.leaving = None, False, False

    def expect_offsets(self, they_come: bool) -> None:
        """Whether events will have an offset from now on."""
        if they_come != self.has_offsets:
            self.has_offsets = they_come
            self.changed()

    @property
    def decided(self) -> bool:
        """Whether it was joined, or is certain not to be."""
        return self.was_joined or self.failure is not None or not self.pending

    @property
    def is_used(self) -> bool:
        """Whether somebody hears of what happens there."""
        listeners = self.listeners
        return bool(self.handlers or self.instance or listeners.events or listeners.any)

    def life_handler(self, event: str, args: tuple[Any, ...]) -> Handler | None:
        """Who is told of an event of the connection, called without arguments."""
        handler = self._find(event)
        if not self._listens(event):
            if handler is None:
                return None
            return partial(_life(event, handler, args), *args)
        return partial(self._run, self._steps(event, handler, args))

    def places_of(self, client: None = None) -> list[tuple[Listeners, tuple[str, ...]]]:
        """Whose listeners hear of an event, and what these get first."""
        return [
            (self.listeners, ()),
            *((parent.listeners, (self.name,)) for parent in self.parents),
        ]

    def _find(self, event: str) -> Handler | None:
        handler = super()._find(event)
        if handler is None or not self.has_offsets or event in self.lifecycle:
            return handler
        return without_offset(handler)

    def _listens(self, event: str) -> bool:
        return any(place.hears(event) for place, _ in self.places_of())

    def _heard_by_all(self, event: str, handler: Handler | None, *args: Any) -> Any:
        return self._run(self._message_steps(event, handler, args))

    def _message_steps(self, event: str, handler: Handler | None, args: tuple[Any, ...]) -> Steps:
        for place, before in self.places_of():
            for function in place.any:
                yield partial(function, event, *before, *args)
        return (yield from self._steps(event, handler, args))

    def _steps(self, event: str, handler: Handler | None, args: tuple[Any, ...]) -> Steps:
        """The listeners and the handler of an event; the handler has the say."""
        heard = None
        for place, before in self.places_of():
            said = yield from place.calls(event, before, args, first=True)
            heard = said if heard is None else heard
        result = None
        if handler is not None:
            if event in self.lifecycle:
                handler = _life(event, handler, args)
            result = yield partial(handler, *args)
        for place, before in self.places_of():
            said = yield from place.calls(event, before, args, first=False)
            heard = said if heard is None else heard
        return heard if result is None else result


def _life(event: str, handler: Handler, args: tuple[Any, ...]) -> Handler:
    """A handler of the connection, called with as many of the arguments as it takes."""
    extra = ["details"] if event == "disconnect" else []
    return taking(handler, len(args), 0, several=1, extra=extra)
