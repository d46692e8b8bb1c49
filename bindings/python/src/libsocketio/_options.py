"""The options of a server: python-socketio's words into `sio_server_options`."""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Callable, TypedDict, Union

from . import _ffi
from ._compression import PerMessageDeflate, deflate_options, threshold
from ._native import name_bytes, text_of
from ._numbers import milliseconds, positive
from ._outbound import policy
from ._recovery import ConnectionStateRecovery, recovery_options
from ._runtime import runtime_options

if TYPE_CHECKING:
    from ._files import StaticFiles, StrPath
    from ._json import JSONModule

TRANSPORTS = {
    "polling": _ffi.SIO_TRANSPORT_POLLING,
    "websocket": _ffi.SIO_TRANSPORT_WEBSOCKET,
}

SERIALIZERS = {
    "default": _ffi.SIO_PARSER_DEFAULT,
    "msgpack": _ffi.SIO_PARSER_MSGPACK,
}

#: Options of python-socketio that have no meaning here, and why; before that, the value with
#: which they ask for nothing.
NOT_SUPPORTED = {
    "always_connect": (False, "a client is connected once its connect handler has returned"),
    "async_mode": (None, "Server runs handlers on threads, AsyncServer on asyncio"),
    "client_manager": (None, "servers are not clustered yet"),
    "monitor_clients": (True, "clients are always monitored"),
}

Origins = Union[str, Sequence[str], None, Callable[..., Any]]
Names = Union[str, Sequence[str], None]
Cookie = Union[str, Mapping[str, Any], None]
Headers = Union[Mapping[str, str], Callable[[dict[str, Any]], Any]]
Hook = Union[Callable[[dict[str, Any]], Any], None]


Logger = Union[bool, logging.Logger, "logging.LoggerAdapter[Any]"]


class ServerOptions(TypedDict, total=False):
    """What the constructors of the servers take, for type checkers; described at `Server`."""

    logger: Logger
    engineio_logger: Logger
    json: JSONModule | None
    namespaces: Sequence[str] | None
    static_files: StaticFiles | None
    serve_client: StrPath | None
    allow_request: Hook
    generate_id: Hook
    cors_allowed_origins: Origins
    cors_credentials: bool
    cors_methods: Names
    cors_allowed_headers: Names
    cors_exposed_headers: Names
    cors_max_age: int | None
    cookie: Cookie
    headers: Headers | None
    initial_headers: Headers | None
    ping_interval: float | tuple[float, float]
    ping_timeout: float
    upgrade_timeout: float
    connect_timeout: float
    destroy_upgrade: bool
    destroy_upgrade_timeout: float
    max_http_buffer_size: int
    max_attachments: int
    max_buffered_bytes: int
    max_buffered_packets: int
    max_server_buffered_bytes: int
    max_pending_emit_bytes: int
    overflow: str
    max_packets_per_poll: int
    max_child_namespaces: int
    cleanup_empty_child_namespaces: bool
    connection_state_recovery: ConnectionStateRecovery
    max_connections: int
    max_connections_per_address: int | None
    max_handshakes_per_second: int | None
    max_namespaces_per_connection: int
    max_rooms_per_socket: int
    max_pending_acks: int
    max_pending_replies: int
    max_header_bytes: int
    max_headers: int
    max_json_depth: int
    request_timeout: float
    ready_path: str | None
    metrics_path: str | None
    trusted_proxies: Names
    transports: Sequence[str] | None
    allow_upgrades: bool
    allow_eio3: bool
    socketio_path: str
    add_trailing_slash: bool
    serializer: str
    http_compression: bool
    compression_threshold: int
    per_message_deflate: PerMessageDeflate
    threads: int | None


