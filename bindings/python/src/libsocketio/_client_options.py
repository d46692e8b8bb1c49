"""The options of a client: python-socketio's words, and Node's, into `sio_client_options`."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import (
    TYPE_CHECKING,
    Any,
    Generic,
    NamedTuple,
    Protocol,
    TypedDict,
    TypeVar,
    Union,
    overload,
)

from . import _ffi
from ._client_tls import client_tls_struct
from ._compression import PerMessageDeflate, deflate_options
from ._native import name_bytes
from ._numbers import milliseconds, positive
from ._options import TRANSPORTS, Logger, header_array, serializer, socketio_path, strings
from ._outbound import OVERFLOW

if TYPE_CHECKING:
    import ssl

    from ._json import JSONModule
    from ._tls import PEM

REVISIONS = {4: _ffi.SIO_REVISION_4, 3: _ffi.SIO_REVISION_3, "auto": _ffi.SIO_REVISION_AUTO}

#: A client has no events with newer ones of their key.
OVERFLOWS = {name: number for name, number in OVERFLOW.items() if name != "coalesce"}

#: Options of python-socketio's clients that have no meaning here, and why; None asks for nothing.
NOT_SUPPORTED = {
    "http_session": (
        "the library makes its own requests: give headers to connect(), and proxy, ssl_ca_certs, "
        "ssl_certfile, ssl_keyfile or cookies to the constructor"
    ),
    "websocket_extra_options": (
        "the library has its own WebSockets: see protocols, local_address, proxy, ssl_..., "
        "per_message_deflate"
    ),
}

T = TypeVar("T")

Revision = Union[int, str]
#: A URL or header fields, or a function that is asked for them before every attempt.
URL = Union[str, Callable[[], Any]]
Headers = Union[Mapping[str, str], Callable[[], Any]]
#: What the server is shown: a dict, or a function that is asked before every attempt.
Auth = Union[Mapping[str, Any], Callable[..., Any], None]


class ClientOptions(TypedDict, total=False):
    """What the constructors of the clients take, for type checkers; described at `Client`."""

    logger: Logger
    engineio_logger: Logger
    json: JSONModule | None
    handle_sigint: bool
    reconnection: bool
    reconnection_attempts: int
    reconnection_delay: float
    reconnection_delay_max: float
    reconnection_factor: float
    randomization_factor: float
    serializer: str
    request_timeout: float
    upgrade_timeout: float
    close_timeout: float
    timestamp_requests: bool
    revision: Revision
    upgrade: bool
    try_all_transports: bool
    remember_upgrade: bool
    force_base64: bool
    cookies: bool
    add_trailing_slash: bool
    http_compression: bool
    per_message_deflate: PerMessageDeflate
    protocols: str | Sequence[str] | None
    retries: int
    ack_timeout: float | None
    max_buffered_bytes: int
    max_buffered_packets: int
    overflow: str
    max_http_buffer_size: int
    max_attachments: int
    max_pending_acks: int
    max_pending_replies: int
    local_address: str | None
    proxy: str | None
    ssl_verify: bool
    ssl_check_hostname: bool
    ssl_ca_certs: PEM | None
    ssl_certfile: PEM | None
    ssl_keyfile: PEM | None
    ssl_keyfile_password: str | None
    ssl_min_version: ssl.TLSVersion
    ssl_server_name: str | None
    ssl_pins: str | Sequence[str] | None
    threads: int


class HasOptions(Protocol):
    """A client, as far as its options are concerned."""

    _options: Options

    def _options_changed(self) -> None:
        """Called behind a change."""


class Target(NamedTuple):
    """What `connect` is told, as the library gets it."""

    url: str
    headers: Mapping[str, str]
    transports: str | Sequence[str] | None
    path: str


#: For options that are looked at, and not connected with.
NOWHERE = Target("http://localhost", {}, None, "socket.io")


@dataclass(frozen=True)
class Options:
    """The options that the library gets, with their defaults."""

    reconnection: bool = True
    reconnection_attempts: int = 0
    reconnection_delay: float = 1
    reconnection_delay_max: float = 5
    reconnection_factor: float = 2
    randomization_factor: float = 0.5
    serializer: str = "default"
    request_timeout: float = 5
    upgrade_timeout: float = 10
    close_timeout: float = 5
    timestamp_requests: bool = True
    revision: Revision = 4
    upgrade: bool = True
    try_all_transports: bool = False
    remember_upgrade: bool = False
    force_base64: bool = False
    cookies: bool = True
    add_trailing_slash: bool = True
    http_compression: bool = True
    per_message_deflate: PerMessageDeflate = False
    protocols: str | Sequence[str] | None = None
    retries: int = 0
    ack_timeout: float | None = None
    max_buffered_bytes: int = 16 * 1024 * 1024
    max_buffered_packets: int = 65_536
    overflow: str = "drop_newest"
    max_http_buffer_size: int = 100_000_000
    max_attachments: int = 10
    max_pending_acks: int = 65_536
    max_pending_replies: int = 65_536
    local_address: str | None = None
    proxy: str | None = None
    ssl_verify: bool = True
    ssl_check_hostname: bool = True
    ssl_ca_certs: PEM | None = None
    ssl_certfile: PEM | None = None
    ssl_keyfile: PEM | None = None
    ssl_keyfile_password: str | None = None
    ssl_min_version: ssl.TLSVersion | None = None
    ssl_server_name: str | None = None
    ssl_pins: str | Sequence[str] | None = None
    threads: int = 1

    def struct(self, target: Target) -> Any:
        """The library's options, which keep what they point to alive."""
        client = _ffi.sio_client_options(ctypes.sizeof(_ffi.sio_client_options))
        if not isinstance(target.url, str):
            raise TypeError(f"url must be a str like 'http://localhost:3000', not {target.url!r}")
        client.url = name_bytes(target.url)
        client.path = socketio_path(target.path)
        client.flags = self._flags()
        client.transports = self._transports(client, target.transports)
        client.parser = serializer(self.serializer)
        header_fields = header_array("headers", target.headers)
        client.headers = header_fields
        client.header_count = len(header_fields)
        self._set_numbers(client)
        self._set_names(client)
        deflate = deflate_options(self.per_message_deflate)
        if deflate is not None:
            client.per_message_deflate = ctypes.pointer(deflate)
        tls = client_tls_struct(self)
        if tls is not None:
            client.tls = ctypes.pointer(tls)
        return client

    def _flags(self) -> int:
        flags = 0
        for name, usual, flag in (
            ("reconnection", True, _ffi.SIO_CLIENT_NO_RECONNECTION),
            ("upgrade", True, _ffi.SIO_CLIENT_NO_UPGRADE),
            ("try_all_transports", False, _ffi.SIO_CLIENT_TRY_ALL_TRANSPORTS),
            ("remember_upgrade", False, _ffi.SIO_CLIENT_REMEMBER_UPGRADE),
            ("add_trailing_slash", True, _ffi.SIO_CLIENT_NO_TRAILING_SLASH),
            ("cookies", True, _ffi.SIO_CLIENT_NO_COOKIES),
            ("force_base64", False, _ffi.SIO_CLIENT_FORCE_BASE64),
            ("timestamp_requests", True, _ffi.SIO_CLIENT_NO_TIMESTAMPS),
            ("http_compression", True, _ffi.SIO_CLIENT_NO_HTTP_COMPRESSION),
        ):
            if bool(getattr(self, name)) is not usual:
                flags |= flag
        return flags

    def _transports(self, client: Any, names: str | Sequence[str] | None) -> int:
        if names is None:
            return 0
        bits = 0
        listed = strings("transports", names, "a list of 'polling' and 'websocket'")
        for name in listed:
            if name not in TRANSPORTS:
                raise ValueError(f"transports are {' and '.join(TRANSPORTS)}, not {name!r}")
            bits |= TRANSPORTS[name]
        if not bits:
            raise ValueError("transports is empty: leave it out for both")
        if len(listed) > 1 and listed[0] == "websocket":
            client.flags |= _ffi.SIO_CLIENT_WEBSOCKET_FIRST
        return bits

    def _set_numbers(self, client: Any) -> None:
        client.connect_timeout_ms = milliseconds("request_timeout", self.request_timeout)
        for name in (
            "upgrade_timeout",
            "close_timeout",
            "reconnection_delay",
            "reconnection_delay_max",
        ):
            setattr(client, f"{name}_ms", milliseconds(name, getattr(self, name)))
        if self.ack_timeout is not None:
            client.ack_timeout_ms = milliseconds("ack_timeout", self.ack_timeout)
        for name in ("reconnection_attempts", "retries"):
            value = getattr(self, name)
            setattr(client, name, value and positive(name, value))
        for name in (
            "max_buffered_bytes",
            "max_buffered_packets",
            "max_http_buffer_size",
            "max_attachments",
            "max_pending_acks",
            "max_pending_replies",
        ):
            setattr(client, name, positive(name, getattr(self, name)))
        client.reconnection_factor = _number("reconnection_factor", self.reconnection_factor, 1, 10)
        factor = _number("randomization_factor", self.randomization_factor, 0, 1)
        client.randomization_factor = factor or -1  # the library's word for none
        client.revision = _one_of("revision", self.revision, REVISIONS)
        client.overflow = _one_of("overflow", self.overflow, OVERFLOWS)

    def _set_names(self, client: Any) -> None:
        for name in ("local_address", "proxy"):
            if getattr(self, name) is not None:
                setattr(client, name, name_bytes(getattr(self, name)))
        listed = strings("protocols", self.protocols or [], "a list of names")
        if listed:
            encoded = [name_bytes(name) for name in listed]
            client.protocols = (ctypes.c_char_p * len(encoded))(*encoded)
            client.protocol_count = len(encoded)


