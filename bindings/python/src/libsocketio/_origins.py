"""The option `origins` of Socket.IO 2: who may come, by host and port."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

EVERYONE = "*:*"


def origin_of(environ: Mapping[str, Any]) -> str:
    """Where a request comes from; "*" if it does not say."""
    origin: str = environ.get("HTTP_ORIGIN") or environ.get("HTTP_REFERER") or "null"
    return "*" if origin == "null" else origin


def allowed(origins: Any, origin: str) -> bool:
    """Whether origins, a str or a list or a function of (origin, callback), have this one."""
    if callable(origins):
        said: list[bool] = []
        origins(origin, lambda error, ok: said.append(not error and bool(ok)))
        return bool(said) and said[-1]
    listed = [origins] if isinstance(origins, str) else list(origins)
    if EVERYONE in listed:
        return True
    try:
        parts = urlsplit(origin)
        host = parts.hostname
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return False
    if not host:
        return False
    forms = (f"{parts.scheme}://{host}:{port}", f"{host}:{port}", f"{host}:*", f"*:{port}")
    return any(form in listed for form in forms)
