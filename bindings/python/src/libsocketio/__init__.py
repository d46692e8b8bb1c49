"""libsocketio: a Socket.IO server and client for Python.

::

    import libsocketio

    io = libsocketio.Server(cors_allowed_origins="*")

    @io.on("message")
    def message(sid, data):
        io.emit("message", data, to=sid)

    io.run(port=3000)

`Server` and `Client` run plain functions on a thread, `AsyncServer` and `AsyncClient`
coroutines on asyncio; `SimpleClient` has no handlers. The names are those of
python-socketio; Node's chain (`io.of("/chat").to("room").emit(...)`) is there, too. The
work is done by a shared library, which this package brings along; Python code runs on
Python's threads only.
"""

from __future__ import annotations

from . import exceptions
from ._core import Address
from ._http import Request, Response
from ._library import lib as _lib
from ._manager import Packet
from ._metrics import Counts, Totals
from ._outbound import Buffered
from ._own_events import ConnectionFailure
from ._reasons import ClientReason, Reason
from .adapter import Adapter
from .aio import AsyncServer
from .aio_client import AsyncClient
from .aio_simple_client import AsyncSimpleClient
from .broadcast import Broadcast, NamespaceChain
from .client import Client
from .client_namespace import AsyncClientNamespace, ClientNamespace
from .client_socket import ClientSocket
from .conn import Conn
from .exceptions import ConnectionRefusedError, SocketIOError, TimeoutError
from .namespace import AsyncNamespace, Namespace
from .remote import RemoteSocket
from .server import Server
from .session import AsyncSession, Session
from .simple_client import SimpleClient

#: The version of the library that is loaded.
__version__: str = _lib.sio_version().decode()

__all__ = [
    "Adapter",
    "Address",
    "AsyncClient",
    "AsyncClientNamespace",
    "AsyncNamespace",
    "AsyncServer",
    "AsyncSession",
    "AsyncSimpleClient",
    "Broadcast",
    "Buffered",
    "Client",
    "ClientNamespace",
    "ClientReason",
    "ClientSocket",
    "Conn",
    "ConnectionFailure",
    "ConnectionRefusedError",
    "Counts",
    "Namespace",
    "NamespaceChain",
    "Packet",
    "Reason",
    "RemoteSocket",
    "Request",
    "Response",
    "Server",
    "Session",
    "SimpleClient",
    "SocketIOError",
    "TimeoutError",
    "Totals",
    "__version__",
    "exceptions",
]
