"""Class-based namespaces: a class whose `on_...` methods are the handlers."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Callable, TypeVar

from ._chain import Chain
from ._event_methods import AsyncEventMethods, EventMethods
from ._handling import Handler
from .adapter import Adapter
from .broadcast import Broadcast
from .conn import Conn
from .emitter import Listening

if TYPE_CHECKING:
    from ._handlers import NamespaceState
    from ._listeners import Listeners
    from ._outbound import Buffered
    from ._ready import Ready
    from .aio import AsyncServer
    from .remote import RemoteSocket
    from .server import Server
    from .session import AsyncSession, Session

__all__ = ["AsyncNamespace", "BaseNamespace", "Namespace"]

R = TypeVar("R")


class BaseNamespace(EventMethods, Chain[R], Listening):
    """What the two kinds have in common.

    Derive from `Namespace` or `AsyncNamespace`.
    """

    server: Any = None

    def _set_server(self, server: Any) -> None:
        self.server = server

    def _handler(self, event: str) -> Handler | None:
        if event == "disconnecting":  # python-socketio's trigger_event does not get that
            return getattr(self, "on_disconnecting", None)
        return super()._handler(event)

    def rooms(self, sid: str, namespace: str | None = None) -> list[str]:
        """The rooms of a client; see `Server.rooms`."""
        result: list[str] = self.server.rooms(sid, namespace or self.namespace)
        return result

    def sockets(self, room: Any = None, namespace: str | None = None) -> list[str]:
        """The sids of all clients, or of those in a room; see `Server.sockets`."""
        result: list[str] = self.server.sockets(room, namespace or self.namespace)
        return result

    def get_socket(self, sid: str, namespace: str | None = None) -> RemoteSocket | None:
        """A client as an object; see `Server.get_socket`."""
        result: RemoteSocket | None = self.server.get_socket(sid, namespace or self.namespace)
        return result

    def transport(self, sid: str, namespace: str | None = None) -> str:
        """What a client's connection uses now; see `Server.transport`."""
        result: str = self.server.transport(sid, namespace or self.namespace)
        return result

    def get_environ(self, sid: str, namespace: str | None = None) -> dict[str, Any] | None:
        """How a client came; see `Server.get_environ`."""
        result: dict[str, Any] | None = self.server.get_environ(sid, namespace or self.namespace)
        return result

    def recovered(self, sid: str, namespace: str | None = None) -> bool:
        """Whether a client went on where it was; see `Server.recovered`."""
        result: bool = self.server.recovered(sid, namespace or self.namespace)
        return result

    def writable(self, sid: str, namespace: str | None = None) -> bool:
        """Whether an event would leave at once; see `Server.writable`."""
        result: bool = self.server.writable(sid, namespace or self.namespace)
        return result

    def buffered(self, sid: str, namespace: str | None = None) -> Buffered:
        """What waits for a client; see `Server.buffered`."""
        result: Buffered = self.server.buffered(sid, namespace or self.namespace)
        return result

    # --- registering, besides the methods

    def on(self, event: str, handler: Any = None, namespace: str | None = None) -> Any:
        """Registers a handler, which goes before the method; see `Server.on`."""
        return self.server.on(event, handler, namespace or self.namespace)

    def event(self, handler: Any = None, namespace: str | None = None) -> Any:
        """Registers a handler under its own name; see `Server.event`."""
        return self.server.event(handler, namespace or self.namespace)

    def use(self, middleware: Handler, namespace: str | None = None) -> Handler:
        """Registers a middleware, which is asked before `on_connect`; see `Server.use`."""
        result: Handler = self.server.use(middleware, namespace or self.namespace)
        return result

    @cached_property  # which a program may set to something of its own
    def adapter(self) -> Adapter:
        """The rooms, and who hears of them."""
        return Adapter(self.server, self.namespace)

    @cached_property
    def conn(self) -> Conn:
        """The connections of the clients."""
        return Conn(self.server, self.namespace)

    @property
    def _everyone(self) -> Broadcast[R]:
        return Broadcast(self.server, self.namespace)

    def _place(self) -> tuple[Any, NamespaceState, Listeners, bool]:
        state = self.server._state(self.namespace)
        return self.server, state, state.listeners, False


