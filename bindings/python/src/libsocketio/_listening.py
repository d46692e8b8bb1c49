"""Where connections come from: the options of `listen`, and sockets of the program's own."""

from __future__ import annotations

import ctypes
import socket
from ctypes import byref
from typing import TYPE_CHECKING, Any, Union

from . import _ffi
from ._errors import check
from ._library import lib
from ._native import name_bytes
from ._tls import TLSOptions, tls_struct

if TYPE_CHECKING:
    from ._core import Core

KeepAlive = Union[bool, "tuple[int, int, int]"]


class ListenOptions(TLSOptions, total=False):
    """What `listen` takes beside host and port; described there."""

    backlog: int
    ipv6_only: bool
    reuse_address: bool
    reuse_port: bool
    no_delay: bool
    keep_alive: KeepAlive
    linger: int | None
    receive_buffer_size: int
    send_buffer_size: int
    device: str | None
    unix_mode: int
    unix_owner: str | int | None
    unix_group: str | int | None
    proxy_protocol: bool


#: Options that are a flag: which, and when it is set.
_FLAGS = {
    "ipv6_only": (_ffi.SIO_LISTEN_IPV6_ONLY, True),
    "reuse_port": (_ffi.SIO_LISTEN_REUSE_PORT, True),
    "reuse_address": (_ffi.SIO_LISTEN_NO_REUSE_ADDRESS, False),
    "no_delay": (_ffi.SIO_LISTEN_DELAY, False),
    "proxy_protocol": (_ffi.SIO_LISTEN_PROXY_PROTOCOL, True),
}
_NUMBERS = ("backlog", "unix_mode", "receive_buffer_size", "send_buffer_size")
_TEXTS = ("device", "unix_owner", "unix_group")


def listen_struct(options: ListenOptions) -> Any:
    """The library's options, which keep what they point to alive."""
    struct = _ffi.sio_listen_options(ctypes.sizeof(_ffi.sio_listen_options))
    tls: dict[str, Any] = {}
    for name, value in options.items():
        if name in _FLAGS:
            flag, wanted = _FLAGS[name]
            if bool(value) is wanted:
                struct.flags |= flag
        elif name in _NUMBERS:
            setattr(struct, name, _number(name, value))
        elif name in _TEXTS:
            if value is not None:
                setattr(struct, name, name_bytes(value if isinstance(value, str) else str(value)))
        elif name in TLSOptions.__annotations__:
            tls[name] = value
        elif name == "keep_alive":
            _set_keep_alive(struct, value)
        elif name == "linger":
            # As in SO_LINGER: 0 is no time at all, which the library calls -1.
            struct.linger_s = 0 if value is None else _number(name, value) or -1
        else:
            raise TypeError(f"listen() has no option {name!r}")
    if tls:
        struct.tls = ctypes.pointer(tls_struct(tls))
    return struct


def _set_keep_alive(struct: Any, value: Any) -> None:
    if value is False or value is None:
        return
    struct.flags |= _ffi.SIO_LISTEN_KEEP_ALIVE
    if value is True:
        return
    if not isinstance(value, tuple) or len(value) != 3:
        raise TypeError(f"keep_alive must be True or (idle, interval, count), not {value!r}")
    for name, number in zip(("idle_s", "interval_s", "count"), value):
        setattr(struct, f"keep_alive_{name}", _number("keep_alive", number))


def _number(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, not {value!r}")
    if not 0 <= value < 2**31:
        raise ValueError(f"{name} must be between 0 and {2**31 - 1}, not {value!r}")
    return value


def descriptor(sock: Any) -> int:
    """The descriptor of a socket, or of a number that is one."""
    if isinstance(sock, int) and not isinstance(sock, bool):
        return sock
    if not isinstance(sock, socket.socket):
        raise TypeError(f"give a socket.socket, or the number of a descriptor, not {sock!r}")
    return sock.fileno()


def let_go(sock: Any) -> None:
    """The library has the descriptor now: the socket object does not close it."""
    if isinstance(sock, socket.socket):
        sock.detach()


def listen_systemd(core: Core, name: str | None, options: ListenOptions) -> int:
    """Listens on systemd's sockets; returns how many they are."""
    count = ctypes.c_size_t()
    wanted = None if name is None else name_bytes(name)
    check(
        lib.sio_server_listen_systemd(
            core.server, wanted, byref(listen_struct(options)), byref(count)
        )
    )
    return count.value


def adopt(core: Core, sock: Any, data: bytes, secure: bool, address: Any) -> None:
    """Hands a connection over."""
    options = _ffi.sio_adopt_options(ctypes.sizeof(_ffi.sio_adopt_options))
    options.secure = 1 if secure else 0
    if address is not None:
        host, port = (address, 0) if isinstance(address, str) else address[:2]
        options.address, options.port = name_bytes(host), port
    data = bytes(data)
    already_read = _ffi.sio_bytes(ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p), len(data))
    check(lib.sio_server_adopt(core.server, descriptor(sock), already_read, byref(options)))
    let_go(sock)
