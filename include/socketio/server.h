/*
 * socketio/server.h - a server.
 *
 * Life: sio_server_new, handlers, sio_server_listen (listen.h; once or more often),
 * sio_server_close, SIO_EVENT_SERVER_CLOSED, sio_server_destroy. Handlers may
 * be added at any time; they hold from the next event on.
 *
 * A namespace exists once a handler or middleware is registered in it, or
 * sio_server_namespace() named it; "/" always exists. Names begin with "/".
 */
#ifndef SOCKETIO_SERVER_H
#define SOCKETIO_SERVER_H

#include "base.h"
#include "event.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    SIO_TRANSPORT_POLLING = 1,
    SIO_TRANSPORT_WEBSOCKET = 2
};

/* How packets are written. Clients have to use the same one: who uses another
 * is disconnected, and the log says why.
 *
 * With SIO_PARSER_MSGPACK a packet is one binary message. Programs still give
 * and get JSON text and attachments: integers keep their digits, dates are
 * strings as JSON.stringify makes them, NaN and undefined are null, numbers as
 * keys are text. The text of one message is at most six times as long as the
 * message. max_attachments holds, though parsers elsewhere have no limit there.
 * In what is sent, an attachment that no placeholder refers to is left out, and
 * one event with its attachments may have 1 GiB: SIO_E_LIMIT beyond. */
enum {
    SIO_PARSER_DEFAULT = 0, /* JSON text, and binary values behind it */
    SIO_PARSER_MSGPACK = 1  /* socket.io-msgpack-parser */
};

/* Flags of sio_deflate_options. */
enum {
    SIO_DEFLATE_SERVER_NO_CONTEXT_TAKEOVER = 1, /* messages are compressed */
    SIO_DEFLATE_CLIENT_NO_CONTEXT_TAKEOVER = 2  /* each for itself */
};

/* Compression of WebSocket messages, permessage-deflate (RFC 7692), for clients
 * that offer it. It costs time, and memory: about 2^(server window bits + 2) +
 * 2^(mem_level + 9) bytes for a connection from its first compressed message
 * on, and 2^(client window bits) + 10 kB from the first one that it sends. With
 * no context takeover in a direction, that direction keeps nothing, a broadcast
 * is compressed once for all, and messages become somewhat larger.
 * max_http_buffer_size counts what a message holds, not how it came. */
typedef struct sio_deflate_options {
    size_t struct_size;
    uint32_t flags;                  /* SIO_DEFLATE_... */
    uint32_t threshold;              /* smaller messages go as they are, with
                                       or without takeover; 0: 1024 bytes */
    uint32_t server_max_window_bits; /* 9 to 15; 0: 15 */
    uint32_t client_max_window_bits; /* 9 to 15; 0: 15. Below, clients that
                                       cannot be told so get none */
    uint32_t level;                  /* 1, fast, to 9, small; 0: zlib's own */
    uint32_t mem_level;              /* 1 to 9; 0: 8 */
} sio_deflate_options;

#define SIO_DEFLATE_OPTIONS_INIT \
    { sizeof(sio_deflate_options), 0, 0, 0, 0, 0, 0 }

/* Flags of sio_cookie_options. */
enum {
    SIO_COOKIE_NOT_HTTP_ONLY = 1, /* scripts of the page may read it */
    SIO_COOKIE_SECURE = 2,        /* over TLS only */
    SIO_COOKIE_PARTITIONED = 4,   /* one for each top-level site */
    SIO_COOKIE_HAS_MAX_AGE = 8    /* max_age_s counts; without: a session's */
};

/* SameSite of a cookie. */
enum {
    SIO_SAME_SITE_LAX = 0,
    SIO_SAME_SITE_STRICT = 1,
    SIO_SAME_SITE_NONE = 2, /* needs SIO_COOKIE_SECURE */
    SIO_SAME_SITE_UNSET = 3 /* the attribute is left out */
};

/* The cookie with the session's id that polling handshakes set, by which load
 * balancers send the client's requests to one server. Sessions that begin with
 * a WebSocket set none. SIO_E_ARGUMENT for a part with characters of another
 * one, and for what browsers refuse. */
typedef struct sio_cookie_options {
    size_t struct_size;
    const char *name;     /* NULL: "io" */
    const char *path;     /* NULL: "/" */
    const char *domain;   /* NULL: none */
    const char *expires;  /* NULL: none; "Wed, 21 Oct 2026 07:28:00 GMT" */
    const char *priority; /* NULL: none; "low", "medium", "high" */
    uint32_t flags;       /* SIO_COOKIE_... */
    uint32_t same_site;   /* SIO_SAME_SITE_... */
    int64_t max_age_s;    /* see SIO_COOKIE_HAS_MAX_AGE */
} sio_cookie_options;

