"""Node's chain: `io.of("/chat").to("room").except_(sid).volatile.emit("event", data)`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Callable, Generic, TypeVar

from . import _ffi
from ._native import name_bytes, target_of
from ._numbers import milliseconds
from ._outbound import DEFAULT, Delivery
from ._outbound import policy as policy_number
from .adapter import Adapter
from .conn import Conn
from .emitter import Emitter

if TYPE_CHECKING:
    from ._base import BaseServer
    from ._clients import Client
    from ._handlers import Handler, NamespaceState
    from ._listeners import Listeners

__all__ = ["Broadcast", "NamespaceChain"]

R = TypeVar("R")


def flat(rooms: tuple[Any, ...]) -> tuple[Any, ...]:
    """Rooms given one by one, or as lists."""
    result: list[Any] = []
    for room in rooms:
        if isinstance(room, Iterable) and not isinstance(room, str):
            result.extend(room)
        else:
            result.append(room)
    return tuple(result)


class Broadcast(Generic[R]):
    """Whom an emit goes to. Immutable: every step gives another one.

    A client's sid is a room, too: its own.
    """

    __slots__ = ("_flags", "_how", "_namespace", "_rooms", "_server", "_skipped", "_timeout_ms")

    def __init__(
        self,
        server: BaseServer[R],
        namespace: str,
        rooms: tuple[Any, ...] | None = None,
        skipped: tuple[Any, ...] = (),
        flags: int = 0,
        timeout_ms: int = 0,
        how: Delivery = DEFAULT,
    ) -> None:
        self._server = server
        self._namespace = namespace
        self._rooms = rooms
        self._skipped = skipped
        self._flags = flags
        self._timeout_ms = timeout_ms
        self._how = how

    def to(self, *rooms: Any) -> Broadcast[R]:
        """To the clients in these rooms, and in those named before; to each once."""
        return self._but(rooms=(self._rooms or ()) + flat(rooms))

    #: The same as `to`.
    in_ = to

    def except_(self, *rooms: Any) -> Broadcast[R]:
        """But not to the clients in these rooms, or with these sids."""
        return self._but(skipped=self._skipped + flat(rooms))

    @property
    def volatile(self) -> Broadcast[R]:
        """Only to clients that can take it at this moment."""
        return self._flagged(_ffi.SIO_EMIT_VOLATILE)

    def compress(self, compress: bool) -> Broadcast[R]:
        """Whether it may be compressed on its way, as the server's options say."""
        if not compress:
            return self._flagged(_ffi.SIO_EMIT_NO_COMPRESS)
        return self._but(flags=self._flags & ~_ffi.SIO_EMIT_NO_COMPRESS)

    def coalesce(self, key: str) -> Broadcast[R]:
        """In the place of an event with this key that still waits for the same client.

        A client that reads slowly so gets the latest price, say, and not all those
        before it. The key has 256 bytes at the most.
        """
        return self._but(how=self._how._replace(key=name_bytes(key)))

    def overflow(self, policy: str) -> Broadcast[R]:
        """What becomes of it if too much waits for a client; see the option `overflow`."""
        return self._but(how=self._how._replace(overflow=policy_number(policy)))

    @property
    def local(self) -> Broadcast[R]:
        """Only to clients of this process, in a cluster."""
        return self._flagged(_ffi.SIO_EMIT_LOCAL)

    def timeout(self, seconds: float) -> Broadcast[R]:
        """How long to wait for replies; without it, as long as the clients stay."""
        return self._but(timeout_ms=milliseconds("timeout", seconds))

    def emit(self, event: str, *args: Any, callback: Handler | None = None) -> R:
        """Sends an event with any number of arguments.

        `callback` is called with the arguments of the reply of each client.
        """
        if callback is None:
            self._server._broadcast(self, event, args)
        else:
            self._server._ask_each(self, event, args, callback)
        return self._server._done

    def emit_with_ack(self, event: str, *args: Any) -> Any:
        """Sends an event, waits for the replies of all clients, and returns them as a list.

        A reply is None if it has no argument, the argument, or a tuple of several;
        they are in the order in which they came. With an `AsyncServer` it is a
        coroutine.

        Raises TimeoutError if somebody has not replied in time, and
        NoReplyError, which is a TimeoutError, if somebody has left before:
        `replies` of the exception are those that came, `silent` the sids of the
        others.
        """
        return self._server._ask_all(self, event, args)

    def call(self, event: str, *args: Any) -> Any:
        """The same as `emit_with_ack`."""
        return self.emit_with_ack(event, *args)

    def send(self, *args: Any) -> R:
        """Sends the event "message"."""
        return self.emit("message", *args)

    #: The same as `send`.
    write = send

    def sockets_join(self, *rooms: Any) -> R:
        """Puts the clients into rooms.

        Raises LimitError if some are in max_rooms_per_socket already: they stay out, the
        others are in.
        """
        self._server._change_rooms(self, "sio_server_sockets_join", flat(rooms))
        return self._server._done

    def sockets_leave(self, *rooms: Any) -> R:
        """Takes the clients out of rooms."""
        self._server._change_rooms(self, "sio_server_sockets_leave", flat(rooms))
        return self._server._done

    def fetch_sockets(self) -> Any:
        """The clients, as a list of `RemoteSocket`; with an `AsyncServer` to be awaited."""
        return self._server._result(self._server._fetch(self))

    def clients(self, fn: Callable[[Any, list[str]], Any]) -> Broadcast[R]:
        """Calls `fn(None, sids)` with the sids of the clients, as in Socket.IO 2."""
        fn(None, [socket.id for socket in self._server._fetch(self)])
        return self

    def disconnect_sockets(self, close: bool = False) -> R:
        """Disconnects the clients; with `close` their connections end as well."""
        self._server._disconnect_many(self, close)
        return self._server._done

    def _flagged(self, flag: int) -> Broadcast[R]:
        return self._but(flags=self._flags | flag)

    def _but(
        self,
        rooms: tuple[Any, ...] | None = None,
        skipped: tuple[Any, ...] | None = None,
        flags: int | None = None,
        timeout_ms: int | None = None,
        how: Delivery | None = None,
    ) -> Broadcast[R]:
        """The same with something else."""
        return Broadcast(
            self._server,
            self._namespace,
            self._rooms if rooms is None else rooms,
            self._skipped if skipped is None else skipped,
            self._flags if flags is None else flags,
            self._timeout_ms if timeout_ms is None else timeout_ms,
            self._how if how is None else how,
        )

    @property
    def _target(self) -> Any:
        """The same as the library has it."""
        return target_of(self._rooms or (), self._skipped)

    @property
    def _is_nobody(self) -> bool:
        """Whether it is for rooms, of which none was named."""
        return self._rooms is not None and not self._rooms