@dataclass(frozen=True)
class Options:
    """The options that the library gets, with their defaults."""

    cors_allowed_origins: Origins = None
    cors_credentials: bool = False
    cors_methods: Names = None
    cors_allowed_headers: Names = None
    cors_exposed_headers: Names = None
    cors_max_age: int | None = None
    cookie: Cookie = None
    headers: Headers | None = None
    initial_headers: Headers | None = None
    ping_interval: float | tuple[float, float] = 25
    ping_timeout: float = 20
    upgrade_timeout: float = 10
    connect_timeout: float = 45
    destroy_upgrade: bool = True
    destroy_upgrade_timeout: float = 1
    max_http_buffer_size: int = 1_000_000
    max_attachments: int = 10
    max_buffered_bytes: int = 16 * 1024 * 1024
    max_buffered_packets: int = 100_000
    max_server_buffered_bytes: int = 4 * 1024 * 1024 * 1024
    max_pending_emit_bytes: int = 256 * 1024 * 1024
    overflow: str = "close"
    max_packets_per_poll: int = 16
    max_child_namespaces: int = 10_000
    cleanup_empty_child_namespaces: bool = False
    connection_state_recovery: ConnectionStateRecovery = None
    max_connections: int = 1_000_000
    max_connections_per_address: int | None = None
    max_handshakes_per_second: int | None = None
    max_namespaces_per_connection: int = 256
    max_rooms_per_socket: int = 65_536
    max_pending_acks: int = 65_536
    max_pending_replies: int = 65_536
    max_header_bytes: int = 65_000
    max_headers: int = 128
    max_json_depth: int = 512
    request_timeout: float = 60
    ready_path: str | None = None
    metrics_path: str | None = None
    trusted_proxies: Names = None
    transports: Sequence[str] | None = None
    allow_upgrades: bool = True
    allow_eio3: bool = True
    socketio_path: str = "socket.io"
    add_trailing_slash: bool = True
    serializer: str = "default"
    http_compression: bool = True
    compression_threshold: int = 1024
    per_message_deflate: PerMessageDeflate = False
    threads: int | None = None

    def structs(self) -> tuple[Any, Any]:
        """The runtime's and the server's options, which keep what they point to alive."""
        threads = None if self.threads is None else positive("threads", self.threads)
        runtime = runtime_options(threads)
        server = _ffi.sio_server_options(ctypes.sizeof(_ffi.sio_server_options))
        server.path = socketio_path(self.socketio_path)
        server.transports = _transports(self.transports)
        server.parser = serializer(self.serializer)
        if not self.allow_upgrades:
            server.flags |= _ffi.SIO_SERVER_NO_UPGRADES
        if not self.allow_eio3:
            server.flags |= _ffi.SIO_SERVER_NO_EIO3
        if not self.add_trailing_slash:
            server.flags |= _ffi.SIO_SERVER_NO_TRAILING_SLASH
        if not self.destroy_upgrade:
            server.flags |= _ffi.SIO_SERVER_NO_DESTROY_UPGRADE
        if self.cleanup_empty_child_namespaces:
            server.flags |= _ffi.SIO_SERVER_CLEANUP_EMPTY_CHILD_NAMESPACES
        interval, grace = _ping(self.ping_interval)
        server.ping_interval_ms = milliseconds("ping_interval", interval)
        grace_ms = milliseconds("ping_interval", grace, or_none=True)
        timeout_ms = milliseconds("ping_timeout", self.ping_timeout)
        server.ping_timeout_ms = min(timeout_ms + grace_ms, 2**32 - 1)
        for name in (
            "upgrade_timeout",
            "connect_timeout",
            "destroy_upgrade_timeout",
            "request_timeout",
        ):
            setattr(server, f"{name}_ms", milliseconds(name, getattr(self, name)))
        for name in (
            "max_http_buffer_size",
            "max_attachments",
            "max_buffered_bytes",
            "max_buffered_packets",
            "max_packets_per_poll",
            "max_child_namespaces",
            "max_connections",
            "max_namespaces_per_connection",
            "max_rooms_per_socket",
            "max_pending_acks",
            "max_pending_replies",
            "max_header_bytes",
            "max_headers",
            "max_json_depth",
        ):
            setattr(server, name, positive(name, getattr(self, name)))
        for name in ("max_server_buffered_bytes", "max_pending_emit_bytes"):
            setattr(server, name, positive(name, getattr(self, name), 2**63))
        server.overflow = policy(self.overflow)
        for name in ("max_connections_per_address", "max_handshakes_per_second"):
            if getattr(self, name) is not None:
                setattr(server, name, positive(name, getattr(self, name)))
        if self.ready_path is not None:
            server.ready_path = name_bytes(self.ready_path)
        if self.metrics_path is not None:
            server.metrics_path = name_bytes(self.metrics_path)
        self._set_cors(server)
        if not self.http_compression:
            server.flags |= _ffi.SIO_SERVER_NO_HTTP_COMPRESSION
        server.http_compression_threshold = threshold(
            "compression_threshold", self.compression_threshold
        )
        deflate = deflate_options(self.per_message_deflate)
        if deflate is not None:
            server.per_message_deflate = ctypes.pointer(deflate)
        recovery = recovery_options(self.connection_state_recovery)
        if recovery is not None:
            server.connection_state_recovery = ctypes.pointer(recovery)
        if self.cookie is not None:
            server.cookie = ctypes.pointer(_cookie(self.cookie))
        for name, count in (
            ("headers", "header_count"),
            ("initial_headers", "initial_header_count"),
        ):
            fields = header_array(name, getattr(self, name))
            setattr(server, name, fields)
            setattr(server, count, len(fields))
        proxies = strings(
            "trusted_proxies", self.trusted_proxies or [], "a list of addresses and networks"
        )
        if proxies:
            names = [name_bytes(proxy) for proxy in proxies]
            server.trusted_proxies = (ctypes.c_char_p * len(names))(*names)
            server.trusted_proxy_count = len(names)
        return runtime, server

    def _set_cors(self, server: Any) -> None:
        if self.cors_credentials:
            server.flags |= _ffi.SIO_SERVER_CORS_CREDENTIALS
        origins = _origins(self.cors_allowed_origins)
        if origins == []:
            server.flags |= _ffi.SIO_SERVER_NO_ORIGIN_CHECK
        elif origins:
            array = [name_bytes(origin) for origin in origins]
            server.cors_origins = (ctypes.c_char_p * len(array))(*array)
            server.cors_origin_count = len(array)
        for name in ("cors_methods", "cors_allowed_headers", "cors_exposed_headers"):
            names = getattr(self, name)
            if names is not None:
                names = strings(name, names, "a list of names, or one str of them")
                setattr(server, name, name_bytes(",".join(names)))
        if self.cors_max_age is not None:
            server.cors_max_age_s = positive("cors_max_age", self.cors_max_age)


