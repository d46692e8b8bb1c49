"""What `Client` and `AsyncClient` have in common: everything that waits for nothing."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, overload

from . import _ffi, exceptions
from ._client_core import ClientCore
from ._client_failures import transport_name
from ._client_life import ClientLife
from ._client_options import Option, checked
from ._client_state import ClientState
from ._errors import error, reached
from ._handling import Handler
from ._json import Codec, JSONModule
from ._library import quick
from ._manager import Manager
from ._native import emit_options, name_bytes, send_up, text_of
from ._numbers import milliseconds
from ._options import Logger
from ._reasons import ClientReason
from ._registering import Decorator, H, Registering, logger_of
from ._table import ANY, normalized
from .client_namespace import BaseClientNamespace
from .client_socket import ClientSocket

R = TypeVar("R")


class BaseClient(Registering, ClientLife, Generic[R]):
    """Registering, sending, asking: the part that does not depend on how handlers are run."""

    #: Names for the reasons of a disconnect.
    reason = ClientReason
    #: Options of the constructor; one that is set counts from the next `connect` on.
    reconnection = Option[bool]()
    reconnection_attempts = Option[int]()
    reconnection_delay = Option[float]()
    reconnection_delay_max = Option[float]()
    reconnection_factor = Option[float]()
    randomization_factor = Option[float]()
    request_timeout = Option[float]()
    #: What functions without a result return.
    _done: R

    def __init__(
        self,
        *,
        logger: Logger = False,
        engineio_logger: Logger = False,
        json: JSONModule | None = None,
        handle_sigint: bool = True,
        **options: Any,
    ) -> None:
        self._options = checked(options)
        self._logger, self._log_level = logger_of(logger, engineio_logger)
        self._codec = Codec(json)
        self.handle_sigint = handle_sigint
        self._core: ClientCore | None = None
        self._one_at_a_time = threading.Lock()
        self._states: dict[str, ClientState] = {}
        self._any = ClientState(ANY, self._prepared, self._run_steps)
        #: Tells of attempts to connect again, and of the connection.
        self.manager = Manager(self._hear_connection)

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
        core = self._core
        state = None if core is None else core.states.get(namespace or "/")
        if core is None or state is None or state.sid is None:  # not the way of most events
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
