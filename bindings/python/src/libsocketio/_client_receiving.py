"""Receiving: what becomes of the library's events for a client."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from . import _ffi
from ._client_core import ClientCore
from ._client_failures import FINAL, failure_of
from ._client_options import Options
from ._client_state import ClientState
from ._errors import reached
from ._events import Slot
from ._handling import Handler, Handling
from ._library import quick
from ._manager import Manager, Packet
from ._native import name_bytes, read_view, text_of
from ._options import header_array
from ._table import taking

#: Events of the connection, and the functions that register for them.
_CONNECTION = {
    "upgrade": "sio_client_on_upgrade",
    "drain": "sio_client_on_drain",
    "packet": "sio_client_on_packet",
    **dict.fromkeys(("open", "close", "error", "ping"), "sio_client_on_connection"),
}


def _reason_of(view: Any) -> tuple[str, str]:
    """Why a namespace, or the connection, is gone: Socket.IO's word, and a sentence or nothing."""
    return (
        read_view(view.reason, view.reason_length),
        read_view(view.details, view.details_length),
    )


def _as_it_was() -> None:
    """What is asked where there is nothing to ask."""


class ClientReceiving(Handling):
    """The receiving half of a client: one slot for each kind of event of a namespace."""

    _core: ClientCore | None
    _options: Options
    manager: Manager

    @abstractmethod
    def _message_slot(self, state: ClientState) -> Slot:
        """The function for all events of a namespace."""

    @abstractmethod
    def _tell(self, core: ClientCore, handler: Handler | None) -> None:
        """Calls a function of the application's, then wakes who waits in `connect`."""

    @abstractmethod
    def _ask(
        self, what: str, asks: Sequence[Handler], answer: Callable[..., None], request: int
    ) -> None:
        """Calls functions of the application's, and `answer` with a request and their results."""

    def _install(self, core: ClientCore, state: ClientState) -> None:
        """Registers for the events of a namespace."""
        nsp = state.encoded
        core.on("sio_client_on_any", nsp, slot=self._message_slot(state))
        for function, method in (
            ("sio_client_on_connect", self._connected),
            ("sio_client_on_connect_error", self._not_connected),
            ("sio_client_on_disconnect", self._disconnected),
        ):
            core.on(function, nsp, slot=self._guarded(partial(method, core, state)))
        state.hears_outgoing = False
        self._heard(state)

    def _heard(self, state: ClientState) -> None:
        """Takes note that what somebody wants to hear of has changed in a namespace."""
        state.changed()
        core = self._core
        if core is None or state.hears_outgoing or state.name not in core.states:
            return
        if any(place.outgoing for place, _ in state.places_of()):
            state.hears_outgoing = True
            slot = self._guarded(partial(self._outgoing, state))
            core.on("sio_client_on_any_outgoing", state.encoded, 0, slot=slot)

    # --- the connection

    def _connected(self, core: ClientCore, state: ClientState, view: Any) -> None:
        core.was_connected = True
        if state.core is core:
            state.sid = read_view(view.id, view.id_length)
            state.recovered = view.recovered == 1
            state.expect_offsets(core.connection(state.encoded).recoverable == 1)
            state.failure, state.was_joined, state.leaving = None, True, False
        self._tell(core, state.life_handler("connect", ()))

    def _not_connected(self, core: ClientCore, state: ClientState, view: Any) -> None:
        if core.closing:
            return  # of an attempt that the library made before it was told of the end
        failure = failure_of(view, self._codec.loads)
        first = not (core.retry or core.was_connected)
        if state.core is core:
            state.latest_failure = failure
            # The last attempt to reconnect is followed by RECONNECT_FAILED.
            goes_on = core.was_connected or self._options.reconnection
            if first or failure.code in FINAL or not (goes_on and self._is_tried(core, state)):
                state.failure, state.pending = failure, False
        self._close_if_over(core)
        told = failure.data if failure.code == "refused" else str(failure)
        self._tell(core, state.life_handler("connect_error", (told,)))

    def _disconnected(self, core: ClientCore, state: ClientState, view: Any) -> None:
        if state.core is core:
            state.sid = None
            if not state.leaving:  # else it is as `connect` has left it since
                state.pending = self._will_try_again(core, state)
            state.leaving = False
        self._close_if_over(core)
        self._tell(core, state.life_handler("disconnect", _reason_of(view)))

    def _will_try_again(self, core: ClientCore, state: ClientState) -> bool:
        """Whether a namespace that is not joined will be, without anybody's doing."""
        return self._options.reconnection and self._is_tried(core, state)

    def _is_tried(self, core: ClientCore, state: ClientState) -> bool:
        """Whether a namespace is joined, or asked for until that is given up."""
        return not core.closing and bool(core.connection(state.encoded).active)

    def _close_if_over(self, core: ClientCore) -> None:
        """Ends a connection that has nothing left to do."""
        if not core.closing and core.is_over():
            core.close()

    def _on_reconnect(self, core: ClientCore) -> Slot:
        def reconnect(view: Any) -> None:
            kind, handlers = view.kind, self.manager.handlers
            if kind == _ffi.SIO_EVENT_RECONNECT_ATTEMPT:
                self._call_all(handlers("reconnect_attempt"), view.attempt)
            elif kind == _ffi.SIO_EVENT_RECONNECT:
                self._call_all(handlers("reconnect"), view.attempt)
            elif kind == _ffi.SIO_EVENT_RECONNECT_ERROR:
                self._call_all(handlers("reconnect_error"), failure_of(view, self._codec.loads))
            elif kind == _ffi.SIO_EVENT_RECONNECT_FAILED:
                for state in core.own_states:
                    state.failure, state.pending = state.latest_failure, False
                self._close_if_over(core)
                self._call_all(handlers("reconnect_failed"))

        return reconnect

    def _hear_connection(self) -> None:
        """Registers for what somebody wants to hear of the connection."""
        core = self._core
        if core is None or core.closing:
            return
        for event, function in _CONNECTION.items():
            if function in core.heard or not self.manager.handlers(event):
                continue
            core.heard.add(function)
            core.on(function, slot=self._guarded(self._connection_event))

    def _connection_event(self, view: Any) -> None:
        kind, handlers = view.kind, self.manager.handlers
        if kind == _ffi.SIO_EVENT_OPEN:
            self._call_all(handlers("open"))
        elif kind == _ffi.SIO_EVENT_CLOSE:
            self._call_all(handlers("close"), *_reason_of(view))
        elif kind == _ffi.SIO_EVENT_OPEN_ERROR:
            self._call_all(handlers("error"), failure_of(view, self._codec.loads))
        elif kind == _ffi.SIO_EVENT_PING:
            self._call_all(handlers("ping"))
        elif kind == _ffi.SIO_EVENT_PACKET:
            self._call_all(handlers("packet"), self._packet(view))
        elif kind == _ffi.SIO_EVENT_UPGRADE:
            self._call_all(handlers("upgrade"))
        elif kind == _ffi.SIO_EVENT_DRAIN:
            self._call_all(handlers("drain"))

    def _packet(self, view: Any) -> Packet:
        number = read_view(view.id, view.id_length)
        return Packet(
            view.name.decode(),
            read_view(view.nsp, view.nsp_length),
            self._arguments(view) if view.args else None,
            int(number) if number else None,
        )

    def _call_all(self, handlers: list[Handler], *args: Any) -> None:
        for handler in handlers:
            self._call_back(handler, list(args))

    # --- what is asked and told

    def _show(self, core: ClientCore, state: ClientState, auth: Any) -> None:
        """Says what the server is shown in a namespace."""
        if callable(auth):
            slot = self._guarded(self._auth_slot(auth))
            core.on("sio_client_on_auth", state.encoded, slot=slot)
        else:
            core.set_auth(state, None if auth is None else self._codec.dumps(auth))

    def _auth_slot(self, auth: Handler) -> Slot:
        ask = taking(auth, 2, 0, extra=["attempt", "reason"])

        def asked(view: Any) -> None:
            reason = read_view(view.reason, view.reason_length) or None
            asks = [partial(ask, view.attempt, reason)]
            self._ask("auth", asks, self._authenticate, view.request)

        return asked

    def _open_slot(self, url: Any, headers: Any, is_known: bool) -> Slot:
        asks = [value if callable(value) else _as_it_was for value in (url, headers)]

        def asked(view: Any) -> None:
            nonlocal is_known
            if is_known:  # `connect` has called them for the first attempt
                is_known = False
                self._open(view.request, None, None)
            else:
                self._ask("url or headers", asks, self._open, view.request)

        return asked

    def _open(self, request: int, url: Any, headers: Any) -> None:
        """Answers what the functions of `url` and `headers` have returned; None: as it was."""
        if not (url is None or isinstance(url, str)):
            raise TypeError(f"the function of url must return a str, not {url!r}")
        fields = None if headers is None else header_array("headers", headers)
        reached(
            quick.sio_client_open(
                _ffi.sio_connect_request(request),
                None if url is None else name_bytes(url),
                fields,
                0 if fields is None else len(fields),
            )
        )

    def _authenticate(self, request: int, auth: Any) -> None:
        """Answers what the function of `auth` has returned."""
        if not (auth is None or isinstance(auth, dict)):
            raise TypeError(f"the function of auth must return a dict, not {auth!r}")
        text = text_of(None if auth is None else self._codec.dumps(auth))
        reached(quick.sio_client_authenticate(_ffi.sio_connect_request(request), text))

    def _refuse(self, request: int, what: str, failure: BaseException) -> None:
        """Ends the attempt after an exception in a function that was asked for something."""
        sentence = f"the function of {what} has raised {type(failure).__name__}: {failure}"
        message = name_bytes(sentence.replace("\0", " "))
        reached(quick.sio_reject(_ffi.sio_connect_request(request), message, text_of(None)))

    def _outgoing(self, state: ClientState, view: Any) -> None:
        event = view.name.decode()
        args = self._arguments(view)
        for listeners, before in state.places_of():
            for function in listeners.outgoing:
                self._call_back(function, [event, *before, *args])