#define SIO_COOKIE_OPTIONS_INIT \
    { sizeof(sio_cookie_options), NULL, NULL, NULL, NULL, NULL, 0, 0, 0 }

/* Flags of sio_recovery_options. */
enum {
    SIO_RECOVERY_SKIP_MIDDLEWARES = 1 /* those who come back are let in */
};

/* Lets clients of Socket.IO 4.6 and later go on where they were after their
 * connection broke: with their id, their rooms, the pointer of
 * sio_socket_set_data(), and the events that they missed. Every event that is
 * sent without asking for a reply then has one more argument, its offset, which
 * the handlers of clients see. Volatile events, and those that ask for a reply,
 * are not kept; nor is who left a namespace in order, or was made to. Each
 * namespace has sessions and events of its own; beyond max_sessions or max_bytes
 * of all of them together, those that keep most lose their oldest. The names of
 * rooms may take half of max_bytes; beyond, who was in most of them is forgotten. */
typedef struct sio_recovery_options {
    size_t struct_size;
    uint32_t flags;                /* SIO_RECOVERY_... */
    uint32_t max_disconnection_ms; /* how long they may be away; 0: 120000 */
    uint32_t max_sessions;         /* away, of the server; 0: 10000 */
    uint32_t max_bytes;            /* of events and rooms, too; 0: 16777216 */
} sio_recovery_options;

#define SIO_RECOVERY_OPTIONS_INIT \
    { sizeof(sio_recovery_options), 0, 0, 0, 0 }

/* Flags of sio_server_options. */
enum {
    SIO_SERVER_NO_UPGRADES = 1,          /* polling sessions stay on polling */
    SIO_SERVER_NO_TRAILING_SLASH = 2,    /* the path matches without "/" too */
    SIO_SERVER_CORS_CREDENTIALS = 4,     /* let browsers send cookies */
    SIO_SERVER_NO_EIO3 = 8,              /* refuse clients of Socket.IO 1, 2 */
    SIO_SERVER_NO_HTTP_COMPRESSION = 16, /* polling responses go as they are */
    SIO_SERVER_NO_ORIGIN_CHECK = 32,     /* admit every page; no CORS headers;
                                           without cors_origins */
    SIO_SERVER_NO_DESTROY_UPGRADE = 64,  /* see destroy_upgrade_timeout_ms */
    SIO_SERVER_CLEANUP_EMPTY_CHILD_NAMESPACES = 128 /* see namespaces.h: those
                                           that clients asked for go when the
                                           last client has left */
};

/* What becomes of an event when more waits for its client than may:
 * max_buffered_bytes, max_buffered_packets, or max_server_buffered_bytes.
 *
 * First of all, volatile events that wait make room; then, for an event that
 * must not be dropped, the oldest of those that may. Only then its client is
 * disconnected. An event and its binary values are dropped together or not at
 * all; together they have to have room, though the client reads all that is
 * sent to it, if they are 64 KiB or more; what asked for a reply ends with SIO_E_LIMIT. Replies, connects,
 * disconnects and heartbeats are never dropped. sio_totals counts what is. With
 * connection state recovery, an event that was dropped is kept all the same: a
 * client that comes back gets it, if it has got no later one before, and what it
 * has missed is no more than may wait for it. */
enum {
    SIO_OVERFLOW_DEFAULT = 0,     /* of an emit: the server's; else the next */
    SIO_OVERFLOW_CLOSE = 1,       /* it must not be: the client is disconnected,
                                     "transport error" */
    SIO_OVERFLOW_DROP_NEWEST = 2, /* it is dropped */
    SIO_OVERFLOW_DROP_OLDEST = 3, /* the oldest that may be make room for it */
    SIO_OVERFLOW_COALESCE = 4     /* as before, but first those without a
                                     coalesce_key: the others are each the
                                     latest of their key */
};

