"""The options of compression: python-socketio's words, and those of RFC 7692."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from typing import Any, Union

from . import _ffi

#: False, True for the defaults, or a dict of what differs from them.
PerMessageDeflate = Union[bool, Mapping[str, Any]]

_FLAGS = {
    "server_no_context_takeover": _ffi.SIO_DEFLATE_SERVER_NO_CONTEXT_TAKEOVER,
    "client_no_context_takeover": _ffi.SIO_DEFLATE_CLIENT_NO_CONTEXT_TAKEOVER,
}
#: The least and the most of each number.
_NUMBERS = {
    "server_max_window_bits": (9, 15),
    "client_max_window_bits": (9, 15),
    "level": (1, 9),
    "mem_level": (1, 9),
}


def threshold(name: str, value: Any) -> int:
    """A size in bytes, 0 and 1 being the same: all of them."""
    return max(1, _number(name, value, 0, 2**32 - 1))


def deflate_options(value: PerMessageDeflate) -> Any:
    """A `sio_deflate_options`; None for none."""
    if value is False:
        return None
    result = _ffi.sio_deflate_options(ctypes.sizeof(_ffi.sio_deflate_options))
    if value is True:
        return result
    if not isinstance(value, Mapping):
        raise TypeError(f"per_message_deflate must be False, True or a dict, not {value!r}")
    for name, one in value.items():
        if name in _FLAGS:
            if not isinstance(one, bool):
                raise TypeError(f"{name} of per_message_deflate must be True or False, not {one!r}")
            result.flags |= _FLAGS[name] if one else 0
        elif name == "threshold":
            result.threshold = threshold("threshold of per_message_deflate", one)
        elif name in _NUMBERS:
            setattr(result, name, _number(f"{name} of per_message_deflate", one, *_NUMBERS[name]))
        else:
            known = ", ".join([*_FLAGS, "threshold", *_NUMBERS])
            raise ValueError(f"per_message_deflate has no {name!r}, but {known}")
    return result


def _number(name: str, value: Any, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, not {value!r}")
    if not least <= value <= most:
        raise ValueError(f"{name} must be between {least} and {most}, not {value!r}")
    return value
