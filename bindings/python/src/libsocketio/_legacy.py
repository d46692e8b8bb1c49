"""The methods of Socket.IO 1 and 2 by their names, each a line onto that of today.

They mean what they mean in Node, for the namespace "/". bindings/python/README.md
has the table.
"""

from __future__ import annotations

import re
import socket
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Callable

from . import exceptions
from ._cluster import Cluster
from ._hooks import Asked
from ._http import Request, Response
from ._listeners import Steps
from ._namespaces import ANY
from ._origins import EVERYONE, allowed, origin_of
from .adapter import Adapter
from .broadcast import Broadcast
from .emitter import Emitter

#: Node's options, the words for them here, and what the values are multiplied by.
_OPTIONS: dict[str, tuple[str, float | None]] = {
    "path": ("socketio_path", None),
    "resource": ("socketio_path", None),
    "transports": ("transports", None),
    "pingTimeout": ("ping_timeout", 0.001),
    "heartbeat timeout": ("ping_timeout", 0.001),
    "pingInterval": ("ping_interval", 0.001),
    "heartbeat interval": ("ping_interval", 0.001),
    "upgradeTimeout": ("upgrade_timeout", 0.001),
    "maxHttpBufferSize": ("max_http_buffer_size", None),
    "destroy buffer size": ("max_http_buffer_size", None),
    "allowUpgrades": ("allow_upgrades", None),
    "allowEIO3": ("allow_eio3", None),
    "cookie": ("cookie", None),
    "httpCompression": ("http_compression", None),
    "perMessageDeflate": ("per_message_deflate", None),
}

_HANDLER = (
    "You are trying to attach socket.io to an express request handler function. "
    "Please pass a http.Server instance."
)


