"""Namespaces: those that the program names, and those that clients ask for.

A namespace that clients ask for has a *parent*, which decides whether it may exist
and has the handlers for it: a regular expression, a function, or "*" with the
option `namespaces="*"`. The library knows the parent, and has all events of its
children at one function; here each goes to the state of its child.

The state "*" has the handlers of all namespaces that have none of their own.
"""

from __future__ import annotations

import re
import threading
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Callable

from . import _ffi, exceptions
from ._core import Core
from ._errors import reached
from ._events import Slot
from ._handlers import ANY, Handler, NamespaceState, normalized
from ._library import quick
from ._listeners import Steps
from ._native import text_of
from ._options import strings
from ._receiving import Receiving
from ._recovery import ConnectionStateRecovery, sessions, skips_middlewares

#: Whom a parent lets exist: a pattern of names, or a function of (name, auth).
Matcher = Any

#: The library's pattern of all names.
_ALL = "/*"

_SWEEP = 64


class Parent(NamespaceState):
    """The handlers of namespaces that clients ask for."""

    def __init__(
        self,
        name: str,
        prepare: Callable[[Handler], Any],
        run: Callable[[Steps], Any],
        matcher: Matcher,
    ) -> None:
        super().__init__(name, prepare, run)
        self.matcher = matcher
        #: What handles the events of each child, by kind, by the child's name.
        self.slots: dict[bytes, dict[str, Slot]] = {}
        self.sweep_at = _SWEEP

    @property
    def places(self) -> list[NamespaceState]:
        """Its children."""
        return list(self.heirs.values())

    @property
    def audiences(self) -> list[NamespaceState]:
        """Itself, for the children that the library knows, and those that the program has named."""
        named = [heir for heir in self.heirs.values() if not heir.is_child]
        return [self, *(heir for heir in named if heir.encoded not in self.slots)]

    def matches(self, name: str) -> bool:
        """Whether a namespace that the program names is a child."""
        return isinstance(self.matcher, re.Pattern) and bool(self.matcher.fullmatch(name))