typedef struct sio_server_options {
    size_t struct_size;
    sio_runtime runtime;           /* zero: the default runtime */
    const char *path;              /* NULL: "/socket.io" */
    uint32_t flags;                /* SIO_SERVER_... */
    uint32_t transports;           /* SIO_TRANSPORT_... or-ed; 0: both. Clients
                                     choose their order */
    uint32_t ping_interval_ms;     /* 0: 25000 */
    uint32_t ping_timeout_ms;      /* 0: 20000 */
    uint32_t upgrade_timeout_ms;   /* 0: 10000 */
    uint32_t connect_timeout_ms;   /* 0: 45000; to join a first namespace */
    uint32_t max_http_buffer_size; /* bytes of a message or body; 0: 1000000 */
    uint32_t max_attachments;      /* binary values of one event; 0: 10 */
    uint32_t max_buffered_bytes;   /* that wait for one slow client; beyond,
                                     see overflow; 0: 16777216 */
    uint32_t max_packets_per_poll; /* in one polling response; 0: 16, which is
                                     what Python's clients accept */
    /* Origins that browsers may come from, "https://example.com"; "*" is any.
     * Besides these, pages of the server's own origin are always admitted.
     * Programs that are not browsers mostly send no Origin, and are then not
     * concerned. What is not an origin gives SIO_E_ARGUMENT. */
    const char *const *cors_origins;
    size_t cors_origin_count;
    /* What a preflight and the answers tell browsers besides; comma-separated
     * lists. */
    const char *cors_methods;         /* NULL: GET,HEAD,PUT,PATCH,POST,DELETE */
    const char *cors_allowed_headers; /* NULL: those that are asked for */
    const char *cors_exposed_headers; /* NULL: none */
    uint32_t cors_max_age_s;          /* 0: not said */

    uint32_t parser;                     /* SIO_PARSER_... */
    uint32_t http_compression_threshold; /* smaller polling responses go as
                                           they are; 0: 1024 bytes */
    /* A request for a WebSocket outside of the path that nobody has answered
     * by then is ended, unless SIO_SERVER_NO_DESTROY_UPGRADE; 0: 1000. */
    uint32_t destroy_upgrade_timeout_ms;
    const sio_deflate_options *per_message_deflate; /* NULL: off */
    const sio_cookie_options *cookie;               /* NULL: none */
    /* Header fields of the responses that open a session, and of all responses
     * in the path: errors, preflights and the 101 of a WebSocket included.
     * SIO_E_ARGUMENT for characters that HTTP forbids, and for fields that the
     * library writes itself, such as Content-Type. */
    const sio_header *initial_headers;
    size_t initial_header_count;
    const sio_header *headers;
    size_t header_count;
    /* Proxies whose word for the client's address, scheme and host is taken
     * (X-Forwarded-For, -Proto and -Host, Forwarded, the PROXY protocol):
     * "127.0.0.1", "10.0.0.0/8", "::1", or "unix", everyone who connects to a
     * Unix socket. They have to overwrite or add to the headers that clients
     * send. None: all comes from the connection. What is neither gives
     * SIO_E_ARGUMENT. */
    const char *const *trusted_proxies;
    size_t trusted_proxy_count;
    uint32_t max_child_namespaces; /* that clients may ask for; when there are
                                     so many, empty ones go, then those whose
                                     clients are all away; 0: 10000 */
    const sio_recovery_options *connection_state_recovery; /* NULL: off */

    /* Limits; docs/limits.md says what happens beyond each. */
    uint32_t max_connections;               /* at a time; 0: 1000000 */
    uint32_t max_connections_per_address;   /* a /64 of IPv6 is one address; 0:
                                            any number, since all clients behind
                                            a proxy have one. Trusted proxies
                                            are not counted */
    uint32_t max_handshakes_per_second;     /* 0: any number */
    uint32_t max_namespaces_per_connection; /* 0: 256 */
    uint32_t max_rooms_per_socket;          /* 0: 65536 */
    uint32_t max_pending_acks;    /* awaited from one socket; 0: 65536 */
    uint32_t max_pending_replies; /* awaited by one client; 0: 65536 */
    uint32_t max_header_bytes;    /* of a request's head; 0: 65000, the most */
    uint32_t max_headers;         /* fields of a request; 0: 128 */
    uint32_t max_json_depth;      /* of a packet; 0: 512 */
    uint32_t request_timeout_ms;  /* for a head and its body; 0: 60000 */

    /* Where load balancers ask whether the server takes new sessions, "/ready":
     * 200, or 503 once it drains. NULL: nowhere. */
    const char *ready_path;

    /* Where the metrics are, "/metrics": the text of sio_server_metrics(), for
     * everybody who reaches the server. NULL: nowhere. */
    const char *metrics_path;

    /* What waits for slow clients, besides max_buffered_bytes. */
    uint32_t max_buffered_packets; /* of one client, binary values of events
                                     included; 0: 100000 */
    uint32_t overflow;             /* SIO_OVERFLOW_... */
    /* Of all clients together; 0: 4 GiB. Beyond, `overflow` holds for those who
     * have more waiting than their share: this, divided by the number of
     * sessions. Beyond twice as much, it holds for all. A broadcast is counted
     * for each client that it waits for, though it is in memory once. */
    uint64_t max_server_buffered_bytes;

    /* What other threads have emitted and the event loops have not come to yet,
     * all together; 0: 256 MiB. Beyond, emits fail with SIO_E_LIMIT, or are
     * dropped if they are volatile, or if their policy is not
     * SIO_OVERFLOW_CLOSE. An event counts for each loop that it goes to, with
     * 256 bytes, and 8 for each client, besides its own. */
    uint64_t max_pending_emit_bytes;
} sio_server_options;

