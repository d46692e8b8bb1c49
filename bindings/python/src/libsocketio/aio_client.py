"""`AsyncClient`: handlers are coroutines or plain functions, run by asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Callable

from . import _ffi
from ._client_base import BaseClient
from ._client_core import ClientCore
from ._client_options import URL, Auth, ClientOptions, Headers
from ._client_state import ClientState
from ._errors import error
from ._events import Slot
from ._handling import Handler
from ._jobs import Jobs
from ._json import pack, unpack
from ._loop import OnLoop, awaited, itself
from ._loop_runtime import LoopRuntime
from ._ready import DONE, Ready
from ._runtime import Runtime
from ._table import UNHANDLED

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["AsyncClient"]

_WHERE = "that the client has connected on"


class AsyncClient(OnLoop, BaseClient[Ready[None]]):
    """A Socket.IO client on asyncio.

    ::

        client = libsocketio.AsyncClient()

        @client.event
        async def message(data):
            print(data)

        async def main():
            await client.connect("http://localhost:3000", auth={"token": "secret"})
            print(await client.call("question", "how are you?"))
            await client.wait()

    Handlers are coroutines or plain functions. They start in the order of their events;
    coroutines that wait run at the same time, each as a task. `emit` and `send` have done
    their work when they return: what they return can be awaited, or not, and they may be
    called from every thread.

    Clients of an event loop share one thread of the library (`threads` of them; those with
    a `logger` of their own have their own), and the file descriptor that tells the event loop
    of it. Each has besides that the descriptor of its connection, and no thread: 1,000
    clients are 1,000 descriptors and one thread. Mind the limit of open files (`ulimit -n`).
    The options are those of `Client`.

    What handlers emit while several events are handled in a row leaves together: at the
    latest when one of them waits for something, or the last one has ended.
    """

    _done = DONE

    def __init__(self, **options: Unpack[ClientOptions]) -> None:
        super().__init__(**options)
        self._changed: asyncio.Event | None = None
        self._ends: dict[ClientCore, asyncio.Future[None]] = {}

    # --- life

    async def connect(
        self,
        url: URL,
        headers: Headers | None = None,
        auth: Auth = None,
        transports: str | Sequence[str] | None = None,
        namespaces: str | Sequence[str] | None = None,
        socketio_path: str = "socket.io",
        wait: bool = True,
        wait_timeout: float = 1,
        retry: bool = False,
    ) -> None:
        """Connects to a server, and to namespaces there; see `Client.connect`.

        The functions of `url`, `headers` and `auth` may be coroutines.
        """
        if self._loop is not None and self._loop.is_closed():
            self._exit()  # nobody handles the events of the connection that it had there
        self._check_free()
        now = (
            await awaited(url()) if callable(url) else url,
            await awaited(headers()) if callable(headers) else headers,
        )
        core = self._begin(url, headers, now, auth, transports, namespaces, socketio_path, retry)
        if not wait:
            return
        seconds = None if retry else self._options.request_timeout + wait_timeout
        try:
            try:
                await asyncio.wait_for(self._until_decided(core), seconds)
            except asyncio.TimeoutError:
                pass  # what is missing is said below
            self._check_outcome(core)
        except BaseException:
            await self._end(core)
            raise

    async def _until_decided(self, core: ClientCore) -> None:
        while not self._outcome(core):
            assert self._changed is not None
            self._changed.clear()
            await self._changed.wait()

    async def wait(self) -> None:
        """Waits until the client is disconnected for good."""
        while self._core is not None:
            await asyncio.shield(self._ends[self._core])

    async def disconnect(self) -> None:
        """Leaves all namespaces, and ends the connection; see `Client.disconnect`."""
        core = self._core
        if core is not None:
            await self._end(core)

    async def shutdown(self) -> None:
        """The same as `disconnect`: attempts to connect again end, too."""
        await self.disconnect()

    async def _end(self, core: ClientCore) -> None:
        if core.runtime.forked:
            self._core = None
            return
        core.close()
        end = self._ends.get(core)
        if end is not None:
            await asyncio.shield(end)

    # --- sending

    def emit(
        self,
        event: str,
        data: Any = None,
        namespace: str | None = None,
        callback: Callable[..., Any] | None = None,
    ) -> Ready[None]:
        """Sends an event; see `Client.emit`.

        It is on its way when this returns, with or without `await`. The callback may be a
        coroutine.
        """
        self._emit(event, pack(data), namespace, callback)
        return DONE

    def send(
        self,
        data: Any,
        namespace: str | None = None,
        callback: Callable[..., Any] | None = None,
    ) -> Ready[None]:
        """Sends the event "message"; see `emit`."""
        self._emit("message", pack(data), namespace, callback)
        return DONE

    async def call(
        self,
        event: str,
        data: Any = None,
        namespace: str | None = None,
        timeout: float | None = 60,
    ) -> Any:
        """Sends an event and waits for the reply; see `Client.call`."""
        return await self._ask_server(event, pack(data), namespace, timeout)

    async def _ask_server(
        self,
        event: str,
        args: Sequence[Any],
        namespace: str | None,
        timeout: float | None,
        flags: int = 0,
    ) -> Any:
        _, ask = self._question(event, args, namespace, timeout)
        reply, answered = self._future_reply(_WHERE)
        ask(answered, flags)
        status, came = await reply
        if status != _ffi.SIO_OK:
            raise error(status, f"no reply to {event!r} from the server")
        return unpack(came)

    # --- how

    def _take_runtime(self) -> Runtime:
        self._loop = asyncio.get_running_loop()
        log = (self._logger, self._log_level)
        runtime = LoopRuntime.take(self._loop, self._options.threads, log)
        self._reader = runtime.reader
        return runtime

    def _give_back(self, runtime: Runtime) -> None:
        assert isinstance(runtime, LoopRuntime)
        runtime.give_back()

    def _start(self, core: ClientCore) -> None:
        loop = self._loop
        assert loop is not None
        # What an earlier connection of this loop still needs is shared.
        if self._jobs is None or not self._jobs.works_on(loop):
            self._changed = asyncio.Event()
            self._jobs = Jobs(loop, self._reply, self._failed)
        self._jobs.runtime = core.runtime
        self._ends[core] = loop.create_future()

    def _on_closed(self, core: ClientCore, view: Any) -> None:
        for state in core.own_states:
            if state.sid is not None:  # the end came without its event
                state.sid = None
                why = (self.reason.CLIENT_DISCONNECT, "")
                self._tell(core, state.life_handler("disconnect", why))
        # Behind the handlers of what came before; and not now: the library is calling.
        assert self._jobs is not None
        self._jobs.put(self._finish, (core,))

    def _finish(self, core: ClientCore) -> None:
        end = self._ends.pop(core, None)
        if end is None:
            return  # it was the end of the program
        try:
            super()._finish(core)
        finally:
            if self._core is None and self._jobs is not None:
                self._jobs.retire()
            self._wake()
            if not end.done() and not end.get_loop().is_closed():
                end.set_result(None)

    def _exit(self) -> None:
        # The loop is over: there is nobody left to handle events.
        core = self._core
        if core is not None:
            core.mute()
            self._changed = self._jobs = None
            self._finish(core)

    def _wake(self) -> None:
        if self._changed is not None:
            self._changed.set()

    # --- events

    def _tell(self, core: ClientCore, handler: Handler | None) -> None:
        if handler is None or self._jobs is None:
            self._wake()
            return
        self._jobs.put(self._told, (handler,))

    async def _told(self, handler: Handler) -> None:
        try:
            await awaited(handler())
        finally:
            self._wake()

    def _ask(
        self, what: str, asks: Sequence[Handler], answer: Callable[..., None], request: int
    ) -> None:
        async def work() -> None:
            try:
                answer(request, *[await awaited(ask()) for ask in asks])
            except BaseException as failure:
                self._refuse(request, what, failure)
                raise

        assert self._jobs is not None
        self._jobs.put(work, ())

    def _message_slot(self, state: ClientState) -> Slot:
        # Everything here happens for every event: no attribute, call or object
        # that can be spared.
        handlers, resolve, arguments = state.resolved, state.resolve, self._arguments
        loads, reply, failed = self._codec.loads, self._reply, self._failed
        jobs = self._jobs
        assert jobs is not None
        put, waiting = jobs.put, jobs.queue

        def message(view: Any) -> None:
            try:
                name = view.name
                entry = handlers.get(name) or resolve(name)
                if entry is UNHANDLED:
                    return
                args = arguments(view) if view.attachment_count else loads(view.args.decode())
                handler, is_coroutine = entry
                if is_coroutine or waiting:
                    put(handler, args, view.ack)
                    return
                ack = view.ack
                result = handler(*args)
                if result is not None and hasattr(result, "__await__"):
                    put(itself, (result,), ack)
                elif ack:
                    reply(ack, result)
            except BaseException as failure:
                failed(failure)

        return message
