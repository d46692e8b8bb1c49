"""The native runtime that all clients of an event loop share."""

from __future__ import annotations

import asyncio
from typing import Any

from ._loop import Reader
from ._runtime import Runtime, runtime_options


class LoopRuntime(Runtime):
    """A runtime whose events are taken on an event loop, as long as a client needs it."""

    _shared: dict[Any, LoopRuntime] = {}  # noqa: RUF012

    def __init__(self, key: Any, loop: asyncio.AbstractEventLoop, threads: int) -> None:
        super().__init__(runtime_options(threads))
        self._key = key
        self._clients = 0
        self.reader = Reader(self, loop)

    @classmethod
    def take(
        cls, loop: asyncio.AbstractEventLoop, threads: int, log: tuple[Any, int]
    ) -> LoopRuntime:
        """The runtime of a loop; clients that log elsewhere have one of their own."""
        logger, level = log
        key = (loop, threads, id(logger), level)
        runtime = cls._shared.get(key)
        if runtime is None or runtime.forked:
            runtime = cls._shared[key] = cls(key, loop, threads)
            runtime.on_log(logger, level)
        runtime._clients += 1
        return runtime

    def give_back(self) -> None:
        """A client needs it no more."""
        self._clients -= 1
        if self._clients == 0:
            if self._shared.get(self._key) is self:
                del self._shared[self._key]
            self.reader.stop()
            self.destroy()
