"""Events of the server itself, which belong to no client of a namespace."""

from __future__ import annotations

from typing import Any, Callable, NamedTuple

from ._environ import request_environ
from ._native import read_view


class ConnectionFailure(NamedTuple):
    """A request of Socket.IO that was refused; the client has its answer already."""

    #: What was asked, as a WSGI environ.
    environ: dict[str, Any]
    #: 0 transport unknown, 1 session id unknown, 2 bad handshake method, 3 bad
    #: request, 4 forbidden, or put off, 5 unsupported protocol version.
    code: int
    #: What the client is told.
    message: str
    #: What the server knows besides; maybe nothing.
    context: str


def _failure(view: Any) -> ConnectionFailure:
    return ConnectionFailure(
        request_environ(view),
        view.code,
        read_view(view.reason, view.reason_length),
        read_view(view.details, view.details_length),
    )


#: By the event: the function of the library that tells of it, and what handlers get.
OWN_EVENTS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "new_namespace": ("sio_server_on_new_namespace", lambda view: view.nsp.decode()),
    "connection_error": ("sio_server_on_connection_error", _failure),
}
