"""Runs the coroutine handlers of an `AsyncServer`.

A task for every event would cost more than all the rest of an event. So a few
worker tasks run the handlers: a worker starts a handler, and if that ends
without having waited for anything, as most do, the worker goes on with the next
one. If it waits, the worker waits with it, as its task (for `current_task`,
`timeout`, `cancel`), and another worker takes the next event.

Handlers start in the order of their events, each in a context (`contextvars`)
of its own. What they emit while several of them are started in a row leaves
together: each would wake a thread of the library otherwise.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Collection, Coroutine, Generator
from contextvars import Context, copy_context
from types import CoroutineType
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from ._runtime import Runtime

#: What is called, with which arguments, and the ack that the result is a reply to (or 0).
Job = tuple[Callable[..., Any], Any, int]

_IDLE = 16


class _Rest:
    """The rest of a coroutine that has begun to wait, to be awaited by the worker."""

    __slots__ = ("_context", "_coroutine", "_waits_for")

    def __init__(self, coroutine: Coroutine[Any, Any, Any], context: Context, first: Any) -> None:
        self._coroutine = coroutine
        self._context = context
        self._waits_for = first

    def __await__(self) -> Generator[Any, Any, Any]:
        run, coroutine, waits_for = self._context.run, self._coroutine, self._waits_for
        try:
            while True:
                try:
                    value = yield waits_for
                except BaseException as error:
                    waits_for = run(coroutine.throw, error)
                else:
                    waits_for = run(coroutine.send, value)
        except StopIteration as end:
            return end.value


class Jobs:
    """The workers of one server, on one event loop."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        reply: Callable[[int, Any], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        self._loop = loop
        self._reply = reply
        self._failed = failed
        self._context = copy_context()
        #: Where the handlers emit to.
        self.runtime: Runtime | None = None
        #: The one that holds back what they emit.
        self._corked: Runtime | None = None
        #: The jobs that wait to be started.
        self.queue: deque[Job] = deque()
        self._idle: list[asyncio.Future[None]] = []
        self._workers: set[asyncio.Task[None]] = set()
        #: Whether a worker is sure to look at the queue soon.
        self._awake = False
        self._closing = False
        #: Whether the worker that runs now should end; read before it waits again.
        self._spoiled = False

    def put(self, function: Callable[..., Any], args: Any, ack: int = 0) -> None:
        """Calls a function soon, after those that were put before."""
        self.queue.append((function, args, ack))
        if not self._awake:
            self._wake()

    def works_on(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Whether it takes jobs, on this loop."""
        return self._loop is loop and not self._closing

    async def close(self, grace: float, but: Collection[Any] = ()) -> None:
        """Waits for the handlers that run, at most so many seconds, then cancels them.

        `but` are tasks that wait for this end themselves.
        """
        self.retire()
        workers = self._workers - {asyncio.current_task(), *but}
        if workers:
            _, late = await asyncio.wait(workers, timeout=grace)
            for worker in late:
                worker.cancel()
            if late:
                await asyncio.wait(late, timeout=grace)

    def retire(self) -> None:
        """Lets the workers end once they have nothing to do; nobody waits for them."""
        self._closing = True
        for future in self._idle:
            if not future.done():
                future.set_result(None)

    def _wake(self) -> None:
        self._awake = True
        while self._idle:
            future = self._idle.pop()
            if not future.done():
                future.set_result(None)
                return
        worker = self._loop.create_task(self._work())
        self._workers.add(worker)
        worker.add_done_callback(self._workers.discard)

    async def _work(self) -> None:
        """The body of a worker."""
        queue, reply, copy = self.queue, self._reply, self._context.copy
        try:
            while True:
                self._cork()
                while queue:
                    function, args, ack = queue.popleft()
                    try:
                        result = function(*args)
                        if type(result) is CoroutineType:
                            context = copy()
                            try:
                                waits_for = context.run(result.send, None)
                            except StopIteration as end:
                                result = end.value
                            else:
                                result = await self._rest(_Rest(result, context, waits_for))
                        elif result is not None and hasattr(result, "__await__"):
                            result = await self._rest(result)
                        if ack:
                            reply(ack, result)
                    except Exception as error:
                        self._failed(error)
                    if self._spoiled:
                        self._spoiled = False
                        return
                self._uncork()
                self._awake = False
                if self._closing or len(self._idle) >= _IDLE:
                    return
                future = self._loop.create_future()
                self._idle.append(future)
                await future
        finally:
            self._uncork()
            self._awake = False
            if queue and not self._loop.is_closed():
                self._wake()

    async def _rest(self, rest: Awaitable[Any]) -> Any:
        """Waits with a handler. Somebody else has to look at the queue meanwhile."""
        self._uncork()
        self._awake = False
        for _ in range(min(2, len(self.queue))):  # two: many that wait start in few rounds
            self._wake()
        try:
            return await rest
        finally:
            self._cork()
            # A cancellation that the handler swallowed must not meet the next one.
            cancelling = getattr(asyncio.current_task(), "cancelling", None)  # since 3.11
            self._spoiled = bool(cancelling and cancelling())

    def _cork(self) -> None:
        """Holds back what the next handlers emit, if there are several."""
        if len(self.queue) > 1 and self.runtime is not None:
            self._corked = self.runtime
            self._corked.cork()

    def _uncork(self) -> None:
        if self._corked is not None:
            self._corked.uncork()
            self._corked = None
