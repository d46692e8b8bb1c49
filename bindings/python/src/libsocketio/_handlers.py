"""What the application registered, and which of it an event is for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Callable, ClassVar, Optional

from . import exceptions
from ._clients import Client, Clients
from ._handling import NO_REPLY, Handler
from ._listeners import Listener, Listeners, Steps
from ._table import ANY, UNHANDLED, Table, normalized, taking

if TYPE_CHECKING:
    from ._recovery import Sessions

__all__ = ["ANY", "UNHANDLED", "Handler", "NamespaceState", "normalized"]

#: Why a client is refused: `message`, and perhaps `data`. None: it is not.
Refusal = Optional[dict[str, Any]]


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


class NamespaceState(Table):
    """A namespace: its handlers and its clients."""

    lifecycle = ("connect", "disconnect", "disconnecting")
    aliases: ClassVar[dict[str, str]] = {"connection": "connect"}

    def __init__(
        self,
        name: str,
        prepare: Callable[[Handler], Any],
        run: Callable[[Steps], Any],
        sessions: Sessions | None = None,
    ) -> None:
        super().__init__(name, prepare, run)
        self.clients = Clients(name, sessions)
        #: Whether a client has listeners of its own, or had.
        self.listens_to_clients = False
        #: The same for what is sent.
        self.hears_clients_outgoing = False
        #: Who hears of rooms, by the event.
        self.rooms: dict[str, list[Handler]] = {}
        #: Who hears of connections, by the event.
        self.connections: dict[str, list[Handler]] = {}
        #: Who hears of what other servers send, by the event.
        self.server_side: dict[str, Handler] = {}
        #: The library's functions that tell what is heard of.
        self.heard: set[str] = set()
        self.middleware: list[Handler] = []
        #: Whether clients have asked for it.
        self.is_child = False

    def belong(self, parent: NamespaceState) -> None:
        """Is a child of a parent, whose handlers go before those of all namespaces."""
        if parent not in self.parents:
            self.parents.insert(0, parent)
            parent.heirs[self.name] = self
            self.changed()

    def disinherit(self) -> None:
        """Ends what `inherit` began."""
        for parent in self.parents:
            parent.heirs.pop(self.name, None)

    # --- listeners

    def places_of(self, client: Client | None) -> list[tuple[Listeners, tuple[str, ...]]]:
        """Whose listeners hear of a client, and what these get first."""
        own = client.listeners if client is not None else None
        inherited = [(parent.listeners, (self.name,)) for parent in self.parents]
        places: list[tuple[Listeners, tuple[str, ...]]] = [] if own is None else [(own, ())]
        return [*places, (self.listeners, ()), *inherited]

    def _listens(self, event: str) -> bool:
        places = self.places_of(None)
        return self.listens_to_clients or any(place.hears(event) for place, _ in places)

    def _heard_by_all(self, event: str, handler: Handler | None, *args: Any) -> Any:
        sid, *rest = args
        return self._run(self._message_steps(event, handler, sid, rest))

    def _message_steps(
        self, event: str, handler: Handler | None, sid: str, args: list[Any]
    ) -> Steps:
        """Packet middlewares, then those who hear of every event, then those of this one."""
        places = self.places_of(self.clients.by_sid.get(sid))
        for place, before in places:
            for middleware in place.packet:
                failure = None
                try:
                    if (yield partial(middleware, *before, sid, event, args)) is False:
                        failure = exceptions.SocketIOError(f"{event!r} was refused")
                except Exception as raised:
                    failure = raised
                if failure is not None:
                    yield from self._refused(sid, failure)
                    return NO_REPLY
        for place, before in places:
            for function in place.any:
                yield partial(function, event, *before, sid, *args)
        return (yield from self._steps(event, handler, places, (sid, *args)))

    def _refused(self, sid: str, failure: Exception) -> Steps:
        handler = self._find("error")
        if handler is None:
            raise failure
        yield partial(handler, sid, failure)

    def _steps(
        self,
        event: str,
        handler: Handler | None,
        places: list[tuple[Listeners, tuple[str, ...]]],
        args: tuple[Any, ...],
    ) -> Steps:
        """The listeners and the handler of an event; the handler has the say."""
        heard = None
        for place, before in places:
            said = yield from place.calls(event, before, args, first=True)
            heard = said if heard is None else heard
        result = None
        if handler is not None:
            result = yield partial(handler, *args)
        for place, before in places:
            said = yield from place.calls(event, before, args, first=False)
            heard = said if heard is None else heard
        return heard if result is None else result

    def end_handler(self, event: str) -> Handler | None:
        """Who is told that a client leaves, or has left: called with (sid, reason, details)."""
        handler = self._find(event)
        # Those of python-socketio know no details.
        handler = None if handler is None else taking(handler, 3, 1, several=2, extra=["details"])
        if not self._listens(event):
            return handler

        def call(sid: str, reason: str, details: str) -> Any:
            places = self.places_of(self.clients.by_sid.get(sid))
            detailed = None if handler is None else lambda *args: handler(*args, details)
            return self._run(self._steps(event, detailed, places, (sid, reason)))

        return call

    @property
    def hears_of_ends(self) -> bool:
        """Whether somebody hears of clients that leave."""
        ends = ("disconnecting", "disconnect")
        return any(self._find(event) or self._listens(event) for event in ends)

    @property
    def hears_outgoing(self) -> bool:
        """Whether somebody hears of what is sent."""
        return self.hears_clients_outgoing or any(
            place.outgoing for place, _ in self.places_of(None)
        )

    @property
    def hears_of_rooms(self) -> bool:
        """Whether somebody hears of rooms."""
        return any(any(place.rooms.values()) for place in (self, *self.parents))

    def hears_of(self, event: str) -> bool:
        """Whether somebody hears of an event of connections."""
        return any(place.connections.get(event) for place in (self, *self.parents))

    def connect_steps(self, *, middlewares: bool = True) -> list[Handler]:
        """Who is asked whether a client may join: called with (sid, environ, auth)."""
        steps: list[Handler] = []
        if middlewares:
            steps += [
                taking(partial(step, self.name), 3, 2)
                for parent in reversed(self.parents)
                for step in parent.middleware
            ]
            steps += [taking(step, 3, 2) for step in self.middleware]
        handler = self._find("connect")
        if handler is not None:
            steps.append(taking(handler, 3, 2))
        for place, before in self.places_of(None):
            for listener in place.events.get("connect", ()):
                steps.append(_connect_step(place, listener, before))
        return steps

    @property
    def places(self) -> list[NamespaceState]:
        """The namespaces that it stands for: itself."""
        return [self]

    @property
    def audiences(self) -> list[NamespaceState]:
        """What the library has to be told for what is sent here: itself."""
        return [self]

    @property
    def asks(self) -> bool:
        """Whether clients have to be let in by somebody."""
        return bool(self.connect_steps())

    @property
    def is_bare(self) -> bool:
        """Whether it has no clients, and no handlers of its own."""
        mine = self.handlers or self.middleware or self.instance or self.rooms or self.connections
        mine = mine or self.server_side
        mine = mine or self.listeners.events or self.listeners.any or self.listeners.packet
        return not (mine or self.clients.by_sid)


def _connect_step(place: Listeners, listener: Listener, before: tuple[str, ...]) -> Handler:
    function = taking(partial(listener.function, *before), 3, 2)

    def step(*args: Any) -> Any:
        return function(*args) if place.take("connect", listener) else None

    return step
