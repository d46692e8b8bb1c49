"""Class-based namespaces of clients: a class whose `on_...` methods are the handlers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from ._event_methods import AsyncEventMethods, EventMethods

if TYPE_CHECKING:
    from ._ready import Ready
    from .aio_client import AsyncClient
    from .client import Client

__all__ = ["AsyncClientNamespace", "BaseClientNamespace", "ClientNamespace"]


class BaseClientNamespace(EventMethods):
    """What the two kinds have in common.

    Derive from `ClientNamespace` or `AsyncClientNamespace`.
    """

    client: Any = None

    def _set_client(self, client: Any) -> None:
        self.client = client


class ClientNamespace(BaseClientNamespace):
    """The handlers of a namespace of a `Client`, as methods.

    ::

        class Chat(libsocketio.ClientNamespace):
            def on_connect(self):
                self.emit("message", "hello")

            def on_message(self, data): ...

        client.register_namespace(Chat("/chat"))

    Its other methods are the client's, in this namespace unless another is named.
    """

    client: Client

    def emit(
        self,
        event: str,
        data: Any = None,
        namespace: str | None = None,
        callback: Callable[..., Any] | None = None,
    ) -> None:
        """Sends an event; see `Client.emit`."""
        self.client.emit(event, data, namespace or self.namespace, callback)

    def send(
        self,
        data: Any,
        room: Any = None,
        namespace: str | None = None,
        callback: Callable[..., Any] | None = None,
    ) -> None:
        """Sends the event "message"; see `Client.emit`. `room` is for python-socketio's sake."""
        self.client.send(data, namespace or self.namespace, callback)

    def call(
        self,
        event: str,
        data: Any = None,
        namespace: str | None = None,
        timeout: float | None = 60,
    ) -> Any:
        """Sends an event and waits for the reply; see `Client.call`."""
        return self.client.call(event, data, namespace or self.namespace, timeout)

    def disconnect(self) -> None:
        """Ends the connection, of all namespaces; see `Client.disconnect`."""
        self.client.disconnect()


class AsyncClientNamespace(AsyncEventMethods, BaseClientNamespace):
    """The handlers of a namespace of an `AsyncClient`, as methods: plain ones or coroutines.

    Its other methods are the client's, in this namespace unless another is named.
    """

    client: AsyncClient

    def emit(
        self,
        event: str,
        data: Any = None,
        namespace: str | None = None,
        callback: Callable[..., Any] | None = None,
    ) -> Ready[None]:
        """Sends an event; see `AsyncClient.emit`."""
        return self.client.emit(event, data, namespace or self.namespace, callback)

    def send(
        self,
        data: Any,
        namespace: str | None = None,
        callback: Callable[..., Any] | None = None,
    ) -> Ready[None]:
        """Sends the event "message"; see `AsyncClient.emit`."""
        return self.client.send(data, namespace or self.namespace, callback)

    async def call(
        self,
        event: str,
        data: Any = None,
        namespace: str | None = None,
        timeout: float | None = 60,
    ) -> Any:
        """Sends an event and waits for the reply; see `AsyncClient.call`."""
        return await self.client.call(event, data, namespace or self.namespace, timeout)

    async def disconnect(self) -> None:
        """Ends the connection, of all namespaces; see `AsyncClient.disconnect`."""
        await self.client.disconnect()
