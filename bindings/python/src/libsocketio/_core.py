"""The library's side of a server: a runtime and a server, from listen to shutdown."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from ctypes import byref
from typing import Any, NamedTuple

from . import _ffi, exceptions
from ._errors import check, error, reached
from ._events import Slot
from ._library import lib, quick
from ._listening import ListenOptions, listen_struct
from ._native import name_bytes, read_array
from ._options import Options
from ._runtime import Runtime, Slots


class Address(NamedTuple):
    """Where a server listens."""

    #: "127.0.0.1", "::1", or the path of a Unix socket.
    host: str
    #: 0 for a Unix socket.
    port: int
    #: "127.0.0.1:3000", "[::1]:3000", "unix:/run/io.sock"
    text: str

    def __str__(self) -> str:
        return self.text


class Core(Slots):
    """Owns the native objects and the slots of one server."""

    def __init__(self, options: Options) -> None:
        super().__init__()
        runtime_options, server_options = options.structs()
        self.runtime = Runtime(runtime_options)
        self.server = _ffi.sio_server()
        server_options.runtime = self.runtime.handle
        status = lib.sio_server_new(byref(server_options), byref(self.server))
        if status:
            failure = error(status)
            self.runtime.destroy()
            raise failure

    @property
    def forked(self) -> bool:
        """Whether this process is a child of the one that made the server."""
        return self.runtime.forked

    # --- registrations

    def on(self, function: str, *names: bytes, slot: Slot) -> None:
        """Registers a slot with one of the sio_server_on... functions, or sio_server_use."""
        self.register(function, self.server, *names, slot=slot)

    def create(self, function: str, name: bytes) -> None:
        """Makes a namespace."""
        check(getattr(lib, function)(self.server, name))

    # --- life

    def listen(self, host: str | None, port: int, options: ListenOptions) -> None:
        """Listens on one more address."""
        if isinstance(port, bool) or not isinstance(port, int):
            raise TypeError(f"port must be an int, not {port!r}")
        if not 0 <= port <= 65535:
            raise exceptions.ArgumentError(f"port must be between 0 and 65535, not {port}")
        name = None if host is None else name_bytes(host)
        check(lib.sio_server_listen(self.server, name, port, byref(listen_struct(options))))

    def listen_fd(self, fd: int, options: ListenOptions) -> None:
        """Listens on a socket that listens already."""
        check(lib.sio_server_listen_fd(self.server, fd, byref(listen_struct(options))))

    def reload_tls(self, index: int, tls: Any) -> None:
        """Exchanges the certificate of one of the addresses; `tls` None reads the same files."""
        check(lib.sio_server_reload_tls(self.server, index, None if tls is None else byref(tls)))

    def addresses(self) -> Iterable[Address]:
        """Where the server listens, in the order of the calls of `listen`."""
        index = 0
        raw = _ffi.sio_address()
        while lib.sio_server_address(self.server, index, byref(raw)) == _ffi.SIO_OK:
            yield Address(raw.host.decode(), raw.port, raw.text.decode())
            index += 1

    def close(self) -> None:
        """Starts the end; the server's closed event completes it."""
        status = lib.sio_server_close(self.server)
        if status not in (_ffi.SIO_OK, _ffi.SIO_E_HANDLE):
            raise error(status)

    def drain(self, spread_ms: int) -> None:
        """Starts the slow end, with the same event at the end of it."""
        status = lib.sio_server_drain(self.server, spread_ms)
        if status not in (_ffi.SIO_OK, _ffi.SIO_E_HANDLE):
            raise error(status)

    def destroy(self) -> None:
        """Ends the native objects; to be called once, when nothing dispatches any more."""
        self.runtime.destroy()
        self.mute()

    # --- questions

    def socket(self, namespace: bytes, sid: bytes) -> int | None:
        """The handle of the client with a sid; None if there is none."""
        socket = _ffi.sio_socket()
        status = quick.sio_server_socket(self.server, namespace, sid, byref(socket))
        return int(socket.id) if reached(status) else None

    def sockets(self, namespace: bytes, room: bytes | None) -> list[int]:
        """The handles of the clients of a namespace, or of one of its rooms."""
        return self._handles("sio_server_sockets", namespace, room)

    def fetch(self, namespace: bytes, target: Any) -> list[int]:
        """The handles of the clients of a broadcast."""
        return self._handles("sio_server_fetch_sockets", namespace, target)

    def _handles(self, function: str, *whom: Any) -> list[int]:
        sockets = ctypes.POINTER(_ffi.sio_socket)()
        count = ctypes.c_size_t()
        check(getattr(lib, function)(self.server, *whom, byref(sockets), byref(count)))
        try:
            array = read_array(sockets, _ffi.sio_socket, count.value)
            return [socket.id for socket in array]
        finally:
            quick.sio_free(sockets)
