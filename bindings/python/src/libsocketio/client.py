"""`Client`: handlers are plain functions, run on threads."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Callable

from . import _ffi, exceptions
from ._client_base import BaseClient
from ._client_core import ClientCore
from ._client_options import URL, Auth, ClientOptions, Headers
from ._client_state import ClientState
from ._dispatch import Dispatcher
from ._errors import error
from ._events import Slot
from ._handling import Handler
from ._json import pack, unpack
from ._runtime import Runtime, runtime_options
from ._table import UNHANDLED
from ._threads import OnThreads, awaited_reply

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["Client"]


class Client(OnThreads, BaseClient[None]):
    """A Socket.IO client whose handlers are plain functions.

    ::

        client = libsocketio.Client()

        @client.event
        def message(data):
            print(data)

        client.connect("http://localhost:3000", auth={"token": "secret"})
        print(client.call("question", "how are you?"))
        client.wait()

    Handlers run one at a time, in the order of their events, on a thread of the client's.
    One that waits in `call` lets others run meanwhile. All methods may be called from every
    thread, and in handlers. A client that is connected has two threads, its own and one of
    the library, and five file descriptors; those of an `AsyncClient` are shared.

    A connection that breaks is made again, at growing intervals, until `disconnect`: after
    that nothing runs again. What is emitted meanwhile waits, as far as the limits allow.

    Options:
        reconnection, reconnection_attempts: whether a broken connection is made again, and
            how often that is tried in a row (0: any number).
        reconnection_delay, reconnection_delay_max, reconnection_factor,
            randomization_factor: seconds before the first attempt (1), and at the most (5);
            what they grow by (2); the part of them that is random, 0 to 1 (0.5).
        logger: True to log to stderr what the client does, or a logger. What handlers raise
            is always logged, to the logger "libsocketio".
        engineio_logger: the same, for programs that give one or both; there is one log.
        serializer: "default", or "msgpack" for servers with that parser.
        json: a module to use instead of `json`.
        handle_sigint: let Ctrl-C in `wait` disconnect in order.
        request_timeout: seconds for an attempt to connect (5).
        upgrade_timeout, close_timeout: seconds for the upgrade to WebSocket, which then
            does not take place (10), and for an orderly end (5).
        revision: of Engine.IO: 4 (servers of Socket.IO 3 and later), 3 (of Socket.IO 1 and
            2), or "auto", which finds out and remembers.
        upgrade: go from polling to WebSocket (True).
        try_all_transports: the second transport if the first one fails; else the first one
            is tried again (False).
        remember_upgrade: begin with WebSocket where an upgrade has worked before (False).
        force_base64: have bytes sent as text over polling (False).
        cookies: send the server's cookies back (True).
        timestamp_requests: polls with "t=...", which keeps caches away (True).
        add_trailing_slash: behind the path (True).
        http_compression: of polls (True).
        per_message_deflate: offer compression over WebSocket: True, or a dict, see `Server`.
        protocols: subprotocols that WebSockets offer.
        retries, ack_timeout: with retries the events of a namespace go one after the other,
            and each is sent again, so often, when no reply has come in `ack_timeout`
            seconds. The server has to reply to each, and sees some twice.
        max_buffered_bytes, max_buffered_packets: that wait to be sent (16 MiB, 65536).
        overflow: what becomes of an event for which there is no room: it is dropped
            ("drop_newest"), those that have waited longest are ("drop_oldest"), or the
            namespace is left ("close"). `call` of a dropped one raises LimitError;
            `of("/").dropped_events` counts them all.
        max_http_buffer_size, max_attachments: bytes of a message that comes (100 MB), and
            binary values of an event (10). An emit with more raises LimitError: servers end
            the connection for it. The msgpack serializer sends any number.
        max_pending_acks, max_pending_replies: replies that are awaited, of either side.
        local_address: that connections come from.
        proxy: "http://user:secret@host:3128", which knows CONNECT.
        ssl_verify, ssl_check_hostname: whether the server's certificate has to be signed by
            somebody who is believed, and to name the host (True).
        ssl_ca_certs: PEM of those who are believed; None: whom the system trusts.
        ssl_certfile, ssl_keyfile, ssl_keyfile_password: the client's own certificate.
        ssl_min_version: ssl.TLSVersion.TLSv1_2 (the default) or TLSv1_3.
        ssl_server_name: that is asked for, and has to be in the certificate.
        ssl_pins: the server's certificate has to be one of these: "certificate:" or "key:",
            and its SHA-256 in hexadecimal.
        threads: event loops of the library (1).

    PEM is the path of a file, or bytes.
    """

    _done = None

    def __init__(self, **options: Unpack[ClientOptions]) -> None:
        super().__init__(**options)
        self._dispatchers: dict[ClientCore, Dispatcher] = {}
        #: Set whenever something has changed that `connect` waits for.
        self._changed = threading.Condition()
        self._exception: BaseException | None = None

    # --- life

    def connect(
        self,
        url: URL,
        headers: Headers | None = None,
        auth: Auth = None,
        transports: str | Sequence[str] | None = None,
        namespaces: str | Sequence[str] | None = None,
        socketio_path: str = "socket.io",
        wait: bool = True,
        wait_timeout: float = 1,
        retry: bool = False,
    ) -> None:
        """Connects to a server, and to namespaces there.

        `url` is "http://host:3000", "https://...", "unix:/path/of/socket"; its query goes
        along with every request, its path is not looked at. `url` and `headers` may be
        functions, which are called before every attempt. `auth` is a dict that the server
        is shown, or a function that returns one: it is asked before every attempt, with
        (attempt, reason) if it takes arguments: the number of the attempt, counted from 1
        since it was connected, and why the one before has failed. `transports` is ["polling"],
        ["websocket"], or both in the order in which they are to be tried. `namespaces` are
        those that have handlers, if none are named, or "/".

        It returns once all of them are joined, and raises ConnectionError if that fails, or
        takes longer than `request_timeout` and `wait_timeout` seconds together; nothing is
        tried again then, unless `retry`: then it returns, or raises, when the attempts have
        come to an end. With `wait` False it returns at once: handlers of "connect" and
        "connect_error" tell what becomes of it.
        """
        self._check_free()
        now = (
            url() if callable(url) else url,
            headers() if callable(headers) else headers,
        )
        core = self._begin(url, headers, now, auth, transports, namespaces, socketio_path, retry)
        if not wait:
            return
        seconds = None if retry else self._options.request_timeout + wait_timeout
        try:
            with self._changed:
                self._changed.wait_for(lambda: self._outcome(core), seconds)
            self._check_outcome(core)
        except BaseException:
            self._end(core)
            raise

    def wait(self) -> None:
        """Blocks until the client is disconnected for good."""
        try:
            with self._changed:
                self._changed.wait_for(lambda: self._core is None)
        except KeyboardInterrupt:
            if self.handle_sigint:
                self.disconnect()
            raise
        if self._exception is not None:
            failure, self._exception = self._exception, None
            raise failure

    def disconnect(self) -> None:
        """Leaves all namespaces, and ends the connection; legal at any time.

        What was emitted before is sent first. The disconnect handlers are called. Returns
        when all is over; in a handler, at once.
        """
        core = self._core
        if core is not None:
            self._end(core)

    def shutdown(self) -> None:
        """The same as `disconnect`: attempts to connect again end, too."""
        self.disconnect()

    def _end(self, core: ClientCore) -> None:
        dispatcher = self._dispatchers.get(core)
        if core.runtime.forked:
            self._core = None
            return
        core.close()
        if dispatcher is not None:
            dispatcher.join()

    # --- sending

    def emit(
        self,
        event: str,
        data: Any = None,
        namespace: str | None = None,
        callback: Callable[..., Any] | None = None,
    ) -> None:
        """Sends an event.

        `data` is what JSON can say, with bytes at any depth; a tuple is several arguments,
        None is none. `callback` is called with the arguments of the reply.

        While the connection is being made, or made again, the event waits. Raises
        BadNamespaceError if the namespace is not joined, and is not about to be.
        """
        self._emit(event, pack(data), namespace, callback)

    def send(
        self,
        data: Any,
        namespace: str | None = None,
        callback: Callable[..., Any] | None = None,
    ) -> None:
        """Sends the event "message"; see `emit`."""
        self._emit("message", pack(data), namespace, callback)

    def call(
        self,
        event: str,
        data: Any = None,
        namespace: str | None = None,
        timeout: float | None = 60,
    ) -> Any:
        """Sends an event and waits for the reply.

        Returns None for a reply without arguments, the argument, or a tuple of several.
        Raises TimeoutError after `timeout` seconds (None: waits as long as the connection
        lasts), and NoReplyError, which is a TimeoutError, when the connection is lost.
        May be called in handlers: others run meanwhile.
        """
        return self._ask_server(event, pack(data), namespace, timeout)

    def _ask_server(
        self,
        event: str,
        args: Sequence[Any],
        namespace: str | None,
        timeout: float | None,
        flags: int = 0,
    ) -> Any:
        core, ask = self._question(event, args, namespace, timeout)
        dispatcher = self._dispatchers.get(core)
        if dispatcher is None:
            raise exceptions.NoReplyError("the connection has just ended")
        reply, answered = awaited_reply(dispatcher)
        ask(answered, flags)
        dispatcher.wait(reply)
        if reply.status != _ffi.SIO_OK:
            raise error(reply.status, f"no reply to {event!r} from the server")
        return unpack(reply.args)

    # --- how

    def _take_runtime(self) -> Runtime:
        runtime = Runtime(runtime_options(self._options.threads))
        runtime.on_log(self._logger, self._log_level)
        return runtime

    def _give_back(self, runtime: Runtime) -> None:
        runtime.destroy()

    def _start(self, core: ClientCore) -> None:
        dispatcher = Dispatcher(core.runtime.handle, lambda: self._finish(core))
        self._dispatchers[core] = dispatcher
        dispatcher.start()

    def _on_closed(self, core: ClientCore, view: Any) -> None:
        for state in core.own_states:
            if state.sid is not None:  # the end came without its event
                state.sid = None
                why = (self.reason.CLIENT_DISCONNECT, "")
                self._tell(core, state.life_handler("disconnect", why))
        self._dispatchers[core].finish()

    def _finish(self, core: ClientCore) -> None:
        try:
            super()._finish(core)
        finally:
            self._dispatchers.pop(core, None)
            self._wake()

    def _exit(self) -> None:
        self.disconnect()

    def _fatal(self, failure: BaseException) -> None:
        # sys.exit() in a handler ends wait(), which raises it again.
        self._exception = failure
        if self._core is not None:
            self._core.close()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    # --- events

    def _tell(self, core: ClientCore, handler: Handler | None) -> None:
        try:
            if handler is not None:
                handler()
        except BaseException as failure:
            self._failed(failure)
        finally:
            self._wake()

    def _ask(
        self, what: str, asks: Sequence[Handler], answer: Callable[..., None], request: int
    ) -> None:
        try:
            answer(request, *[ask() for ask in asks])
        except BaseException as failure:
            self._refuse(request, what, failure)
            self._failed(failure)

    def _message_slot(self, state: ClientState) -> Slot:
        # Everything here happens for every event: no attribute, call or object
        # that can be spared.
        handlers, resolve, arguments = state.resolved, state.resolve, self._arguments
        loads, reply, failed = self._codec.loads, self._reply, self._failed

        def message(view: Any) -> None:
            try:
                name = view.name
                handler = handlers.get(name) or resolve(name)
                if handler is UNHANDLED:
                    return
                args = arguments(view) if view.attachment_count else loads(view.args.decode())
                ack = view.ack
                result = handler(*args)
                if ack:
                    reply(ack, result)
            except BaseException as failure:
                failed(failure)

        return message
