"""How events come out of the library: one trampoline, and a table of slots.

The library's queue calls back while Python's own thread is inside
`sio_runtime_dispatch`. One C function exists for all callbacks and for the life
of the process; what is to be called is a *slot*, an integer that travels as the
callback's context. No Python object crosses the border.
"""

from __future__ import annotations

import ctypes
import itertools
import logging
from typing import Any, Callable

from . import _ffi

log = logging.getLogger("libsocketio")


def _flatten(structure: type[ctypes.Structure]) -> list[tuple[str, Any]]:
    """The fields of a struct with those of the structs inside it, in one list.

    Handles become plain integers and texts a pointer and a length, so that
    reading one costs one attribute and makes no object.
    """
    fields: list[tuple[str, Any]] = []
    for name, kind, *_ in structure._fields_:
        if not (isinstance(kind, type) and issubclass(kind, ctypes.Structure)):
            fields.append((name, kind))
            continue
        for inner, inner_kind, *_ in kind._fields_:
            suffix = "" if inner in ("id", "data") else f"_{inner}"
            fields.append((name + suffix, inner_kind))
    return fields


class EventView(ctypes.Structure):
    """`sio_event`, flat: `socket` is an integer, `args` the bytes up to the NUL.

    JSON text cannot contain a NUL. A name can: read it with `text`.
    """

    _fields_ = _flatten(_ffi.sio_event)


assert ctypes.sizeof(EventView) == ctypes.sizeof(_ffi.sio_event)

#: What a slot holds: a function of one event, which is borrowed until it returns.
Slot = Callable[[Any], None]

NO_RELEASE = _ffi.sio_release_fn()

_slots: dict[int, Slot] = {}
_numbers = itertools.count(1)  # from 1: ctypes turns a zero pointer into None


def take_slot(function: Slot) -> int:
    """Puts a function into the table; its number is the context to register."""
    number = next(_numbers)
    _slots[number] = function
    return number


def free_slot(number: int) -> None:
    """Takes a function out of the table; events that still come for it are ignored."""
    _slots.pop(number, None)


# The library reuses the memory of its events, so that a view of an address is
# nearly always there already. A view does not own what it shows.
_views: dict[int, EventView] = {}
_VIEWS = 256


def _view(address: int) -> EventView:
    if len(_views) >= _VIEWS:
        _views.clear()
    view = _views[address] = EventView.from_address(address)
    return view


@_ffi.sio_event_fn  # type: ignore[untyped-decorator]
def trampoline(address: int, context: int) -> None:
    """The one callback. Slots deal with their exceptions: none should arrive here."""
    try:
        slot = _slots.get(context)
        if slot is not None:
            slot(_views.get(address) or _view(address))
    except BaseException:
        # ctypes would print and drop it.
        log.exception("an error in libsocketio's own event handling")
