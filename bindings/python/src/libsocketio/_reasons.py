"""Why a connection is over, in Socket.IO's words."""


class Reason:
    """Why a client has left, as disconnect handlers get it: Socket.IO's words."""

    #: The client called disconnect.
    CLIENT_DISCONNECT = "client namespace disconnect"
    #: The server called disconnect.
    SERVER_DISCONNECT = "server namespace disconnect"
    #: The server ended the connection.
    FORCED_SERVER_CLOSE = "forced server close"
    #: The server was shut down.
    SERVER_SHUTTING_DOWN = "server shutting down"
    #: The client did not answer pings.
    PING_TIMEOUT = "ping timeout"
    #: The connection was closed.
    TRANSPORT_CLOSE = "transport close"
    #: The connection broke.
    TRANSPORT_ERROR = "transport error"
    #: The client broke the protocol.
    PARSE_ERROR = "parse error"


class ClientReason:
    """Why a client is no longer connected, as disconnect handlers get it: Socket.IO's words."""

    #: The client called disconnect.
    CLIENT_DISCONNECT = "io client disconnect"
    #: The server called disconnect.
    SERVER_DISCONNECT = "io server disconnect"
    #: The server did not send pings.
    PING_TIMEOUT = "ping timeout"
    #: The connection was closed.
    TRANSPORT_CLOSE = "transport close"
    #: The connection broke.
    TRANSPORT_ERROR = "transport error"
    #: The server broke the protocol.
    PARSE_ERROR = "parse error"
