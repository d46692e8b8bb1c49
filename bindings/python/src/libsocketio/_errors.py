"""From statuses to exceptions."""

from __future__ import annotations

from . import _ffi, exceptions
from ._library import quick

#: The exception of every failure.
CLASSES: dict[int, type[exceptions.SocketIOError]] = {
    _ffi.SIO_E_ARGUMENT: exceptions.ArgumentError,
    _ffi.SIO_E_HANDLE: exceptions.HandleError,
    _ffi.SIO_E_STATE: exceptions.StateError,
    _ffi.SIO_E_DEADLOCK: exceptions.DeadlockError,
    _ffi.SIO_E_FORKED: exceptions.ForkedError,
    _ffi.SIO_E_JSON: exceptions.JSONError,
    _ffi.SIO_E_RESERVED: exceptions.ReservedNameError,
    _ffi.SIO_E_LIMIT: exceptions.LimitError,
    _ffi.SIO_E_MEMORY: exceptions.OutOfMemoryError,
    _ffi.SIO_E_ADDRESS_IN_USE: exceptions.AddressInUseError,
    _ffi.SIO_E_PERMISSION: exceptions.PermissionDeniedError,
    _ffi.SIO_E_HOST: exceptions.HostError,
    _ffi.SIO_E_SYSTEM: exceptions.SystemCallError,
    _ffi.SIO_E_TIMEOUT: exceptions.TimeoutError,
    _ffi.SIO_E_DISCONNECTED: exceptions.NoReplyError,
    _ffi.SIO_E_CLOSED: exceptions.ClosedError,
    _ffi.SIO_E_INTERNAL: exceptions.InternalError,
}


def error(status: int, sentence: str | None = None) -> exceptions.SocketIOError:
    """The exception for a status, with a sentence or the library's latest on this thread."""
    if sentence is None:
        sentence = quick.sio_last_error().decode("utf-8", "replace")
    if not sentence:
        sentence = quick.sio_status_name(status).decode()
    kind = CLASSES.get(status, exceptions.SocketIOError)
    exception = kind(sentence)
    if isinstance(exception, OSError) and kind in exceptions.ERRNO:
        exception.errno = exceptions.ERRNO[kind]
    return exception


def check(status: int) -> None:
    """Raises the exception of a failure."""
    if status:
        raise error(status)


def reached(status: int) -> bool:
    """Whether a call reached its client; False if that is gone. Raises for other failures.

    A client can leave at any moment, so that its absence is never an error.
    """
    if status == _ffi.SIO_OK:
        return True
    if status in (_ffi.SIO_E_HANDLE, _ffi.SIO_E_DISCONNECTED, _ffi.SIO_E_CLOSED):
        return False
    raise error(status)
