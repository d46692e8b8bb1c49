"""Running on asyncio: what `AsyncServer` and `AsyncClient` have in common."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Coroutine
from typing import Any, Callable

from ._errors import error
from ._events import log
from ._handling import Handler
from ._jobs import Jobs
from ._library import quick
from ._listeners import Steps
from ._runtime import Runtime

#: Events taken at once, before the loop's other work has its turn.
_BATCH = 256


class Reader:
    """Takes the events of a runtime, on the thread of an event loop."""

    def __init__(self, runtime: Runtime, loop: asyncio.AbstractEventLoop) -> None:
        self._runtime = runtime
        self._loop = loop
        self._fd = runtime.fd()
        #: What a handler raised that ends programs; it is raised outside of the library.
        self.exception: BaseException | None = None
        loop.add_reader(self._fd, self._drain)

    def _drain(self) -> None:
        # It does not wait, so it keeps the GIL: to give it back for a moment would have each
        # event take it again. Handlers let other threads have it, as all of Python does.
        status = quick.sio_runtime_dispatch(self._runtime.handle, _BATCH, 0, None)
        if status:
            log.error("dispatching failed: %s", error(status))
            self.stop()
        if self.exception is not None:
            failure, self.exception = self.exception, None
            raise failure

    def stop(self) -> None:
        """Takes no more."""
        if self._fd >= 0 and not self._loop.is_closed():
            self._loop.remove_reader(self._fd)
        self._fd = -1


class OnLoop:
    """The part of a server or client that runs handlers on an event loop."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._jobs: Jobs | None = None
        self._reader: Reader | None = None
        # The loop itself does not keep its tasks alive.
        self._tasks: set[asyncio.Task[Any]] = set()

    def is_asyncio_based(self) -> bool:
        """Whether handlers may be coroutines."""
        return True

    def start_background_task(
        self, target: Callable[..., Coroutine[Any, Any, Any]], *args: Any, **kwargs: Any
    ) -> asyncio.Task[Any]:
        """Runs a coroutine as a task, which is returned."""
        task: asyncio.Task[Any] = self._soon(target(*args, **kwargs))
        return task

    async def sleep(self, seconds: float = 0) -> None:
        """Sleeps; the same as `asyncio.sleep`."""
        await asyncio.sleep(seconds)

    def _soon(self, result: Any) -> Any:
        """Runs a coroutine as a task."""
        task = asyncio.get_running_loop().create_task(result)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _prepared(self, handler: Handler) -> tuple[Handler, bool]:
        return handler, inspect.iscoroutinefunction(handler)

    def _call_back(self, callback: Handler, args: list[Any]) -> None:
        if self._jobs is not None:
            self._jobs.put(callback, args)

    async def _run_steps(self, steps: Steps) -> Any:
        try:
            call = next(steps)
            while True:
                try:
                    result = await awaited(call())
                except Exception as failure:
                    call = steps.throw(failure)
                else:
                    call = steps.send(result)
        except StopIteration as end:
            return end.value

    def _fatal(self, failure: BaseException) -> None:
        if self._reader is not None:
            self._reader.exception = failure

    def _future_reply(
        self, there: str
    ) -> tuple[asyncio.Future[tuple[int, list[Any]]], Callable[[int, list[Any]], None]]:
        """A status with what belongs to it, and the function that sets it."""
        loop = asyncio.get_running_loop()
        if self._loop is not None and loop is not self._loop:
            raise RuntimeError(f"call() has to run on the event loop {there}")
        reply: asyncio.Future[tuple[int, list[Any]]] = loop.create_future()

        def answered(status: int, args: list[Any]) -> None:
            if not reply.done():
                reply.set_result((status, args))

        return reply, answered


def itself(value: Any) -> Any:
    """The value: a function for a job that has begun already."""
    return value


async def awaited(result: Any) -> Any:
    """What a handler returned, awaited if it can be."""
    return await result if hasattr(result, "__await__") else result
