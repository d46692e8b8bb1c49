"""Finds and loads the shared library, once, when the package is imported."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from ctypes.util import find_library
from pathlib import Path

from . import _ffi
from .exceptions import LibraryLoadError

#: Environment variable that names the library to load, and then no other.
OVERRIDE = "LIBSOCKETIO_PATH"

_SONAME = f"libsocketio.so.{_ffi.SIO_ABI_VERSION}"
_PACKAGE = Path(__file__).resolve().parent


def candidates() -> Iterator[str]:
    """The places to look, in order.

    `LIBSOCKETIO_PATH` if it is set, and nothing else; otherwise the library
    inside the package (wheels), the one that `make` built next to a source
    checkout, and the system's.
    """
    override = os.environ.get(OVERRIDE)
    if override:
        yield override
        return
    yield str(_PACKAGE / _SONAME)
    if len(_PACKAGE.parents) > 3 and _PACKAGE.parent.name == "src":
        yield str(_PACKAGE.parents[3] / ".build-library" / "libsocketio.so")
    yield find_library("socketio") or _SONAME


def _complaint(library: ctypes.CDLL) -> str | None:
    """Why a loaded library is not the one that this package was made for."""
    try:
        _ffi.bind(library)
    except AttributeError as error:
        return str(error)
    if library.sio_abi_version() != _ffi.SIO_ABI_VERSION:
        found = library.sio_abi_version()
        return f"its ABI version is {found}; this package needs {_ffi.SIO_ABI_VERSION}"
    ours = _ffi.SIO_VERSION_MAJOR * 10000 + _ffi.SIO_VERSION_MINOR * 100
    if library.sio_version_number() < ours:
        found = library.sio_version().decode()
        return f"it is {found}; this package needs {_ffi.SIO_VERSION_STRING} or newer"
    return None


def load() -> tuple[ctypes.CDLL, ctypes.PyDLL, str]:
    """Loads the library: twice the same, releasing the GIL and keeping it.

    Functions that may block are called through the first. Those that never do
    (an emit, a reply) are called through the second: releasing the GIL costs
    more than they take, and would let every emit wait for other threads. No
    library thread ever waits for the GIL, so keeping it cannot deadlock.

    Raises LibraryLoadError, with every path tried and what was wrong there.
    """
    tried = []
    for path in candidates():
        try:
            library = ctypes.CDLL(path)
        except OSError as error:
            tried.append(f"{path}: {error}")
            continue
        complaint = _complaint(library)
        if complaint is None:
            quick = ctypes.PyDLL(path, handle=library._handle)
            _ffi.bind(quick)
            return library, quick, path
        tried.append(f"{path}: {complaint}")
    raise LibraryLoadError(
        "libsocketio's shared library could not be loaded. Tried:\n  "
        + "\n  ".join(tried)
        + f"\nInstall a wheel, run `make` in a checkout, or set {OVERRIDE} to its path."
    )


#: The library; calls release the GIL. `quick`: calls keep it. `path`: where it was found.
lib, quick, path = load()
