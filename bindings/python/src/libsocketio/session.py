"""The session of a client in a with statement: what the application keeps about it."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .aio import AsyncServer
    from .server import Server

__all__ = ["AsyncSession", "Session"]


class Session:
    """The session of a client in a with statement; what was changed is kept."""

    def __init__(self, server: Server, sid: str, namespace: str | None) -> None:
        self._server = server
        self._sid = sid
        self._namespace = namespace
        self._session: dict[str, Any] = {}

    def __enter__(self) -> dict[str, Any]:
        self._session = self._server.get_session(self._sid, self._namespace)
        return self._session

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._server._find(self._sid, self._namespace) is not None:
            self._server.save_session(self._sid, self._session, self._namespace)


class AsyncSession:
    """The session of a client in an async with statement; what was changed is kept."""

    def __init__(self, server: AsyncServer, sid: str, namespace: str | None) -> None:
        self._server = server
        self._sid = sid
        self._namespace = namespace
        self._session: dict[str, Any] = {}

    async def __aenter__(self) -> dict[str, Any]:
        self._session = await self._server.get_session(self._sid, self._namespace)
        return self._session

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._server._find(self._sid, self._namespace) is not None:
            await self._server.save_session(self._sid, self._session, self._namespace)
