"""Requests that are not Socket.IO: the values that a handler gets and gives."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import _ffi
from ._errors import reached
from ._library import quick
from ._native import bytes_of, read_array, read_bytes, read_string, read_view, text_of

__all__ = ["Request", "Response"]


@dataclass(frozen=True)
class Request:
    """An HTTP request outside the Socket.IO path."""

    #: "GET", "POST", ...
    method: str
    #: The path and the query as they came, percent-encoded: "/a%20b?x=1".
    target: str
    #: Names in lower case; several fields of one name are joined with ", ".
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def path(self) -> str:
        """What precedes the "?" in the target; percent-encoded as it came."""
        return self.target.partition("?")[0]

    @property
    def query_string(self) -> str:
        """What follows the "?" in the target."""
        return self.target.partition("?")[2]


@dataclass(frozen=True)
class Response:
    """The answer to an HTTP request. A str is sent as UTF-8."""

    body: str | bytes = b""
    status: int = 200
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


NOT_FOUND = Response("not found\n", 404)
FAILED = Response("internal server error\n", 500)


def read_request(view: Any) -> Request:
    """A copy of the request of an event."""
    headers: dict[str, str] = {}
    for header in read_array(view.headers, _ffi.sio_header, view.header_count):
        name, value = read_string(header.name).lower(), read_string(header.value)
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Request(
        method=read_view(view.method, view.method_length),
        target=read_view(view.target, view.target_length),
        headers=headers,
        body=read_bytes(_ffi.sio_bytes(view.body, view.body_length)),
    )


def respond(request: int, result: Any) -> None:
    """Sends what a handler returned: a Response, text, bytes, or None for "not found"."""
    if result is None:
        result = NOT_FOUND
    elif isinstance(result, (str, bytes)):
        result = Response(result)
    elif not isinstance(result, Response):
        raise TypeError(f"an http handler returned {type(result).__name__}, not a Response")
    body = result.body.encode() if isinstance(result.body, str) else bytes(result.body)
    fields = [("content-type", result.content_type), *result.headers.items()]
    pairs = [(name.encode(), value.encode()) for name, value in fields]
    headers = (_ffi.sio_header * len(pairs))(
        *[_ffi.sio_header(text_of(name), text_of(value)) for name, value in pairs]
    )
    handle = _ffi.sio_http_request(request)
    reached(quick.sio_http_respond(handle, result.status, headers, len(pairs), bytes_of(body)))


assert ctypes.sizeof(_ffi.sio_header) == 2 * ctypes.sizeof(_ffi.sio_text)
