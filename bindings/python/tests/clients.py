"""The package's own clients for the tests: both kinds behind one face, on a server of its own."""

from __future__ import annotations

import asyncio
import threading

import libsocketio
from conftest import TIMEOUT, Inbox

KINDS = ("Client", "AsyncClient")


class Loop:
    """An event loop on a thread of its own."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()

    def run(self, awaitable):
        async def result():
            return await awaitable

        return asyncio.run_coroutine_threadsafe(result(), self.loop).result(2 * TIMEOUT)

    def call(self, function, *args, **options):
        """Calls a function on the loop's thread, and awaits what can be."""

        async def result():
            made = function(*args, **options)
            return await made if hasattr(made, "__await__") else made

        return asyncio.run_coroutine_threadsafe(result(), self.loop).result(2 * TIMEOUT)

    def close(self):
        async def settle():
            rest = asyncio.all_tasks() - {asyncio.current_task()}
            for task in rest:
                task.cancel()
            await asyncio.gather(*rest, return_exceptions=True)

        self.run(settle())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(TIMEOUT)
        self.loop.close()


class OwnClient:
    """A client of either kind, whose methods block; `came` has what its handlers got."""

    def __init__(self, kind, **options):
        options.setdefault("reconnection_delay", 0.05)
        options.setdefault("randomization_factor", 0)
        self.loop = Loop() if kind == "AsyncClient" else None
        self.raw = getattr(libsocketio, kind)(**options)
        self.came = Inbox()

    def hear(self, *events, nsp="/"):
        """Keeps what comes for these events."""
        for event in events:
            self.raw.on(event, lambda *args, e=event: self.came.add(e, *args), nsp)
        return self

    def run(self, method, *args, **options):
        """Calls a method; what is to be awaited is."""
        function = getattr(self.raw, method) if isinstance(method, str) else method
        if self.loop is None:
            return function(*args, **options)
        return self.loop.call(function, *args, **options)

    def connect(self, running, **options):
        options.setdefault("wait_timeout", TIMEOUT)
        url = options.pop("url", None) or running.url
        self.run("connect", url, **options)
        return self

    def emit(self, *args, **options):
        self.run("emit", *args, **options)

    def call(self, *args, **options):
        options.setdefault("timeout", TIMEOUT)
        return self.run("call", *args, **options)

    def take(self, event):
        """The arguments of the next event, which has to be this one."""
        name, *args = self.came.take()
        assert name == event, (name, args)
        return tuple(args)

    def disconnect(self):
        self.run("disconnect")

    def close(self):
        self.disconnect()
        if self.loop is not None:
            self.loop.close()
