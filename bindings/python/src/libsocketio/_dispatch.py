"""The threads that run the handlers of a `Server`.

One thread at a time has the *turn*: it dispatches events, and runs their
handlers. Handlers therefore never run at the same time, and events are handled
in the order in which they came.

A handler that waits for a client's reply (`Server.call`) passes the turn to
another thread, which dispatches until the reply is there and passes the turn
back. So other events are handled in the meantime, the reply among them; there is
no nesting of handlers on one stack, where the outer one would have to wait for
the inner ones; and still only one thread runs handlers.

The turn is the lock: all fields are changed by the thread that has it.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Any, Callable

from . import _ffi
from ._events import log
from ._library import lib

_BATCH = 256
_SPARES = 8


class Reply:
    """A reply of a client, which a thread waits for."""

    __slots__ = ("_arrived", "args", "owner", "status")

    def __init__(self) -> None:
        self.status = _ffi.SIO_OK
        self.args: list[Any] = []
        #: The thread that needs the turn back, if it had it.
        self.owner: int | None = None
        self._arrived = threading.Lock()
        self._arrived.acquire()

    def wait(self) -> None:
        """Blocks until `release`."""
        self._arrived.acquire()

    def release(self) -> None:
        """Lets the waiting thread go on."""
        self._arrived.release()


class Dispatcher:
    """Threads that dispatch the events of a runtime, one at a time."""

    def __init__(self, runtime: Any, on_end: Callable[[], None]) -> None:
        self._runtime = runtime
        self._on_end = on_end
        self._turn: int | None = None
        self._threads: set[threading.Thread] = set()
        self._spares: list[Reply] = []
        self._waiting: set[Reply] = set()
        self._ready: deque[Reply] = deque()
        self._finished = False
        self._ended = threading.Event()
        #: Of each thread: whether it runs handlers.
        self._here = threading.local()

    def start(self) -> None:
        """Starts the first thread."""
        self._spawn()

    def finish(self) -> None:
        """Ends the threads after this event; called by the one that has the turn."""
        self._finished = True

    def wait(self, reply: Reply) -> None:
        """Blocks until a reply has arrived; passes the turn on if this thread has it."""
        me = threading.get_ident()
        if self._turn == me:
            reply.owner = me
            self._waiting.add(reply)
            self._pass_turn()
        reply.wait()

    def arrived(self, reply: Reply) -> None:
        """Says that a reply has arrived; called by the thread that has the turn."""
        if reply.owner is None:
            reply.release()
        elif reply in self._waiting:
            self._waiting.discard(reply)
            self._ready.append(reply)

    def join(self) -> None:
        """Waits until all is over, unless called by a thread that runs handlers."""
        if getattr(self._here, "runs_handlers", False):
            return
        self._ended.wait()
        for thread in list(self._threads):
            thread.join()

    def enlist(self) -> None:
        """Says that this thread runs handlers: it does not wait for their end."""
        self._here.runs_handlers = True

    @property
    def ended(self) -> threading.Event:
        """Set when the last event has been handled."""
        return self._ended

    def _spawn(self) -> None:
        thread = threading.Thread(target=self._run, name="libsocketio-dispatch")
        self._threads.add(thread)
        thread.start()

    def _pass_turn(self) -> None:
        """Gives the turn to a thread that has nothing else to do."""
        if self._spares:
            self._give(self._spares.pop())
        else:
            self._turn = None
            self._spawn()

    def _give(self, reply: Reply) -> None:
        self._turn = reply.owner
        reply.release()

    def _run(self) -> None:
        me = threading.get_ident()
        self._turn = me
        self.enlist()
        while True:
            if self._ready:
                handler = self._ready.popleft()
                if len(self._spares) >= _SPARES:
                    self._threads.discard(threading.current_thread())
                    self._give(handler)
                    return
                spare = Reply()
                spare.owner = me
                self._spares.append(spare)
                self._give(handler)
                spare.wait()
                if self._ended.is_set():
                    return
            elif not self._finished:
                self._dispatch()
            elif self._waiting:
                # Cannot happen: every ack ends before its server does.
                reply = self._waiting.pop()
                reply.status = _ffi.SIO_E_CLOSED
                self._ready.append(reply)
            else:
                break
        try:
            self._on_end()
        finally:
            self._ended.set()
            for spare in self._spares:
                spare.release()

    def _dispatch(self) -> None:
        # One at a time while a handler waits, so that it gets its reply and
        # the turn before the next event.
        batch = 1 if self._waiting else _BATCH
        status = lib.sio_runtime_dispatch(self._runtime, batch, -1, None)
        if status:
            log.error("dispatching failed: %s", lib.sio_last_error().decode("utf-8", "replace"))
            self._finished = True
