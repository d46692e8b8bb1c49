"""What `SimpleClient` and `AsyncSimpleClient` have in common: everything that waits for nothing."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from . import exceptions
from ._client_options import ClientOptions
from ._inbox import Inbox

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .aio_client import AsyncClient
    from .client import Client

C = TypeVar("C", "Client", "AsyncClient")


def gone() -> exceptions.DisconnectedError:
    """What sending raises without a connection."""
    return exceptions.DisconnectedError("the client is disconnected")


class BaseSimpleClient(Generic[C]):
    """A client, and the events that it has received."""

    client_class: type[C]

    def __init__(self, *, max_received: int = 65_536, **options: Unpack[ClientOptions]) -> None:
        self._options = options
        self._inbox = Inbox(max_received)
        #: The client that it is made of; None while it is not connected.
        self.client: C | None = None
        self.namespace = "/"

    def _make_client(self, namespace: str) -> C:
        """The client that is to connect to a namespace, with its handlers."""
        if self.connected:
            raise RuntimeError("Already connected")
        self.namespace = namespace
        self._inbox.clear()
        client = self.client_class(**self._options)
        client.on("*", self._on_event, namespace)
        client.on("__disconnect_final", self._wake, namespace)
        self.client = client
        return client

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

    def _connected_client(self) -> C:
        if self.client is None:
            raise gone()
        return self.client

    def _on_event(self, *event: Any) -> Any:
        kept = self._inbox.put(list(event))
        self._wake()
        if not kept and self.client is not None:
            return self.client.disconnect()
        return None

    @abstractmethod
    def _wake(self) -> None:
        """Tells those who wait for an event, or for the end."""
