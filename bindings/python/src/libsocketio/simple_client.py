"""`SimpleClient`: a client without handlers, which receives events one by one."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from . import exceptions
from ._client_options import URL, Auth, ClientOptions, Headers
from ._inbox import Inbox
from .client import Client

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["SimpleClient"]

S = TypeVar("S", bound="SimpleClient")


class SimpleClient:
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
        self._options = options
        self._inbox = Inbox(max_received)
        self._changed = threading.Condition()
        #: The client that it is made of; None while it is not connected.
        self.client: Client | None = None
        self.namespace = "/"

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
        if self.connected:
            raise RuntimeError("Already connected")
        self.namespace = namespace
        self._inbox.clear()
        client = self.client_class(**self._options)
        client.on("*", self._on_event, namespace)
        client.on("__disconnect_final", self._on_end, namespace)
        self.client = client
        client.connect(
            url, headers, auth, transports, [namespace], socketio_path, wait_timeout=wait_timeout
        )

    @property
    def connected(self) -> bool:
        """Whether it is connected, or about to be again."""
        return self.client is not None and self.client.of(self.namespace).active

    @property
    def sid(self) -> str | None:
        """Its id; None while it is not connected."""
        return self.client.get_sid(self.namespace) if self.client else None

    @property
    def transport(self) -> str:
        """What the connection uses now: "polling" or "websocket"; "" without one."""
        return (self.client.transport() if self.client else None) or ""

    def emit(self, event: str, data: Any = None) -> None:
        """Sends an event; it waits while the connection is made again. See `Client.emit`."""
        client = self._connected_client()
        try:
            client.emit(event, data, self.namespace)
        except exceptions.BadNamespaceError:
            raise exceptions.DisconnectedError("the client is disconnected") from None

    def call(self, event: str, data: Any = None, timeout: float | None = 60) -> Any:
        """Sends an event and waits for the reply; see `Client.call`."""
        client = self._connected_client()
        try:
            return client.call(event, data, self.namespace, timeout)
        except exceptions.BadNamespaceError:
            raise exceptions.DisconnectedError("the client is disconnected") from None

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

    def _connected_client(self) -> Client:
        if self.client is None:
            raise exceptions.DisconnectedError("the client is disconnected")
        return self.client

    def _on_event(self, *event: Any) -> None:
        with self._changed:
            kept = self._inbox.put(list(event))
            self._changed.notify_all()
        if not kept and self.client is not None:
            self.client.disconnect()

    def _on_end(self) -> None:
        with self._changed:
            self._changed.notify_all()
