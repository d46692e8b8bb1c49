"""The life of a client's connection: from `connect` to the library's last event of it."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Sequence
from functools import partial
from typing import Any

from . import exceptions
from ._client_core import ClientCore, names_of
from ._client_failures import transport_name
from ._client_options import NOWHERE, URL, Auth, Headers, Target
from ._client_receiving import ClientReceiving
from ._client_state import ClientState
from ._exit import running, uninterrupted
from ._handling import Handler
from ._options import strings
from ._runtime import Runtime
from ._table import normalized


class ClientLife(ClientReceiving):
    """The part of a client that makes native clients, and ends them."""

    _states: dict[str, ClientState]
    #: Held while a connection is begun: there is one at a time.
    _one_at_a_time: threading.Lock
    #: What `connect` was told.
    connection_url: URL | None = None
    connection_headers: Headers | None = None
    connection_auth: Auth = None
    connection_transports: str | Sequence[str] | None = None
    connection_namespaces: Sequence[str] = ()
    socketio_path: str | None = None

    @abstractmethod
    def _state(self, namespace: str | None) -> ClientState:
        """What is known of a namespace; made if it is new."""

    def _begin(
        self,
        url: URL,
        headers: Headers | None,
        now: tuple[Any, Any] | None,
        auth: Auth,
        transports: str | Sequence[str] | None,
        namespaces: str | Sequence[str] | None,
        path: str,
        retry: bool,
    ) -> ClientCore:
        """Makes a native client, and sets it going. `now` are the URL and the header fields of
        the first attempt; None: their functions are asked then, as for all that follow."""
        self._check_free()
        wanted = self._wanted(namespaces)
        _check_auth(auth)
        is_known = now is not None
        if now is None:
            now = (
                "http://localhost" if callable(url) else url,
                {} if callable(headers) else headers,
            )
        target = Target(
            now[0],
            now[1] or {},
            transports,
            path,
        )
        options = self._options.struct(target)
        with self._one_at_a_time:
            self._check_free()  # again: another thread may have come between
            runtime = self._take_runtime()
            try:
                core = ClientCore(runtime, options, retry=retry)
            except BaseException:
                self._give_back(runtime)
                raise
            self._core = core
        self.connection_url, self.connection_headers = url, headers
        self.connection_auth, self.connection_transports = auth, transports
        self.connection_namespaces, self.socketio_path = wanted, path
        with uninterrupted():
            try:
                core.on("sio_client_on_close", slot=self._guarded(partial(self._on_closed, core)))
                core.on("sio_client_on_reconnect", slot=self._guarded(self._on_reconnect(core)))
                self._hear_connection()
                if callable(url) or callable(headers):
                    slot = self._guarded(self._open_slot(url, headers, is_known))
                    core.on("sio_client_on_open", slot=slot)
                self._start(core)
            except BaseException:
                self._core = None
                core.destroy()
                self._give_back(runtime)
                raise
            running.add(self)
        # All of them before the first: what comes for that may look at the others.
        states = [self._state(name) for name in wanted]
        for state in states:
            self._expect(core, state, auth)
        for state in states:
            core.join(state)
        return core

    def _options_changed(self) -> None:
        """The connection that is there, or is tried, has other options of connecting again."""
        core = self._core
        if core is not None and not core.closing:
            core.set_reconnection(self._options.struct(NOWHERE))

    def _check_free(self) -> None:
        """Raises what `connect` raises while there is a connection."""
        if self._core is not None and not self._core.closing:
            raise exceptions.ConnectionError("Already connected")

    def _wanted(self, namespaces: str | Sequence[str] | None) -> list[str]:
        """The namespaces to join: those that have handlers, if none are named."""
        if namespaces is None:
            states = self._states.values()
            used = [state.name for state in states if state.is_used]
            return used or ["/"]
        listed = strings("namespaces", namespaces, "a name like '/chat', or a list of names")
        return [normalized(name) for name in listed] or ["/"]

    def _expect(self, core: ClientCore, state: ClientState, auth: Auth) -> None:
        """Prepares to join a namespace."""
        state.begin(core)
        if state.name not in core.states:
            core.states[state.name] = state
            self._install(core, state)
        self._show(core, state, auth)

    def _join_later(self, name: str, auth: Auth) -> None:
        """Joins one more namespace of a connection, which is made if there is none."""
        _check_auth(auth)
        core, state = self._core, self._state(name)
        if core is None or core.closing:
            self._connect_again(name, auth)
        elif state.leaving or not (name in core.states and (state.sid or state.pending)):
            self._expect(core, state, self.connection_auth if auth is None else auth)
            core.join(state)

    def _connect_again(self, name: str, auth: Auth) -> None:
        """Joins a namespace on a new connection, to where the last one went."""
        url, path, usual = self.connection_url, self.socketio_path, self.connection_auth
        if url is None or path is None:
            raise exceptions.ConnectionError(
                "there is no connection: call connect of the client first, which says where to"
            )
        headers, transports = self.connection_headers, self.connection_transports
        auth = usual if auth is None else auth
        self._begin(url, headers, None, auth, transports, name, path, retry=True)
        self.connection_auth = usual

    def _leave(self, name: str) -> None:
        core = self._core
        state = None if core is None else core.states.get(name)
        if core is not None and state is not None:
            state.pending, state.leaving = False, state.leaving or state.sid is not None
            core.leave(state)
            if not state.leaving:  # no event follows
                self._close_if_over(core)

    def _outcome(self, core: ClientCore) -> bool:
        """Whether `connect` has nothing more to wait for."""
        return core.closing or all(state.decided for state in core.states.values())

    def _check_outcome(self, core: ClientCore) -> None:
        """Raises what `connect` raises, if not all namespaces are joined."""
        states = list(core.states.values())
        missing = [state for state in states if not state.was_joined]
        if not missing:
            return
        failures = [state.failure for state in missing if state.failure is not None]
        if not failures:
            raise self._no_answer(core, missing)
        first = failures[0]
        if first.code in ("refused", "auth"):
            refused = exceptions.ConnectionError(
                f"One or more namespaces failed to connect: {names_of(missing)}: {first}"
            )
            refused.__dict__.update(first.__dict__)
            raise refused
        raise first

    def _no_answer(
        self, core: ClientCore, missing: Sequence[ClientState]
    ) -> exceptions.ConnectionError:
        if core.closing:
            return exceptions.ConnectionError(
                f"the client was disconnected before it had joined {names_of(missing)}"
            )
        connection = core.connection()
        if connection.transport:
            sentence = (
                f"the server has not answered in time whether {names_of(missing)} may be joined: "
                "does it use the same serializer, and do its connect handlers return?"
            )
        else:
            sentence = (
                f"no connection in time, for {names_of(missing)}: is the server, or the way to it, "
                "overloaded or blocked?"
            )
        timeout = exceptions.ConnectionError(sentence)
        timeout.code, timeout.transport = "timeout", transport_name(connection.transport)
        return timeout

    @abstractmethod
    def _take_runtime(self) -> Runtime:
        """The native runtime that a new connection is to have."""

    @abstractmethod
    def _give_back(self, runtime: Runtime) -> None:
        """A connection needs its runtime no more."""

    @abstractmethod
    def _start(self, core: ClientCore) -> None:
        """Begins to take events."""

    @abstractmethod
    def _exit(self) -> None:
        """Ends everything at the end of the program."""

    @abstractmethod
    def _on_closed(self, core: ClientCore, view: Any) -> None:
        """The library's last event of a connection."""

    def _finish(self, core: ClientCore) -> None:
        """Ends the native objects, once a connection is closed."""
        for state in core.own_states:
            state.end()
        core.destroy()
        self._give_back(core.runtime)
        if self._core is core:
            self._core = None
            running.discard(self)
            for handler in self._final_handlers():
                self._call_back(handler, [])

    def _final_handlers(self) -> list[Handler]:
        """Who is told that nothing more will come: python-socketio's name for it."""
        found = [state.handlers.get("__disconnect_final") for state in self._states.values()]
        return [handler for handler in found if handler is not None]


def _check_auth(auth: Auth) -> None:
    if not (auth is None or callable(auth) or isinstance(auth, dict)):
        raise TypeError(f"auth must be a dict, or a function that returns one, not {auth!r}")
