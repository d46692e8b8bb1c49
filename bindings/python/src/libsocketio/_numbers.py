"""Numbers of the application's that are checked."""

from __future__ import annotations

from typing import Any


def milliseconds(name: str, seconds: Any, *, or_none: bool = False) -> int:
    """A time in seconds as whole milliseconds, at least one; or none, if that may be."""
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise TypeError(f"{name} must be a number of seconds, not {seconds!r}")
    if or_none and seconds == 0:
        return 0
    if not 0 < seconds <= 4_000_000:
        raise ValueError(f"{name} must be more than 0 and at most 4000000 seconds, not {seconds!r}")
    return max(1, round(seconds * 1000))


def positive(name: str, value: Any, end: int = 2**32) -> int:
    """A count, at least one."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, not {value!r}")
    if not 0 < value < end:
        raise ValueError(f"{name} must be between 1 and {end - 1}, not {value!r}")
    return value
