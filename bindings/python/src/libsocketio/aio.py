"""`AsyncServer`: handlers are coroutines or plain functions, run by asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Callable

from . import _ffi, _http, exceptions
from ._base import BaseServer
from ._broadcasting import collect, replies_of
from ._clients import Client
from ._cluster import replies
from ._core import Core
from ._errors import error
from ._jobs import Jobs
from ._json import unpack
from ._listening import ListenOptions
from ._loop import Reader
from ._numbers import milliseconds
from ._options import ServerOptions
from ._outbound import DEFAULT, Delivery
from ._ready import DONE, Ready
from ._server_loop import ServerOnLoop
from .broadcast import Broadcast
from .session import AsyncSession

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["AsyncServer"]

_WHERE = "that the server listens on"


class AsyncServer(ServerOnLoop, BaseServer[Ready[None]]):
    """A Socket.IO server on asyncio.

    ::

        io = libsocketio.AsyncServer(cors_allowed_origins="*")

        @io.on("message")
        async def message(sid, data):
            await io.emit("message", data, to=sid)

        asyncio.run(io.serve(port=3000))

    Handlers are coroutines or plain functions. They start in the order of their
    events; coroutines that wait run at the same time, each as a task. The
    methods that have nothing to wait for have done their work when they return:
    what they return can be awaited, as in python-socketio, or not. What handlers emit
    while several events are handled in a row leaves together, at the latest when one
    of them waits for something, or the last one has ended.

    All methods but `listen`, `call`, `shutdown` and `drain` may be called from every
    thread. The options are those of `Server` (without async_handlers).
    """

    _done = DONE

    def __init__(self, *, async_handlers: bool = True, **options: Unpack[ServerOptions]) -> None:
        if not async_handlers:
            raise TypeError(
                "async_handlers=False is not supported: an AsyncServer always goes on while a "
                "handler waits"
            )
        super().__init__(**options)
        self._closed: asyncio.Future[None] | None = None
        self._shut: asyncio.Future[None] | None = None
        #: Tasks that wait for the end: a handler among them is not waited for.
        self._ending: set[asyncio.Task[Any] | None] = set()

    # --- sending

    async def call(
        self,
        event: str,
        data: Any = None,
        to: str | None = None,
        sid: str | None = None,
        namespace: str | None = None,
        timeout: float | None = 60,
        ignore_queue: bool = False,
    ) -> Any:
        """Sends an event to a client and waits for its reply; see `Server.call`."""
        return await self._call(event, data, to, sid, namespace, timeout)

    async def _ask_one(
        self,
        client: Client | None,
        sid: str,
        event: str,
        args: Sequence[Any],
        timeout_ms: int,
        how: Delivery = DEFAULT,
        flags: int = 0,
    ) -> Any:
        reply, answered = self._future_reply(_WHERE)
        self._ask_by_handle(client, sid, event, args, timeout_ms, answered, how, flags)
        status, values = await reply
        if status != _ffi.SIO_OK:
            raise error(status, f"no reply to {event!r} from {sid!r}")
        return unpack(values)

    async def _ask_servers(
        self, namespace: str, event: str, args: Sequence[Any], timeout: float
    ) -> list[Any]:
        end, ended = self._future_reply(_WHERE)
        if not self._side_ask(namespace, event, args, timeout, ended):
            return []
        return replies(*await end)

    async def _ask_all(self, whom: Broadcast[Any], event: str, args: Sequence[Any]) -> list[Any]:
        replies: list[Any] = []
        end, ended = self._future_reply(_WHERE)
        if not self._ask_audience(whom, event, args, collect(replies), ended):
            return []
        status, silent = await end
        return replies_of(event, replies, status, silent)

    def _result(self, value: Any) -> Any:
        return Ready(value)

    # --- clients

    def get_session(self, sid: str, namespace: str | None = None) -> Ready[dict[str, Any]]:
        """What the application keeps about a client; KeyError if it is not connected."""
        return Ready(self._get(sid, namespace).session)

    def session(self, sid: str, namespace: str | None = None) -> AsyncSession:
        """The session in a with statement: `async with io.session(sid) as session: ...`."""
        return AsyncSession(self, sid, namespace)

    # --- life

    def run(
        self, host: str | None = None, port: int = 3000, **options: Unpack[ListenOptions]
    ) -> None:
        """Runs an event loop with `serve`, until Ctrl-C or `shutdown`."""
        try:
            asyncio.run(self.serve(host, port, **options))
        except KeyboardInterrupt:
            pass

    async def serve(
        self, host: Any = None, port: int = 3000, **options: Unpack[ListenOptions]
    ) -> Any:
        """Listens, and serves until `shutdown` or a cancellation; see `listen`.

        With a `Request` it is Node's: returns the response with the client's file.
        """
        if isinstance(host, _http.Request):
            return super().serve(host)
        try:
            self.listen(host, port, **options)
            await self.wait()
        finally:
            await self.shutdown()

    async def wait(self) -> None:
        """Waits until the server is shut down."""
        if self._closed is None and not self._ended:
            raise exceptions.StateError("there is nothing to wait for: the server does not listen")
        if self._closed is not None:
            await asyncio.shield(self._closed)

    async def shutdown(self, grace: float = 5) -> None:
        """Disconnects everyone, ends all handlers, and releases everything. Idempotent.

        Handlers that still run after `grace` seconds are cancelled. To cancel this
        ends the waiting, not the shutdown.
        """
        await self._end(Core.close, grace)

    async def drain(self, spread: float = 10, grace: float = 5) -> None:
        """Ends as `shutdown` does, but clients leave one after the other, over `spread` seconds.

        Meanwhile new clients are refused with 503, which a load balancer takes for
        "ask another server" and the clients for "try again", and `ready_path`
        answers 503; those that are there go on until it is their turn, and get
        what was sent to them before. `serve` and `wait` return at the end, and
        `shutdown` ends the drain at once. To cancel this ends the waiting, not the
        drain.
        """
        spread_ms = milliseconds("spread", spread, or_none=True)
        await self._end(lambda core: core.drain(spread_ms), grace)

    async def _end(self, begin: Callable[[Core], None], grace: float) -> None:
        core, jobs, closed = self._core, self._jobs, self._closed
        if self._shut is not None:
            if core is not None and not core.forked:
                begin(core)
            await self._over(self._shut)
        elif core is None:
            self._ended = True
        elif core.forked:
            self._ended, self._core = True, None
        elif jobs is None or closed is None:
            self._finish()  # it never listened
        else:
            begin(core)
            self._shut = asyncio.get_running_loop().create_future()
            # A task of its own: who waits for it may be cancelled.
            self._soon(self._close(jobs, closed, self._shut, grace))
            await self._over(self._shut)

    async def _close(
        self,
        jobs: Jobs,
        closed: asyncio.Future[None],
        shut: asyncio.Future[None],
        grace: float,
    ) -> None:
        try:
            await asyncio.shield(closed)
            await jobs.close(grace, self._ending)
        finally:
            self._finish()
            if not shut.done():
                shut.set_result(None)

    async def _over(self, shut: asyncio.Future[None]) -> None:
        task = asyncio.current_task()
        self._ending.add(task)
        try:
            await asyncio.shield(shut)
        finally:
            self._ending.discard(task)

    def _open(self) -> Core:
        loop = self._loop = asyncio.get_running_loop()
        self._jobs = Jobs(loop, self._reply, self._failed)
        return super()._open()

    def _start(self, core: Core) -> None:
        assert self._loop is not None
        self._closed = self._loop.create_future()
        self._reader = Reader(core.runtime, self._loop)
        if self._jobs is not None:
            self._jobs.runtime = core.runtime

    def _on_closed(self) -> None:
        if self._closed is not None and not self._closed.done():
            self._closed.set_result(None)

    def _finish(self) -> None:
        if self._reader is not None:
            self._reader.stop()
        super()._finish()

    def _exit(self) -> None:
        # The loop is over: there is nobody left to handle events.
        if self._core is not None:
            self._core.mute()
        self._finish()
