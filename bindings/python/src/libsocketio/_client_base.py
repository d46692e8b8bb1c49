"""What `Client` and `AsyncClient` have in common: everything that waits for nothing."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Generic, TypeVar, overload

from . import _ffi, exceptions
from ._client_core import ClientCore, names_of
from ._client_failures import transport_name
from ._client_options import URL, Auth, Headers, Target, checked
from ._client_receiving import ClientReceiving
from ._client_state import ClientState
from ._errors import error, reached
from ._exit import running
from ._handling import Handler
from ._json import Codec, JSONModule
from ._library import quick
from ._manager import Manager
from ._native import emit_options, name_bytes, send_up, text_of
from ._numbers import milliseconds
from ._options import Logger, strings
from ._registering import Decorator, H, Registering, logger_of
from ._runtime import Runtime
from ._table import ANY, normalized
from .client_namespace import BaseClientNamespace
from .client_socket import ClientSocket

R = TypeVar("R")


class ClientReason:
    """Why a client is no longer connected, as disconnect handlers get it: Socket.IO's words."""

    #: The client called disconnect.
    CLIENT_DISCONNECT = "io client disconnect"
    #: The server called disconnect.
    SERVER_DISCONNECT = "io server disconnect"
    #: The server did not send pings.
    PING_TIMEOUT = "ping timeout"
    #: The connection was closed.
    TRANSPORT_CLOSE = "transport close"
    #: The connection broke.
    TRANSPORT_ERROR = "transport error"
    #: The server broke the protocol.
    PARSE_ERROR = "parse error"


