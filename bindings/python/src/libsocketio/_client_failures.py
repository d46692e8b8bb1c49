"""Why a connection was not made, from the library's events to exceptions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import _ffi, exceptions
from ._native import read_view

#: The library's numbers by the words that exceptions have.
CODES = {
    _ffi.SIO_FAILURE_REFUSED: "refused",
    _ffi.SIO_FAILURE_AUTH: "auth",
    _ffi.SIO_FAILURE_ARGUMENT: "argument",
    _ffi.SIO_FAILURE_RESOLVE: "resolve",
    _ffi.SIO_FAILURE_CONNECT: "connect",
    _ffi.SIO_FAILURE_TIMEOUT: "timeout",
    _ffi.SIO_FAILURE_TLS: "tls",
    _ffi.SIO_FAILURE_HTTP: "http",
    _ffi.SIO_FAILURE_REDIRECT: "redirect",
    _ffi.SIO_FAILURE_PROXY: "proxy",
    _ffi.SIO_FAILURE_REVISION: "revision",
    _ffi.SIO_FAILURE_PROTOCOL: "protocol",
    _ffi.SIO_FAILURE_TOO_LARGE: "too_large",
    _ffi.SIO_FAILURE_OVERFLOW: "overflow",
    _ffi.SIO_FAILURE_LOST: "lost",
    _ffi.SIO_FAILURE_OPEN: "open",
}

#: After these there is no other attempt.
FINAL = ("refused", "auth", "argument")

_TRANSPORTS = {
    _ffi.SIO_TRANSPORT_POLLING: "polling",
    _ffi.SIO_TRANSPORT_WEBSOCKET: "websocket",
}


def transport_name(number: int) -> str | None:
    """The name of a transport; None for none."""
    return _TRANSPORTS.get(number)


def failure_of(view: Any, loads: Callable[[str], Any]) -> exceptions.ConnectionError:
    """The exception that an event tells of."""
    failure = exceptions.ConnectionError(
        read_view(view.reason, view.reason_length) or "the connection failed"
    )
    failure.code = CODES.get(view.code, "")
    failure.transport = transport_name(view.transport)
    failure.http_status = view.http_status or None
    failure.errno = view.system_error or None
    if failure.code == "refused":
        failure.data = {"message": str(failure)}
        if view.args:
            failure.data["data"] = loads(view.args.decode())
    return failure
