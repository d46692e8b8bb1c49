"""Files that a server hands out: python-engineio's `static_files`, and the JavaScript client."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Mapping
from ctypes import byref
from typing import Any, NamedTuple, TypedDict, Union

from . import _ffi
from ._errors import check
from ._library import lib
from ._native import name_bytes

StrPath = Union[str, "os.PathLike[str]"]


class StaticFile(TypedDict, total=False):
    """A value of `static_files` that says more than a path."""

    filename: StrPath
    content_type: str


StaticFiles = Mapping[str, Union[StrPath, StaticFile]]


class Files(NamedTuple):
    """What is served at a prefix."""

    prefix: str
    #: None: nothing any more.
    path: str | None
    index: str | None = None
    content_type: str | None = None
    cache_control: str | None = None
    hidden: bool = False

    def serve(self, server: Any) -> None:
        """Has a native server serve it."""
        options = _ffi.sio_files_options(
            ctypes.sizeof(_ffi.sio_files_options),
            _ffi.SIO_FILES_HIDDEN if self.hidden else 0,
            *(
                None if text is None else name_bytes(text)
                for text in (self.index, self.cache_control, self.content_type)
            ),
        )
        path = None if self.path is None else os.fsencode(self.path)
        check(lib.sio_server_serve_files(server, name_bytes(self.prefix), path, byref(options)))


def serve_client(server: Any, folder: str | None) -> None:
    """Has a native server serve the JavaScript client."""
    path = None if folder is None else os.fsencode(folder)
    check(lib.sio_server_serve_client(server, path))


def absolute(name: str, path: Any) -> str:
    """A path that stays the same when the program changes its directory."""
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"{name} must be a path, not {path!r}")
    # Not os.path.abspath: it would take "link/.." for nothing.
    return os.path.join(os.getcwd(), os.fspath(path))


def from_mapping(mapping: Any) -> list[Files]:
    """What `static_files` means, as python-engineio has it.

    The key "" is the name of the file that is served for folders.
    """
    if not isinstance(mapping, Mapping):
        raise TypeError(f"static_files must be a dict of paths, not {mapping!r}")
    index, _ = _entry("", mapping[""]) if "" in mapping else (None, None)
    files = []
    for prefix, value in mapping.items():
        if prefix == "":
            continue
        path, content_type = _entry(prefix, value)
        files.append(Files(prefix, absolute("static_files", path), index, content_type))
    return files


def _entry(prefix: Any, value: Any) -> tuple[Any, str | None]:
    if not isinstance(prefix, str):
        raise TypeError(f"the keys of static_files are paths like '/static', not {prefix!r}")
    if not isinstance(value, Mapping):
        return value, None
    unknown = value.keys() - {"filename", "content_type"}
    if unknown or "filename" not in value:
        raise ValueError(
            f"static_files[{prefix!r}] is a path, or a dict with 'filename' and 'content_type', "
            f"not {value!r}"
        )
    return value["filename"], value.get("content_type")