class BaseClient(Registering, ClientReceiving, Generic[R]):
    """Registering, sending, asking: the part that does not depend on how handlers are run."""

    #: Names for the reasons of a disconnect.
    reason = ClientReason
    #: What functions without a result return.
    _done: R

    def __init__(
        self,
        *,
        logger: Logger = False,
        json: JSONModule | None = None,
        handle_sigint: bool = True,
        **options: Any,
    ) -> None:
        self._options = checked(options)
        self._logger, self._log_level = logger_of(logger)
        self._codec = Codec(json)
        self.handle_sigint = handle_sigint
        self._core: ClientCore | None = None
        self._states: dict[str, ClientState] = {}
        self._any = ClientState(ANY, self._prepared, self._run_steps)
        #: Tells of attempts to connect again.
        self.manager = Manager()
        #: What `connect` was told.
        self.connection_url: URL | None = None
        self.connection_headers: Headers | None = None
        self.connection_auth: Auth = None
        self.connection_transports: str | Sequence[str] | None = None
        self.connection_namespaces: list[str] = []
        self.socketio_path: str | None = None

    # --- registering

    @overload
    def on(self, event: str, handler: None = None, namespace: str | None = None) -> Decorator: ...

    @overload
    def on(self, event: str, handler: H, namespace: str | None = None) -> H: ...

    def on(self, event: str, handler: Handler | None = None, namespace: str | None = None) -> Any:
        """Registers the handler of an event, as a decorator or a call.

        "connect" is called with nothing whenever the namespace is joined, "disconnect" with
        (reason[, details]) when it is left or lost, "connect_error" for every attempt that
        fails: with {"message": ..., "data": ...} if the server has refused, else with a
        sentence. Every other event is called with its arguments; what the handler returns is
        the reply, if the server wants one: None is no argument, a tuple is several. "*" is
        called with (event, *args) for events that have no handler of their own.

        A second handler for the same event replaces the first. In the namespace "*" it is a
        handler of all namespaces that have none for the event themselves. Its first argument
        is the namespace ("*" is called with the event before that).
        """
        state = self._state(namespace)

        def register(handler: Handler) -> Handler:
            state.set_handler(event, handler)
            return handler

        return register if handler is None else register(handler)

    def register_namespace(self, namespace_handler: BaseClientNamespace) -> None:
        """Registers a class-based namespace, a `ClientNamespace` or `AsyncClientNamespace`.

        Handlers of the same namespace that were registered with `on` go first.
        """
        if not isinstance(namespace_handler, BaseClientNamespace):
            raise ValueError("not a namespace: give a ClientNamespace or AsyncClientNamespace")
        if namespace_handler.is_asyncio_based() != self.is_asyncio_based():
            wanted = "AsyncClientNamespace" if self.is_asyncio_based() else "ClientNamespace"
            raise ValueError(f"{type(self).__name__} needs namespaces derived from {wanted}")
        namespace_handler._set_client(self)
        self._state(namespace_handler.namespace).set_instance(namespace_handler)

    @abstractmethod
    def is_asyncio_based(self) -> bool:
        """Whether handlers may be coroutines."""

    def of(self, namespace: str | None = None) -> ClientSocket[R]:
        """A namespace as an object, with what Node's socket has: `client.of("/chat")`."""
        return ClientSocket(self, self._state(namespace).name)

    @property
    def volatile(self) -> ClientSocket[R]:
        """The namespace "/", for events that are dropped unless they can go at once."""
        return self.of("/").volatile

    def timeout(self, seconds: float) -> ClientSocket[R]:
        """The namespace "/", for events whose replies have to come in time."""
        return self.of("/").timeout(seconds)

    def compress(self, compress: bool) -> ClientSocket[R]:
        """The namespace "/", for events that may be compressed on their way, or not."""
        return self.of("/").compress(compress)

    def _state(self, namespace: str | None) -> ClientState:
        """What is known of a namespace; made if it is new."""
        name = normalized(namespace)
        if name == ANY:
            return self._any
        state = self._states.get(name)
        if state is None:
            state = ClientState(name, self._prepared, self._run_steps)
            state.inherit(self._any)
            state = self._states.setdefault(name, state)
        return state

    # --- asking

    @property
    def connected(self) -> bool:
        """Whether it is connected to a namespace at this moment."""
        return bool(self.namespaces)

    @property
    def namespaces(self) -> dict[str, str]:
        """The ids that the client has in the namespaces that it is connected to."""
        core = self._core
        states = [] if core is None else list(core.states.values())
        return {state.name: state.sid for state in states if state.sid is not None}

    @property
    def sid(self) -> str | None:
        """The id in the first namespace that it is connected to; None if there is none."""
        return next(iter(self.namespaces.values()), None)

    def get_sid(self, namespace: str | None = None) -> str | None:
        """The id in a namespace; None while it is not connected to that."""
        return self.namespaces.get(normalized(namespace))

    def transport(self) -> str | None:
        """What the connection uses now: "polling" or "websocket"; None without one."""
        return None if self._core is None else transport_name(self._core.connection().transport)

    # --- sending

    def _emit(
        self,
        event: str,
        args: Sequence[Any],
        namespace: str | None,
        callback: Handler | None,
        flags: int = 0,
    ) -> None:
        """Sends an event; `callback` gets the arguments of the reply."""
        core, state = self._reachable(namespace)
        name = name_bytes(event)
        payload, attachments = self._codec.encode(args)
        if callback is not None:
            answered = self._if_ok(callback)
            self._request(core, state, name, payload, attachments, flags, 0, answered)
            return
        if attachments is None and not flags:
            status = send_up(core.client, state.encoded, name, payload)
        else:
            options, text = emit_options(flags, attachments), text_of(payload)
            status = quick.sio_client_emit(core.client, state.encoded, name, text, options)
        if status and not reached(status):
            raise self._unreachable(state.name)

    def _request(
        self,
        core: ClientCore,
        state: ClientState,
        name: bytes,
        payload: bytes,
        attachments: Sequence[bytes] | None,
        flags: int,
        timeout_ms: int,
        answered: Any,
    ) -> None:
        """Sends an event and calls `answered` once with the status and the reply."""
        status = self._await_ack(
            quick.sio_client_emit_with_ack,
            core.client,
            state.encoded,
            name,
            payload=payload,
            options=emit_options(flags, attachments),
            timeout_ms=timeout_ms,
            answered=answered,
        )
        if status and not reached(status):
            raise self._unreachable(state.name)

    def _question(
        self, event: str, args: Sequence[Any], namespace: str | None, timeout: float | None
    ) -> Any:
        """What `call` sends: a function that does it, given who is to be told of the reply."""
        timeout_ms = 0 if timeout is None else milliseconds("timeout", timeout)
        name = name_bytes(event)
        payload, attachments = self._codec.encode(args)
        core, state = self._reachable(namespace)

        def ask(answered: Any, flags: int = 0) -> None:
            self._request(core, state, name, payload, attachments, flags, timeout_ms, answered)

        return core, ask

    def _reachable(self, namespace: str | None) -> tuple[ClientCore, ClientState]:
        """The connection, and a namespace that is joined or will be."""
        core = self._core
        state = None if core is None else core.states.get(namespace or "/")
        if state is None and core is not None and namespace:
            state = core.states.get(normalized(namespace))
        if core is None or state is None or not (state.sid is not None or state.pending):
            raise self._unreachable(normalized(namespace))
        return core, state

    def _unreachable(self, name: str) -> exceptions.BadNamespaceError:
        return exceptions.BadNamespaceError(f"{name} is not a connected namespace.")

    # --- life

    def _begin(
        self,
        url: URL,
        headers: Headers | None,
        auth: Auth,
        transports: str | Sequence[str] | None,
        namespaces: str | Sequence[str] | None,
        path: str,
        retry: bool,
    ) -> ClientCore:
        """Makes a native client, and sets it going."""
        if self._core is not None and not self._core.closing:
            raise exceptions.ConnectionError("Already connected")
        self.connection_url, self.connection_headers = url, headers
        self.connection_auth, self.connection_transports = auth, transports
        self.connection_namespaces = self._wanted(namespaces)
        self.socketio_path = path
        if not (auth is None or callable(auth) or isinstance(auth, dict)):
            raise TypeError(f"auth must be a dict, or a function that returns one, not {auth!r}")
        target = Target(
            url() if callable(url) else url,
            (headers() if callable(headers) else headers) or {},
            None if auth is None or callable(auth) else self._codec.dumps(auth),
            transports,
            path,
        )
        options = self._options.struct(target)
        runtime = self._take_runtime()
        try:
            core = ClientCore(runtime, options, retry=retry)
        except BaseException:
            self._give_back(runtime)
            raise
        self._core = core
        try:
            core.on("sio_client_on_close", slot=self._guarded(partial(self._on_closed, core)))
            core.on("sio_client_on_reconnect", slot=self._guarded(self._on_reconnect(core)))
            self._start(core)
        except BaseException:
            self._core = None
            core.destroy()
            self._give_back(runtime)
            raise
        running.add(self)
        # All of them before the first: what comes for that may look at the others.
        states = [self._state(name) for name in self.connection_namespaces]
        for state in states:
            self._expect(core, state)
        for state in states:
            core.join(state)
        return core

    def _wanted(self, namespaces: str | Sequence[str] | None) -> list[str]:
        """The namespaces to join: those that have handlers, if none are named."""
        if namespaces is None:
            states = self._states.values()
            used = [state.name for state in states if state.is_used]
            return used or ["/"]
        listed = strings("namespaces", namespaces, "a name like '/chat', or a list of names")
        return [normalized(name) for name in listed] or ["/"]

    def _expect(self, core: ClientCore, state: ClientState) -> None:
        """Prepares to join a namespace."""
        state.begin()
        if state.name not in core.states:
            core.states[state.name] = state
            self._install(core, state, self.connection_auth)

    def _join_later(self, name: str) -> None:
        """Joins one more namespace of a connection."""
        core = self._core
        if core is None or core.closing:
            raise exceptions.ConnectionError("there is no connection: call connect of the client")
        state = self._state(name)
        if state.sid is None and not (name in core.states and state.pending):
            self._expect(core, state)
            core.join(state)

    def _leave(self, name: str) -> None:
        core = self._core
        state = None if core is None else core.states.get(name)
        if core is not None and state is not None:
            state.pending = False
            core.leave(state)
            if state.sid is None:  # no event follows
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
            sentence = f"no answer from the server in time, for {names_of(missing)}"
            timeout = exceptions.ConnectionError(sentence)
            timeout.code = "timeout"
            raise timeout
        first = failures[0]
        if first.code in ("refused", "auth"):
            refused = exceptions.ConnectionError(
                f"One or more namespaces failed to connect: {names_of(missing)}: {first}"
            )
            refused.__dict__.update(first.__dict__)
            raise refused
        raise first

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
    def _on_closed(self, core: ClientCore, view: Any) -> None:
        """The library's last event of a connection."""

    def _finish(self, core: ClientCore) -> None:
        """Ends the native objects, once a connection is closed."""
        for state in core.states.values():
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

    def _with_error(self, event: str, callback: Handler) -> Callable[[int, list[Any]], None]:
        """Calls a callback as Node does: with (error, *args)."""

        def answered(status: int, args: list[Any]) -> None:
            failure = None
            if status != _ffi.SIO_OK:
                failure = error(status, f"no reply to {event!r} from the server")
            self._call_back(callback, [failure, *args])

        return answered

    @abstractmethod
    def _ask_server(
        self,
        event: str,
        args: Sequence[Any],
        namespace: str | None,
        timeout: float | None,
        flags: int = 0,
    ) -> Any:
        """Sends an event, and waits for the reply."""