class Legacy(Cluster, Emitter):
    """The methods of Socket.IO 1 and 2."""

    _origins: Any = None
    _max_listeners = 10

    # --- the server

    def attach(self, srv: Any, opts: Mapping[str, Any] | None = None) -> Any:
        """Listens on a port, a number or its digits, or on a socket that listens; see `listen`."""
        for name, value in (opts or {}).items():
            self.set(name, value)
        if isinstance(srv, socket.socket):
            self.listen_socket(srv)  # type: ignore[attr-defined]
        elif callable(srv):
            raise exceptions.ArgumentError(_HANDLER)
        elif isinstance(srv, int) or (isinstance(srv, str) and srv.isdigit()):
            self.listen(None, int(srv))  # type: ignore[attr-defined]
        else:
            raise exceptions.ArgumentError(f"give a port, or a socket that listens, not {srv!r}")
        return self

    def initEngine(self, srv: Any, opts: Mapping[str, Any] | None = None) -> None:
        """The same as `attach`: the engine is a part of the server."""
        self.attach(srv, opts)

    def bind(self, engine: Any) -> Any:
        """Serves what another engine would: a socket that listens. There is one engine here."""
        if not isinstance(engine, socket.socket):
            raise exceptions.ArgumentError("the engine is a part of the server: give a socket")
        return self.attach(engine)

    def onconnection(self, conn: Any) -> Any:
        """Serves a connection that was accepted elsewhere, a socket; see `adopt`."""
        self.adopt(conn)  # type: ignore[attr-defined]
        return self

    def set(self, key: str, value: Any) -> Any:
        """Sets an option by the name that it has in Node, while the server does not listen yet.

        "authorization" is a function of (environ, callback), a middleware; it calls
        `callback(error, ok)` before it returns. What is unknown is logged.
        """
        if key == "authorization":
            self._authorize(value)
        elif key == "origins":
            self.origins(value)
        elif key == "serveClient":
            self.serveClient(value)
        elif key in _OPTIONS:
            name, scale = _OPTIONS[key]
            self._set_option(name, value if scale is None else value * scale)
        else:
            self._logger.error("Option %s is not valid. Please refer to the README.", key)
        return self

    def path(self, path: str | None = None) -> Any:
        """The path of Socket.IO's requests, "/socket.io"; with an argument sets it."""
        if path is None:
            return "/" + self._options.socketio_path.strip("/")
        self._set_option("socketio_path", path)
        return self

    def origins(self, origins: Any = None) -> Any:
        """Which origins may come, "host:port" with "*" for any; with an argument sets it.

        It is a str, a list, or a function of (origin, callback), which calls
        `callback(error, ok)` before it returns. Not set, `cors_allowed_origins` counts.
        """
        if origins is None:
            return self._modern_origins() if self._origins is None else self._origins
        first, self._origins = self._origins is None, origins
        if first:
            for function, meaning in (
                ("sio_server_on_origin", Asked.admit),
                ("sio_server_on_handshake", Asked.judge),
            ):
                steps = [(self._origin_allowed, meaning)]
                self._hooks.steps.append((function, steps))
                self._install_hook(function, steps)
        return self

    def checkRequest(self, req: Any, fn: Callable[[Any, bool], Any]) -> None:
        """Calls `fn(None, ok)`: whether the origin of an environ, or a `Request`, may come."""
        if isinstance(req, Request):
            req = {f"HTTP_{name.upper()}": value for name, value in req.headers.items()}
        fn(None, self._origin_allowed(req))

    def adapter(self, adapter: Any = None) -> Adapter:
        """The rooms of the namespace "/". Another one cannot be set: the library keeps them."""
        if adapter is not None:
            raise exceptions.ArgumentError("the library keeps the rooms: there is no other adapter")
        return Adapter(self, "/")

    def close(self, fn: Callable[[], Any] | None = None) -> Any:
        """Shuts the server down, then calls the function; see `shutdown`."""
        return self._soon(self._run_steps(self._close_steps(fn)))

    # --- the client's files

    def serveClient(self, v: Any = None) -> Any:
        """Whether the JavaScript client is served; with an argument sets it.

        The client is none of this package's files: the argument is the folder
        where they are, or False.
        """
        if v is None:
            return self._client_files is not None
        if v is True and self._client_files is None:
            raise exceptions.ArgumentError("give the folder of the client's files, not True")
        if v is not True:
            self.serve_client(v or None)  # type: ignore[attr-defined]
        return self

    def attachServe(self, srv: Any = None) -> None:
        """Serves the client's files, as `serveClient`; `srv` is their folder, if it is a path."""
        self.serveClient(srv if isinstance(srv, (str, Path)) else True)

    def serve(self, req: Request) -> Any:
        """The response with the client, socket.io.js, to a `Request`."""
        response = self._client_file(req, "socket.io.js", "application/javascript")
        if response.status == 200:
            response = replace(
                response, headers={**response.headers, "Cache-Control": "public, max-age=0"}
            )
        return response

    def serveMap(self, req: Request) -> Response:
        """The response with the client's source map, socket.io.js.map, to a `Request`."""
        return self._client_file(req, "socket.io.js.map", "application/json")

    # --- the namespace "/"

    def write(self, *args: Any) -> Any:
        """Sends everyone the event "message"."""
        return Broadcast(self, "/").send(*args)  # type: ignore[arg-type]

    def clients(self, fn: Callable[[Any, list[str]], Any]) -> Any:
        """Calls `fn(None, sids)` with the sids of all clients; see `sockets`.

        `to("room").clients(fn)` is about those in a room.
        """
        fn(None, self.sockets())  # type: ignore[attr-defined]
        return self

    def binary(self, binary: bool) -> Broadcast[Any]:
        """A broadcast to everyone. What is binary is seen at the values, and need not be said."""
        return Broadcast(self, "/")  # type: ignore[arg-type]

    def checkNamespace(self, name: str, query: Any, fn: Callable[[Any], Any]) -> Any:
        """Asks who decides about namespaces, see `of`; calls `fn` with the namespace, or False.

        With an `AsyncServer` it returns a task.
        """
        return self._soon(self._run_steps(self._namespace_steps(name, query, fn)))

    # --- the emitter

    def addListener(self, event: str, handler: Any = None) -> Any:
        """`add_listener`; warns when there are more than `setMaxListeners` said."""
        added = self.add_listener(event, handler)
        if 0 < self._max_listeners < self.listener_count(event):
            self._logger.warning("%d listeners of %r", self.listener_count(event), event)
        return added

    prependListener = Emitter.prepend_listener
    prependOnceListener = Emitter.prepend_once_listener
    removeListener = Emitter.remove_listener
    removeAllListeners = Emitter.remove_all_listeners
    rawListeners = Emitter.listeners
    listenerCount = Emitter.listener_count
    eventNames = Emitter.event_names

    def setMaxListeners(self, n: int) -> Any:
        """From how many listeners of an event on `addListener` warns; 0 is never."""
        self._max_listeners = n
        return self

    def getMaxListeners(self) -> int:
        """What `setMaxListeners` has set; 10 at first."""
        return self._max_listeners

    # --- how

    @abstractmethod
    def _soon(self, result: Any) -> Any:
        """The result of steps: a coroutine becomes a task."""

    def _place(self) -> Any:
        state = self._state("/")
        return self, state, state.listeners, False

    def _set_option(self, name: str, value: Any) -> None:
        if self._core is not None:
            raise exceptions.StateError(f"the server listens already: give it {name} before")
        options = replace(self._options, **{name: value})
        options.structs()
        self._options = options

    def _authorize(self, function: Callable[..., Any]) -> None:
        def middleware(sid: str, environ: dict[str, Any]) -> None:
            said: list[tuple[Any, Any]] = []
            function(environ, lambda error, ok=None: said.append((error, ok)))
            error, ok = said[-1] if said else (None, False)
            if error or not ok:
                raise exceptions.ConnectionRefusedError(str(error or "Not authorized"))

        self.use(middleware)  # type: ignore[attr-defined]

    def _modern_origins(self) -> Any:
        origins = self._options.cors_allowed_origins
        if origins in ("*", []):
            return EVERYONE
        return [] if origins is None else origins

    def _origin_allowed(self, environ: Mapping[str, Any]) -> bool:
        origin = origin_of(environ)
        if self._origins is not None:
            return allowed(self._origins, origin)
        origins = self._modern_origins()
        if origin == "*" or origins == EVERYONE:
            return True
        own = origin.partition("://")[2].partition("/")[0] == environ.get("HTTP_HOST")
        listed = [origins] if isinstance(origins, str) else origins
        return own or "/".join(origin.split("/")[:3]) in listed

    def _client_file(self, req: Request, name: str, content_type: str) -> Response:
        folder = self._client_files
        try:
            content = Path(folder or "", name).read_bytes() if folder else None
        except OSError:
            content = None
        if content is None:
            return Response("not found\n", 404)
        version = re.search(rb"v(\d+\.\d+\.\d+)", content[:200])
        etag = f'"{version[1].decode() if version else len(content)}"'
        if req.headers.get("if-none-match") in (etag, f"W/{etag}"):
            return Response(b"", 304)
        return Response(content, 200, content_type, {"ETag": etag})

    def _close_steps(self, fn: Callable[[], Any] | None) -> Steps:
        yield self.shutdown  # type: ignore[attr-defined]
        if fn is not None:
            yield fn

    def _namespace_steps(self, name: str, query: Any, fn: Callable[[Any], Any]) -> Steps:
        for parent in list(self._parents):
            if parent.matcher == ANY or isinstance(parent.matcher, re.Pattern):
                fits = parent.matcher == ANY or parent.matches(name)
            else:
                fits = yield partial(parent.matcher, name, query)
            if fits:
                self._state(name).belong(parent)
                yield partial(fn, self.of(name))  # type: ignore[attr-defined]
                return
        yield partial(fn, False)


# `in` is a keyword: getattr(io, "in")("room").
for _place in (Legacy, Broadcast):
    setattr(_place, "in", lambda self, *rooms: self.to(*rooms))
