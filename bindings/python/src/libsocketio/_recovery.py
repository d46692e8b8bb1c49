"""Connection state recovery: the option, and the sessions of clients that may come back."""

from __future__ import annotations

import ctypes
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from ctypes import byref, c_int32
from itertools import islice
from typing import Any, Union

from . import _ffi
from ._errors import reached
from ._library import quick
from ._numbers import milliseconds, positive

#: True, or a dict of what is not as usual.
ConnectionStateRecovery = Union[bool, Mapping[str, Any], None]

#: A namespace and a sid.
_Key = tuple[str, str]

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


def skips_middlewares(option: ConnectionStateRecovery) -> bool:
    """Whether clients that come back are let in without asking anybody."""
    wanted = _checked(option)
    return wanted is not None and bool(wanted["skip_middlewares"])


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
    """What the application keeps about clients that may come back, of all namespaces of a server.

    The library decides who may. What it forgets is forgotten here by the same rules: the
    oldest of the namespaces that have most.
    """

    def __init__(self, seconds: float, most: int) -> None:
        self._seconds = seconds
        self._most = most
        #: By namespace and sid, in the order in which they left: until when, and the session.
        self._kept: OrderedDict[_Key, tuple[float, dict[str, Any]]] = OrderedDict()
        #: The same by namespace.
        self._of: dict[str, OrderedDict[_Key, None]] = {}
        # A thread that asks for a client may be the first to see that it is back.
        self._lock = threading.Lock()

    def keep(self, namespace: str, sid: str, session: dict[str, Any], reason: str) -> None:
        """Keeps the session of a client that leaves, if it may come back."""
        if reason not in _RECOVERABLE:
            return
        key = (namespace, sid)
        with self._lock:
            self._pop(key)
            self._kept[key] = (time.monotonic() + self._seconds, session)
            self._of.setdefault(namespace, OrderedDict())[key] = None
            self._expire()
            self._drop_oldest(namespace, len(self._of.get(namespace, ())) - self._most)
            if len(self._kept) > self._most:
                self._make_room()

    def take(self, namespace: str, sid: str) -> dict[str, Any] | None:
        """The session of a client that is back."""
        with self._lock:
            return self._pop((namespace, sid))

    def __len__(self) -> int:
        with self._lock:
            self._expire()
            return len(self._kept)

    def _pop(self, key: _Key) -> dict[str, Any] | None:
        kept = self._kept.pop(key, None)
        if kept is None:
            return None
        of_namespace = self._of[key[0]]
        del of_namespace[key]
        if not of_namespace:
            del self._of[key[0]]
        return kept[1]

    def _expire(self) -> None:
        now = time.monotonic()
        while self._kept:
            key, (until, _) = next(iter(self._kept.items()))
            if until > now:
                break
            self._pop(key)

    def _make_room(self) -> None:
        # To have looked at all namespaces is to pay for a while.
        target = self._most - self._most // 8
        for namespace in sorted(self._of, key=lambda name: len(self._of[name]), reverse=True):
            if len(self._kept) <= target:
                break
            self._drop_oldest(namespace, len(self._kept) - target)

    def _drop_oldest(self, namespace: str, count: int) -> None:
        for key in list(islice(self._of.get(namespace, ()), max(0, count))):
            self._pop(key)


def sessions(option: ConnectionStateRecovery) -> Sessions | None:
    """Where a server keeps them; None if clients do not come back."""
    wanted = _checked(option)
    if wanted is None:
        return None
    # Somewhat longer than the library, which decides.
    return Sessions(wanted["max_disconnection_duration"] + 1, wanted["max_sessions"])