class Namespaces(Receiving):
    """The part of a server that knows the namespaces."""

    def __init__(self, namespaces: Sequence[str] | None, recovery: ConnectionStateRecovery) -> None:
        #: Of clients that may come back; None if nobody can.
        self._sessions = sessions(recovery)
        self._skips_middlewares = skips_middlewares(recovery)
        self._states: dict[str, NamespaceState] = {}
        self._parents: list[Parent] = []
        self._asking: set[str] = set()
        self._naming = threading.RLock()
        self._any = NamespaceState(ANY, self._prepared, self._run_steps)
        self._state("/")
        names = strings("namespaces", namespaces or [], "a list of names like '/chat', or '*'")
        for name in names:
            if name == ANY:
                self._parent(ANY)
            else:
                self._state(name)

    def _new_state(self, name: str) -> NamespaceState:
        return NamespaceState(name, self._prepared, self._run_steps, self._sessions)

    def _state(self, name: str | None) -> NamespaceState:
        """A namespace's state; made if it is new."""
        name = normalized(name)
        if name == ANY:
            return self._any
        with self._naming:
            state = self._states.get(name)
            if state is None:
                state = self._new_state(name)
                for parent in self._parents:
                    if parent.matches(name):
                        state.inherit(parent)
                        break
                state.inherit(self._any)
                if self._core is not None:
                    self._install(self._core, state)
                self._states[name] = state
            return state

    def _parent(self, matcher: Matcher) -> Parent:
        """The parent with this matcher; made if it is new."""
        with self._naming:
            for parent in self._parents:
                if parent.matcher == matcher:
                    return parent
            name = _ALL if matcher == ANY else f"/_{len(self._parents)}"
            if name in self._states:
                raise exceptions.BadNamespaceError(f"there is a namespace {name!r} already")
            parent = Parent(name, self._prepared, self._run_steps, matcher)
            if self._core is not None:
                self._install_parent(self._core, parent)
            self._parents.append(parent)
            self._states[name] = parent
            return parent

    # --- at the library

    def _register_namespaces(self, core: Core) -> None:
        """Registers what is there."""
        for state in list(self._states.values()):
            if isinstance(state, Parent):
                self._install_parent(core, state)
            else:
                self._install(core, state)

    def _install(self, core: Core, state: NamespaceState) -> None:
        """Registers a namespace with the library: one function for all its events."""
        nsp = state.encoded
        core.on("sio_server_on_any", nsp, slot=self._message_slot(state))
        core.on("sio_server_on_connection", nsp, slot=self._connection_slot(state))
        core.on("sio_server_on_disconnect", nsp, slot=self._disconnect_slot(state))
        self._ask(state, core)

    def _install_parent(self, core: Core, parent: Parent) -> None:
        if parent.matcher == ANY:
            core.create("sio_server_namespace_pattern", parent.encoded)
        else:
            slot = self._guarded(self._matcher_slot(parent))
            core.on("sio_server_namespace_matcher", parent.encoded, slot=slot)
        for function, kind in (
            ("sio_server_on_any", "message"),
            ("sio_server_on_connection", "connection"),
            ("sio_server_on_disconnect", "disconnect"),
            ("sio_server_use", "request"),
        ):
            core.on(function, parent.encoded, slot=self._route(parent, kind))
        self._ask(parent, core)

    def _ask(self, state: NamespaceState, core: Core | None = None) -> None:
        """Registers for connect requests, once somebody wants to be asked."""
        core = core or self._core
        for heir in list(state.heirs.values()):
            self._ask(heir, core)
        if core is None or isinstance(state, Parent) or state.is_child or state is self._any:
            return
        if state.asks and state.name not in self._asking:
            core.on("sio_server_use", state.encoded, slot=self._request_slot(state))
            self._asking.add(state.name)

    # --- children

    def _route(self, parent: Parent, kind: str) -> Slot:
        """A slot of all children's events of a kind."""
        slots = parent.slots

        def route(view: Any) -> None:
            (slots.get(view.nsp) or self._child(parent, view.nsp))[kind](view)

        return route

    def _child(self, parent: Parent, nsp: bytes) -> dict[str, Slot]:
        """The slots of a child that is new here."""
        name = nsp.decode()
        with self._naming:
            self._forget_empty(parent)
            state = self._states.get(name)
            if state is None:
                state = self._new_state(name)
                state.is_child = True
                state.inherit(parent)
                state.inherit(self._any)
                self._states[name] = state
                self._ask(state)
            if state.is_child:
                parent.slots[nsp] = {
                    "message": self._message_slot(state),
                    "connection": self._connection_slot(state),
                    "disconnect": self._disconnect_slot(state),
                    "request": self._request_slot(state),
                }
            else:
                # The program has named it meanwhile: it has functions of its own.
                ignored: Slot = lambda view: None  # noqa: E731
                parent.slots[nsp] = {
                    "message": ignored,
                    "connection": ignored,
                    "disconnect": ignored,
                    "request": lambda view: self._allow(view.request, True),
                }
            return parent.slots[nsp]

    def _forget_empty(self, parent: Parent) -> None:
        """Forgets, from time to time, children without clients: they come back when needed."""
        if len(parent.slots) < parent.sweep_at:
            return
        for nsp in list(parent.slots):
            state = self._states.get(nsp.decode())
            if state is not None and state.is_child and state.is_bare:
                state.disinherit()
                del self._states[state.name]
                del parent.slots[nsp]
        parent.sweep_at = 2 * len(parent.slots) + _SWEEP

    def _matcher_slot(self, parent: Parent) -> Slot:
        def requested(view: Any) -> None:
            name = view.nsp.decode()
            if isinstance(parent.matcher, re.Pattern):
                self._allow(view.request, parent.matches(name))
                return
            auth = self._codec.loads(view.args.decode()) if view.args else None
            self._ask_matcher(parent.matcher, view.request, name, auth or None)

        return requested

    @abstractmethod
    def _ask_matcher(self, matcher: Handler, request: int, name: str, auth: Any) -> None:
        """Asks a function whether a namespace may exist, then allows it or not."""

    def _allow(self, request: int, allowed: bool) -> None:
        """Says whether what a client asks for may be."""
        handle = _ffi.sio_connect_request(request)
        if allowed:
            reached(quick.sio_accept(handle))
        else:
            reached(quick.sio_reject(handle, None, text_of(None)))
