"""`Server`: handlers are plain functions, run on threads."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Callable

from . import _ffi, exceptions
from ._base import BaseServer
from ._broadcasting import collect, replies_of
from ._clients import Client
from ._cluster import replies
from ._core import Core
from ._dispatch import Dispatcher
from ._errors import error
from ._json import unpack
from ._listening import ListenOptions
from ._numbers import milliseconds
from ._options import ServerOptions
from ._outbound import DEFAULT, Delivery
from ._server_threads import ServerOnThreads
from ._threads import awaited_reply
from .broadcast import Broadcast
from .session import Session

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["Server"]


class Server(ServerOnThreads, BaseServer[None]):
    """A Socket.IO server whose handlers are plain functions.

    ::

        io = libsocketio.Server(cors_allowed_origins="*")

        @io.on("message")
        def message(sid, data):
            io.emit("message", data, to=sid)

        io.run(port=3000)

    Handlers run one at a time, in the order of their events, on a thread of the
    server's. One that waits in `call` lets others run meanwhile; one that waits
    for something else (a database, `time.sleep`) holds up all others: then give
    `async_handlers=True`. All methods may be called from every thread.

    Options:
        async_handlers: run the handlers of events on a pool of threads, at the
            same time and in no order. Connect and disconnect handlers still
            run one at a time.
        logger: True to log to stderr what the server does, or a logger. What
            handlers raise is always logged, to the logger "libsocketio".
        engineio_logger: the same, for programs that give one or both; there is one log.
        json: a module to use instead of `json`.
        namespaces: names of namespaces that clients may join though nothing is
            registered in them; "*" for all names. The server makes them when
            clients ask for them.
        max_child_namespaces: how many that clients have asked for there may be;
            empty ones go for others, then those whose clients are all away.
        connection_state_recovery: let clients of Socket.IO 4.6 and later go on where
            they were after their connection broke, with their sid, rooms, session,
            and the events that they missed: True, or a dict of
            "max_disconnection_duration" (120 seconds), "max_sessions" (10000)
            and "max_bytes" of events and rooms (16 MiB), both of all namespaces
            together, and "skip_middlewares": True lets them in without asking
            middlewares again; the connect handler is told of them when they are in.
            Events then have one more argument, see the C header.
        cleanup_empty_child_namespaces: let them go when their last client leaves.
        static_files: a dict of what is served besides, {"/": "index.html",
            "/static": "web/static"}: folders and files. A value may be a dict,
            too, {"filename": ..., "content_type": ...}; the key "" is the name
            of the file that is served for folders. See `serve_files`.
        serve_client: the folder of the official JavaScript client's files. See
            `serve_client`.
        cors_allowed_origins: origins that browsers may come from, beside the
            server's own, which always may; "*" for any. Programs that are not
            browsers mostly send no origin, and are then not concerned. [] is no
            check at all, and no CORS headers. A function is called with the
            origin, and the environ if it takes two arguments, for origins that
            are not the server's own, and returns whether they are allowed.
        cors_credentials: let browsers of other origins send cookies.
        cors_methods, cors_allowed_headers, cors_exposed_headers, cors_max_age:
            what browsers are told besides: lists of names, and seconds.
        cookie: the name of a cookie with the session's id, for load balancers,
            or a dict of "name" and the cookie's attributes: "path", "domain",
            "expires", "max-age", "HttpOnly", "Secure", "Partitioned",
            "priority", "SameSite". A value that is a function is called once.
        headers, initial_headers: dicts of header fields for all responses of
            Socket.IO, and for those that open a session; or functions of an
            environ that return one.
        allow_request: a function of an environ that is asked before a session
            opens. False refuses it, and a str too, with that message.
        generate_id: a function of an environ that returns the session's id, 1 to
            64 letters, digits, "-" and "_", unique and beyond guessing.
        ping_interval, ping_timeout: of the heartbeat, in seconds. An interval (25, 5) lets
            clients wait for 5 seconds more.
        upgrade_timeout, connect_timeout: for an upgrade to WebSocket, and to
            join a first namespace, in seconds.
        max_http_buffer_size: bytes of a message.
        max_attachments: binary values of one event.
        max_buffered_bytes, max_buffered_packets: that wait for one slow client, for
            its next poll, or until it has read what was sent before.
        max_server_buffered_bytes: that wait for all clients together. Beyond, who
            has more than his share counts as slow; see docs/limits.md.
        max_pending_emit_bytes: that were emitted, and that the event loops have not come
            to yet. Beyond, an emit raises LimitError, or drops what may be dropped.
        overflow: what becomes of an event beyond: "close" disconnects the client;
            "drop_newest" drops the event; with "drop_oldest" older ones make room
            for it; so with "coalesce", but first those without a coalesce_key.
            Volatile events make room before all others. `totals` counts what was
            dropped; a `call` of it ends with LimitError.
        max_packets_per_poll: packets in one polling response.
        max_connections, max_connections_per_address, max_handshakes_per_second:
            of the whole server; None is any number.
        max_namespaces_per_connection, max_rooms_per_socket, max_pending_acks,
            max_pending_replies: of one client.
        max_header_bytes, max_headers, max_json_depth: of what clients send.
        request_timeout: for a request, head and body, in seconds.
        ready_path: where load balancers ask whether the server takes new
            sessions, "/ready": 200, or 503 once it drains.
        metrics_path: where Prometheus finds what `metrics` returns, "/metrics";
            everybody who reaches the server can read it.
        trusted_proxies: whose word for a client's address is taken (X-Forwarded-For,
            Forwarded, the PROXY protocol): addresses, networks like "10.0.0.0/8",
            or "unix".
        transports: of "polling" and "websocket".
        allow_upgrades: let clients go from polling to WebSocket.
        allow_eio3: let clients of Socket.IO 1 and 2 come, which speak revision 3 of Engine.IO.
        socketio_path, add_trailing_slash: the path of Socket.IO's requests, and
            whether it has to be followed by a slash.
        destroy_upgrade, destroy_upgrade_timeout: end requests for WebSockets
            outside of the path that nobody has answered in time, in seconds.
        serializer: "default", or "msgpack" for clients with the msgpack parser.
            Handlers see no difference.
        http_compression, compression_threshold: compress polling responses of
            so many bytes and more, for clients that ask for it.
        per_message_deflate: compress WebSocket messages, for clients that offer
            it: True, or a dict of "threshold", "server_no_context_takeover",
            "client_no_context_takeover", "server_max_window_bits",
            "client_max_window_bits", "level" and "mem_level". It costs time, and
            320 kB for a connection, less with smaller windows, and nothing for
            a direction without context takeover.
        threads: event loops of the library; None is one for each core.
    """

    _done = None

    def __init__(self, *, async_handlers: bool = False, **options: Unpack[ServerOptions]) -> None:
        super().__init__(**options)
        self.async_handlers = async_handlers
        self._pool: ThreadPoolExecutor | None = None
        self._dispatcher: Dispatcher | None = None
        self._stop = threading.Event()
        self._exception: BaseException | None = None

    # --- sending

    def call(
        self,
        event: str,
        data: Any = None,
        to: str | None = None,
        sid: str | None = None,
        namespace: str | None = None,
        timeout: float | None = 60,
        ignore_queue: bool = False,
    ) -> Any:
        """Sends an event to a client and waits for its reply.

        Returns None for a reply without arguments, the argument, or a tuple of
        several. Raises TimeoutError after `timeout` seconds (None: waits as long
        as the client stays), and NoReplyError, which is a TimeoutError,
        when the client leaves. May be called in handlers: others run meanwhile.
        """
        return self._call(event, data, to, sid, namespace, timeout)

    def _ask_one(
        self,
        client: Client | None,
        sid: str,
        event: str,
        args: Sequence[Any],
        timeout_ms: int,
        how: Delivery = DEFAULT,
        flags: int = 0,
    ) -> Any:
        dispatcher = self._dispatcher
        if dispatcher is None:
            raise exceptions.NoReplyError(f"no client {sid!r} is connected")
        reply, answered = awaited_reply(dispatcher)
        self._ask_by_handle(client, sid, event, args, timeout_ms, answered, how, flags)
        dispatcher.wait(reply)
        if reply.status != _ffi.SIO_OK:
            raise error(reply.status, f"no reply to {event!r} from {sid!r}")
        return unpack(reply.args)

    def _ask_all(self, whom: Broadcast[Any], event: str, args: Sequence[Any]) -> list[Any]:
        replies: list[Any] = []
        dispatcher = self._dispatcher
        end, ended = awaited_reply(dispatcher)
        asked = self._ask_audience(whom, event, args, collect(replies), ended)
        if not asked or dispatcher is None:
            return []
        dispatcher.wait(end)
        return replies_of(event, replies, end.status, end.args)

    def _ask_servers(
        self, namespace: str, event: str, args: Sequence[Any], timeout: float
    ) -> list[Any]:
        dispatcher = self._dispatcher
        end, ended = awaited_reply(dispatcher)
        if not self._side_ask(namespace, event, args, timeout, ended) or dispatcher is None:
            return []
        dispatcher.wait(end)
        return replies(end.status, end.args)

    def _result(self, value: Any) -> Any:
        return value

    def _soon(self, result: Any) -> Any:
        return result

    # --- clients

    def get_session(self, sid: str, namespace: str | None = None) -> dict[str, Any]:
        """What the application keeps about a client; KeyError if it is not connected."""
        return self._get(sid, namespace).session

    def session(self, sid: str, namespace: str | None = None) -> Session:
        """The session in a with statement: `with io.session(sid) as session: ...`."""
        return Session(self, sid, namespace)

    # --- life

    def run(
        self, host: str | None = None, port: int = 3000, **options: Unpack[ListenOptions]
    ) -> None:
        """Listens, and serves until Ctrl-C or `shutdown`; see `listen` for the arguments."""
        try:
            self.listen(host, port, **options)
            self.wait()
        except KeyboardInterrupt:
            pass
        finally:
            self.shutdown()
        if self._exception is not None:
            raise self._exception

    def wait(self) -> None:
        """Blocks until the server is shut down."""
        if self._dispatcher is None and not self._stop.is_set():
            raise exceptions.StateError("there is nothing to wait for: the server does not listen")
        self._stop.wait()

    def shutdown(self) -> None:
        """Disconnects everyone, ends all handlers, and releases everything. Idempotent.

        Returns when all is over; in a handler, at once.
        """
        self._stop.set()
        self._end(Core.close)

    def drain(self, spread: float = 10) -> None:
        """Ends as `shutdown` does, but clients leave one after the other, over `spread` seconds.

        Meanwhile new clients are refused with 503, which a load balancer takes for
        "ask another server" and the clients for "try again", and `ready_path`
        answers 503; those that are there go on until it is their turn, and get
        what was sent to them before. `run` and `wait` return at the end, and
        `shutdown` ends the drain at once.
        Returns when all is over; in a handler, at once.
        """
        spread_ms = milliseconds("spread", spread, or_none=True)
        self._end(lambda core: core.drain(spread_ms))

    def _end(self, begin: Callable[[Core], None]) -> None:
        core, dispatcher = self._core, self._dispatcher
        if core is None:
            self._ended = True
            self._stop.set()
            if dispatcher is not None:
                dispatcher.join()  # its thread may be about to end
        elif core.forked:
            self._ended, self._core, self._dispatcher = True, None, None
            self._stop.set()
        elif dispatcher is None:
            self._finish()  # it never listened
        else:
            begin(core)
            dispatcher.join()

    def _start(self, core: Core) -> None:
        self._dispatcher = Dispatcher(core.runtime.handle, self._finish)
        if self.async_handlers:
            self._pool = ThreadPoolExecutor(
                thread_name_prefix="libsocketio-handler", initializer=self._dispatcher.enlist
            )
        self._dispatcher.start()

    def _on_closed(self) -> None:
        if self._dispatcher is not None:
            self._dispatcher.finish()

    def _finish(self) -> None:
        super()._finish()
        if self._pool is not None:
            self._pool.shutdown(wait=False)
        self._stop.set()

    def _exit(self) -> None:
        self.shutdown()

    def _fatal(self, failure: BaseException) -> None:
        # sys.exit() in a handler ends run(), which raises it again.
        self._exception = failure
        self._stop.set()
