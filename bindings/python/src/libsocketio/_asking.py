"""What a server can be asked: about its clients, and about itself."""

from __future__ import annotations

from ctypes import byref, c_int32
from typing import TYPE_CHECKING, Any

from . import _ffi, _metrics, exceptions
from ._errors import check
from ._handlers import normalized
from ._library import quick
from ._metrics import Counts, Totals
from ._namespaces import Namespaces
from ._native import socket_id, socket_rooms
from ._outbound import Buffered, buffered, writable

if TYPE_CHECKING:
    from ._clients import Client
    from ._core import Address


class Asking(Namespaces):
    """The functions that change nothing."""

    #: Of a server that was shut down.
    _last_totals: Totals

    def rooms(self, sid: str, namespace: str | None = None) -> list[str]:
        """The rooms of a client, its own sid among them; none if it is not connected.

        In handlers of "disconnecting" and "disconnect" those that it was in.
        """
        client = self._find(sid, namespace)
        if client is None:
            return []
        return socket_rooms(client.socket) or list(client.last_rooms or ())

    def sockets(self, room: Any = None, namespace: str | None = None) -> list[str]:
        """The sids of all clients of a namespace, or of those in a room."""
        state = self._states.get(normalized(namespace))
        sids = []
        for place in [] if state is None else state.audiences:
            for handle in self._handles(place, room):
                client = place.clients.by_handle.get(handle)
                sid = client.sid if client else socket_id(_ffi.sio_socket(handle))
                if sid is not None:
                    sids.append(sid)
        return sids

    def transport(self, sid: str, namespace: str | None = None) -> str:
        """What a client's connection uses now: "polling" or "websocket"."""
        transport = c_int32()
        check(quick.sio_socket_transport(self._get(sid, namespace).socket, byref(transport)))
        return "polling" if transport.value == _ffi.SIO_TRANSPORT_POLLING else "websocket"

    def writable(self, sid: str, namespace: str | None = None) -> bool:
        """Whether an event would leave at once, or wait: for a poll, or for a slow client.

        A volatile event is dropped where others wait. False for a client that is gone.
        """
        return self._find_writable(self._find(sid, namespace))

    def buffered(self, sid: str, namespace: str | None = None) -> Buffered:
        """What waits for a client: `bytes` and `packets`, of all namespaces together."""
        return self._find_buffered(self._find(sid, namespace))

    def _find_writable(self, client: Client | None) -> bool:
        try:
            return client is not None and writable(client.socket)
        except exceptions.HandleError:
            return False

    def _find_buffered(self, client: Client | None) -> Buffered:
        try:
            return Buffered() if client is None else buffered(client.socket)
        except exceptions.HandleError:
            return Buffered()

    def get_environ(self, sid: str, namespace: str | None = None) -> dict[str, Any] | None:
        """How a client came, as a WSGI environ; None if it is not connected.

        It has REQUEST_METHOD, PATH_INFO, QUERY_STRING, REMOTE_ADDR, REMOTE_PORT,
        wsgi.url_scheme and the request's header fields as HTTP_...,
        libsocketio.recovered (see `recovered`), and libsocketio.recovery_failure,
        which says why it is not, if the client asked to.
        """
        client = self._find(sid, namespace)
        return None if client is None else client.environ

    def recovered(self, sid: str, namespace: str | None = None) -> bool:
        """Whether a client went on where it was; see the option connection_state_recovery."""
        client = self._find(sid, namespace)
        return client is not None and client.recovered

    @property
    def address(self) -> Address | None:
        """Where the server listens; None if it does not."""
        return next(iter(self.addresses), None)

    @property
    def addresses(self) -> list[Address]:
        """All addresses that the server listens on."""
        return [] if self._core is None else list(self._core.addresses())

    def counts(self) -> Counts:
        """What is alive at this moment."""
        return Counts() if self._core is None else _metrics.counts(self._core.server)

    def totals(self) -> Totals:
        """What has happened since the server listened; also when it was shut down."""
        core = self._core
        return self._last_totals if core is None else _metrics.totals(core.server)

    def metrics(self) -> str:
        """Both, and histograms of how long clients take to reply and how late event loops are.

        It is the text of OpenMetrics, which Prometheus reads; the option
        metrics_path serves it. The event loops measure how late they are from the
        first call on, and until nobody has asked for two minutes.
        """
        return _metrics.NOTHING if self._core is None else _metrics.metrics(self._core.server)
