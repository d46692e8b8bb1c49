"""The library's side of a client: from a `connect` to the end of that connection."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from ctypes import byref
from typing import Any

from . import _ffi, exceptions
from ._client_state import ClientState
from ._errors import check, error
from ._events import Slot
from ._library import lib, quick
from ._native import text_of
from ._runtime import Runtime, Slots


class ClientCore(Slots):
    """Owns a native client, which ends for good; the next `connect` makes another one."""

    def __init__(self, runtime: Runtime, options: Any, *, retry: bool) -> None:
        super().__init__()
        self.runtime = runtime
        #: Whether the first attempt may fail without an end to it all.
        self.retry = retry
        #: The namespaces that it joins, or has joined.
        self.states: dict[str, ClientState] = {}
        #: Whether it was ever connected to any of them.
        self.was_connected = False
        self.closing = False
        #: The library's functions that tell of the connection, as far as somebody listens.
        self.heard: set[str] = set()
        self.client = _ffi.sio_client()
        options.runtime = runtime.handle
        check(lib.sio_client_new(byref(options), byref(self.client)))

    def on(self, function: str, *names: Any, slot: Slot) -> None:
        """Registers a slot with one of the sio_client_on... functions."""
        try:
            self.register(function, self.client, *names, slot=slot)
        except exceptions.HandleError:
            if not self.closing:
                raise

    def _check(self, status: int) -> None:
        """Checks a status; behind an end that another thread has begun, nothing is wrong."""
        if not (self.closing and status in (_ffi.SIO_E_STATE, _ffi.SIO_E_HANDLE)):
            check(status)

    @property
    def own_states(self) -> list[ClientState]:
        """The namespaces that no later connection has taken over."""
        return [state for state in self.states.values() if state.core is self]

    def set_auth(self, state: ClientState, auth: bytes | None) -> None:
        """What the server is shown in a namespace from now on: JSON text, or nothing."""
        self._check(lib.sio_client_set_auth(self.client, state.encoded, text_of(auth)))

    def set_reconnection(self, options: Any) -> None:
        """Other delays and the like, for the attempts that follow."""
        status = lib.sio_client_set_reconnection(self.client, byref(options))
        if status != _ffi.SIO_E_HANDLE:  # it has just ended
            check(status)

    def join(self, state: ClientState) -> None:
        """Joins a namespace, and connects if need be."""
        self._check(lib.sio_client_connect(self.client, state.encoded))

    def leave(self, state: ClientState) -> None:
        """Leaves a namespace; an event follows."""
        status = lib.sio_client_disconnect(self.client, state.encoded)
        if status not in (_ffi.SIO_OK, _ffi.SIO_E_HANDLE, _ffi.SIO_E_STATE):
            raise error(status)

    def connection(self, nsp: bytes | None = None) -> Any:
        """What the native client is doing, as a `sio_connection`; all zero if it is gone."""
        raw = _ffi.sio_connection()
        quick.sio_client_connection(self.client, nsp, ctypes.sizeof(raw), byref(raw))
        return raw

    def is_over(self) -> bool:
        """Whether nothing more will happen by itself: no namespace is joined, or will be."""
        return not any(state.sid is not None or state.pending for state in self.own_states)

    def close(self) -> None:
        """Starts the end; the client's closed event completes it."""
        self.closing = True
        status = lib.sio_client_close(self.client)
        if status not in (_ffi.SIO_OK, _ffi.SIO_E_HANDLE):
            raise error(status)

    def destroy(self) -> None:
        """Ends the native client; to be called once."""
        if not self.runtime.forked:
            lib.sio_client_destroy(self.client)
        self.mute()


def names_of(states: Sequence[ClientState]) -> str:
    """Names of namespaces, for a sentence."""
    return ", ".join(state.name for state in states)
