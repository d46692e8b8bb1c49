"""The exceptions of this package.

Every status of the library has a class of its own, all under SocketIOError;
those that mean the same as a built-in exception are that exception, too. The
rest has the names of python-socketio.
"""

from __future__ import annotations

import builtins
import errno
from collections.abc import Sequence
from typing import Any

__all__ = [
    "AddressInUseError",
    "ArgumentError",
    "BadNamespaceError",
    "ClosedError",
    "ConnectionError",
    "ConnectionRefusedError",
    "DeadlockError",
    "DisconnectedError",
    "ForkedError",
    "HandleError",
    "HostError",
    "InternalError",
    "JSONError",
    "LibraryLoadError",
    "LimitError",
    "NoReplyError",
    "OutOfMemoryError",
    "PermissionDeniedError",
    "ReservedNameError",
    "SocketIOError",
    "StateError",
    "SystemCallError",
    "TimeoutError",
]


class LibraryLoadError(ImportError):
    """The shared library was not found, or is not the one that is needed."""


class SocketIOError(Exception):
    """The base of what this package raises."""


# The caller's.


class ArgumentError(SocketIOError, ValueError):
    """A value that the library does not take."""


class HandleError(SocketIOError):
    """What was addressed is gone: a client, a server."""


class StateError(SocketIOError, RuntimeError):
    """Legal at another time: the server is closing, or not listening."""


class DeadlockError(SocketIOError, RuntimeError):
    """Waiting here could never end."""


class ForkedError(SocketIOError, RuntimeError):
    """The process was forked after a server had been started in it."""


class JSONError(SocketIOError, ValueError):
    """Not the JSON that is asked for."""


class ReservedNameError(SocketIOError, ValueError):
    """An event name that Socket.IO keeps for itself, like "connect"."""


class LimitError(SocketIOError, ValueError):
    """Larger or more than a limit allows."""


class OutOfMemoryError(SocketIOError, MemoryError):
    """The system has no memory left."""


# The network's.


class AddressInUseError(SocketIOError, OSError):
    """Another program listens on this address."""


class PermissionDeniedError(SocketIOError, PermissionError):
    """The system forbids it; ports below 1024 need privileges."""


class HostError(SocketIOError, OSError):
    """This machine has no such name or address."""


class SystemCallError(SocketIOError, OSError):
    """Another system call failed."""


# Outcomes.


class TimeoutError(SocketIOError, builtins.TimeoutError):
    """The other side did not reply in time; or, for many, somebody did not."""

    #: Of many: the replies that came.
    replies: Sequence[Any] = ()
    #: Of many: the sids of those that have not replied.
    silent: Sequence[str] = ()


class DisconnectedError(SocketIOError):
    """The client is not connected, and will not be without somebody's doing.

    It is no TimeoutError: a loop that goes on after one of those has to end with it.
    """


class NoReplyError(DisconnectedError, TimeoutError):
    """The other side left, or was lost, before it replied; or is not there at all.

    It is a TimeoutError, too: python-socketio waits for the rest of the time
    in this case, and programs written for it catch that.
    """


class ClosedError(NoReplyError):
    """The server, or the client, was closed before the other side replied."""


class InternalError(SocketIOError, RuntimeError):
    """A defect of the library: please report it."""


# python-socketio's.


class ConnectionError(SocketIOError):
    """A connection was not made, or is there already.

    Of a client it says in a sentence what happened, and more in its attributes.
    """

    #: What failed: "refused" (by the server, see `data`), "auth" (your function), "argument",
    #: "resolve", "connect", "timeout", "tls", "http", "redirect", "proxy", "revision",
    #: "protocol", "too_large", "overflow", "lost", "open"; "" for something else.
    code: str = ""
    #: "polling" or "websocket", if it came to that.
    transport: str | None = None
    #: The status of the server's response, if there was one.
    http_status: int | None = None
    #: The system's error, if there was one.
    errno: int | None = None
    #: What a server that refuses says: {"message": ..., "data": ...}.
    data: Any = None


class ConnectionRefusedError(ConnectionError):
    """Raise it in a connect handler, or a middleware, to refuse the client.

    The client's connect_error gets `{"message": ..., "data": ...}`: the first
    argument as the message, the second as the data, or all further ones as a
    list.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.error_args: dict[str, Any] = {
            "message": str(args[0]) if args else "Connection rejected by server"
        }
        if len(args) == 2:
            self.error_args["data"] = args[1]
        elif len(args) > 2:
            self.error_args["data"] = args[1:]


class BadNamespaceError(SocketIOError, ValueError):
    """Not a namespace's name, or not one that the client is connected to."""


#: What `OSError.errno` says for the classes that are one.
ERRNO = {
    AddressInUseError: errno.EADDRINUSE,
    PermissionDeniedError: errno.EACCES,
    HostError: errno.EADDRNOTAVAIL,
}
