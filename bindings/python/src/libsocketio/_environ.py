"""How a client came, in the words of WSGI."""

from __future__ import annotations

import ctypes
from ctypes import byref
from typing import Any
from urllib.parse import unquote

from . import _ffi
from ._errors import reached
from ._library import quick
from ._native import read_array, read_bytes, read_string, read_view


def build_environ(socket: Any) -> dict[str, Any]:
    """The environ dictionary of a socket; empty if it is gone."""
    pointer = ctypes.POINTER(_ffi.sio_handshake)()
    if not reached(quick.sio_socket_handshake(socket, byref(pointer))):
        return {}
    try:
        return _environ(pointer.contents)
    finally:
        quick.sio_free(pointer)


def request_environ(view: Any) -> dict[str, Any]:
    """The environ dictionary of a request that an event tells of."""
    target = read_view(view.target, view.target_length)
    return _made(
        read_view(view.method, view.method_length),
        target,
        target.partition("?")[2],
        read_view(view.address, view.address_length),
        view,
    )


def _environ(handshake: Any) -> dict[str, Any]:
    url, query = read_string(handshake.url), read_string(handshake.query)
    environ = _made("GET", url, query, read_string(handshake.address), handshake)
    environ["libsocketio.revision"] = handshake.revision
    environ["libsocketio.issued"] = handshake.issued_ms
    environ["libsocketio.auth"] = read_string(handshake.auth)
    certificate = read_bytes(handshake.client_certificate)
    if certificate:
        import ssl  # Takes a while, and few need it.

        environ["SSL_CLIENT_CERT"] = ssl.DER_cert_to_PEM_cert(certificate)
    return environ


def _made(method: str, url: str, query: str, address: str, source: Any) -> dict[str, Any]:
    """An environ; `source` has the header fields, the port and whether it is secure."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(url.partition("?")[0], "latin-1"),
        "QUERY_STRING": query,
        "RAW_URI": url,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_SOFTWARE": "libsocketio",
        "REMOTE_ADDR": address,
        "REMOTE_PORT": str(source.port),
        "wsgi.url_scheme": "https" if source.secure else "http",
    }
    for header in read_array(source.headers, _ffi.sio_header, source.header_count):
        key = read_string(header.name).upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = "HTTP_" + key
        value = read_string(header.value)
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    host, _, port = environ.get("HTTP_HOST", "").rpartition(":")
    if not host or not port.isdigit():
        host, port = environ.get("HTTP_HOST", ""), "443" if source.secure else "80"
    environ["SERVER_NAME"] = host.strip("[]")
    environ["SERVER_PORT"] = port
    return environ
