"""What a server tells those who watch over it."""

from __future__ import annotations

import ctypes
from ctypes import byref
from typing import Any, NamedTuple

from . import _ffi
from ._errors import check
from ._library import lib
from ._native import read_string

#: What there is to tell of a server that does not listen.
NOTHING = "# EOF\n"


class Counts(NamedTuple):
    """What is alive at a moment; all zero after a shutdown."""

    #: TCP and Unix connections.
    connections: int = 0
    #: Engine.IO sessions.
    sessions: int = 0
    #: Clients in namespaces.
    sockets: int = 0
    #: (client, room) pairs, the own rooms included.
    room_entries: int = 0
    #: Replies awaited from clients.
    pending_acks: int = 0
    #: Replies that clients await.
    pending_replies: int = 0
    #: Bytes that wait for polls and slow clients.
    buffered_bytes: int = 0
    #: Events that wait for a handler.
    queued_events: int = 0
    #: Of the sessions, those on polling.
    polling_sessions: int = 0
    #: Of the sessions, those on WebSocket.
    websocket_sessions: int = 0
    #: Of the sessions, those of clients of Socket.IO 1 and 2.
    revision3_sessions: int = 0


class Totals(NamedTuple):
    """What has happened since the server listened.

    Tuples of eight are by the type of an Engine.IO packet: open, close, ping,
    pong, message, upgrade, noop, and messages of bytes.
    """

    #: Connections that were accepted.
    connections: int = 0
    #: Engine.IO sessions that were opened.
    sessions: int = 0
    #: Sessions that went from polling to WebSocket, and that failed to.
    upgrades: int = 0
    failed_upgrades: int = 0
    #: Requests that were refused, by code.
    connection_errors: tuple[int, ...] = (0,) * 6
    packets_received: tuple[int, ...] = (0,) * 8
    bytes_received: tuple[int, ...] = (0,) * 8
    packets_sent: tuple[int, ...] = (0,) * 8
    bytes_sent: tuple[int, ...] = (0,) * 8
    #: Events from clients and to them, one for each client of a broadcast.
    events_received: int = 0
    events_sent: int = 0
    #: Replies from clients and to them.
    acks_received: int = 0
    acks_sent: int = 0
    #: Emits that asked for a reply and got none.
    acks_failed: int = 0
    #: Clients that left a namespace.
    disconnects: int = 0
    #: Handshakes that were put off, and connections that were too many.
    rate_limited: int = 0
    log_lines_suppressed: int = 0
    #: Events that were dropped, for each client that they were for: volatile ones that
    #: could not leave at once,
    dropped_volatile: int = 0
    #: those for which there was no room,
    dropped_newest: int = 0
    #: those that made room for later ones,
    dropped_oldest: int = 0
    #: those whose place a later one of their key has taken,
    dropped_coalesced: int = 0
    #: and those for which the server had no room.
    dropped_server: int = 0
    #: Clients that were disconnected because too much waited for them.
    overflowed_clients: int = 0


def counts(server: Any) -> Counts:
    """What is alive."""
    raw = _ffi.sio_counts()
    check(lib.sio_server_counts(server, ctypes.sizeof(raw), byref(raw)))
    return Counts(*(getattr(raw, name) for name in Counts._fields))


def totals(server: Any) -> Totals:
    """What has happened."""
    raw = _ffi.sio_totals()
    check(lib.sio_server_totals(server, ctypes.sizeof(raw), byref(raw)))
    numbers = (getattr(raw, name) for name in Totals._fields)
    return Totals(*(n if isinstance(n, int) else tuple(n) for n in numbers))


def metrics(server: Any) -> str:
    """Both, as the text of OpenMetrics."""
    text = _ffi.sio_text()
    check(lib.sio_server_metrics(server, byref(text)))
    try:
        return read_string(text)
    finally:
        # Not .data: ctypes would make a copy of it.
        lib.sio_free(ctypes.c_void_p.from_buffer(text))
