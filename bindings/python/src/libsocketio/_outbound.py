"""What waits for clients that read too slowly: what may become of it, and how much it is."""

from __future__ import annotations

from ctypes import byref, c_int32, c_uint64
from typing import Any, NamedTuple

from . import _ffi
from ._errors import check
from ._library import quick
from ._native import name_bytes

OVERFLOW = {
    "close": _ffi.SIO_OVERFLOW_CLOSE,
    "drop_newest": _ffi.SIO_OVERFLOW_DROP_NEWEST,
    "drop_oldest": _ffi.SIO_OVERFLOW_DROP_OLDEST,
    "coalesce": _ffi.SIO_OVERFLOW_COALESCE,
}


class Delivery(NamedTuple):
    """What may become of an event while it waits, as the library has it."""

    key: bytes | None = None
    overflow: int = _ffi.SIO_OVERFLOW_DEFAULT


DEFAULT = Delivery()


def delivery(coalesce_key: str | None, overflow: str | None) -> Delivery:
    """What the arguments of an emit say."""
    if coalesce_key is None and overflow is None:
        return DEFAULT
    key = None if coalesce_key is None else name_bytes(coalesce_key)
    return Delivery(key, 0 if overflow is None else policy(overflow))


def policy(overflow: Any) -> int:
    """A policy's number."""
    if not isinstance(overflow, str):
        raise TypeError(f"overflow must be a str, not {overflow!r}")
    if overflow not in OVERFLOW:
        raise ValueError(f"overflow is one of {', '.join(OVERFLOW)}, not {overflow!r}")
    return OVERFLOW[overflow]


class Buffered(NamedTuple):
    """What waits for a client."""

    bytes: int = 0
    packets: int = 0


def buffered(socket: Any) -> Buffered:
    """What waits for the client of a socket."""
    size, packets = c_uint64(), c_uint64()
    check(quick.sio_socket_buffered(socket, byref(size), byref(packets)))
    return Buffered(size.value, packets.value)


def writable(socket: Any) -> bool:
    """Whether an event would leave at once."""
    answer = c_int32()
    check(quick.sio_socket_writable(socket, byref(answer)))
    return bool(answer.value)
