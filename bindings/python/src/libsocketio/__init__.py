"""libsocketio: a Socket.IO server for Python.

::

    import libsocketio

    io = libsocketio.Server(cors_allowed_origins="*")

    @io.on("message")
    def message(sid, data):
        io.emit("message", data, to=sid)

    io.run(port=3000)

`Server` runs plain functions on a thread, `AsyncServer` coroutines on asyncio.
The names are those of python-socketio; Node's chain (`io.of("/chat").to("room")
.emit(...)`) is there, too. The work is done by a shared library, which this
package brings along; Python code runs on Python's threads only.
"""

from __future__ import annotations

from . import exceptions
from ._base import Reason
from ._core import Address
from ._http import Request, Response
from ._library import lib as _lib
from ._metrics import Counts, Totals
from ._outbound import Buffered
from ._own_events import ConnectionFailure
from .adapter import Adapter
from .aio import AsyncServer, AsyncSession
from .broadcast import Broadcast, NamespaceChain
from .conn import Conn
from .exceptions import ConnectionRefusedError, SocketIOError, TimeoutError
from .namespace import AsyncNamespace, Namespace
from .remote import RemoteSocket
from .server import Server, Session

#: The version of the library that is loaded.
__version__: str = _lib.sio_version().decode()

__all__ = [
    "Adapter",
    "Address",
    "AsyncNamespace",
    "AsyncServer",
    "AsyncSession",
    "Broadcast",
    "Buffered",
    "Conn",
    "ConnectionFailure",
    "ConnectionRefusedError",
    "Counts",
    "Namespace",
    "NamespaceChain",
    "Reason",
    "RemoteSocket",
    "Request",
    "Response",
    "Server",
    "Session",
    "SocketIOError",
    "TimeoutError",
    "Totals",
    "__version__",
    "exceptions",
]
