/*
 * socketio/server.h - a server.
 *
 * Life: sio_server_new, handlers, sio_server_listen (once or more often),
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

/* Flags of sio_server_options. */
enum {
    SIO_SERVER_NO_UPGRADES = 1,       /* polling sessions stay on polling */
    SIO_SERVER_NO_TRAILING_SLASH = 2, /* the path matches without a "/" too */
    SIO_SERVER_CORS_CREDENTIALS = 4   /* let browsers send cookies */
};

typedef struct sio_server_options {
    size_t struct_size;
    sio_runtime runtime;           /* zero: the default runtime */
    const char *path;              /* NULL: "/socket.io" */
    uint32_t flags;                /* SIO_SERVER_... */
    uint32_t transports;           /* SIO_TRANSPORT_... or-ed; 0: both */
    uint32_t ping_interval_ms;     /* 0: 25000 */
    uint32_t ping_timeout_ms;      /* 0: 20000 */
    uint32_t upgrade_timeout_ms;   /* 0: 10000 */
    uint32_t connect_timeout_ms;   /* 0: 45000; to join a first namespace */
    uint32_t max_http_buffer_size; /* bytes of a message or body; 0: 1000000 */
    uint32_t max_attachments;      /* binary values of one event; 0: 10 */
    uint32_t max_buffered_bytes;   /* that wait for one slow client, which is
                                     disconnected beyond; 0: 16777216 */
    uint32_t max_packets_per_poll; /* in one polling response; 0: 16, which is
                                     what Python's clients accept */
    /* Origins that browsers may come from, "https://example.com"; "*" is any.
     * Besides these, pages of the server's own origin are always admitted.
     * Programs that are not browsers mostly send no Origin, and are then not
     * concerned. What is not an origin gives SIO_E_ARGUMENT. */
    const char *const *cors_origins;
    size_t cors_origin_count;
} sio_server_options;

#define SIO_SERVER_OPTIONS_INIT                                              \
    {                                                                        \
        sizeof(sio_server_options), {0}, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, \
            NULL, 0                                                          \
    }

/* Flags of sio_listen_options. */
enum {
    SIO_LISTEN_IPV6_ONLY = 1, /* "::" without IPv4: no dual stack */
    SIO_LISTEN_REUSE_PORT = 2 /* several processes may share the port */
};

typedef struct sio_listen_options {
    size_t struct_size;
    uint32_t flags;     /* SIO_LISTEN_... */
    uint32_t backlog;   /* 0: 1024 */
    uint32_t unix_mode; /* permissions of a Unix socket, 0600; 0: by umask */
} sio_listen_options;

#define SIO_LISTEN_OPTIONS_INIT \
    { sizeof(sio_listen_options), 0, 0, 0 }

/* Where a server listens. */
typedef struct sio_address {
    char text[128]; /* "127.0.0.1:3000", "[::1]:3000", "unix:/run/io.sock" */
    char host[112]; /* "127.0.0.1", "::1", "/run/io.sock" */
    int32_t port;   /* 0 for a Unix socket */
} sio_address;

/* Makes a server that does not listen yet. `options` may be NULL. */
SIO_API sio_status sio_server_new(const sio_server_options *options,
                                  sio_server *out_server);

/* Listens, and serves from now on. `host` is an address or a name: "0.0.0.0",
 * "::" (which takes IPv4 as well), "127.0.0.1", "localhost", or
 * "unix:/path/of/socket" (`port` is ignored; a dead socket file is replaced).
 * NULL is "::", or "0.0.0.0" on a machine without IPv6. `port` 0 picks a free
 * one; sio_server_address() tells which. Binds on the calling thread, so that
 * failures come back here; may block to resolve a name.
 * Errors: SIO_E_ADDRESS_IN_USE, SIO_E_PERMISSION, SIO_E_HOST, SIO_E_SYSTEM;
 * SIO_E_STATE once the server is closing. */
SIO_API sio_status sio_server_listen(sio_server server, const char *host,
                                     int32_t port,
                                     const sio_listen_options *options);

/* Where the server listens: `index` counts the calls of sio_server_listen()
 * from 0. SIO_E_ARGUMENT beyond the last. */
SIO_API sio_status sio_server_address(sio_server server, size_t index,
                                      sio_address *out_address);

/* Starts an orderly end: stops listening, disconnects every socket with the
 * reason "server shutting down", closes the connections, and completes with
 * SIO_EVENT_SERVER_CLOSED. Closing twice is legal.
 * The handle is good until sio_server_destroy(): calls like sio_server_emit()
 * and sio_server_on() return SIO_OK and nothing happens, sio_server_wait()
 * returns once the server is closed, a function that is given to
 * sio_server_on_close() after that is called at once, and sio_server_listen()
 * returns SIO_E_STATE. */
SIO_API sio_status sio_server_close(sio_server server);

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
    SIO_EMIT_LOCAL = 2     /* only to clients of this process (of a cluster) */
};

/* How to emit; see sio_emit() in socket.h too. */
typedef struct sio_emit_options {
    size_t struct_size;
    uint32_t flags; /* SIO_EMIT_... */
    /* What the placeholders in the arguments stand for, in order. */
    const sio_bytes *attachments;
    size_t attachment_count;
} sio_emit_options;

#define SIO_EMIT_OPTIONS_INIT \
    { sizeof(sio_emit_options), 0, NULL, 0 }

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
 * of one attachment, SIO_E_ARGUMENT for a namespace that does not exist. */
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

/* What is alive at this moment. All are zero after a close. */
typedef struct sio_counts {
    uint64_t connections;     /* TCP and Unix connections */
    uint64_t sessions;        /* Engine.IO sessions */
    uint64_t sockets;         /* sockets, in all namespaces */
    uint64_t room_entries;    /* (socket, room) pairs, own rooms included */
    uint64_t pending_acks;    /* replies awaited from clients */
    uint64_t pending_replies; /* replies that clients await */
    uint64_t buffered_bytes;  /* that wait for polls and slow clients */
    uint64_t queued_events;   /* in the queue of the server's runtime */
} sio_counts;

/* Fills the first `size` bytes of *out_counts: pass sizeof(sio_counts). */
SIO_API sio_status sio_server_counts(sio_server server, size_t size,
                                     sio_counts *out_counts);

#ifdef __cplusplus
}
#endif

#endif /* SOCKETIO_SERVER_H */
