"""Hooks: functions of the application that are asked about Socket.IO's own requests."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from . import _ffi, _http
from ._environ import request_environ
from ._errors import reached
from ._library import quick
from ._native import name_bytes

#: A function of an environ, and what its result means; True if the request goes on.
Step = tuple[Callable[[dict[str, Any]], Any], Callable[["Asked", Any], bool]]


class Asked:
    """A request that waits for the word of a hook."""

    def __init__(self, view: Any) -> None:
        self._handle = _ffi.sio_http_request(view.http)
        self.environ = request_environ(view)

    def proceed(self) -> None:
        """Lets the request go on."""
        reached(quick.sio_http_next(self._handle))

    def refuse(self, message: str | None = None) -> None:
        """Refuses it."""
        text = None if message is None else message.replace("\0", " ").encode("utf-8", "replace")
        reached(quick.sio_http_refuse(self._handle, text))

    # --- what the results of functions mean

    def judge(self, result: Any) -> bool:
        """None or True lets it go on, False or a message refuses it, a Response answers it."""
        if result is None or result is True:
            return True
        if isinstance(result, _http.Response):
            _http.respond(self._handle.id, result)
        elif result is False:
            self.refuse()
        elif isinstance(result, str):
            self.refuse(result)
        else:
            raise TypeError(f"a hook returned {result!r}: give True, False, a str or a Response")
        return False

    def admit(self, result: Any) -> bool:
        """Whether an origin is allowed."""
        return self.judge(bool(result))

    def name(self, result: Any) -> bool:
        """The id of the session."""
        if not isinstance(result, str):
            raise TypeError(f"generate_id returned {result!r}, not a str")
        return reached(quick.sio_http_set_sid(self._handle, name_bytes(result)))

    def add(self, result: Any) -> bool:
        """Fields of the response, as a dict."""
        if result is not None and not isinstance(result, Mapping):
            raise TypeError(f"a function for header fields returned {result!r}, not a dict")
        return all(
            reached(quick.sio_http_set_header(self._handle, name_bytes(name), name_bytes(value)))
            for name, value in (result or {}).items()
        )


class Hooks:
    """The hooks of a server, by the function of the library that they are registered with."""

    def __init__(self, options: dict[str, Any]) -> None:
        """Takes those among the options of a server out of them."""
        self.steps: list[tuple[str, list[Step]]] = []
        headers = _taken(options, "headers")
        if headers:
            self.use(headers, Asked.add)
        origins = _taken(options, "cors_allowed_origins")
        if origins:
            self.steps.append(("sio_server_on_origin", [(_of_origin(origins), Asked.admit)]))
        handshake: list[Step] = []
        for name, meaning in (
            ("allow_request", Asked.judge),
            ("generate_id", Asked.name),
            ("initial_headers", Asked.add),
        ):
            function = _taken(options, name, always=not name.endswith("headers"))
            if function:
                handshake.append((function, meaning))
        if handshake:
            self.steps.append(("sio_server_on_handshake", handshake))

    def use(
        self, function: Callable[..., Any], meaning: Callable[[Asked, Any], bool] = Asked.judge
    ) -> tuple[str, list[Step]]:
        """Adds a middleware of the engine."""
        added = ("sio_server_use_engine", [(function, meaning)])
        self.steps.append(added)
        return added


def _taken(options: dict[str, Any], name: str, *, always: bool = False) -> Any:
    """Takes an option out, if it is a function; one that can be nothing else in any case."""
    value = options.get(name)
    if value is None or not (always or callable(value)):
        return None
    if not callable(value):
        raise TypeError(f"{name} must be a function, not {value!r}")
    return options.pop(name)


def _of_origin(function: Callable[..., Any]) -> Callable[[dict[str, Any]], Any]:
    """python-engineio's function of an origin, with the environ or without."""
    try:
        inspect.signature(function).bind("origin", {})
    except TypeError:
        return lambda environ: function(_origin(environ))
    return lambda environ: function(_origin(environ), environ)


def _origin(environ: dict[str, Any]) -> str:
    """Where a page is from; those that poll with JSONP send no Origin."""
    page: str = environ.get("HTTP_REFERER", "")
    return environ.get("HTTP_ORIGIN") or "/".join(page.split("/")[:3])
