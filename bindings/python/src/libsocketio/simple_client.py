"""`SimpleClient`: a client without handlers, which receives events one by one."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from . import exceptions
from ._client_options import URL, Auth, ClientOptions, Headers
from ._simple_client_base import BaseSimpleClient, gone
from .client import Client

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["SimpleClient"]

S = TypeVar("S", bound="SimpleClient")


class SimpleClient(BaseSimpleClient[Client]):
    """A client of one namespace that has no handlers.

    ::

        with libsocketio.SimpleClient() as client:
            client.connect("http://localhost:3000")
            client.emit("hello", {"name": "me"})
            event, *args = client.receive(timeout=5)

    The options are those of `Client`, and:
        max_received: events that wait to be received (65536); beyond, the client
            disconnects, and `receive` raises LimitError behind what it has kept.
    """

    client_class = Client

    def __init__(self, *, max_received: int = 65_536, **options: Unpack[ClientOptions]) -> None:
        super().__init__(max_received=max_received, **options)
        self._changed = threading.Condition()

    def connect(
        self,
        url: URL,
        headers: Headers | None = None,
        auth: Auth = None,
        transports: str | Sequence[str] | None = None,
        namespace: str = "/",
        socketio_path: str = "socket.io",
        wait_timeout: float = 5,
    ) -> None:
        """Connects to a namespace of a server; see `Client.connect`."""
        client = self._make_client(namespace)
        client.connect(
            url, headers, auth, transports, [namespace], socketio_path, wait_timeout=wait_timeout
        )

    def emit(self, event: str, data: Any = None) -> None:
        """Sends an event; it waits while the connection is made again. See `Client.emit`."""
        client = self._connected_client()
        try:
            client.emit(event, data, self.namespace)
        except exceptions.BadNamespaceError:
            raise gone() from None

    def call(self, event: str, data: Any = None, timeout: float | None = 60) -> Any:
        """Sends an event and waits for the reply; see `Client.call`."""
        client = self._connected_client()
        try:
            return client.call(event, data, self.namespace, timeout)
        except exceptions.BadNamespaceError:
            raise gone() from None

    def receive(self, timeout: float | None = None) -> list[Any]:
        """The next event: a list of its name and its arguments.

        Raises TimeoutError if none comes in so many seconds, and DisconnectedError once the
        client is disconnected for good and nothing waits.
        """
        with self._changed:
            there = self._changed.wait_for(lambda: len(self._inbox) or not self.connected, timeout)
            event = self._inbox.take()
        if event is not None:
            return event
        if there:
            raise self._inbox.end()
        raise exceptions.TimeoutError("no event has come in time")

    def disconnect(self) -> None:
        """Disconnects."""
        client, self.client = self.client, None
        if client is not None:
            client.disconnect()

    def __enter__(self: S) -> S:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.disconnect()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()
