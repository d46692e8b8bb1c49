"""Serving: where a server listens, and how it begins and ends."""

from __future__ import annotations

import socket
from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING

from . import _listening, _metrics, exceptions
from ._asking import Asking
from ._core import Address, Core
from ._exit import running, uninterrupted
from ._legacy import Legacy
from ._tls import tls_struct

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._listening import ListenOptions
    from ._tls import TLSOptions


class Serving(Legacy, Asking):
    """The part of a server that lives: from the first listen to the end."""

    #: Whether it was shut down.
    _ended: bool

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
        return self._listens(core)[-1]

    def listen_socket(self, sock: socket.socket | int, **options: Unpack[ListenOptions]) -> Address:
        """Listens on a socket that is bound and listens already, or its descriptor.

        The socket is the server's from now on: the object is detached.
        """
        core = self._opened()
        core.listen_fd(_listening.descriptor(sock), options)
        _listening.let_go(sock)
        return self._listens(core)[-1]

    def listen_systemd(
        self, name: str | None = None, **options: Unpack[ListenOptions]
    ) -> list[Address]:
        """Listens on the sockets that systemd has passed: those of a name, or all.

        Raises StateError if it has passed none.
        """
        core = self._opened()
        count = _listening.listen_systemd(core, name, options)
        return self._listens(core, count)

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

    def _listens(self, core: Core, count: int = 1) -> list[Address]:
        """Serves from now on; returns the last addresses."""
        # Before it serves: a handler, or another thread, may end it at once.
        addresses = list(core.addresses())[-count:]
        if not addresses:
            raise exceptions.StateError("this server was shut down: make a new one")
        self._serves(core)
        return addresses

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

    @abstractmethod
    def _register(self, core: Core) -> None:
        """Registers with the native server what is registered here."""

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
