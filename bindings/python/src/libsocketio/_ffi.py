"""Prototypes of libsocketio. GENERATED from include/socketio.h by
scripts/generate-bindings: do not edit, run the script.

In the parameters of callbacks every pointer is a `c_void_p`: an address costs
nothing to receive, and events are read through the view in `_events.py`.
"""

from __future__ import annotations

from ctypes import (
    CDLL,
    CFUNCTYPE,
    POINTER,
    Structure,
    c_char,
    c_char_p,
    c_double,
    c_int,
    c_int32,
    c_int64,
    c_size_t,
    c_uint32,
    c_uint64,
    c_void_p,
)
from typing import Any

SIO_ABI_VERSION = 0
SIO_VERSION_MAJOR = 0
SIO_VERSION_MINOR = 1
SIO_VERSION_PATCH = 0
SIO_VERSION_STRING = "0.1.0"


class sio_text(Structure):
    """struct sio_text"""

    _fields_ = [
        ("data", c_char_p),
        ("length", c_size_t),
    ]


class sio_bytes(Structure):
    """struct sio_bytes"""

    _fields_ = [
        ("data", c_void_p),
        ("length", c_size_t),
    ]


class sio_header(Structure):
    """struct sio_header"""

    _fields_ = [
        ("name", sio_text),
        ("value", sio_text),
    ]


class sio_runtime(Structure):
    """struct sio_runtime"""

    _fields_ = [
        ("id", c_uint64),
    ]


class sio_server(Structure):
    """struct sio_server"""

    _fields_ = [
        ("id", c_uint64),
    ]


class sio_socket(Structure):
    """struct sio_socket"""

    _fields_ = [
        ("id", c_uint64),
    ]


class sio_client(Structure):
    """struct sio_client"""

    _fields_ = [
        ("id", c_uint64),
    ]


class sio_ack(Structure):
    """struct sio_ack"""

    _fields_ = [
        ("id", c_uint64),
    ]


class sio_connect_request(Structure):
    """struct sio_connect_request"""

    _fields_ = [
        ("id", c_uint64),
    ]


class sio_http_request(Structure):
    """struct sio_http_request"""

    _fields_ = [
        ("id", c_uint64),
    ]


sio_release_fn = CFUNCTYPE(None, c_void_p)

sio_status = c_int32

SIO_OK = 0
SIO_E_ARGUMENT = -1
SIO_E_HANDLE = -2
SIO_E_STATE = -3
SIO_E_DEADLOCK = -4
SIO_E_FORKED = -5
SIO_E_JSON = -6
SIO_E_RESERVED = -7
SIO_E_LIMIT = -8
SIO_E_MEMORY = -9
SIO_E_ADDRESS_IN_USE = -100
SIO_E_PERMISSION = -101
SIO_E_HOST = -102
SIO_E_SYSTEM = -103
SIO_E_TIMEOUT = -200
SIO_E_DISCONNECTED = -201
SIO_E_CLOSED = -202
SIO_E_INTERNAL = -900

SIO_EVENT_CONNECT_REQUEST = 1
SIO_EVENT_CONNECTION = 2
SIO_EVENT_MESSAGE = 3
SIO_EVENT_DISCONNECT = 4
SIO_EVENT_ACK = 5
SIO_EVENT_HTTP_REQUEST = 6
SIO_EVENT_SERVER_CLOSED = 7
SIO_EVENT_LOG = 8
SIO_EVENT_ENGINE_REQUEST = 9
SIO_EVENT_HANDSHAKE_REQUEST = 10
SIO_EVENT_ORIGIN_REQUEST = 11
SIO_EVENT_PACKET_REQUEST = 12
SIO_EVENT_ERROR = 13
SIO_EVENT_DISCONNECTING = 14
SIO_EVENT_OUTGOING = 15
SIO_EVENT_ROOM = 16
SIO_EVENT_NEW_NAMESPACE = 17
SIO_EVENT_NAMESPACE_REQUEST = 18
SIO_EVENT_ACKS = 19
SIO_EVENT_DRAIN = 20
SIO_EVENT_CONNECTION_ERROR = 21
SIO_EVENT_UPGRADE = 22
SIO_EVENT_SERVER_SIDE = 23
SIO_EVENT_CONNECT = 32
SIO_EVENT_CONNECT_ERROR = 33
SIO_EVENT_RECONNECT_ATTEMPT = 34
SIO_EVENT_RECONNECT_ERROR = 35
SIO_EVENT_RECONNECT = 36
SIO_EVENT_RECONNECT_FAILED = 37
SIO_EVENT_AUTH_REQUEST = 38
SIO_EVENT_CLIENT_CLOSED = 39
SIO_EVENT_OPEN_REQUEST = 40
SIO_EVENT_OPEN = 41
SIO_EVENT_CLOSE = 42
SIO_EVENT_OPEN_ERROR = 43
SIO_EVENT_PING = 44
SIO_EVENT_PACKET = 45