def checked(options: dict[str, Any]) -> Options:
    """The options; TypeError for those that do not exist here, with the reason if there is one."""
    known = {field.name for field in fields(Options)}
    for name, value in options.items():
        if name in known:
            continue
        if name not in NOT_SUPPORTED:
            raise TypeError(f"there is no option {name!r}")
        nothing, reason = NOT_SUPPORTED[name]
        if value is not None and value is not nothing:
            raise TypeError(f"the option {name!r} of python-socketio is not supported: {reason}")
    result = Options(**{name: value for name, value in options.items() if name in known})
    result.structs()  # what is wrong with them is said now, not when the server listens
    return result


def strings(option: str, value: Any, wanted: str) -> list[str]:
    """One str, or several, as a list."""
    values = [value] if isinstance(value, str) else value
    # A generator would be empty the second time that it is read.
    if not isinstance(values, Collection) or not all(isinstance(one, str) for one in values):
        raise TypeError(f"{option} must be {wanted}, not {value!r}")
    return list(values)


def socketio_path(path: Any) -> bytes:
    """The path of Socket.IO's requests, as the library has it."""
    if not isinstance(path, str):
        raise TypeError(f"socketio_path must be a str like 'socket.io', not {path!r}")
    return name_bytes("/" + path.strip("/"))


