"""The options of TLS: uvicorn's words into `sio_tls_options`."""

from __future__ import annotations

import ctypes
import os
from typing import TYPE_CHECKING, Any, TypedDict, Union

from . import _ffi
from ._native import bytes_of, name_bytes
from ._numbers import milliseconds

if TYPE_CHECKING:
    import ssl

#: The path of a PEM file, or PEM itself.
PEM = Union[str, "os.PathLike[str]", bytes]


class TLSOptions(TypedDict, total=False):
    """What `listen` and `reload_tls` take for TLS; described at `listen`."""

    ssl_certfile: PEM
    ssl_keyfile: PEM | None
    ssl_keyfile_password: str | None
    ssl_ca_certs: PEM | None
    ssl_cert_reqs: int
    ssl_min_version: ssl.TLSVersion
    ssl_handshake_timeout: float
    http2: bool


#: The numbers of ssl.TLSVersion and of ssl.CERT_... are the library's, too; to import that module
#: takes a while.
VERSIONS = (_ffi.SIO_TLS_1_2, _ffi.SIO_TLS_1_3)
VERIFICATIONS = (
    _ffi.SIO_TLS_VERIFY_NONE,
    _ffi.SIO_TLS_VERIFY_OPTIONAL,
    _ffi.SIO_TLS_VERIFY_REQUIRED,
)


def tls_struct(options: dict[str, Any]) -> Any:
    """A `sio_tls_options`, which keeps what it points to alive; None without options."""
    if not options:
        return None
    for name in options:
        if name not in TLSOptions.__annotations__:
            raise TypeError(f"there is no option {name!r}")
    if options.get("ssl_certfile") is None:
        raise TypeError("TLS needs a certificate: give ssl_certfile")
    tls = _ffi.sio_tls_options(ctypes.sizeof(_ffi.sio_tls_options))
    set_pem(tls, "certificate", "ssl_certfile", options["ssl_certfile"])
    set_pem(tls, "key", "ssl_keyfile", options.get("ssl_keyfile"))
    set_pem(tls, "client_ca", "ssl_ca_certs", options.get("ssl_ca_certs"))
    password = options.get("ssl_keyfile_password")
    if password is not None:
        tls.key_password = name_bytes(password)
    verification = options.get("ssl_cert_reqs", _ffi.SIO_TLS_VERIFY_NONE)
    if verification not in VERIFICATIONS:
        raise ValueError(
            "ssl_cert_reqs must be ssl.CERT_NONE, ssl.CERT_OPTIONAL or ssl.CERT_REQUIRED, "
            f"not {verification!r}"
        )
    tls.verify_client = int(verification)
    tls.min_version = version_number(options.get("ssl_min_version", _ffi.SIO_TLS_1_2))
    if "ssl_handshake_timeout" in options:
        tls.handshake_timeout_ms = milliseconds(
            "ssl_handshake_timeout", options["ssl_handshake_timeout"]
        )
    if not options.get("http2", True):
        tls.flags |= _ffi.SIO_TLS_NO_HTTP2
    return tls


def set_pem(tls: Any, field: str, name: str, value: Any) -> None:
    """Sets the one of two fields that `value` is for."""
    if value is None:
        return
    if isinstance(value, bytes):
        setattr(tls, field, bytes_of(value))
        # The struct has a pointer only.
        tls._kept = (*getattr(tls, "_kept", ()), value)
        return
    try:
        path = os.fspath(value)
    except TypeError:
        path = None
    if not isinstance(path, str):
        raise TypeError(f"{name} must be the path of a PEM file, or PEM as bytes, not {value!r}")
    setattr(tls, f"{field}_file", name_bytes(path))


def version_number(version: Any) -> int:
    """The number of a version of TLS."""
    if version not in VERSIONS:
        raise ValueError(
            "ssl_min_version must be ssl.TLSVersion.TLSv1_2 or ssl.TLSVersion.TLSv1_3, "
            f"not {version!r}"
        )
    return int(version)
