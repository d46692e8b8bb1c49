"""TLS of a client: requests' and uvicorn's words into `sio_client_tls_options`."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

from . import _ffi
from ._native import name_bytes
from ._options import strings
from ._tls import set_pem, version_number

if TYPE_CHECKING:
    from ._client_options import Options


def client_tls_struct(options: Options) -> Any:
    """The options of TLS, which keep what they point to alive."""
    tls = _ffi.sio_client_tls_options(ctypes.sizeof(_ffi.sio_client_tls_options))
    for name in ("ssl_verify", "ssl_check_hostname"):
        # A path would silently be taken for True.
        if not isinstance(getattr(options, name), bool):
            raise TypeError(
                f"{name} must be True or False, not {getattr(options, name)!r}: "
                "ssl_ca_certs says who is believed"
            )
    if not options.ssl_verify:
        tls.flags |= _ffi.SIO_CLIENT_TLS_NO_VERIFY
    if not options.ssl_check_hostname:
        tls.flags |= _ffi.SIO_CLIENT_TLS_NO_HOST_CHECK
    set_pem(tls, "ca", "ssl_ca_certs", options.ssl_ca_certs)
    set_pem(tls, "certificate", "ssl_certfile", options.ssl_certfile)
    set_pem(tls, "key", "ssl_keyfile", options.ssl_keyfile)
    if options.ssl_keyfile_password is not None:
        tls.key_password = name_bytes(options.ssl_keyfile_password)
    if options.ssl_server_name is not None:
        tls.server_name = name_bytes(options.ssl_server_name)
    if options.ssl_min_version is not None:
        tls.min_version = version_number(options.ssl_min_version)
    pins = [name_bytes(pin) for pin in strings("ssl_pins", options.ssl_pins or [], "a list")]
    if pins:
        tls.pins = (ctypes.c_char_p * len(pins))(*pins)
        tls.pin_count = len(pins)
    return tls
