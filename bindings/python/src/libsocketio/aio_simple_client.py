"""`AsyncSimpleClient`: a client without handlers, on asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from . import exceptions
from ._client_options import URL, Auth, ClientOptions, Headers
from ._simple_client_base import BaseSimpleClient, gone
from .aio_client import AsyncClient

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["AsyncSimpleClient"]

S = TypeVar("S", bound="AsyncSimpleClient")


class AsyncSimpleClient(BaseSimpleClient[AsyncClient]):
    """A client of one namespace that has no handlers, on asyncio.

    ::

        async with libsocketio.AsyncSimpleClient() as client:
            await client.connect("http://localhost:3000")
            await client.emit("hello", {"name": "me"})
            event, *args = await client.receive(timeout=5)

    The options are those of `SimpleClient`.
    """

    client_class = AsyncClient

    def __init__(self, *, max_received: int = 65_536, **options: Unpack[ClientOptions]) -> None:
        super().__init__(max_received=max_received, **options)
        self._waiting: set[asyncio.Future[None]] = set()

    async def connect(
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
        await client.connect(
            url, headers, auth, transports, [namespace], socketio_path, wait_timeout=wait_timeout
        )

    async def emit(self, event: str, data: Any = None) -> None:
        """Sends an event; it waits while the connection is made again. See `Client.emit`."""
        client = self._connected_client()
        try:
            client.emit(event, data, self.namespace)
        except exceptions.BadNamespaceError:
            raise gone() from None

    async def call(self, event: str, data: Any = None, timeout: float | None = 60) -> Any:
        """Sends an event and waits for the reply; see `Client.call`."""
        client = self._connected_client()
        try:
            return await client.call(event, data, self.namespace, timeout)
        except exceptions.BadNamespaceError:
            raise gone() from None

    async def receive(self, timeout: float | None = None) -> list[Any]:
        """The next event; see `SimpleClient.receive`."""
        end = None if timeout is None else asyncio.get_running_loop().time() + timeout
        while True:
            event = self._inbox.take()
            if event is not None:
                return event
            if not self.connected:
                raise self._inbox.end()
            await self._wait_until(end)

    async def _wait_until(self, end: float | None) -> None:
        loop = asyncio.get_running_loop()
        change = loop.create_future()
        self._waiting.add(change)
        try:
            await asyncio.wait_for(change, None if end is None else end - loop.time())
        except asyncio.TimeoutError:
            raise exceptions.TimeoutError("no event has come in time") from None
        finally:
            self._waiting.discard(change)

    async def disconnect(self) -> None:
        """Disconnects."""
        client, self.client = self.client, None
        if client is not None:
            await client.disconnect()

    async def __aenter__(self: S) -> S:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.disconnect()

    def _wake(self) -> None:
        for change in self._waiting:
            if not change.done():
                change.set_result(None)