class ToSocket(Broadcast[R]):
    """An event to one client, with a word about how, as Node's `socket.volatile` and the like.

    Whom else it goes to makes it a broadcast to the others: `socket.volatile.to("room")`
    leaves the client out.
    """

    __slots__ = ("_client",)

    def __init__(
        self,
        server: BaseServer[R],
        namespace: str,
        client: Client,
        flags: int = 0,
        timeout_ms: int = 0,
        how: Delivery = DEFAULT,
    ) -> None:
        super().__init__(server, namespace, (client.sid,), (), flags, timeout_ms, how)
        self._client = client

    @property
    def broadcast(self) -> Broadcast[R]:
        """A broadcast to everyone in the namespace but this client."""
        return Broadcast(
            self._server,
            self._namespace,
            None,
            (self._client.sid,),
            self._flags,
            self._timeout_ms,
            self._how,
        )

    def to(self, *rooms: Any) -> Broadcast[R]:
        """A broadcast to the others in these rooms."""
        return self.broadcast.to(*rooms)

    #: The same as `to`.
    in_ = to

    def except_(self, *rooms: Any) -> Broadcast[R]:
        """A broadcast to the others, but not to those in these rooms, or with these sids."""
        return self.broadcast.except_(*rooms)

    @property
    def local(self) -> Broadcast[R]:
        """A broadcast to the others of this process, in a cluster."""
        return self.broadcast.local

    def emit(self, event: str, *args: Any, callback: Handler | None = None) -> R:
        """Sends the client an event with any number of arguments.

        `callback` is called with the arguments of its reply.
        """
        self._server._emit_one(self, event, args, callback)
        return self._server._done

    def emit_with_ack(self, event: str, *args: Any) -> Any:
        """Sends the client an event, waits for its reply, and returns that; see `Server.call`."""
        client, timeout_ms = self._client, self._timeout_ms
        return self._server._ask_one(
            client, client.sid, event, args, timeout_ms, self._how, self._flags
        )

    def _but(
        self,
        rooms: tuple[Any, ...] | None = None,
        skipped: tuple[Any, ...] | None = None,
        flags: int | None = None,
        timeout_ms: int | None = None,
        how: Delivery | None = None,
    ) -> ToSocket[R]:
        return ToSocket(
            self._server,
            self._namespace,
            self._client,
            self._flags if flags is None else flags,
            self._timeout_ms if timeout_ms is None else timeout_ms,
            self._how if how is None else how,
        )


class NamespaceChain(Broadcast[R], Emitter):
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

    @property
    def adapter(self) -> Adapter:
        """The rooms of this namespace, and who hears of them."""
        return Adapter(self._server, self._namespace)

    def server_side_emit(self, event: str, *args: Any) -> R:
        """Sends an event to the other servers of the cluster; see `Server.server_side_emit`."""
        self._server._side_emit(self._namespace, event, args)
        return self._server._done

    def server_side_emit_with_ack(self, event: str, *args: Any, timeout: float = 5) -> Any:
        """The same with replies; see `Server.server_side_emit_with_ack`."""
        return self._server._ask_servers(self._namespace, event, args, timeout)

    def on_server_side(self, event: str, handler: Any = None) -> Any:
        """Registers a function for what another server sends; see `Server.on_server_side`."""
        return self._server.on_server_side(event, handler, namespace=self._namespace)

    @property
    def conn(self) -> Conn:
        """The connections of this namespace's clients."""
        return Conn(self._server, self._namespace)

    def _place(self) -> tuple[Any, NamespaceState, Listeners, bool]:
        state = self._server._state(self._namespace)
        return self._server, state, state.listeners, False

    def sockets(self, room: Any = None) -> list[str]:
        """The sids of the clients in this namespace, or in one of its rooms."""
        return self._server.sockets(room, namespace=self._namespace)
