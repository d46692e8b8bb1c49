"""Connection state recovery: the option, and the sessions of clients that may come back."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Mapping
from ctypes import byref, c_int32
from typing import Any, Union

from . import _ffi
from ._errors import reached
from ._library import quick
from ._numbers import milliseconds, positive

#: True, or a dict of what is not as usual.
ConnectionStateRecovery = Union[bool, Mapping[str, Any], None]

_DEFAULTS: dict[str, Any] = {
    "max_disconnection_duration": 120,
    "skip_middlewares": False,
    "max_sessions": 10_000,
    "max_bytes": 16 * 1024 * 1024,
}

#: After which clients may come back: the connection ended, and nobody wanted it to.
_RECOVERABLE = frozenset(
    (
        "transport close",
        "transport error",
        "ping timeout",
        "forced close",
        "forced server close",
    )
)


def _checked(option: ConnectionStateRecovery) -> dict[str, Any] | None:
    if option is None or option is False:
        return None
    given = {} if option is True else option
    if not isinstance(given, Mapping):
        raise TypeError(f"connection_state_recovery must be True or a dict, not {option!r}")
    unknown = sorted(set(given) - set(_DEFAULTS))
    if unknown:
        raise TypeError(f"connection_state_recovery has no {unknown[0]!r}: {', '.join(_DEFAULTS)}")
    return {**_DEFAULTS, **given}


def recovery_options(option: ConnectionStateRecovery) -> Any:
    """The option as the library has it; None if it is off."""
    wanted = _checked(option)
    if wanted is None:
        return None
    result = _ffi.sio_recovery_options(ctypes.sizeof(_ffi.sio_recovery_options))
    if wanted["skip_middlewares"]:
        result.flags = _ffi.SIO_RECOVERY_SKIP_MIDDLEWARES
    duration = wanted["max_disconnection_duration"]
    result.max_disconnection_ms = milliseconds("max_disconnection_duration", duration)
    for name in ("max_sessions", "max_bytes"):
        setattr(result, name, positive(name, wanted[name]))
    return result


def recovered(socket: Any) -> bool:
    """Whether a client went on where it was."""
    result = c_int32()
    return reached(quick.sio_socket_recovered(socket, byref(result))) and result.value == 1


class Sessions:
    """What the application keeps about clients of one namespace that may come back."""

    def __init__(self, seconds: float, most: int) -> None:
        self._seconds = seconds
        self._most = most
        #: By sid, the one that left first in front: until when, and the session.
        self._kept: dict[str, tuple[float, dict[str, Any]]] = {}

    def keep(self, sid: str, session: dict[str, Any], reason: str) -> None:
        """Keeps the session of a client that leaves, if it may come back."""
        if reason not in _RECOVERABLE:
            return
        self._kept.pop(sid, None)
        self._kept[sid] = (time.monotonic() + self._seconds, session)
        self._expire()

    def take(self, sid: str) -> dict[str, Any] | None:
        """The session of a client that is back."""
        kept = self._kept.pop(sid, None)
        return None if kept is None else kept[1]

    def __len__(self) -> int:
        self._expire()
        return len(self._kept)

    def _expire(self) -> None:
        now = time.monotonic()
        for old, (until, _) in list(self._kept.items()):
            if until > now and len(self._kept) <= self._most:
                break
            del self._kept[old]


def sessions(option: ConnectionStateRecovery) -> Sessions | None:
    """Where a namespace keeps them; None if clients do not come back."""
    wanted = _checked(option)
    if wanted is None:
        return None
    # Somewhat longer than the library, which decides.
    return Sessions(wanted["max_disconnection_duration"] + 1, wanted["max_sessions"])
