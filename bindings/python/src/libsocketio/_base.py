"""What `Server` and `AsyncServer` have in common: everything that waits for nothing."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Callable, TypeVar, overload

from ._chain import Chain
from ._commands import Commands
from ._core import Core
from ._files import Files, StaticFiles, StrPath, absolute, from_mapping, serve_client
from ._handlers import Handler, normalized
from ._hooks import Asked, Hooks, Step
from ._json import Codec, JSONModule
from ._metrics import Totals
from ._options import Logger, checked
from ._own_events import OWN_EVENTS
from ._reasons import Reason
from ._registering import Decorator, H, Registering, logger_of
from ._serving import Serving
from .broadcast import NamespaceChain
from .namespace import BaseNamespace

R = TypeVar("R")


class BaseServer(Registering, Commands[R], Serving, Chain[R]):
    """All that does not depend on how handlers are run: registering, asking, serving."""

    #: Names for the reasons of a disconnect.
    reason = Reason

    def __init__(
        self,
        *,
        logger: Logger = False,
        engineio_logger: Logger = False,
        json: JSONModule | None = None,
        namespaces: Sequence[str] | None = None,
        static_files: StaticFiles | None = None,
        serve_client: StrPath | None = None,
        **options: Any,
    ) -> None:
        self._hooks = Hooks(options)
        self._options = checked(options)
        self._logger, self._log_level = logger_of(logger, engineio_logger)
        self._codec = Codec(json)
        self._core: Core | None = None
        self._ended = False
        self._last_totals = Totals()
        self._http_handler: Handler | None = None
        self._files = [] if static_files is None else from_mapping(static_files)
        self._client_files: str | None = None
        if serve_client is not None:
            self._client_files = absolute("serve_client", serve_client)
        super().__init__(namespaces, self._options.connection_state_recovery)

    # --- registering

    @overload
    def on(self, event: str, handler: None = None, namespace: str | None = None) -> Decorator: ...

    @overload
    def on(self, event: str, handler: H, namespace: str | None = None) -> H: ...

    def on(self, event: str, handler: Handler | None = None, namespace: str | None = None) -> Any:
        """Registers the handler of an event, as a decorator or a call.

        "connect" is called with (sid, environ[, auth]) before a client joins;
        return False or raise `ConnectionRefusedError` to refuse it. "disconnect"
        is called with (sid[, reason[, details]]), and "disconnecting" before that:
        details are a sentence about the cause, or empty. Every
        other event is called with the sid and the event's arguments; what it
        returns is the reply, if the client wants one: None is no argument, a
        tuple is several. "*" is called with
        (event, sid, *args) for events that have no handler of their own.

        A second handler for the same event replaces the first.

        In the namespace "*" it is a handler of all namespaces that have none for
        the event themselves. Its first argument is the namespace ("*" is called
        with the event before that); so it is in namespaces of a pattern or a
        function, see `of`.

        "new_namespace" is called with the name of every namespace that is made,
        and "connection_error" with a `ConnectionFailure` for every request of
        Socket.IO that was refused.
        """
        name = normalized(namespace)

        def register(handler: Handler) -> Handler:
            if event in OWN_EVENTS and name == "/":
                self._set_own_handler(event, handler)
                return handler
            state = self._state(name)
            state.set_handler(state.aliases.get(event, event), handler)
            self._ask(state)
            return handler

        return register if handler is None else register(handler)

    def use(self, middleware: H, namespace: str | None = None) -> H:
        """Registers a middleware, which is asked before the connect handler.

        It is called with (sid, environ[, auth]), and refuses a client as a
        connect handler does. Several run one after the other.
        """
        if not callable(middleware):
            raise TypeError(f"a middleware must be a function, not {middleware!r}")
        state = self._state(normalized(namespace))
        state.middleware.append(middleware)
        self._ask(state)
        return middleware

    def http(self, handler: H) -> H:
        """Registers the handler of HTTP requests outside the Socket.IO path.

        It is called with a `Request`, and returns a `Response`, a str, bytes, or
        None for "404 Not Found".
        """
        first = self._http_handler is None
        self._http_handler = handler
        if first and self._core is not None:
            self._core.on("sio_server_on_http", slot=self._guarded(self._on_http))
        return handler

    def serve_files(
        self,
        prefix: str,
        path: StrPath | None,
        *,
        index: str | None = None,
        content_type: str | None = None,
        cache_control: str | None = None,
        hidden: bool = False,
    ) -> None:
        """Serves the files of a folder, or one file: `io.serve_files("/static", "web/static")`.

        A file is served at exactly the prefix; "/" with a folder is every path
        that nothing else answers. `index` is the name of what is served for a
        folder, "index.html" by default; `hidden` serves names that begin with a
        dot, too. What is not there goes to the handler of `http`. `path` None
        serves nothing there any more. Raises ArgumentError if there is no such
        file, once the server listens.
        """
        where = None if path is None else absolute("path", path)
        files = Files(prefix, where, index, content_type, cache_control, hidden)
        if self._core is not None:
            files.serve(self._core.server)
        self._files.append(files)

    def serve_client(self, folder: StrPath | None) -> None:
        """Serves the official JavaScript client as /socket.io/socket.io.min.js and the like.

        `folder` is where its files are, such as client-dist of the npm package
        "socket.io". They are read at the call, or when the server begins to
        listen. None serves them no more.
        """
        path = None if folder is None else absolute("folder", folder)
        if self._core is not None:
            serve_client(self._core.server, path)
        self._client_files = path

    def use_engine(self, middleware: H) -> H:
        """Registers a middleware of the engine, which is asked about every request of Socket.IO.

        Polls, posts, preflights, and those of WebSockets: it is called with an
        environ before anything is done for the request. None or True lets it go
        on, False or a str refuses it ("Bad request"; the str is for the log), and
        a `Response` answers it. Several are asked one after the other.
        """
        if not callable(middleware):
            raise TypeError(f"a middleware must be a function, not {middleware!r}")
        self._install_hook(*self._hooks.use(middleware))
        return middleware

    def register_namespace(self, namespace_handler: BaseNamespace) -> None:
        """Registers a class-based namespace, an instance of `Namespace` or `AsyncNamespace`.

        Handlers of the same namespace that were registered with `on` go first.
        """
        if not isinstance(namespace_handler, BaseNamespace):
            raise ValueError("not a namespace: give an instance of Namespace or AsyncNamespace")
        if namespace_handler.is_asyncio_based() != self.is_asyncio_based():
            wanted = "AsyncNamespace" if self.is_asyncio_based() else "Namespace"
            raise ValueError(f"{type(self).__name__} needs namespaces derived from {wanted}")
        namespace_handler._set_server(self)
        state = self._state(namespace_handler.namespace)
        state.set_instance(namespace_handler)
        self._ask(state)

    # --- Node's chain

    def of(self, namespace: str | re.Pattern[str] | Callable[..., Any]) -> NamespaceChain[R]:
        """A namespace, to register handlers in and to broadcast to: `io.of("/chat")`.

        With a regular expression, all namespaces whose whole names match it,
        and with a function those for which `function(name, auth)` is true (or a
        coroutine, with an `AsyncServer`): clients may ask for them. Their handlers and
        middlewares get the namespace's name as the first argument. What is
        emitted goes to all of them.
        """
        if isinstance(namespace, re.Pattern) or callable(namespace):
            return NamespaceChain(self, self._parent(namespace).name)
        return NamespaceChain(self, self._state(namespace).name)

    @abstractmethod
    def _result(self, value: Any) -> Any:
        """The result of a function that waits for nothing."""

    # --- at the library

    def _set_own_handler(self, event: str, handler: Handler) -> None:
        state = self._state("/")
        state.own[event] = handler
        if self._core is not None and OWN_EVENTS[event][0] not in state.heard:
            self._install_own(self._core, event)

    def _install_own(self, core: Core, event: str) -> None:
        function, read = OWN_EVENTS[event]
        state = self._state("/")

        def happened(view: Any) -> None:
            handler = state.own.get(event)  # it may have been taken back
            if handler is not None:
                self._call_back(handler, [read(view)])

        core.on(function, slot=self._guarded(happened))
        state.heard.add(function)

    def _register(self, core: Core) -> None:
        core.runtime.on_log(self._logger, self._log_level)
        core.on("sio_server_on_close", slot=self._guarded(lambda _: self._on_closed()))
        if self._http_handler is not None:
            core.on("sio_server_on_http", slot=self._guarded(self._on_http))
        for files in self._files:
            files.serve(core.server)
        if self._client_files is not None:
            serve_client(core.server, self._client_files)
        for function, steps in self._hooks.steps:
            self._install_hook(function, steps)
        self._register_namespaces(core)
        for event in list(self._state("/").own):
            self._install_own(core, event)

    def _install_hook(self, function: str, steps: list[Step]) -> None:
        if self._core is None:
            return

        def asked(view: Any) -> None:
            self._ask_hook(Asked(view), steps)

        self._core.on(function, slot=self._guarded(asked))
