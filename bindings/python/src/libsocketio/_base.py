"""What `Server` and `AsyncServer` have in common: everything that waits for nothing."""

from __future__ import annotations

import re
import socket
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Callable, TypeVar, overload

from . import _listening, _metrics, exceptions
from ._asking import Asking
from ._chain import Chain
from ._core import Address, Core
from ._exit import running, uninterrupted
from ._files import Files, StaticFiles, StrPath, absolute, from_mapping, serve_client
from ._handlers import Handler, normalized
from ._hooks import Asked, Hooks, Step
from ._json import Codec, JSONModule
from ._legacy import Legacy
from ._metrics import Totals
from ._options import Logger, checked
from ._own_events import OWN_EVENTS
from ._reasons import Reason
from ._registering import Decorator, H, Registering, logger_of
from ._tls import tls_struct
from .broadcast import NamespaceChain
from .namespace import BaseNamespace

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._listening import ListenOptions
    from ._tls import TLSOptions

R = TypeVar("R")


class BaseServer(Registering, Legacy, Asking, Chain[R]):
    """Registering, asking, listening: the part that does not depend on how handlers are run."""

    #: Names for the reasons of a disconnect.
    reason = Reason
    #: What functions without a result return.
    _done: R

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

    @abstractmethod
    def _result(self, value: Any) -> Any:
        """The result of a function that waits for nothing."""

    # --- life

    def listen(
        self, host: str | None = None, port: int = 3000, **options: Unpack[ListenOptions]
    ) -> Address:
        """Listens, and serves from now on; returns the address.

        `host` is an address, a name, "unix:/path/of/socket", or "unix:@name" for
        a Unix socket without a file; None is every address of this machine, IPv6
        and IPv4. `port` 0 picks a free one. It may be called more than once, for
        several addresses. It raises what `sio_last_error` says: ArgumentError,
        AddressInUseError, PermissionDeniedError, HostError, SystemCallError.
        As in Node, `listen(3000)` and `listen(3000, {"path": "/io"})` do as well.

        Options:
            backlog: connections that may wait to be accepted (1024).
            ipv6_only: "::" without IPv4.
            reuse_address: though old connections of the port linger (True).
            reuse_port: several processes may share the port.
            no_delay: TCP sends small pieces at once (True).
            keep_alive: TCP probes silent connections: True, or (seconds of
                silence, seconds between probes, how many), 0 for the system's.
            linger: seconds that a close waits for what was sent, holding the
                event loop; 0 resets the connection.
            receive_buffer_size, send_buffer_size: bytes in the kernel.
            device: the network interface, "eth0".
            unix_mode, unix_owner, unix_group: of the file of a Unix socket.
            proxy_protocol: connections begin with a PROXY header, version 1 or
                2; only those of `trusted_proxies` are served.

        With `ssl_certfile` it speaks TLS: HTTPS and WSS, and HTTP/2 with the
        clients that can. PEM is the path of a file, or bytes. What is wrong with
        it is an ArgumentError here.
            ssl_certfile: PEM of the server's certificate, then of those that
                signed it.
            ssl_keyfile: PEM of its key; None: it stands with the certificate.
            ssl_keyfile_password: of an encrypted key.
            ssl_cert_reqs: whether clients show a certificate: ssl.CERT_NONE,
                ssl.CERT_OPTIONAL or ssl.CERT_REQUIRED. It is SSL_CLIENT_CERT in
                the environ of those that do.
            ssl_ca_certs: PEM of those who sign them; None: whom the system
                trusts.
            ssl_min_version: ssl.TLSVersion.TLSv1_2 (the default) or TLSv1_3.
            ssl_handshake_timeout: seconds for the handshake (10).
            http2: False for HTTP/1.1 only.
        """
        if callable(host) or not (host is None or (isinstance(host, str) and not host.isdigit())):
            self.attach(host, port if isinstance(port, Mapping) else None)
            return self.addresses[-1]
        core = self._opened()
        core.listen(host, port, options)
        return self._listens(core)

    def listen_socket(self, sock: socket.socket | int, **options: Unpack[ListenOptions]) -> Address:
        """Listens on a socket that is bound and listens already, or its descriptor.

        The socket is the server's from now on: the object is detached.
        """
        core = self._opened()
        core.listen_fd(_listening.descriptor(sock), options)
        _listening.let_go(sock)
        return self._listens(core)

    def listen_systemd(
        self, name: str | None = None, **options: Unpack[ListenOptions]
    ) -> list[Address]:
        """Listens on the sockets that systemd has passed: those of a name, or all.

        Raises StateError if it has passed none.
        """
        core = self._opened()
        count = _listening.listen_systemd(core, name, options)
        self._listens(core)
        return list(core.addresses())[-count:]

    def adopt(
        self,
        sock: socket.socket | int,
        data: bytes = b"",
        *,
        secure: bool = False,
        address: str | tuple[str, int] | None = None,
    ) -> None:
        """Serves a connection that another HTTP server has accepted.

        `data` is what that has read of it, from the first byte of a request on.
        The connection is the server's from now on (the object is detached),
        unless this raises. `secure` says that the other server ends TLS,
        `address` whom the connection comes from, if it is not the other end. It
        works without `listen`.
        """
        core = self._opened()
        _listening.adopt(core, sock, data, secure, address)
        self._serves(core)

    def _opened(self) -> Core:
        """The native server, made if there is none yet."""
        if self._ended:
            raise exceptions.StateError("this server was shut down: make a new one")
        return self._core or self._open()

    def _listens(self, core: Core) -> Address:
        self._serves(core)
        return list(core.addresses())[-1]

    def _serves(self, core: Core) -> None:
        if self not in running:
            with uninterrupted():
                running.add(self)
                self._start(core)

    def reload_tls(self, index: int = 0, **tls: Unpack[TLSOptions]) -> None:
        """Exchanges the certificate of the address `index` of `addresses`, while the server runs.

        Without options the same files are read again. New connections get the
        new certificate, those that are there go on. If it raises, nothing has
        changed.
        """
        if self._core is None:
            raise exceptions.StateError("the server does not listen yet")
        self._core.reload_tls(index, tls_struct(dict(tls)))

    @abstractmethod
    def _start(self, core: Core) -> None:
        """Begins to take events; called once, after the first listen."""

    @abstractmethod
    def _exit(self) -> None:
        """Ends everything at the end of the program."""

    def _open(self) -> Core:
        """Makes the native server, and registers what is registered."""
        core = self._core = Core(self._options)
        try:
            self._register(core)
        except BaseException:
            self._core = None
            core.destroy()
            raise
        return core

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

    @abstractmethod
    def _on_closed(self) -> None:
        """The library's last event: the server is closed."""

    def _finish(self) -> None:
        """Ends the native objects, once the server is closed."""
        self._ended = True
        running.discard(self)
        core = self._core
        if core is not None:
            self._last_totals = _metrics.totals(core.server)
            self._core = None
            core.destroy()