class Namespace(BaseNamespace[None]):
    """The handlers of a namespace of a `Server`, as methods.

    ::

        class Chat(libsocketio.Namespace):
            def on_connect(self, sid, environ): ...

            def on_message(self, sid, data):
                self.emit("message", data, skip_sid=sid)

        io.register_namespace(Chat("/chat"))

    Its other methods are the server's, in this namespace unless another is named;
    `once`, `off` and the like are those of `server.of(namespace)`, which has also
    those that would be handlers here: `on_any`, `on_any_outgoing`, `on_server_side`.
    """

    server: Server

    def emit(
        self,
        event: str,
        data: Any = None,
        to: Any = None,
        room: Any = None,
        skip_sid: Any = None,
        namespace: str | None = None,
        callback: Callable[..., Any] | None = None,
        ignore_queue: bool = False,
        coalesce_key: str | None = None,
        overflow: str | None = None,
    ) -> None:
        """Sends an event; see `Server.emit`."""
        self.server.emit(
            event,
            data,
            to,
            room,
            skip_sid,
            namespace or self.namespace,
            callback,
            ignore_queue,
            coalesce_key,
            overflow,
        )

    def send(
        self,
        data: Any,
        to: Any = None,
        room: Any = None,
        skip_sid: Any = None,
        namespace: str | None = None,
        callback: Callable[..., Any] | None = None,
        ignore_queue: bool = False,
    ) -> None:
        """Sends the event "message"; see `Server.emit`."""
        self.emit("message", data, to, room, skip_sid, namespace, callback, ignore_queue)

    def call(
        self,
        event: str,
        data: Any = None,
        to: str | None = None,
        sid: str | None = None,
        namespace: str | None = None,
        timeout: float | None = None,
        ignore_queue: bool = False,
    ) -> Any:
        """Sends an event and waits for the reply; see `Server.call`."""
        return self.server.call(
            event, data, to, sid, namespace or self.namespace, timeout, ignore_queue
        )

    def enter_room(self, sid: str, room: Any, namespace: str | None = None) -> None:
        """Puts a client into a room; see `Server.enter_room`."""
        self.server.enter_room(sid, room, namespace or self.namespace)

    def leave_room(self, sid: str, room: Any, namespace: str | None = None) -> None:
        """Takes a client out of a room; see `Server.leave_room`."""
        self.server.leave_room(sid, room, namespace or self.namespace)

    def close_room(self, room: Any, namespace: str | None = None) -> None:
        """Takes all clients out of a room; see `Server.close_room`."""
        self.server.close_room(room, namespace or self.namespace)

    def get_session(self, sid: str, namespace: str | None = None) -> dict[str, Any]:
        """What was kept about a client; see `Server.get_session`."""
        return self.server.get_session(sid, namespace or self.namespace)

    def save_session(self, sid: str, session: dict[str, Any], namespace: str | None = None) -> None:
        """Keeps something about a client; see `Server.save_session`."""
        self.server.save_session(sid, session, namespace or self.namespace)

    def session(self, sid: str, namespace: str | None = None) -> Session:
        """The session in a with statement; see `Server.session`."""
        return self.server.session(sid, namespace or self.namespace)

    def disconnect(
        self,
        sid: str,
        namespace: str | None = None,
        ignore_queue: bool = False,
        *,
        close: bool = False,
    ) -> None:
        """Disconnects a client; see `Server.disconnect`."""
        self.server.disconnect(sid, namespace or self.namespace, ignore_queue, close=close)


class AsyncNamespace(AsyncEventMethods, BaseNamespace["Ready[None]"]):
    """The handlers of a namespace of an `AsyncServer`, as methods: plain ones or coroutines.

    Its other methods are the server's, as with `Namespace`.
    """

    server: AsyncServer

    def emit(
        self,
        event: str,
        data: Any = None,
        to: Any = None,
        room: Any = None,
        skip_sid: Any = None,
        namespace: str | None = None,
        callback: Callable[..., Any] | None = None,
        ignore_queue: bool = False,
        coalesce_key: str | None = None,
        overflow: str | None = None,
    ) -> Ready[None]:
        """Sends an event; see `AsyncServer.emit`."""
        return self.server.emit(
            event,
            data,
            to,
            room,
            skip_sid,
            namespace or self.namespace,
            callback,
            ignore_queue,
            coalesce_key,
            overflow,
        )

    def send(
        self,
        data: Any,
        to: Any = None,
        room: Any = None,
        skip_sid: Any = None,
        namespace: str | None = None,
        callback: Callable[..., Any] | None = None,
        ignore_queue: bool = False,
    ) -> Ready[None]:
        """Sends the event "message"; see `AsyncServer.emit`."""
        return self.emit("message", data, to, room, skip_sid, namespace, callback, ignore_queue)

    async def call(
        self,
        event: str,
        data: Any = None,
        to: str | None = None,
        sid: str | None = None,
        namespace: str | None = None,
        timeout: float | None = None,
        ignore_queue: bool = False,
    ) -> Any:
        """Sends an event and waits for the reply; see `AsyncServer.call`."""
        return await self.server.call(
            event, data, to, sid, namespace or self.namespace, timeout, ignore_queue
        )

    def enter_room(self, sid: str, room: Any, namespace: str | None = None) -> Ready[None]:
        """Puts a client into a room; see `AsyncServer.enter_room`."""
        return self.server.enter_room(sid, room, namespace or self.namespace)

    def leave_room(self, sid: str, room: Any, namespace: str | None = None) -> Ready[None]:
        """Takes a client out of a room; see `AsyncServer.leave_room`."""
        return self.server.leave_room(sid, room, namespace or self.namespace)

    def close_room(self, room: Any, namespace: str | None = None) -> Ready[None]:
        """Takes all clients out of a room; see `AsyncServer.close_room`."""
        return self.server.close_room(room, namespace or self.namespace)

    def get_session(self, sid: str, namespace: str | None = None) -> Ready[dict[str, Any]]:
        """What was kept about a client; see `AsyncServer.get_session`."""
        return self.server.get_session(sid, namespace or self.namespace)

    def save_session(
        self, sid: str, session: dict[str, Any], namespace: str | None = None
    ) -> Ready[None]:
        """Keeps something about a client; see `AsyncServer.save_session`."""
        return self.server.save_session(sid, session, namespace or self.namespace)

    def session(self, sid: str, namespace: str | None = None) -> AsyncSession:
        """The session in an async with statement; see `AsyncServer.session`."""
        return self.server.session(sid, namespace or self.namespace)

    def disconnect(
        self,
        sid: str,
        namespace: str | None = None,
        ignore_queue: bool = False,
        *,
        close: bool = False,
    ) -> Ready[None]:
        """Disconnects a client; see `AsyncServer.disconnect`."""
        return self.server.disconnect(sid, namespace or self.namespace, ignore_queue, close=close)
