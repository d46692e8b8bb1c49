"""Shuts down what still runs when the program ends.

A thread inside the library must be gone before the interpreter is: it could not
come back. `threading` waits for its threads before it calls `atexit` functions;
so the registration is with `threading`, which calls it before it waits.
"""

from __future__ import annotations

import atexit
import os
import threading
from typing import Protocol


class Running(Protocol):
    """A server, as far as the end of the program is concerned."""

    def _exit(self) -> None: ...


#: The servers that listen. They stay alive until they are shut down.
running: set[Running] = set()


def _at_exit() -> None:
    for server in list(running):
        server._exit()


# The child of a fork has no servers: those were its parent's.
os.register_at_fork(after_in_child=running.clear)
getattr(threading, "_register_atexit", atexit.register)(_at_exit)
