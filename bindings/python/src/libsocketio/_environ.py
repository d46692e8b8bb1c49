"""How a client came, in the words of WSGI."""

from __future__ import annotations

import ctypes
from ctypes import byref
from typing import Any
from urllib.parse import unquote

from . import _ffi
from ._errors import reached
from ._library import quick
from ._native import read_array, read_bytes, read_string


def build_environ(socket: Any) -> dict[str, Any]:
    """The environ dictionary of a socket; empty if it is gone."""
    pointer = ctypes.POINTER(_ffi.sio_handshake)()
    if not reached(quick.sio_socket_handshake(socket, byref(pointer))):
        return {}
    try:
        return _environ(pointer.contents)
    finally:
        quick.sio_free(pointer)


def _environ(handshake: Any) -> dict[str, Any]:
    url = read_string(handshake.url)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(url.partition("?")[0], "latin-1"),
        "QUERY_STRING": read_string(handshake.query),
        "RAW_URI": url,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_SOFTWARE": "libsocketio",
        "REMOTE_ADDR": read_string(handshake.address),
        "REMOTE_PORT": str(handshake.port),
        "wsgi.url_scheme": "https" if handshake.secure else "http",
        "libsocketio.revision": handshake.revision,
    }
    for header in read_array(handshake.headers, _ffi.sio_header, handshake.header_count):
        key = read_string(header.name).upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = "HTTP_" + key
        value = read_string(header.value)
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    certificate = read_bytes(handshake.client_certificate)
    if certificate:
        import ssl  # Takes a while, and few need it.

        environ["SSL_CLIENT_CERT"] = ssl.DER_cert_to_PEM_cert(certificate)
    host, _, port = environ.get("HTTP_HOST", "").rpartition(":")
    if not host or not port.isdigit():
        host, port = environ.get("HTTP_HOST", ""), "443" if handshake.secure else "80"
    environ["SERVER_NAME"] = host.strip("[]")
    environ["SERVER_PORT"] = port
    return environ