#define SIO_SERVER_OPTIONS_INIT                                               \
    {                                                                         \
        sizeof(sio_server_options), {0}, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  \
            NULL, 0, NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL, NULL, 0, NULL, \
            0, NULL, 0, 0, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, \
            0, 0, 0, 0                                                        \
    }

/* Makes a server that does not listen yet. `options` may be NULL. */
SIO_API sio_status sio_server_new(const sio_server_options *options,
                                  sio_server *out_server);

/* Starts an orderly end: stops listening, disconnects every socket with the
 * reason "server shutting down", closes the connections, and completes with
 * SIO_EVENT_SERVER_CLOSED. Closing twice is legal.
 * The handle is good until sio_server_destroy(): calls like sio_server_emit()
 * and sio_server_on() return SIO_OK and nothing happens, sio_server_wait()
 * returns once the server is closed, a function that is given to
 * sio_server_on_close() after that is called at once, and sio_server_listen()
 * returns SIO_E_STATE. */
SIO_API sio_status sio_server_close(sio_server server);

/* Starts an end in which the clients leave one after the other, evenly over
 * `spread_ms`: from now on new sessions are refused with 503 and Retry-After, and
 * ready_path answers 503; the sessions that there are go on until it is their
 * turn, and get what was sent to them before the disconnect, whose reason is
 * "server shutting down". Their clients connect again by themselves, to another
 * server behind the same load balancer (python-socketio's over long polling do
 * not: they take the end of a session for a goodbye). Then the server is closed,
 * as by sio_server_close(), which ends a drain at once; a second drain changes
 * nothing. Returns at once, on any thread, callbacks included:
 * SIO_EVENT_SERVER_CLOSED is the end. Since 0.1.0. */
SIO_API sio_status sio_server_drain(sio_server server, uint32_t spread_ms);

/* Blocks until the server is closed (by sio_server_close()). In a queued
 * runtime the server's last events, SIO_EVENT_SERVER_CLOSED among them, may
 * then still wait to be dispatched. */
SIO_API sio_status sio_server_wait(sio_server server);

/* Closes the server, waits for its end, releases its contexts and ends the
 * handle. In a queued runtime its waiting events are discarded, but its acks
 * end first, on this thread. */
SIO_API sio_status sio_server_destroy(sio_server server);

/* Makes a namespace exist, "/chat". */
SIO_API sio_status sio_server_namespace(sio_server server, const char *nsp);

/* Calls `fn` for every `event` of that name from every socket of a namespace.
 * Several functions for one name are called in the order of registration,
 * those of the socket (sio_socket_on) first. Lifecycle names ("connect",
 * "disconnect", ...) give SIO_E_RESERVED: they have functions of their own. */
SIO_API sio_status sio_server_on(sio_server server, const char *nsp,
                                 const char *event, sio_event_fn fn,
                                 void *context, sio_release_fn release);

/* Calls `fn` for every event from every socket, before the functions that are
 * registered by name: a catch-all. */
SIO_API sio_status sio_server_on_any(sio_server server, const char *nsp,
                                     sio_event_fn fn, void *context,
                                     sio_release_fn release);

/* Calls `fn` when a client has joined (SIO_EVENT_CONNECTION). */
SIO_API sio_status sio_server_on_connection(sio_server server, const char *nsp,
                                            sio_event_fn fn, void *context,
                                            sio_release_fn release);

/* Calls `fn` when a client has left (SIO_EVENT_DISCONNECT). */
SIO_API sio_status sio_server_on_disconnect(sio_server server, const char *nsp,
                                            sio_event_fn fn, void *context,
                                            sio_release_fn release);

/* Middleware: calls `fn` with SIO_EVENT_CONNECT_REQUEST before a client joins.
 * Several run one after the other, each once the one before has accepted. */
SIO_API sio_status sio_server_use(sio_server server, const char *nsp,
                                  sio_event_fn fn, void *context,
                                  sio_release_fn release);

/* Calls `fn` once, when the server is closed. */
SIO_API sio_status sio_server_on_close(sio_server server, sio_event_fn fn,
                                       void *context, sio_release_fn release);

