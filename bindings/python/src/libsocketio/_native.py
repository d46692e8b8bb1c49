"""Python values into the library's structs, and back."""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Iterable, Sequence
from ctypes import byref, c_void_p, string_at
from functools import lru_cache
from typing import Any

from . import _ffi
from ._errors import reached
from ._library import quick

# --- names: NUL-terminated


@lru_cache(maxsize=4096)
def name_bytes(name: str) -> bytes:
    """A name (of an event, a room, a namespace) as the library wants it."""
    if not isinstance(name, str):
        raise TypeError(f"a name must be a str, not {type(name).__name__}")
    if "\0" in name:
        raise ValueError(f"a name cannot contain a NUL character: {name!r}")
    return name.encode()


def room_bytes(room: Any) -> bytes:
    """A room's name; rooms that are not a str (numbers, say) are known by their str()."""
    return name_bytes(room if isinstance(room, str) else str(room))


# --- texts and bytes: pointer and length


def text_of(data: bytes | None) -> Any:
    """A `sio_text` of some bytes, which must live as long as it; None is none."""
    return _ffi.sio_text(data, len(data) if data is not None else 0)


def read_text(text: Any) -> bytes:
    """The bytes of a `sio_text` that the library gave."""
    # Not .data: ctypes would stop at a NUL inside the text.
    address = c_void_p.from_buffer(text).value
    return string_at(address, text.length) if address else b""


def read_string(text: Any) -> str:
    """The str of a `sio_text` that the library gave."""
    return read_text(text).decode("utf-8", "replace")


def read_view(data: bytes | None, length: int) -> str:
    """The str of a text without a NUL, such as a method, in the view of an event."""
    return (data or b"")[:length].decode("utf-8", "replace")


def read_bytes(value: Any) -> bytes:
    """The bytes of a `sio_bytes` that the library gave."""
    return string_at(value.data, value.length) if value.length else b""


def read_array(address: Any, kind: Any, count: int) -> Any:
    """An array of structs that the library gave, by the address or pointer of its first."""
    if not count:
        return ()
    if not isinstance(address, int):
        address = ctypes.cast(address, c_void_p).value
    return (kind * count).from_address(address)


def bytes_of(data: bytes) -> Any:
    """A `sio_bytes` of some bytes, which must live as long as it."""
    return _ffi.sio_bytes(
        ctypes.cast(ctypes.c_char_p(data), c_void_p).value if data else None, len(data)
    )


def bytes_array(values: Sequence[bytes]) -> Any:
    """An array of `sio_bytes`; the values must live as long as it."""
    return (_ffi.sio_bytes * len(values))(*[bytes_of(value) for value in values])


def read_attachments(view: Any) -> list[bytes]:
    """The binary values of an event."""
    array = read_array(view.attachments, _ffi.sio_bytes, view.attachment_count)
    return [read_bytes(value) for value in array]


# --- options of emits


def emit_options(
    flags: int,
    attachments: Sequence[bytes] | None,
    coalesce_key: bytes | None = None,
    overflow: int = 0,
) -> Any:
    """A `sio_emit_options`, or None for the defaults."""
    if not flags and not attachments and coalesce_key is None and not overflow:
        return None
    options = _ffi.sio_emit_options(ctypes.sizeof(_ffi.sio_emit_options), flags)
    options.coalesce_key = coalesce_key
    options.overflow = overflow
    if attachments:
        options.attachments = bytes_array(attachments)
        options.attachment_count = len(attachments)
    return byref(options)


def target_of(rooms: Iterable[Any], skipped: Iterable[Any]) -> Any:
    """A `sio_target`: the sockets of any of the rooms (none: all) less those of the skipped."""
    names = [room_bytes(room) for room in rooms]
    without = [room_bytes(room) for room in skipped]
    if not names and not without:
        return None
    target = _ffi.sio_target(ctypes.sizeof(_ffi.sio_target))
    if names:
        target.rooms = (ctypes.c_char_p * len(names))(*names)
        target.room_count = len(names)
    if without:
        setattr(target, "except", (ctypes.c_char_p * len(without))(*without))
        target.except_count = len(without)
    return byref(target)


# The way of nearly every event. With a prototype ctypes makes an object of every argument,
# and the text needs a struct: that takes longer than the call. Without one it passes handles,
# bytes and None as they are, and an int as a register. A struct of a pointer and a length
# is passed as these two, on the machines that are named, while there are registers: six at least.
IN_REGISTERS = platform.machine() in ("x86_64", "aarch64") and ctypes.sizeof(c_void_p) == 8
_SHORT = 1 << 30  # what is longer is no int in C
_emit_plain = quick["sio_emit"]
_client_emit_plain = quick["sio_client_emit"]


def send(socket: Any, name: bytes, payload: bytes) -> int:
    """`sio_emit` without options."""
    length = len(payload)
    if IN_REGISTERS and length < _SHORT:
        status: int = _emit_plain(socket, name, payload, length, None)
    else:
        status = quick.sio_emit(socket, name, text_of(payload), None)
    return status


def send_up(client: Any, nsp: bytes, name: bytes, payload: bytes) -> int:
    """`sio_client_emit` without options."""
    length = len(payload)
    if IN_REGISTERS and length < _SHORT:
        status: int = _client_emit_plain(client, nsp, name, payload, length, None)
    else:
        status = quick.sio_client_emit(client, nsp, name, text_of(payload), None)
    return status


# --- what is known about a socket


def socket_id(socket: Any) -> str | None:
    """The id of a socket; None if it is gone."""
    text = _ffi.sio_socket_id_text()
    if not reached(quick.sio_socket_id(socket, byref(text))):
        return None
    return bytes(text.text).decode()


def socket_rooms(socket: Any) -> list[str]:
    """The rooms of a socket; none if it is gone."""
    rooms = ctypes.POINTER(_ffi.sio_text)()
    count = ctypes.c_size_t()
    if not reached(quick.sio_socket_rooms(socket, byref(rooms), byref(count))):
        return []
    try:
        return [read_string(room) for room in read_array(rooms, _ffi.sio_text, count.value)]
    finally:
        quick.sio_free(rooms)
