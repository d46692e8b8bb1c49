"""The library's side of a server: a runtime and a server, from listen to shutdown."""

from __future__ import annotations

import ctypes
import logging
import os
from collections.abc import Iterable
from ctypes import byref
from typing import Any, NamedTuple

from . import _ffi, exceptions
from ._errors import check, error, reached
from ._events import NO_RELEASE, Slot, free_slot, take_slot, trampoline
from ._library import lib, quick
from ._listening import ListenOptions, listen_struct
from ._native import name_bytes, read_array
from ._options import Options

_LEVELS = {
    _ffi.SIO_LOG_ERROR: logging.ERROR,
    _ffi.SIO_LOG_WARNING: logging.WARNING,
    _ffi.SIO_LOG_INFO: logging.INFO,
    _ffi.SIO_LOG_DEBUG: logging.DEBUG,
}


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


class Core:
    """Owns the native objects and the slots of one server."""

    def __init__(self, options: Options) -> None:
        runtime_options, server_options = options.structs()
        self.pid = os.getpid()
        self.runtime = _ffi.sio_runtime()
        self.server = _ffi.sio_server()
        self._slots: list[int] = []
        check(lib.sio_runtime_new(byref(runtime_options), byref(self.runtime)))
        server_options.runtime = self.runtime
        status = lib.sio_server_new(byref(server_options), byref(self.server))
        if status:
            failure = error(status)
            lib.sio_runtime_destroy(self.runtime)
            raise failure

    @property
    def forked(self) -> bool:
        """Whether this process is a child of the one that made the server."""
        return self.pid != os.getpid()

    # --- registrations

    def on(self, function: str, *names: bytes, slot: Slot) -> None:
        """Registers a slot with one of the sio_server_on... functions, or sio_server_use."""
        number = take_slot(slot)
        status = getattr(lib, function)(self.server, *names, trampoline, number, NO_RELEASE)
        if status:
            failure = error(status)
            free_slot(number)
            raise failure
        self._slots.append(number)

    def create(self, function: str, name: bytes) -> None:
        """Makes a namespace."""
        check(getattr(lib, function)(self.server, name))

    def on_log(self, logger: logging.Logger, level: int) -> None:
        """Sends the library's log, as far as a logging level wants it, to a logger."""
        wanted = max((ours for ours, theirs in _LEVELS.items() if theirs >= level), default=0)
        if not wanted:
            return

        def line(view: Any) -> None:
            text = ctypes.string_at(view.reason, view.reason_length).decode("utf-8", "replace")
            logger.log(_LEVELS.get(view.level, logging.DEBUG), "%s", text)

        number = take_slot(line)
        check(lib.sio_runtime_on_log(self.runtime, wanted, trampoline, number, NO_RELEASE))
        self._slots.append(number)

    # --- life

    def fd(self) -> int:
        """The file descriptor that is readable while events wait."""
        fd = ctypes.c_int()
        check(lib.sio_runtime_fd(self.runtime, byref(fd)))
        return fd.value

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

    def mute(self) -> None:
        """Ignores all further events."""
        for number in self._slots:
            free_slot(number)

    def destroy(self) -> None:
        """Ends the native objects; to be called once, when nothing dispatches any more."""
        if not self.forked:
            lib.sio_runtime_destroy(self.runtime)
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