def _ping(interval: Any) -> tuple[Any, Any]:
    """The interval, and for how much longer clients are to wait for a ping: a pair gives both."""
    if isinstance(interval, tuple) and len(interval) == 2:
        return interval
    return interval, 0


def _transports(names: Sequence[str] | None) -> int:
    if names is None:
        return 0
    bits = 0
    for name in strings("transports", names, "a list of 'polling' and 'websocket'"):
        if name not in TRANSPORTS:
            raise ValueError(f"transports are {' and '.join(TRANSPORTS)}, not {name!r}")
        bits |= TRANSPORTS[name]
    if not bits:
        raise ValueError("transports is empty: leave it out for both")
    return bits


def serializer(name: Any) -> int:
    """The number of a parser."""
    if not isinstance(name, str):
        raise TypeError(f"serializer must be 'default' or 'msgpack', not {name!r}")
    if name not in SERIALIZERS:
        raise ValueError(f"serializers are 'default' and 'msgpack', not {name!r}")
    return SERIALIZERS[name]


def _origins(origins: Origins) -> list[str] | None:
    if origins is None:
        return None
    return strings(
        "cors_allowed_origins", origins, "'*', an origin like 'https://example.com', or a list"
    )


def header_array(option: str, fields: Any) -> Any:
    """A dict of header fields as an array of `sio_header`."""
    fields = {} if fields is None else fields
    if not isinstance(fields, Mapping) or not all(
        isinstance(text, str) for pair in fields.items() for text in pair
    ):
        raise TypeError(f"{option} must be a dict of str, not {fields!r}")
    pairs = [(name.encode(), value.encode()) for name, value in fields.items()]
    array = (_ffi.sio_header * len(pairs))(
        *[_ffi.sio_header(text_of(name), text_of(value)) for name, value in pairs]
    )
    array.texts = pairs  # which it points to
    return array


_SAME_SITE = {
    "lax": _ffi.SIO_SAME_SITE_LAX,
    "strict": _ffi.SIO_SAME_SITE_STRICT,
    "none": _ffi.SIO_SAME_SITE_NONE,
}


def _cookie(cookie: Any) -> Any:
    """The cookie that python-engineio's option describes: a name, or a dict of attributes."""
    attributes = {"name": cookie, "HttpOnly": True, "SameSite": "Lax"}
    if isinstance(cookie, Mapping):
        attributes = {key: value() if callable(value) else value for key, value in cookie.items()}
    elif not isinstance(cookie, str):
        raise TypeError(f"cookie must be a name or a dict of attributes, not {cookie!r}")
    result = _ffi.sio_cookie_options(ctypes.sizeof(_ffi.sio_cookie_options))
    result.flags = _ffi.SIO_COOKIE_NOT_HTTP_ONLY
    result.same_site = _ffi.SIO_SAME_SITE_UNSET
    for name, value in attributes.items():
        key = name.lower().replace("-", "").replace("_", "")
        if value is None or value is False:
            continue
        if key in ("name", "path", "domain", "expires", "priority"):
            setattr(result, key, name_bytes(value))
        elif key == "maxage":
            result.max_age_s = int(value)
            result.flags |= _ffi.SIO_COOKIE_HAS_MAX_AGE
        elif key == "httponly":
            result.flags &= ~_ffi.SIO_COOKIE_NOT_HTTP_ONLY
        elif key == "secure":
            result.flags |= _ffi.SIO_COOKIE_SECURE
        elif key == "partitioned":
            result.flags |= _ffi.SIO_COOKIE_PARTITIONED
        elif key == "samesite" and isinstance(value, str) and value.lower() in _SAME_SITE:
            result.same_site = _SAME_SITE[value.lower()]
        else:
            raise ValueError(f"a cookie has no attribute {name}={value!r}")
    return result
