"""What servers and clients have of the library: a runtime with its queue, and slots."""

from __future__ import annotations

import ctypes
import logging
import os
from ctypes import byref
from typing import Any

from . import _ffi
from ._errors import check, error
from ._events import NO_RELEASE, Slot, free_slot, take_slot, trampoline
from ._library import lib, quick

_LEVELS = {
    _ffi.SIO_LOG_ERROR: logging.ERROR,
    _ffi.SIO_LOG_WARNING: logging.WARNING,
    _ffi.SIO_LOG_INFO: logging.INFO,
    _ffi.SIO_LOG_DEBUG: logging.DEBUG,
}


class Slots:
    """The slots that are registered with one native object."""

    def __init__(self) -> None:
        self._slots: list[int] = []

    def register(self, function: str, *whom: Any, slot: Slot) -> None:
        """Registers a slot with a function that takes fn, context and release last."""
        number = take_slot(slot)
        status = getattr(lib, function)(*whom, trampoline, number, NO_RELEASE)
        if status:
            failure = error(status)
            free_slot(number)
            raise failure
        self._slots.append(number)

    def mute(self) -> None:
        """Ignores all further events."""
        for number in self._slots:
            free_slot(number)


class Runtime(Slots):
    """A native runtime: event loops, and a queue of events."""

    def __init__(self, options: Any) -> None:
        super().__init__()
        self.pid = os.getpid()
        #: The handle.
        self.handle = _ffi.sio_runtime()
        check(lib.sio_runtime_new(byref(options), byref(self.handle)))

    @property
    def forked(self) -> bool:
        """Whether this process is a child of the one that made the runtime."""
        return self.pid != os.getpid()

    def on_log(self, logger: Any, level: int) -> None:
        """Sends the library's log, as far as a logging level wants it, to a logger."""
        wanted = max((ours for ours, theirs in _LEVELS.items() if theirs >= level), default=0)
        if not wanted:
            return

        def line(view: Any) -> None:
            text = ctypes.string_at(view.reason, view.reason_length).decode("utf-8", "replace")
            logger.log(_LEVELS.get(view.level, logging.DEBUG), "%s", text)

        self.register("sio_runtime_on_log", self.handle, wanted, slot=line)

    def fd(self) -> int:
        """The file descriptor that is readable while events wait."""
        fd = ctypes.c_int()
        check(lib.sio_runtime_fd(self.handle, byref(fd)))
        return fd.value

    def cork(self) -> None:
        """Holds back what this thread emits, until `uncork`."""
        quick.sio_runtime_cork(self.handle)

    def uncork(self) -> None:
        """Lets what was held back leave, all at once."""
        quick.sio_runtime_uncork(self.handle)

    def destroy(self) -> None:
        """Ends the native object; to be called once, when nothing dispatches any more."""
        if not self.forked:
            lib.sio_runtime_destroy(self.handle)
        self.mute()


def runtime_options(threads: int | None) -> Any:
    """A `sio_runtime_options` of a queued runtime; `threads` None is one for each core."""
    options = _ffi.sio_runtime_options(
        ctypes.sizeof(_ffi.sio_runtime_options), _ffi.SIO_DISPATCH_QUEUED
    )
    if threads is not None:
        options.threads = threads
    return options
