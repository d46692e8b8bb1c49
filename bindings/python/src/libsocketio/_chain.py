"""Where Node's chain begins: on a server, for "/", and on a class-based namespace, for itself."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from .broadcast import Broadcast

R = TypeVar("R")


class Chain(Generic[R]):
    """The methods of a broadcast to a namespace, as methods of what it belongs to."""

    @property
    def _everyone(self) -> Broadcast[R]:
        return Broadcast(self, "/")  # type: ignore[arg-type]

    def to(self, *rooms: Any) -> Broadcast[R]:
        """A broadcast to rooms of the namespace: `io.to("room").emit("event", data)`."""
        return self._everyone.to(*rooms)

    def in_(self, *rooms: Any) -> Broadcast[R]:
        """The same as `to`."""
        return self.to(*rooms)

    def except_(self, *rooms: Any) -> Broadcast[R]:
        """A broadcast to all but the clients in these rooms, or with these sids."""
        return self._everyone.except_(*rooms)

    @property
    def volatile(self) -> Broadcast[R]:
        """A broadcast to the clients that can take it at this moment."""
        return self._everyone.volatile

    def compress(self, compress: bool) -> Broadcast[R]:
        """A broadcast that may be compressed on its way, or not."""
        return self._everyone.compress(compress)

    def coalesce(self, key: str) -> Broadcast[R]:
        """A broadcast that replaces what waits with the same key; see `Broadcast.coalesce`."""
        return self._everyone.coalesce(key)

    def overflow(self, policy: str) -> Broadcast[R]:
        """A broadcast with a policy of its own for clients that read too slowly."""
        return self._everyone.overflow(policy)

    @property
    def local(self) -> Broadcast[R]:
        """A broadcast to the clients of this process, in a cluster."""
        return self._everyone.local

    def timeout(self, seconds: float) -> Broadcast[R]:
        """A broadcast whose replies have to come in time; see `emit_with_ack`."""
        return self._everyone.timeout(seconds)

    def emit_with_ack(self, event: str, *args: Any) -> Any:
        """Sends an event and waits for the replies of all; see `Broadcast.emit_with_ack`."""
        return self._everyone.emit_with_ack(event, *args)

    def server_side_emit(self, event: str, *args: Any) -> R:
        """Sends an event to the other servers of the cluster; there are none yet."""
        everyone = self._everyone
        everyone._server._side_emit(everyone._namespace, event, args)
        return everyone._server._done

    def server_side_emit_with_ack(self, event: str, *args: Any, timeout: float = 5) -> Any:
        """The same, and returns the replies of the other servers, a list.

        There are no other servers yet: it is empty. With an `AsyncServer` it is a
        coroutine.
        """
        everyone = self._everyone
        return everyone._server._ask_servers(everyone._namespace, event, args, timeout)

    def sockets_join(self, *rooms: Any) -> R:
        """Puts all clients into rooms."""
        return self._everyone.sockets_join(*rooms)

    def sockets_leave(self, *rooms: Any) -> R:
        """Takes all clients out of rooms."""
        return self._everyone.sockets_leave(*rooms)

    def fetch_sockets(self) -> Any:
        """All clients, as a list of `RemoteSocket`; with an `AsyncServer` to be awaited."""
        return self._everyone.fetch_sockets()

    def disconnect_sockets(self, close: bool = False) -> R:
        """Disconnects all clients; with `close` their connections end as well."""
        return self._everyone.disconnect_sockets(close)
