"""Arguments of events, to JSON and back, with binary values at any depth.

The library takes and gives the JSON text of an array. Where a binary value
stands, the text has a placeholder, and the value is listed beside it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from json import encoder as _encoder
from typing import Any, Callable, Protocol

__all__ = ["Codec", "JSONModule", "pack", "unpack"]


class JSONModule(Protocol):
    """What the `json=` option takes: a module like the standard library's."""

    def dumps(self, obj: Any, **options: Any) -> Any:
        """The JSON text of a value."""

    def loads(self, text: Any) -> Any:
        """The value of a JSON text."""


#: The JSON text of a str; None if Python has nobody in C who makes it.
_QUOTED: Callable[[str], str] | None = getattr(_encoder, "c_encode_basestring", None)


def _standard_dumps() -> Callable[[Any], str]:
    """`json.dumps`, compact, with its preparations made once instead of every time."""
    encoder = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    make = getattr(_encoder, "c_make_encoder", None)
    string = _QUOTED
    if make is None or string is None:  # not CPython
        return encoder.encode
    # No table for the detection of cycles: a failed call would leave entries in
    # it. A cycle ends in a RecursionError instead.
    try:
        encode = make(None, encoder.default, string, None, ":", ",", False, False, False)
    except TypeError:  # another CPython, other parameters
        return encoder.encode

    def dumps(value: Any) -> str:
        return "".join(encode(value, 0))

    return dumps


def _standard_loads() -> Callable[[str], Any]:
    """`json.loads` for text that is known to be JSON and begins with its value."""
    scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]

    def loads(text: str) -> Any:
        try:
            return scan(text, 0)[0]
        except StopIteration:  # blanks before it, say
            return json.loads(text)

    return loads


def _take_out(value: Any, found: list[bytes]) -> Any:
    """A copy of a value in which placeholders stand for the binary values."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        found.append(value if isinstance(value, bytes) else bytes(value))
        return {"_placeholder": True, "num": len(found) - 1}
    if isinstance(value, (list, tuple)):
        return [_take_out(item, found) for item in value]
    if isinstance(value, dict):
        return {key: _take_out(item, found) for key, item in value.items()}
    return value


def _put_in(value: Any, attachments: Sequence[bytes]) -> Any:
    """A value with the binary values in the places of their placeholders."""
    if isinstance(value, list):
        return [_put_in(item, attachments) for item in value]
    if isinstance(value, dict):
        if value.get("_placeholder") is True and "num" in value:
            return attachments[value["num"]]
        return {key: _put_in(item, attachments) for key, item in value.items()}
    return value


class Codec:
    """The two directions, with the standard library's `json` or another module."""

    __slots__ = ("_dumps", "_quoted", "encode", "loads")

    def __init__(self, module: Any = None) -> None:
        if module is None or module is json:
            self._dumps: Callable[[Any], Any] = _standard_dumps()
            #: Of a str alone: the most frequent argument needs no more.
            self._quoted: Callable[[str], str] | None = _QUOTED
            #: The value of a JSON text.
            self.loads: Callable[[str], Any] = _standard_loads()
        else:
            dumps = module.dumps
            self._dumps = lambda value: dumps(value, separators=(",", ":"))
            self._quoted = None
            self.loads = module.loads
        #: The JSON text of an event's arguments, and its binary values, if any.
        self.encode = self._encoder()

    def _encoder(self) -> Callable[[Sequence[Any]], tuple[bytes, list[bytes] | None]]:
        """`encode`, as a closure: it is called for every event."""
        dumps, slowly, quoted = self._dumps, self._encode_slowly, self._quoted

        def encode(args: Sequence[Any]) -> tuple[bytes, list[bytes] | None]:
            try:
                if len(args) == 1 and args[0].__class__ is str and quoted is not None:
                    return f"[{quoted(args[0])}]".encode(), None
                return dumps(args).encode(), None
            except (TypeError, AttributeError, UnicodeEncodeError) as error:
                return slowly(args, error)

        return encode

    def _encode_slowly(
        self, args: Sequence[Any], error: Exception
    ) -> tuple[bytes, list[bytes] | None]:
        """For what went wrong: binary values, which are not looked for before, because
        most events have none; and texts that need care.
        """
        if not isinstance(error, TypeError):
            return self.dumps(args), None
        found: list[bytes] = []
        stripped = _take_out(args, found)
        if not found:
            raise error
        return self.dumps(stripped), found

    def dumps(self, value: Any) -> bytes:
        """The JSON text of a value without binary values."""
        text = self._dumps(value)
        if isinstance(text, bytes):  # some modules give bytes
            return text
        try:
            return str.encode(text)
        except UnicodeEncodeError:  # half of a surrogate pair: JSON can say it, UTF-8 cannot
            return json.dumps(json.loads(text), separators=(",", ":")).encode()

    def decode(self, text: bytes, attachments: Sequence[bytes]) -> Any:
        """The arguments of an event with binary values."""
        return _put_in(self.loads(text.decode()), attachments)


def pack(data: Any) -> Sequence[Any]:
    """Arguments as python-socketio has them: a tuple is several, None is none."""
    if data is None:
        return ()
    if isinstance(data, tuple):
        return data
    return (data,)


def unpack(args: Sequence[Any]) -> Any:
    """The reverse, for replies: None, the one, or a tuple of several."""
    if len(args) == 1:
        return args[0]
    return tuple(args) if args else None