/* Flags of sio_emit_options. */
enum {
    SIO_EMIT_VOLATILE = 1, /* drop it for clients that cannot take it now */
    SIO_EMIT_LOCAL = 2,    /* only to clients of this process (of a cluster) */
    SIO_EMIT_NO_COMPRESS = 4 /* not compressed, whatever the options say: what
                                is compressed already, or must not tell by its
                                size what is in it */
};

/* How to emit; see sio_emit() in socket.h too. */
typedef struct sio_emit_options {
    size_t struct_size;
    uint32_t flags; /* SIO_EMIT_... */
    /* What the placeholders in the arguments stand for, in order. */
    const sio_bytes *attachments;
    size_t attachment_count;
    /* The event takes the place of one with the same key that still waits for
     * the same socket, as a newer price or position does; that is dropped. At
     * most 256 bytes, else SIO_E_LIMIT; NULL: none. */
    const char *coalesce_key;
    uint32_t overflow; /* SIO_OVERFLOW_... */
} sio_emit_options;

#define SIO_EMIT_OPTIONS_INIT \
    { sizeof(sio_emit_options), 0, NULL, 0, NULL, 0 }

/* Whom a broadcast goes to: the sockets of any of `rooms` (none: all sockets
 * of the namespace), less those of any of `except`, less `except_socket`. Each
 * gets it once. A socket's own id is a room, too. */
typedef struct sio_target {
    size_t struct_size;
    const char *const *rooms;
    size_t room_count;
    const char *const *except;
    size_t except_count;
    sio_socket except_socket; /* usually the sender; zero: none */
} sio_target;

/* clang-format off */
#define SIO_TARGET_INIT \
    { sizeof(sio_target), NULL, 0, NULL, 0, {0} }
/* clang-format on */

/* Broadcasts an event in a namespace. `target` NULL is everyone. `args` is the
 * JSON text of an array; {NULL, 0} is none. Who gets it is decided at the
 * call: a socket that leaves a room right after it still does.
 * Errors: SIO_E_JSON, SIO_E_RESERVED, SIO_E_LIMIT beyond 1 GiB of arguments or
 * of one attachment, or if the event loops are too far behind, see
 * max_pending_emit_bytes: then some clients may not get it; SIO_E_ARGUMENT for
 * a namespace that does not exist. */
SIO_API sio_status sio_server_emit(sio_server server, const char *nsp,
                                   const sio_target *target, const char *event,
                                   sio_text args,
                                   const sio_emit_options *options);

/* Makes every socket of a room leave it. */
SIO_API sio_status sio_server_close_room(sio_server server, const char *nsp,
                                         const char *room);

/* Disconnects the targeted sockets; `close` non-zero ends their connections
 * as well. `target` NULL is everyone in the namespace. */
SIO_API sio_status sio_server_disconnect(sio_server server, const char *nsp,
                                         const sio_target *target,
                                         int32_t close);

/* The sockets of a room, or with `room` NULL of the namespace: an array in one
 * piece of memory, to be released with sio_free() (NULL if the count is 0). */
SIO_API sio_status sio_server_sockets(sio_server server, const char *nsp,
                                      const char *room,
                                      sio_socket **out_sockets,
                                      size_t *out_count);

/* The socket that has an id (20 characters). SIO_E_HANDLE if there is none. */
SIO_API sio_status sio_server_socket(sio_server server, const char *nsp,
                                     const char *id, sio_socket *out_socket);

/* What is alive at this moment. All are zero after a close. See metrics.h for
 * what has happened so far. */
typedef struct sio_counts {
    uint64_t connections;        /* TCP and Unix connections */
    uint64_t sessions;           /* Engine.IO sessions */
    uint64_t sockets;            /* sockets, in all namespaces */
    uint64_t room_entries;       /* (socket, room) pairs, own rooms included */
    uint64_t pending_acks;       /* replies awaited from clients */
    uint64_t pending_replies;    /* replies that clients await */
    uint64_t buffered_bytes;     /* that wait for polls and slow clients */
    uint64_t queued_events;      /* in the queue of the server's runtime */
    uint64_t polling_sessions;   /* of the sessions, those on polling, */
    uint64_t websocket_sessions; /* those on WebSocket, */
    uint64_t revision3_sessions; /* and those of Engine.IO 3, on either */
} sio_counts;

/* Fills the first `size` bytes of *out_counts: pass sizeof(sio_counts). */
SIO_API sio_status sio_server_counts(sio_server server, size_t size,
                                     sio_counts *out_counts);

#ifdef __cplusplus
}
#endif

#endif /* SOCKETIO_SERVER_H */