SIO_FAILURE_NONE = 0
SIO_FAILURE_ARGUMENT = 1
SIO_FAILURE_RESOLVE = 2
SIO_FAILURE_CONNECT = 3
SIO_FAILURE_TIMEOUT = 4
SIO_FAILURE_TLS = 5
SIO_FAILURE_HTTP = 6
SIO_FAILURE_REDIRECT = 7
SIO_FAILURE_PROXY = 8
SIO_FAILURE_REVISION = 9
SIO_FAILURE_PROTOCOL = 10
SIO_FAILURE_TOO_LARGE = 11
SIO_FAILURE_OVERFLOW = 12
SIO_FAILURE_LOST = 13
SIO_FAILURE_REFUSED = 14
SIO_FAILURE_AUTH = 15
SIO_FAILURE_CLOSED = 16
SIO_FAILURE_OPEN = 17

SIO_LOG_ERROR = 1
SIO_LOG_WARNING = 2
SIO_LOG_INFO = 3
SIO_LOG_DEBUG = 4


class sio_event(Structure):
    """struct sio_event"""

    _fields_ = [
        ("struct_size", c_size_t),
        ("kind", c_int32),
        ("status", sio_status),
        ("level", c_int32),
        ("server", sio_server),
        ("socket", sio_socket),
        ("ack", sio_ack),
        ("request", sio_connect_request),
        ("http", sio_http_request),
        ("nsp", sio_text),
        ("name", sio_text),
        ("args", sio_text),
        ("reason", sio_text),
        ("attachments", POINTER(sio_bytes)),
        ("attachment_count", c_size_t),
        ("method", sio_text),
        ("target", sio_text),
        ("headers", POINTER(sio_header)),
        ("header_count", c_size_t),
        ("body", sio_bytes),
        ("context", c_void_p),
        ("address", sio_text),
        ("port", c_int32),
        ("secure", c_int32),
        ("room", sio_text),
        ("sockets", POINTER(sio_socket)),
        ("socket_count", c_size_t),
        ("details", sio_text),
        ("code", c_int32),
        ("client", sio_client),
        ("id", sio_text),
        ("transport", c_int32),
        ("http_status", c_int32),
        ("system_error", c_int32),
        ("attempt", c_uint32),
        ("recovered", c_int32),
    ]


sio_event_fn = CFUNCTYPE(None, c_void_p, c_void_p)

SIO_DISPATCH_INLINE = 0
SIO_DISPATCH_QUEUED = 1


class sio_runtime_options(Structure):
    """struct sio_runtime_options"""

    _fields_ = [
        ("struct_size", c_size_t),
        ("dispatch", c_int32),
        ("threads", c_uint32),
        ("queue_capacity", c_uint32),
        ("queue_bytes", c_uint32),
    ]


SIO_TRANSPORT_POLLING = 1
SIO_TRANSPORT_WEBSOCKET = 2

SIO_PARSER_DEFAULT = 0
SIO_PARSER_MSGPACK = 1

SIO_DEFLATE_SERVER_NO_CONTEXT_TAKEOVER = 1
SIO_DEFLATE_CLIENT_NO_CONTEXT_TAKEOVER = 2


class sio_deflate_options(Structure):
    """struct sio_deflate_options"""

    _fields_ = [
        ("struct_size", c_size_t),
        ("flags", c_uint32),
        ("threshold", c_uint32),
        ("server_max_window_bits", c_uint32),
        ("client_max_window_bits", c_uint32),
        ("level", c_uint32),
        ("mem_level", c_uint32),
    ]


SIO_COOKIE_NOT_HTTP_ONLY = 1
SIO_COOKIE_SECURE = 2
SIO_COOKIE_PARTITIONED = 4
SIO_COOKIE_HAS_MAX_AGE = 8

SIO_SAME_SITE_LAX = 0
SIO_SAME_SITE_STRICT = 1
SIO_SAME_SITE_NONE = 2
SIO_SAME_SITE_UNSET = 3


class sio_cookie_options(Structure):
    """struct sio_cookie_options"""

    _fields_ = [
        ("struct_size", c_size_t),
        ("name", c_char_p),
        ("path", c_char_p),
        ("domain", c_char_p),
        ("expires", c_char_p),
        ("priority", c_char_p),
        ("flags", c_uint32),
        ("same_site", c_uint32),
        ("max_age_s", c_int64),
    ]


SIO_RECOVERY_SKIP_MIDDLEWARES = 1


class sio_recovery_options(Structure):
    """struct sio_recovery_options"""

    _fields_ = [
        ("struct_size", c_size_t),
        ("flags", c_uint32),
        ("max_disconnection_ms", c_uint32),
        ("max_sessions", c_uint32),
        ("max_bytes", c_uint32),
    ]


SIO_SERVER_NO_UPGRADES = 1
SIO_SERVER_NO_TRAILING_SLASH = 2
SIO_SERVER_CORS_CREDENTIALS = 4
SIO_SERVER_NO_EIO3 = 8
SIO_SERVER_NO_HTTP_COMPRESSION = 16
SIO_SERVER_NO_ORIGIN_CHECK = 32
SIO_SERVER_NO_DESTROY_UPGRADE = 64
SIO_SERVER_CLEANUP_EMPTY_CHILD_NAMESPACES = 128

