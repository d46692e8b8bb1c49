"""Running on threads: what `Server` and `Client` have in common."""

from __future__ import annotations

import threading
import time
from typing import Any, Callable

from ._dispatch import Reply
from ._handling import Handler
from ._listeners import Steps


class OnThreads:
    """The part of a server or client that runs handlers on threads."""

    def is_asyncio_based(self) -> bool:
        """Whether handlers may be coroutines."""
        return False

    def start_background_task(
        self, target: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> threading.Thread:
        """Runs a function on a thread of its own, which is returned."""
        thread = threading.Thread(target=target, args=args, kwargs=kwargs, daemon=True)
        thread.start()
        return thread

    def sleep(self, seconds: float = 0) -> None:
        """Sleeps; the same as `time.sleep`."""
        time.sleep(seconds)

    def _call_back(self, callback: Handler, args: list[Any]) -> None:
        callback(*args)

    def _run_steps(self, steps: Steps) -> Any:
        try:
            call = next(steps)
            while True:
                try:
                    result = call()
                except Exception as failure:
                    call = steps.throw(failure)
                else:
                    call = steps.send(result)
        except StopIteration as end:
            return end.value


def awaited_reply(dispatcher: Any) -> tuple[Reply, Callable[[int, list[Any]], None]]:
    """A reply to wait for, and the function that sets it."""
    reply = Reply()

    def answered(status: int, args: list[Any]) -> None:
        reply.status = status
        reply.args = args
        dispatcher.arrived(reply)

    return reply, answered
