"""Node's chain: `io.of("/chat").to("room").except_(sid).volatile.emit("event", data)`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Callable, Generic, TypeVar

from . import _ffi

if TYPE_CHECKING:
    from ._base import BaseServer
    from ._handlers import Handler

__all__ = ["Broadcast", "NamespaceChain"]

R = TypeVar("R")


def _rooms(rooms: tuple[Any, ...]) -> tuple[Any, ...]:
    """Rooms given one by one, or as lists."""
    flat: list[Any] = []
    for room in rooms:
        if isinstance(room, Iterable) and not isinstance(room, str):
            flat.extend(room)
        else:
            flat.append(room)
    return tuple(flat)


class Broadcast(Generic[R]):
    """Whom an emit goes to. Immutable: every step gives another one.

    A client's sid is a room, too: its own.
    """

    __slots__ = ("_flags", "_namespace", "_rooms", "_server", "_skipped")

    def __init__(
        self,
        server: BaseServer[R],
        namespace: str,
        rooms: tuple[Any, ...] | None = None,
        skipped: tuple[Any, ...] = (),
        flags: int = 0,
    ) -> None:
        self._server = server
        self._namespace = namespace
        self._rooms = rooms
        self._skipped = skipped
        self._flags = flags

    def to(self, *rooms: Any) -> Broadcast[R]:
        """To the clients in these rooms, and in those named before; to each once."""
        return Broadcast(
            self._server,
            self._namespace,
            (self._rooms or ()) + _rooms(rooms),
            self._skipped,
            self._flags,
        )

    #: The same as `to`.
    in_ = to

    def except_(self, *rooms: Any) -> Broadcast[R]:
        """But not to the clients in these rooms, or with these sids."""
        return Broadcast(
            self._server,
            self._namespace,
            self._rooms,
            self._skipped + _rooms(rooms),
            self._flags,
        )

    @property
    def volatile(self) -> Broadcast[R]:
        """Only to clients that can take it at this moment."""
        return self._flagged(_ffi.SIO_EMIT_VOLATILE)

    def compress(self, compress: bool) -> Broadcast[R]:
        """Whether it may be compressed on its way, as the server's options say."""
        if not compress:
            return self._flagged(_ffi.SIO_EMIT_NO_COMPRESS)
        flags = self._flags & ~_ffi.SIO_EMIT_NO_COMPRESS
        return Broadcast(self._server, self._namespace, self._rooms, self._skipped, flags)

    @property
    def local(self) -> Broadcast[R]:
        """Only to clients of this process, in a cluster."""
        return self._flagged(_ffi.SIO_EMIT_LOCAL)

    def emit(self, event: str, *args: Any) -> R:
        """Sends an event with any number of arguments."""
        self._server._broadcast(
            self._namespace, event, args, self._rooms, self._skipped, self._flags
        )
        return self._server._done

    def send(self, *args: Any) -> R:
        """Sends the event "message"."""
        return self.emit("message", *args)

    def disconnect_sockets(self, close: bool = False) -> R:
        """Disconnects the clients; with `close` their connections end as well."""
        self._server._disconnect_many(self._namespace, self._rooms, self._skipped, close)
        return self._server._done

    def _flagged(self, flag: int) -> Broadcast[R]:
        return Broadcast(
            self._server, self._namespace, self._rooms, self._skipped, self._flags | flag
        )


class NamespaceChain(Broadcast[R]):
    """A namespace, as `io.of("/chat")` gives it: handlers go in, broadcasts come out."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """The namespace's name."""
        return self._namespace

    def on(self, event: str, handler: Any = None) -> Any:
        """Registers a handler in this namespace; see `Server.on`."""
        return self._server.on(event, handler, namespace=self._namespace)

    def use(self, middleware: Handler) -> Handler:
        """Registers a middleware in this namespace; see `Server.use`."""
        return self._server.use(middleware, namespace=self._namespace)

    def event(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """Registers a handler under its own name; see `Server.event`."""
        self._server.on(handler.__name__, handler, namespace=self._namespace)
        return handler

    def sockets(self, room: Any = None) -> list[str]:
        """The sids of the clients in this namespace, or in one of its rooms."""
        return self._server.sockets(room, namespace=self._namespace)