SIO_OVERFLOW_DEFAULT = 0
SIO_OVERFLOW_CLOSE = 1
SIO_OVERFLOW_DROP_NEWEST = 2
SIO_OVERFLOW_DROP_OLDEST = 3
SIO_OVERFLOW_COALESCE = 4


class sio_server_options(Structure):
    """struct sio_server_options"""

    _fields_ = [
        ("struct_size", c_size_t),
        ("runtime", sio_runtime),
        ("path", c_char_p),
        ("flags", c_uint32),
        ("transports", c_uint32),
        ("ping_interval_ms", c_uint32),
        ("ping_timeout_ms", c_uint32),
        ("upgrade_timeout_ms", c_uint32),
        ("connect_timeout_ms", c_uint32),
        ("max_http_buffer_size", c_uint32),
        ("max_attachments", c_uint32),
        ("max_buffered_bytes", c_uint32),
        ("max_packets_per_poll", c_uint32),
        ("cors_origins", POINTER(c_char_p)),
        ("cors_origin_count", c_size_t),
        ("cors_methods", c_char_p),
        ("cors_allowed_headers", c_char_p),
        ("cors_exposed_headers", c_char_p),
        ("cors_max_age_s", c_uint32),
        ("parser", c_uint32),
        ("http_compression_threshold", c_uint32),
        ("destroy_upgrade_timeout_ms", c_uint32),
        ("per_message_deflate", POINTER(sio_deflate_options)),
        ("cookie", POINTER(sio_cookie_options)),
        ("initial_headers", POINTER(sio_header)),
        ("initial_header_count", c_size_t),
        ("headers", POINTER(sio_header)),
        ("header_count", c_size_t),
        ("trusted_proxies", POINTER(c_char_p)),
        ("trusted_proxy_count", c_size_t),
        ("max_child_namespaces", c_uint32),
        ("connection_state_recovery", POINTER(sio_recovery_options)),
        ("max_connections", c_uint32),
        ("max_connections_per_address", c_uint32),
        ("max_handshakes_per_second", c_uint32),
        ("max_namespaces_per_connection", c_uint32),
        ("max_rooms_per_socket", c_uint32),
        ("max_pending_acks", c_uint32),
        ("max_pending_replies", c_uint32),
        ("max_header_bytes", c_uint32),
        ("max_headers", c_uint32),
        ("max_json_depth", c_uint32),
        ("request_timeout_ms", c_uint32),
        ("ready_path", c_char_p),
        ("metrics_path", c_char_p),
        ("max_buffered_packets", c_uint32),
        ("overflow", c_uint32),
        ("max_server_buffered_bytes", c_uint64),
        ("max_pending_emit_bytes", c_uint64),
    ]


SIO_EMIT_VOLATILE = 1
SIO_EMIT_LOCAL = 2
SIO_EMIT_NO_COMPRESS = 4


class sio_emit_options(Structure):
    """struct sio_emit_options"""

    _fields_ = [
        ("struct_size", c_size_t),
        ("flags", c_uint32),
        ("attachments", POINTER(sio_bytes)),
        ("attachment_count", c_size_t),
        ("coalesce_key", c_char_p),
        ("overflow", c_uint32),
    ]


class sio_target(Structure):
    """struct sio_target"""

    _fields_ = [
        ("struct_size", c_size_t),
        ("rooms", POINTER(c_char_p)),
        ("room_count", c_size_t),
        ("except", POINTER(c_char_p)),
        ("except_count", c_size_t),
        ("except_socket", sio_socket),
    ]


class sio_counts(Structure):
    """struct sio_counts"""

    _fields_ = [
        ("connections", c_uint64),
        ("sessions", c_uint64),
        ("sockets", c_uint64),
        ("room_entries", c_uint64),
        ("pending_acks", c_uint64),
        ("pending_replies", c_uint64),
        ("buffered_bytes", c_uint64),
        ("queued_events", c_uint64),
        ("polling_sessions", c_uint64),
        ("websocket_sessions", c_uint64),
        ("revision3_sessions", c_uint64),
    ]


SIO_TLS_1_2 = 771
SIO_TLS_1_3 = 772

SIO_TLS_VERIFY_NONE = 0
SIO_TLS_VERIFY_OPTIONAL = 1
SIO_TLS_VERIFY_REQUIRED = 2

SIO_TLS_NO_HTTP2 = 1


class sio_tls_options(Structure):
    """struct sio_tls_options"""

    _fields_ = [
        ("struct_size", c_size_t),
        ("certificate_file", c_char_p),
        ("key_file", c_char_p),
        ("certificate", sio_bytes),
        ("key", sio_bytes),
        ("key_password", c_char_p),
        ("client_ca_file", c_char_p),
        ("client_ca", sio_bytes),
        ("verify_client", c_uint32),
        ("min_version", c_uint32),
        ("handshake_timeout_ms", c_uint32),
        ("flags", c_uint32),
    ]


SIO_CLIENT_TLS_NO_HOST_CHECK = 1
SIO_CLIENT_TLS_NO_VERIFY = 2


