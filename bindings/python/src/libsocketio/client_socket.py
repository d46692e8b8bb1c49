"""A namespace of a client as an object, with what Node's socket has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from . import _ffi
from ._numbers import milliseconds
from .emitter import Emitter

if TYPE_CHECKING:
    from ._client_base import BaseClient
    from ._client_options import Auth
    from ._client_state import ClientState
    from ._handling import Handler

__all__ = ["ClientSocket"]

R = TypeVar("R")


class ClientSocket(Emitter, Generic[R]):
    """A namespace, and how to send there: `client.of("/chat").volatile.emit("typing", True)`.

    Immutable: every step gives another one. It has Node's emitter (`once`, `off`, `on_any`,
    `on_any_outgoing`, ...), whose functions are called as handlers are, without a sid.
    """

    __slots__ = ("_client", "_flags", "_timeout", "namespace")

    def __init__(
        self, client: BaseClient[R], namespace: str, flags: int = 0, timeout: float | None = None
    ) -> None:
        self._client = client
        self._flags = flags
        self._timeout = timeout
        #: Its name.
        self.namespace = namespace

    # --- how

    @property
    def volatile(self) -> ClientSocket[R]:
        """For events that are dropped unless they can go at once."""
        return self._but(flags=self._flags | _ffi.SIO_EMIT_VOLATILE)

    def compress(self, compress: bool) -> ClientSocket[R]:
        """Whether events may be compressed on their way, as the options say."""
        flag = _ffi.SIO_EMIT_NO_COMPRESS
        return self._but(flags=self._flags & ~flag if compress else self._flags | flag)

    def timeout(self, seconds: float) -> ClientSocket[R]:
        """How long to wait for replies; without it, as long as the connection lasts."""
        milliseconds("timeout", seconds)  # says what is wrong with it
        return self._but(timeout=seconds)

    def _but(self, flags: int | None = None, timeout: float | None = None) -> ClientSocket[R]:
        return ClientSocket(
            self._client,
            self.namespace,
            self._flags if flags is None else flags,
            self._timeout if timeout is None else timeout,
        )

    # --- sending

    def emit(self, event: str, *args: Any, callback: Handler | None = None) -> R:
        """Sends an event; several arguments are given one by one.

        `callback` is called with the arguments of the reply; after `timeout`, as in Node,
        with (error, *args), where the error is None or a TimeoutError.
        """
        client = self._client
        if callback is None or self._timeout is None:
            client._emit(event, args, self.namespace, callback, self._flags)
            return client._done
        _, ask = client._question(event, args, self.namespace, self._timeout)
        ask(client._with_error(event, callback), self._flags)
        return client._done

    def send(self, *args: Any) -> R:
        """Sends the event "message"."""
        return self.emit("message", *args)

    def emit_with_ack(self, event: str, *args: Any) -> Any:
        """Sends an event and waits for its reply; with an `AsyncClient` to be awaited.

        Returns and raises what `call` does.
        """
        timeout = self._timeout
        return self._client._ask_server(event, args, self.namespace, timeout, self._flags)

    # --- what it is

    @property
    def id(self) -> str | None:
        """The client's id there; None while it is not connected."""
        return self._client.get_sid(self.namespace)

    @property
    def connected(self) -> bool:
        """Whether the namespace is joined at this moment."""
        return self.id is not None

    @property
    def active(self) -> bool:
        """Whether it is joined, or will be without anybody's doing."""
        state = self._joined
        return state is not None and (state.sid is not None or state.pending)

    @property
    def recovered(self) -> bool:
        """Whether the last connection went on where the one before was."""
        state = self._joined
        return state is not None and state.recovered

    @property
    def dropped_events(self) -> int:
        """How many events this connection has dropped: volatile ones, and those without room."""
        client = self._client
        core, name = client._core, client._state(self.namespace).encoded
        return 0 if core is None else int(core.connection(name).dropped_events)

    @property
    def _joined(self) -> ClientState | None:
        core = self._client._core
        return None if core is None else core.states.get(self.namespace)

    # --- life

    def connect(self, auth: Auth = None) -> R:
        """Joins the namespace; "connect" follows, or "connect_error" for attempts that fail.

        It shares the connection that the client has. Without one, another is made to where
        the client's `connect` went. `auth` is what the server is shown here, a dict or a
        function; None: what was given to `connect`.
        """
        self._client._join_later(self.namespace, auth)
        return self._client._done

    def disconnect(self) -> R:
        """Leaves the namespace; the connection ends with the last one."""
        self._client._leave(self.namespace)
        return self._client._done

    def on(self, event: str, handler: Any = None) -> Any:
        """Registers the handler of an event; see `Client.on`."""
        return self._client.on(event, handler, self.namespace)

    def _place(self) -> Any:
        state = self._client._state(self.namespace)
        return self._client, state, state.listeners, False
