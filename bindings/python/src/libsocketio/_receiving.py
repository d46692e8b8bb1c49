"""Receiving: what becomes of the library's events."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from . import _ffi
from ._broadcasting import Broadcasting
from ._clients import Client
from ._errors import reached
from ._events import Slot
from ._handlers import NamespaceState, Refusal, refusal_of, rejected
from ._hooks import Asked, Step
from ._library import quick
from ._native import read_view, text_of


class Receiving(Broadcasting):
    """The receiving half of a server: one slot for each kind of event of a namespace."""

    #: Whether clients that come back are let in without asking anybody.
    _skips_middlewares: bool

    @abstractmethod
    def _message_slot(self, state: NamespaceState) -> Slot:
        """The function for all events from clients of a namespace."""

    @abstractmethod
    def _ask_application(
        self, state: NamespaceState, client: Client, request: int, auth: Any
    ) -> None:
        """Asks middleware and connect handler about a client, then settles the request.

        Without a request the client is in already: only the handler is called.
        """

    @abstractmethod
    def _tell_application(
        self, state: NamespaceState, client: Client, reason: str, details: str
    ) -> None:
        """Calls the disconnect handler, then forgets the client."""

    @abstractmethod
    def _on_http(self, view: Any) -> None:
        """Calls the HTTP handler, then responds."""

    @abstractmethod
    def _ask_hook(self, request: Asked, steps: list[Step]) -> None:
        """Calls the functions of a hook, then lets the request go on."""

    def _request_slot(self, state: NamespaceState) -> Slot:
        def request(view: Any) -> None:
            client = state.clients.add(view.socket)
            if client is not None:
                client.recovery_failure = (view.reason or b"").decode()
                auth = self._codec.loads(view.args.decode()) if view.args else None
                self._ask_application(state, client, view.request, auth or None)

        return self._guarded(request)

    def _connection_slot(self, state: NamespaceState) -> Slot:
        def connection(view: Any) -> None:
            client = state.clients.join(view.socket)
            if client is None:
                return
            if view.reason:
                client.recovery_failure = view.reason.decode()
            if client.recovered and self._skips_middlewares:
                auth = self._codec.loads(view.args.decode()) if view.args else None
                self._ask_application(state, client, 0, auth or None)

        return self._guarded(connection)

    def _disconnect_slot(self, state: NamespaceState) -> Slot:
        def disconnect(view: Any) -> None:
            client = state.clients.leave(view.socket)
            if client is None:
                return
            if not client.joined:
                state.clients.remove(client)
                return
            reason = (view.reason or b"").decode()
            if state.clients.sessions is not None:
                state.clients.sessions.keep(state.name, client.sid, client.session, reason)
            details = read_view(view.details, view.details_length)
            self._tell_application(state, client, reason, details)

        return self._guarded(disconnect)

    def _settle(
        self, state: NamespaceState, client: Client, request: int, refusal: Refusal
    ) -> None:
        """Lets a client in, or refuses it; one that is in already is sent away."""
        if not request:
            if refusal is not None:
                reached(quick.sio_socket_disconnect(client.socket, 0))
            return
        handle = _ffi.sio_connect_request(request)
        if refusal is None:
            if reached(quick.sio_accept(handle)):
                state.clients.admit(client)
            else:
                state.clients.remove(client)
            return
        state.clients.remove(client)
        message = refusal["message"].replace("\0", " ").encode("utf-8", "replace")
        data = self._codec.dumps(refusal["data"]) if "data" in refusal else None
        reached(quick.sio_reject(handle, message, text_of(data)))

    def _refusal(self, failure: BaseException) -> Refusal:
        """The refusal after an exception in a connect handler."""
        refusal = refusal_of(failure)
        if refusal is None:
            self._failed(failure)
            refusal = rejected()
        return refusal