class sio_client_tls_options(Structure):
    """struct sio_client_tls_options"""

    _fields_ = [
        ("struct_size", c_size_t),
        ("flags", c_uint32),
        ("min_version", c_uint32),
        ("ca_file", c_char_p),
        ("ca", sio_bytes),
        ("certificate_file", c_char_p),
        ("certificate", sio_bytes),
        ("key_file", c_char_p),
        ("key", sio_bytes),
        ("key_password", c_char_p),
        ("server_name", c_char_p),
        ("pins", POINTER(c_char_p)),
        ("pin_count", c_size_t),
    ]


SIO_LISTEN_IPV6_ONLY = 1
SIO_LISTEN_REUSE_PORT = 2
SIO_LISTEN_NO_REUSE_ADDRESS = 4
SIO_LISTEN_DELAY = 8
SIO_LISTEN_KEEP_ALIVE = 16
SIO_LISTEN_PROXY_PROTOCOL = 32


class sio_listen_options(Structure):
    """struct sio_listen_options"""

    _fields_ = [
        ("struct_size", c_size_t),
        ("flags", c_uint32),
        ("backlog", c_uint32),
        ("unix_mode", c_uint32),
        ("keep_alive_idle_s", c_uint32),
        ("keep_alive_interval_s", c_uint32),
        ("keep_alive_count", c_uint32),
        ("receive_buffer_size", c_uint32),
        ("send_buffer_size", c_uint32),
        ("linger_s", c_int32),
        ("device", c_char_p),
        ("unix_owner", c_char_p),
        ("unix_group", c_char_p),
        ("tls", POINTER(sio_tls_options)),
    ]


class sio_address(Structure):
    """struct sio_address"""

    _fields_ = [
        ("text", c_char * 128),
        ("host", c_char * 112),
        ("port", c_int32),
    ]


class sio_adopt_options(Structure):
    """struct sio_adopt_options"""

    _fields_ = [
        ("struct_size", c_size_t),
        ("address", c_char_p),
        ("port", c_int32),
        ("secure", c_int32),
    ]


class sio_socket_id_text(Structure):
    """struct sio_socket_id_text"""

    _fields_ = [
        ("text", c_char * 224),
    ]


class sio_handshake(Structure):
    """struct sio_handshake"""

    _fields_ = [
        ("struct_size", c_size_t),
        ("nsp", sio_text),
        ("auth", sio_text),
        ("address", sio_text),
        ("port", c_int32),
        ("secure", c_int32),
        ("xdomain", c_int32),
        ("revision", c_int32),
        ("issued_ms", c_int64),
        ("url", sio_text),
        ("query", sio_text),
        ("headers", POINTER(sio_header)),
        ("header_count", c_size_t),
        ("client_certificate", sio_bytes),
    ]


SIO_FILES_HIDDEN = 1


class sio_files_options(Structure):
    """struct sio_files_options"""

    _fields_ = [
        ("struct_size", c_size_t),
        ("flags", c_uint32),
        ("index", c_char_p),
        ("cache_control", c_char_p),
        ("content_type", c_char_p),
    ]


SIO_LISTENER_ONCE = 1
SIO_LISTENER_FIRST = 2

SIO_CLIENT_NO_RECONNECTION = 1
SIO_CLIENT_NO_UPGRADE = 2
SIO_CLIENT_WEBSOCKET_FIRST = 4
SIO_CLIENT_TRY_ALL_TRANSPORTS = 8
SIO_CLIENT_REMEMBER_UPGRADE = 16
SIO_CLIENT_NO_TRAILING_SLASH = 32
SIO_CLIENT_NO_COOKIES = 64
SIO_CLIENT_FORCE_BASE64 = 128
SIO_CLIENT_NO_TIMESTAMPS = 256
SIO_CLIENT_NO_HTTP_COMPRESSION = 512

SIO_REVISION_4 = 0
SIO_REVISION_3 = 3
SIO_REVISION_AUTO = 1


class sio_client_options(Structure):
    """struct sio_client_options"""

    _fields_ = [
        ("struct_size", c_size_t),
        ("runtime", sio_runtime),
        ("url", c_char_p),
        ("path", c_char_p),
        ("flags", c_uint32),
        ("transports", c_uint32),
        ("revision", c_uint32),
        ("parser", c_uint32),
        ("auth", sio_text),
        ("headers", POINTER(sio_header)),
        ("header_count", c_size_t),
        ("protocols", POINTER(c_char_p)),
        ("protocol_count", c_size_t),
        ("connect_timeout_ms", c_uint32),
        ("request_timeout_ms", c_uint32),
        ("upgrade_timeout_ms", c_uint32),
        ("close_timeout_ms", c_uint32),
        ("reconnection_attempts", c_uint32),
        ("reconnection_delay_ms", c_uint32),
        ("reconnection_delay_max_ms", c_uint32),
        ("reconnection_factor", c_double),
        ("randomization_factor", c_double),
        ("retries", c_uint32),
        ("ack_timeout_ms", c_uint32),
        ("max_buffered_bytes", c_uint32),
        ("max_buffered_packets", c_uint32),
        ("overflow", c_uint32),
        ("max_http_buffer_size", c_uint32),
        ("max_attachments", c_uint32),
        ("max_pending_acks", c_uint32),
        ("max_pending_replies", c_uint32),
        ("local_address", c_char_p),
        ("proxy", c_char_p),
        ("per_message_deflate", POINTER(sio_deflate_options)),
        ("tls", POINTER(sio_client_tls_options)),
    ]


