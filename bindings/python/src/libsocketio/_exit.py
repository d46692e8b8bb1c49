"""What is to be done when the program ends, or is interrupted.

A thread inside the library must be gone before the interpreter is: it could not
come back. `threading` waits for its threads before it calls `atexit` functions;
so the registration is with `threading`, which calls it before it waits.
"""

from __future__ import annotations

import atexit
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol


class Running(Protocol):
    """A server, as far as the end of the program is concerned."""

    def _exit(self) -> None: ...


#: The servers that listen. They stay alive until they are shut down.
running: set[Running] = set()


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ctrl-C waits for the end of this: nobody could tell whether a thread was started.

    It is for what takes no time.
    """
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler) or threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[tuple[Any, ...]] = []
    signal.signal(signal.SIGINT, lambda *interrupt: came.append(interrupt))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if came:
            handler(*came[0])


def _at_exit() -> None:
    for server in list(running):
        server._exit()


# The child of a fork has no servers: those were its parent's.
os.register_at_fork(after_in_child=running.clear)
getattr(threading, "_register_atexit", atexit.register)(_at_exit)