class Option(Generic[T]):
    """An option of connecting again, as an attribute of a client: what is set counts from the
    next attempt on."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, client: None, owner: type) -> Option[T]: ...

    @overload
    def __get__(self, client: HasOptions, owner: type) -> T: ...

    def __get__(self, client: HasOptions | None, owner: type) -> T | Option[T]:
        if client is None:
            return self
        value: T = getattr(client._options, self._name)
        return value

    def __set__(self, client: HasOptions, value: T) -> None:
        all_of_them = {
            field.name: getattr(client._options, field.name) for field in fields(Options)
        }
        client._options = checked({**all_of_them, self._name: value})
        client._options_changed()


def checked(options: dict[str, Any]) -> Options:
    """The options; TypeError for those that do not exist here, with the reason if there is one."""
    known = {field.name for field in fields(Options)}
    for name in options:
        if name in known or (name in NOT_SUPPORTED and options[name] is None):
            continue
        reason = NOT_SUPPORTED.get(name)
        if reason:
            raise TypeError(f"the option {name!r} of python-socketio is not supported: {reason}")
        raise TypeError(f"there is no option {name!r}")
    result = Options(**{name: value for name, value in options.items() if name in known})
    positive("threads", result.threads)
    # What is wrong with them is said now, not when the client connects.
    result.struct(NOWHERE)
    return result


def _number(name: str, value: Any, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name} must be a number, not {value!r}")
    if not least <= value <= most:
        raise ValueError(f"{name} must be between {least} and {most}, not {value!r}")
    return float(value)


def _one_of(name: str, value: Any, words: Mapping[Any, int]) -> int:
    try:
        return words[value]
    except (KeyError, TypeError):
        known = ", ".join(repr(word) for word in words)
        raise ValueError(f"{name} is one of {known}, not {value!r}") from None