class sio_connection(Structure):
    """struct sio_connection"""

    _fields_ = [
        ("connected", c_int32),
        ("active", c_int32),
        ("recovered", c_int32),
        ("transport", c_int32),
        ("revision", c_int32),
        ("attempt", c_uint32),
        ("buffered_bytes", c_uint64),
        ("buffered_packets", c_uint64),
        ("pending_acks", c_uint64),
        ("pending_replies", c_uint64),
        ("dropped_events", c_uint64),
        ("id", c_char * 256),
        ("recoverable", c_int32),
    ]


SIO_PACKET_OPEN = 0
SIO_PACKET_CLOSE = 1
SIO_PACKET_PING = 2
SIO_PACKET_PONG = 3
SIO_PACKET_MESSAGE = 4
SIO_PACKET_UPGRADE = 5
SIO_PACKET_NOOP = 6
SIO_PACKET_BINARY = 7


class sio_totals(Structure):
    """struct sio_totals"""

    _fields_ = [
        ("connections", c_uint64),
        ("sessions", c_uint64),
        ("upgrades", c_uint64),
        ("failed_upgrades", c_uint64),
        ("connection_errors", c_uint64 * 6),
        ("packets_received", c_uint64 * 8),
        ("bytes_received", c_uint64 * 8),
        ("packets_sent", c_uint64 * 8),
        ("bytes_sent", c_uint64 * 8),
        ("events_received", c_uint64),
        ("events_sent", c_uint64),
        ("acks_received", c_uint64),
        ("acks_sent", c_uint64),
        ("acks_failed", c_uint64),
        ("disconnects", c_uint64),
        ("rate_limited", c_uint64),
        ("log_lines_suppressed", c_uint64),
        ("dropped_volatile", c_uint64),
        ("dropped_newest", c_uint64),
        ("dropped_oldest", c_uint64),
        ("dropped_coalesced", c_uint64),
        ("dropped_server", c_uint64),
        ("overflowed_clients", c_uint64),
    ]


FUNCTIONS: list[tuple[str, Any, list[Any]]] = [
    ("sio_free", None, [c_void_p]),
    ("sio_version", c_char_p, []),
    ("sio_version_number", c_uint32, []),
    ("sio_abi_version", c_uint32, []),
    ("sio_has_feature", c_int32, [c_char_p]),
    ("sio_status_name", c_char_p, [sio_status]),
    ("sio_last_error", c_char_p, []),
    ("sio_runtime_new", sio_status, [POINTER(sio_runtime_options), POINTER(sio_runtime)]),
    ("sio_runtime_default", sio_status, [POINTER(sio_runtime)]),
    ("sio_runtime_fd", sio_status, [sio_runtime, POINTER(c_int)]),
    ("sio_runtime_dispatch", sio_status, [sio_runtime, c_size_t, c_int32, POINTER(c_size_t)]),
    ("sio_runtime_next", sio_status, [sio_runtime, c_int32, POINTER(POINTER(sio_event))]),
    ("sio_runtime_wake", sio_status, [sio_runtime]),
    ("sio_runtime_cork", sio_status, [sio_runtime]),
    ("sio_runtime_uncork", sio_status, [sio_runtime]),
    (
        "sio_runtime_on_log",
        sio_status,
        [sio_runtime, c_int32, sio_event_fn, c_void_p, sio_release_fn],
    ),
    ("sio_runtime_destroy", sio_status, [sio_runtime]),
    ("sio_server_new", sio_status, [POINTER(sio_server_options), POINTER(sio_server)]),
    ("sio_server_close", sio_status, [sio_server]),
    ("sio_server_drain", sio_status, [sio_server, c_uint32]),
    ("sio_server_wait", sio_status, [sio_server]),
    ("sio_server_destroy", sio_status, [sio_server]),
    ("sio_server_namespace", sio_status, [sio_server, c_char_p]),
    (
        "sio_server_on",
        sio_status,
        [sio_server, c_char_p, c_char_p, sio_event_fn, c_void_p, sio_release_fn],
    ),
    (
        "sio_server_on_any",
        sio_status,
        [sio_server, c_char_p, sio_event_fn, c_void_p, sio_release_fn],
    ),
    (
        "sio_server_on_connection",
        sio_status,
        [sio_server, c_char_p, sio_event_fn, c_void_p, sio_release_fn],
    ),
    (
        "sio_server_on_disconnect",
        sio_status,
        [sio_server, c_char_p, sio_event_fn, c_void_p, sio_release_fn],
    ),
    ("sio_server_use", sio_status, [sio_server, c_char_p, sio_event_fn, c_void_p, sio_release_fn]),
    ("sio_server_on_close", sio_status, [sio_server, sio_event_fn, c_void_p, sio_release_fn]),
    (
        "sio_server_emit",
        sio_status,
        [sio_server, c_char_p, POINTER(sio_target), c_char_p, sio_text, POINTER(sio_emit_options)],
    ),
    ("sio_server_close_room", sio_status, [sio_server, c_char_p, c_char_p]),
    ("sio_server_disconnect", sio_status, [sio_server, c_char_p, POINTER(sio_target), c_int32]),
    (
        "sio_server_sockets",
        sio_status,
        [sio_server, c_char_p, c_char_p, POINTER(POINTER(sio_socket)), POINTER(c_size_t)],
    ),
    ("sio_server_socket", sio_status, [sio_server, c_char_p, c_char_p, POINTER(sio_socket)]),
    ("sio_server_counts", sio_status, [sio_server, c_size_t, POINTER(sio_counts)]),
    ("sio_server_reload_tls", sio_status, [sio_server, c_size_t, POINTER(sio_tls_options)]),
    ("sio_server_listen", sio_status, [sio_server, c_char_p, c_int32, POINTER(sio_listen_options)]),
    ("sio_server_listen_fd", sio_status, [sio_server, c_int32, POINTER(sio_listen_options)]),
    (
        "sio_server_listen_systemd",
        sio_status,
        [sio_server, c_char_p, POINTER(sio_listen_options), POINTER(c_size_t)],
    ),
    ("sio_server_adopt", sio_status, [sio_server, c_int32, sio_bytes, POINTER(sio_adopt_options)]),
    ("sio_server_address", sio_status, [sio_server, c_size_t, POINTER(sio_address)]),
    ("sio_emit", sio_status, [sio_socket, c_char_p, sio_text, POINTER(sio_emit_options)]),
    (
        "sio_emit_with_ack",
        sio_status,
        [
            sio_socket,
            c_char_p,
            sio_text,
            POINTER(sio_emit_options),
            c_uint32,
            sio_event_fn,
            c_void_p,
            sio_release_fn,
        ],
    ),
    ("sio_reply", sio_status, [sio_ack, sio_text, POINTER(sio_emit_options)]),
    (
        "sio_broadcast",
        sio_status,
        [sio_socket, POINTER(sio_target), c_char_p, sio_text, POINTER(sio_emit_options)],
    ),
    ("sio_accept", sio_status, [sio_connect_request]),
    ("sio_reject", sio_status, [sio_connect_request, c_char_p, sio_text]),
    ("sio_socket_on", sio_status, [sio_socket, c_char_p, sio_event_fn, c_void_p, sio_release_fn]),
    ("sio_socket_on_any", sio_status, [sio_socket, sio_event_fn, c_void_p, sio_release_fn]),
    ("sio_socket_on_disconnect", sio_status, [sio_socket, sio_event_fn, c_void_p, sio_release_fn]),
    ("sio_socket_join", sio_status, [sio_socket, c_char_p]),
    ("sio_socket_leave", sio_status, [sio_socket, c_char_p]),
    ("sio_socket_rooms", sio_status, [sio_socket, POINTER(POINTER(sio_text)), POINTER(c_size_t)]),
    ("sio_socket_disconnect", sio_status, [sio_socket, c_int32]),
    ("sio_socket_set_data", sio_status, [sio_socket, c_void_p, sio_release_fn]),
    ("sio_socket_data", sio_status, [sio_socket, POINTER(c_void_p)]),
    ("sio_socket_id", sio_status, [sio_socket, POINTER(sio_socket_id_text)]),
    ("sio_socket_handshake", sio_status, [sio_socket, POINTER(POINTER(sio_handshake))]),
    ("sio_socket_transport", sio_status, [sio_socket, POINTER(c_int32)]),
    ("sio_socket_recovered", sio_status, [sio_socket, POINTER(c_int32)]),
    ("sio_socket_buffered", sio_status, [sio_socket, POINTER(c_uint64), POINTER(c_uint64)]),
    ("sio_socket_writable", sio_status, [sio_socket, POINTER(c_int32)]),
    (
        "sio_server_serve_files",
        sio_status,
        [sio_server, c_char_p, c_char_p, POINTER(sio_files_options)],
    ),
    ("sio_server_serve_client", sio_status, [sio_server, c_char_p]),
    ("sio_server_on_http", sio_status, [sio_server, sio_event_fn, c_void_p, sio_release_fn]),
    (
        "sio_http_respond",
        sio_status,
        [sio_http_request, c_int32, POINTER(sio_header), c_size_t, sio_bytes],
    ),
    ("sio_server_use_engine", sio_status, [sio_server, sio_event_fn, c_void_p, sio_release_fn]),
    ("sio_server_on_origin", sio_status, [sio_server, sio_event_fn, c_void_p, sio_release_fn]),
    ("sio_server_on_handshake", sio_status, [sio_server, sio_event_fn, c_void_p, sio_release_fn]),
    (
        "sio_server_on_connection_error",
        sio_status,
        [sio_server, sio_event_fn, c_void_p, sio_release_fn],
    ),
    ("sio_http_next", sio_status, [sio_http_request]),
    ("sio_http_refuse", sio_status, [sio_http_request, c_char_p]),
    ("sio_http_set_header", sio_status, [sio_http_request, c_char_p, c_char_p]),
    ("sio_http_set_sid", sio_status, [sio_http_request, c_char_p]),
    (
        "sio_server_add_listener",
        sio_status,
        [sio_server, c_char_p, c_char_p, c_uint32, sio_event_fn, c_void_p, sio_release_fn],
    ),
    (
        "sio_server_on_any_outgoing",
        sio_status,
        [sio_server, c_char_p, c_uint32, sio_event_fn, c_void_p, sio_release_fn],
    ),
    (
        "sio_server_on_disconnecting",
        sio_status,
        [sio_server, c_char_p, sio_event_fn, c_void_p, sio_release_fn],
    ),
    (
        "sio_server_on_upgrade",
        sio_status,
        [sio_server, c_char_p, sio_event_fn, c_void_p, sio_release_fn],
    ),
    (
        "sio_server_on_room",
        sio_status,
        [sio_server, c_char_p, sio_event_fn, c_void_p, sio_release_fn],
    ),
    (
        "sio_server_on_drain",
        sio_status,
        [sio_server, c_char_p, sio_event_fn, c_void_p, sio_release_fn],
    ),
    ("sio_server_off", sio_status, [sio_server, c_char_p, c_char_p, sio_event_fn, c_void_p]),
    ("sio_server_remove_all_listeners", sio_status, [sio_server, c_char_p, c_char_p]),
    ("sio_server_listener_count", sio_status, [sio_server, c_char_p, c_char_p, POINTER(c_size_t)]),
    (
        "sio_server_event_names",
        sio_status,
        [sio_server, c_char_p, POINTER(POINTER(sio_text)), POINTER(c_size_t)],
    ),
    (
        "sio_socket_add_listener",
        sio_status,
        [sio_socket, c_char_p, c_uint32, sio_event_fn, c_void_p, sio_release_fn],
    ),
    (
        "sio_socket_on_any_outgoing",
        sio_status,
        [sio_socket, c_uint32, sio_event_fn, c_void_p, sio_release_fn],
    ),
    (
        "sio_socket_on_disconnecting",
        sio_status,
        [sio_socket, sio_event_fn, c_void_p, sio_release_fn],
    ),
    ("sio_socket_on_upgrade", sio_status, [sio_socket, sio_event_fn, c_void_p, sio_release_fn]),
    ("sio_socket_on_drain", sio_status, [sio_socket, sio_event_fn, c_void_p, sio_release_fn]),
    ("sio_socket_off", sio_status, [sio_socket, c_char_p, sio_event_fn, c_void_p]),
    ("sio_socket_remove_all_listeners", sio_status, [sio_socket, c_char_p]),
    ("sio_socket_listener_count", sio_status, [sio_socket, c_char_p, POINTER(c_size_t)]),
    (
        "sio_socket_event_names",
        sio_status,
        [sio_socket, POINTER(POINTER(sio_text)), POINTER(c_size_t)],
    ),
    ("sio_socket_use", sio_status, [sio_socket, sio_event_fn, c_void_p, sio_release_fn]),
    ("sio_socket_on_error", sio_status, [sio_socket, sio_event_fn, c_void_p, sio_release_fn]),
    ("sio_server_namespace_pattern", sio_status, [sio_server, c_char_p]),
    (
        "sio_server_namespace_matcher",
        sio_status,
        [sio_server, c_char_p, sio_event_fn, c_void_p, sio_release_fn],
    ),
    (
        "sio_server_on_new_namespace",
        sio_status,
        [sio_server, sio_event_fn, c_void_p, sio_release_fn],
    ),
    (
        "sio_server_emit_with_ack",
        sio_status,
        [
            sio_server,
            c_char_p,
            POINTER(sio_target),
            c_char_p,
            sio_text,
            POINTER(sio_emit_options),
            c_uint32,
            sio_event_fn,
            c_void_p,
            sio_release_fn,
        ],
    ),
    (
        "sio_broadcast_with_ack",
        sio_status,
        [
            sio_socket,
            POINTER(sio_target),
            c_char_p,
            sio_text,
            POINTER(sio_emit_options),
            c_uint32,
            sio_event_fn,
            c_void_p,
            sio_release_fn,
        ],
    ),
    ("sio_server_sockets_join", sio_status, [sio_server, c_char_p, POINTER(sio_target), c_char_p]),
    ("sio_server_sockets_leave", sio_status, [sio_server, c_char_p, POINTER(sio_target), c_char_p]),
    (
        "sio_server_fetch_sockets",
        sio_status,
        [
            sio_server,
            c_char_p,
            POINTER(sio_target),
            POINTER(POINTER(sio_socket)),
            POINTER(c_size_t),
        ],
    ),
    ("sio_client_new", sio_status, [POINTER(sio_client_options), POINTER(sio_client)]),
    ("sio_client_connect", sio_status, [sio_client, c_char_p]),
    ("sio_client_disconnect", sio_status, [sio_client, c_char_p]),
    ("sio_client_close", sio_status, [sio_client]),
    ("sio_client_wait", sio_status, [sio_client]),
    ("sio_client_destroy", sio_status, [sio_client]),
    ("sio_client_set_auth", sio_status, [sio_client, c_char_p, sio_text]),
    (
        "sio_client_on_auth",
        sio_status,
        [sio_client, c_char_p, sio_event_fn, c_void_p, sio_release_fn],
    ),
    ("sio_client_authenticate", sio_status, [sio_connect_request, sio_text]),
    ("sio_client_on_open", sio_status, [sio_client, sio_event_fn, c_void_p, sio_release_fn]),
    ("sio_client_open", sio_status, [sio_connect_request, c_char_p, POINTER(sio_header), c_size_t]),
    ("sio_client_set_reconnection", sio_status, [sio_client, POINTER(sio_client_options)]),
    (
        "sio_client_on",
        sio_status,
        [sio_client, c_char_p, c_char_p, sio_event_fn, c_void_p, sio_release_fn],
    ),
    (
        "sio_client_on_any",
        sio_status,
        [sio_client, c_char_p, sio_event_fn, c_void_p, sio_release_fn],
    ),
    (
        "sio_client_on_connect",
        sio_status,
        [sio_client, c_char_p, sio_event_fn, c_void_p, sio_release_fn],
    ),
    (
        "sio_client_on_connect_error",
        sio_status,
        [sio_client, c_char_p, sio_event_fn, c_void_p, sio_release_fn],
    ),
    (
        "sio_client_on_disconnect",
        sio_status,
        [sio_client, c_char_p, sio_event_fn, c_void_p, sio_release_fn],
    ),
    ("sio_client_on_reconnect", sio_status, [sio_client, sio_event_fn, c_void_p, sio_release_fn]),
    ("sio_client_on_connection", sio_status, [sio_client, sio_event_fn, c_void_p, sio_release_fn]),
    ("sio_client_on_packet", sio_status, [sio_client, sio_event_fn, c_void_p, sio_release_fn]),
    ("sio_client_on_upgrade", sio_status, [sio_client, sio_event_fn, c_void_p, sio_release_fn]),
    ("sio_client_on_drain", sio_status, [sio_client, sio_event_fn, c_void_p, sio_release_fn]),
    ("sio_client_on_close", sio_status, [sio_client, sio_event_fn, c_void_p, sio_release_fn]),
    (
        "sio_client_on_any_outgoing",
        sio_status,
        [sio_client, c_char_p, c_uint32, sio_event_fn, c_void_p, sio_release_fn],
    ),
    (
        "sio_client_add_listener",
        sio_status,
        [sio_client, c_char_p, c_char_p, c_uint32, sio_event_fn, c_void_p, sio_release_fn],
    ),
    ("sio_client_off", sio_status, [sio_client, c_char_p, c_char_p, sio_event_fn, c_void_p]),
    ("sio_client_remove_all_listeners", sio_status, [sio_client, c_char_p, c_char_p]),
    ("sio_client_listener_count", sio_status, [sio_client, c_char_p, c_char_p, POINTER(c_size_t)]),
    (
        "sio_client_event_names",
        sio_status,
        [sio_client, c_char_p, POINTER(POINTER(sio_text)), POINTER(c_size_t)],
    ),
    (
        "sio_client_emit",
        sio_status,
        [sio_client, c_char_p, c_char_p, sio_text, POINTER(sio_emit_options)],
    ),
    (
        "sio_client_emit_with_ack",
        sio_status,
        [
            sio_client,
            c_char_p,
            c_char_p,
            sio_text,
            POINTER(sio_emit_options),
            c_uint32,
            sio_event_fn,
            c_void_p,
            sio_release_fn,
        ],
    ),
    (
        "sio_client_connection",
        sio_status,
        [sio_client, c_char_p, c_size_t, POINTER(sio_connection)],
    ),
    (
        "sio_server_side_emit",
        sio_status,
        [sio_server, c_char_p, c_char_p, sio_text, POINTER(sio_emit_options)],
    ),
    (
        "sio_server_side_emit_with_ack",
        sio_status,
        [
            sio_server,
            c_char_p,
            c_char_p,
            sio_text,
            POINTER(sio_emit_options),
            c_uint32,
            sio_event_fn,
            c_void_p,
            sio_release_fn,
        ],
    ),
    (
        "sio_server_on_server_side",
        sio_status,
        [sio_server, c_char_p, c_char_p, sio_event_fn, c_void_p, sio_release_fn],
    ),
    ("sio_server_totals", sio_status, [sio_server, c_size_t, POINTER(sio_totals)]),
    ("sio_server_metrics", sio_status, [sio_server, POINTER(sio_text)]),
]


def bind(library: CDLL) -> None:
    """Gives every function of a loaded library its prototype.

    Raises AttributeError, which names the function, if the library has not got
    one of them.
    """
    for name, result, arguments in FUNCTIONS:
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
