/*
 * socketio/client.h - a client.
 *
 * A client is one connection to a server, shared by the namespaces that it
 * joins. Two clients are two connections.
 *
 * Life: sio_client_new, handlers, sio_client_connect (once for each namespace),
 * sio_client_close, SIO_EVENT_CLIENT_CLOSED, sio_client_destroy. A connection
 * that breaks, or cannot be made, is tried again, at growing intervals, until
 * the client is closed: after that nothing runs again. Closing is legal in every
 * state and in every callback. Handlers may be added at any time; they stay over
 * all connections.
 *
 *   static void on_connect(const sio_event *event, void *context) {
 *       (void)context;
 *       sio_client_emit(event->client, "/", "hello", sio_text_of("[1]"), NULL);
 *   }
 *
 *   sio_client_options options = SIO_CLIENT_OPTIONS_INIT;
 *   sio_client client;
 *   options.url = "http://localhost:3000";
 *   if (sio_client_new(&options, &client) != SIO_OK) ...
 *   sio_client_on_connect(client, "/", on_connect, NULL, NULL);
 *   sio_client_connect(client, "/");
 *   sio_client_wait(client);
 *
 * `nsp` is a namespace, "/" or "/chat". A client need not have joined it to
 * register handlers there, or to emit: what is emitted before it is joined, or
 * while it is not, waits until it is.
 *
 * Events have `client` set, and most have `nsp`. Those of one client come in
 * order and never concurrently. Behind sio_client_close() come only the ends of
 * acks, SIO_EVENT_DISCONNECT of the namespaces that were joined, SIO_EVENT_CLOSE
 * of a connection that was open, and SIO_EVENT_CLIENT_CLOSED; in a queued runtime
 * also what waits in the queue.
 */
#ifndef SOCKETIO_CLIENT_H
#define SOCKETIO_CLIENT_H

#include "base.h"
#include "event.h"
#include "server.h"
#include "status.h"
#include "tls.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Flags of sio_client_options. */
enum {
    SIO_CLIENT_NO_RECONNECTION = 1,      /* what breaks stays broken, until
                                            sio_client_connect() */
    SIO_CLIENT_NO_UPGRADE = 2,           /* what begins with polling stays so */
    SIO_CLIENT_WEBSOCKET_FIRST = 4,      /* WebSocket, then polling */
    SIO_CLIENT_TRY_ALL_TRANSPORTS = 8,   /* the second one if the first fails;
                                            else the first one again */
    SIO_CLIENT_REMEMBER_UPGRADE = 16,    /* WebSocket first where an upgrade has
                                            worked before */
    SIO_CLIENT_NO_TRAILING_SLASH = 32,   /* behind the path */
    SIO_CLIENT_NO_COOKIES = 64,          /* the server's are not sent back */
    SIO_CLIENT_FORCE_BASE64 = 128,       /* the server sends bytes as text */
    SIO_CLIENT_NO_TIMESTAMPS = 256,      /* polls without "t=...", which keeps
                                            caches away */
    SIO_CLIENT_NO_HTTP_COMPRESSION = 512 /* of polls */
};

/* Revisions of the Engine.IO protocol. */
enum {
    SIO_REVISION_4 = 0,   /* servers of Socket.IO 3 and later */
    SIO_REVISION_3 = 3,   /* servers of Socket.IO 1 and 2 */
    SIO_REVISION_AUTO = 1 /* 4, and 3 if the server wants it; remembered */
};

/* All that can be said about a client. What it points to is copied. */
typedef struct sio_client_options {
    size_t struct_size;
    sio_runtime runtime; /* zero: the default runtime */
    const char *url;     /* "http://host:3000", "https://...", "ws://...",
                            "wss://...". A query in it goes along with every
                            request; its path is not looked at. A name and a
                            password, "http://user:secret@host", are sent as
                            Authorization. "unix:/run/io.sock" is a Unix socket,
                            "unix:@name" one without a file */
    const char *path;    /* that the server has; NULL: "/socket.io" */
    uint32_t flags;      /* SIO_CLIENT_... */
    uint32_t transports; /* SIO_TRANSPORT_... or-ed; 0: both */
    uint32_t revision;   /* SIO_REVISION_... */
    uint32_t parser;     /* SIO_PARSER_..., the same as the server's */
    sio_text auth;       /* the JSON text of an object, for every namespace;
                            {NULL, 0}: none */
    const sio_header *headers; /* fields of every request; Host and User-Agent
                                  replace ours */
    size_t header_count;
    const char *const *protocols; /* subprotocols that WebSockets offer */
    size_t protocol_count;

    uint32_t connect_timeout_ms; /* until the session is open; 0: 20000 */
    uint32_t request_timeout_ms; /* of a polling request; 0: as long as the
                                    session lives */
    uint32_t upgrade_timeout_ms; /* beyond, it stays on polling; 0: 10000 */
    uint32_t close_timeout_ms;   /* for an orderly end; 0: 5000 */

    /* Before attempt k, counted from 0, a client waits delay * factor^k, more
     * or less a random part of that, and delay_max at the most. */
    uint32_t reconnection_attempts;     /* 0: any number */
    uint32_t reconnection_delay_ms;     /* 0: 1000 */
    uint32_t reconnection_delay_max_ms; /* 0: 5000 */
    double reconnection_factor;         /* that it grows by; 0: 2 */
    double randomization_factor;        /* to 1; 0: 0.5; below 0: none */

    /* With retries the events of a namespace go one after the other: each is
     * sent again when no reply has come in time, so often, and the next one
     * follows its reply. The server has to reply to every event, and will see
     * some of them twice. Volatile events go past. */
    uint32_t retries;        /* 0: events are sent once, and at once */
    uint32_t ack_timeout_ms; /* for a reply, where sio_client_emit_with_ack()
                                says none; 0: as long as the connection lasts */

    /* Limits; docs/limits.md says what happens beyond each. */
    uint32_t max_buffered_bytes;   /* that wait to be sent: until there is a
                                      connection, or for a slow one; 0:
                                      16777216 */
    uint32_t max_buffered_packets; /* the same; 0: 65536 */
    uint32_t overflow;             /* SIO_OVERFLOW_..., but COALESCE: what then
                                      becomes of an event; CLOSE leaves the
                                      namespace; 0: DROP_NEWEST */
    uint32_t max_http_buffer_size; /* bytes of a message or body, inflated; 0:
                                      104857600 */
    uint32_t max_attachments;      /* binary values of one event, or reply, from
                                      the server and to it; 0: 10 */
    uint32_t max_pending_acks;     /* replies that are awaited; 0: 65536 */
    uint32_t max_pending_replies;  /* that the server awaits; 0: 65536 */

    const char *local_address; /* that connections come from, "192.0.2.1"; NULL:
                                  the system chooses */
    const char *proxy;         /* through which the server is reached, with
                                  CONNECT, "http://user:secret@host:3128"; NULL:
                                  none */
    const sio_deflate_options *per_message_deflate; /* that WebSockets offer;
                                                       NULL: none */
    const sio_client_tls_options *tls; /* of https and wss; NULL: as it has to
                                          be */
} sio_client_options;

#define SIO_CLIENT_OPTIONS_INIT                                               \
    {                                                                         \
        sizeof(sio_client_options), {0}, NULL, NULL, 0, 0, 0, 0, {NULL, 0},   \
            NULL, 0, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, \
            0, 0, NULL, NULL, NULL, NULL                                      \
    }

/* Makes a client that does not connect yet; its url is needed. Reads the files
 * that the options of TLS name, and starts the threads of the runtime.
 * Errors: SIO_E_ARGUMENT, with a sentence that names the option; SIO_E_JSON for
 * auth; those of sio_client_tls_options. */
SIO_API sio_status sio_client_new(const sio_client_options *options,
                                  sio_client *out_client);

/* Joins a namespace, and connects if there is no connection; returns at once.
 * SIO_EVENT_CONNECT follows, now and after every reconnection, or
 * SIO_EVENT_CONNECT_ERROR, for every attempt that fails. Nothing happens if the
 * namespace is joined, or on its way. Legal again once it is left, or refused.
 * SIO_E_STATE once the client is closing. */
SIO_API sio_status sio_client_connect(sio_client client, const char *nsp);

/* Leaves a namespace, SIO_EVENT_DISCONNECT "io client disconnect", behind what
 * was emitted before. What waits because it is not joined goes on waiting. The
 * connection ends with the last namespace. Leaving one that is not joined is
 * legal. */
SIO_API sio_status sio_client_disconnect(sio_client client, const char *nsp);

/* Starts an orderly end: leaves the namespaces, sends what was emitted before,
 * as long as close_timeout_ms, ends the connection, and completes with
 * SIO_EVENT_CLIENT_CLOSED. Acks that are awaited end with SIO_E_CLOSED.
 * Attempts to connect end as well, in whatever state they are. Returns at once;
 * legal in every callback; closing twice is legal.
 * The handle is good until sio_client_destroy(): sio_client_emit() and
 * sio_client_on() and the like return SIO_OK and nothing happens,
 * sio_client_wait() returns once the client is closed, and a function that is
 * given to sio_client_on_close() after that is called at once. */
SIO_API sio_status sio_client_close(sio_client client);

/* Blocks until the client is closed (by sio_client_close()). In a queued
 * runtime the client's last events, SIO_EVENT_CLIENT_CLOSED among them, may then
 * still wait to be dispatched. */
SIO_API sio_status sio_client_wait(sio_client client);

/* Closes the client at once, without waiting for the server, releases its
 * contexts and ends the handle. To send first what was emitted, close and wait
 * before. In a queued runtime its waiting events are discarded, but its acks end
 * first, on this thread. */
SIO_API sio_status sio_client_destroy(sio_client client);

/* What to show the server from the next attempt on, instead of `auth` of the
 * options: the JSON text of an object; {NULL, 0}: nothing. */
SIO_API sio_status sio_client_set_auth(sio_client client, const char *nsp,
                                       sio_text auth);

/* Calls `fn` with SIO_EVENT_AUTH_REQUEST before every attempt to join a
 * namespace, the first included: for tokens that expire. Answer event->request
 * with sio_client_authenticate(), now or later, or with sio_reject(), which ends
 * the attempt: SIO_EVENT_CONNECT_ERROR has your message, and there is no other
 * one. Meanwhile the connection waits; servers end those that join nothing,
 * mostly after 45 seconds. An answer to an attempt that is over does nothing. The
 * function takes the place of the value, and of another function. */
SIO_API sio_status sio_client_on_auth(sio_client client, const char *nsp,
                                      sio_event_fn fn, void *context,
                                      sio_release_fn release);

/* Joins with `auth`, the JSON text of an object; {NULL, 0}: nothing.
 * SIO_E_HANDLE if it was answered before, or the attempt is over. */
SIO_API sio_status sio_client_authenticate(sio_connect_request request,
                                           sio_text auth);

/* Calls `fn` with SIO_EVENT_OPEN_REQUEST before every attempt to connect, the
 * first included: for hosts and header fields that change. Answer event->request
 * with sio_client_open(), now or later, or with sio_reject(): the attempt has
 * failed then, and others follow as after every failure. The attempt waits for
 * the answer, without a time-out. An answer to one that is over does nothing. The
 * function takes the place of another one. */
SIO_API sio_status sio_client_on_open(sio_client client, sio_event_fn fn,
                                      void *context, sio_release_fn release);

/* Connects to `url`, with `headers`: as in sio_client_options, for this attempt
 * and those that follow. What is NULL is as it was; with a `header_count` of 0
 * and `headers` that are not NULL there are no fields.
 * SIO_E_ARGUMENT if one is none, and the question is open still. SIO_E_HANDLE if
 * it was answered before, or the client is closed. */
SIO_API sio_status sio_client_open(sio_connect_request request, const char *url,
                                   const sio_header *headers,
                                   size_t header_count);

/* Takes from `options` what they say of connecting again, and looks at nothing
 * else in them: SIO_CLIENT_NO_RECONNECTION, reconnection_attempts and the delays
 * and factors, and connect_timeout_ms. It counts from the next delay and the next
 * attempt on; a new delay, or factor, begins to grow there. Without reconnection
 * an attempt that is waited for is not made, and one on its way is the last; both
 * end with SIO_EVENT_RECONNECT_FAILED, unless there is a connection. */
SIO_API sio_status sio_client_set_reconnection(
    sio_client client, const sio_client_options *options);

/* Calls `fn` for every `event` of that name that the server sends; reply with
 * sio_reply(). Several functions for one name are called in the order of
 * registration. Lifecycle names ("connect", ...) give SIO_E_RESERVED. */
SIO_API sio_status sio_client_on(sio_client client, const char *nsp,
                                 const char *event, sio_event_fn fn,
                                 void *context, sio_release_fn release);

/* Calls `fn` for every event, before those that are registered by name. */
SIO_API sio_status sio_client_on_any(sio_client client, const char *nsp,
                                     sio_event_fn fn, void *context,
                                     sio_release_fn release);

/* Calls `fn` whenever the namespace is joined: SIO_EVENT_CONNECT. */
SIO_API sio_status sio_client_on_connect(sio_client client, const char *nsp,
                                         sio_event_fn fn, void *context,
                                         sio_release_fn release);

/* Calls `fn` for every attempt to join that fails: SIO_EVENT_CONNECT_ERROR. */
SIO_API sio_status sio_client_on_connect_error(sio_client client,
                                               const char *nsp, sio_event_fn fn,
                                               void *context,
                                               sio_release_fn release);

/* Calls `fn` when the namespace is left, or lost: SIO_EVENT_DISCONNECT. */
SIO_API sio_status sio_client_on_disconnect(sio_client client, const char *nsp,
                                            sio_event_fn fn, void *context,
                                            sio_release_fn release);

/* Calls `fn` with SIO_EVENT_RECONNECT_ATTEMPT, SIO_EVENT_RECONNECT_ERROR,
 * SIO_EVENT_RECONNECT and SIO_EVENT_RECONNECT_FAILED. */
SIO_API sio_status sio_client_on_reconnect(sio_client client, sio_event_fn fn,
                                           void *context,
                                           sio_release_fn release);

/* Calls `fn` with SIO_EVENT_OPEN, SIO_EVENT_CLOSE, SIO_EVENT_OPEN_ERROR and
 * SIO_EVENT_PING: what happens to the connection, which namespaces share. */
SIO_API sio_status sio_client_on_connection(sio_client client, sio_event_fn fn,
                                            void *context,
                                            sio_release_fn release);

/* Calls `fn` with SIO_EVENT_PACKET for every packet from the server, before it
 * is delivered: for those who look for an error. It costs a copy of each. */
SIO_API sio_status sio_client_on_packet(sio_client client, sio_event_fn fn,
                                        void *context, sio_release_fn release);

/* Calls `fn` with SIO_EVENT_UPGRADE when the connection has moved from polling to
 * WebSocket. */
SIO_API sio_status sio_client_on_upgrade(sio_client client, sio_event_fn fn,
                                         void *context, sio_release_fn release);

/* Calls `fn` with SIO_EVENT_DRAIN when all that waited for the server, in the
 * namespaces that are joined, has left: in POSTs that it has answered, or as fast
 * as it has read. See buffered_bytes of sio_connection. What waits for less than
 * a turn of the event loop is not told of. More may wait again by then. */
SIO_API sio_status sio_client_on_drain(sio_client client, sio_event_fn fn,
                                       void *context, sio_release_fn release);

/* Calls `fn` once, when the client is closed. */
SIO_API sio_status sio_client_on_close(sio_client client, sio_event_fn fn,
                                       void *context, sio_release_fn release);

/* Calls `fn` with SIO_EVENT_OUTGOING for every event that is emitted. `flags`
 * may have SIO_LISTENER_FIRST. */
SIO_API sio_status sio_client_on_any_outgoing(sio_client client,
                                              const char *nsp, uint32_t flags,
                                              sio_event_fn fn, void *context,
                                              sio_release_fn release);

/* As the functions of listeners.h that are named so. sio_client_off() takes back
 * in "/" also what belongs to the connection: the functions of
 * sio_client_on_reconnect(), sio_client_on_connection(), sio_client_on_packet(),
 * sio_client_on_upgrade() and sio_client_on_drain(). */
SIO_API sio_status sio_client_add_listener(sio_client client, const char *nsp,
                                           const char *event, uint32_t flags,
                                           sio_event_fn fn, void *context,
                                           sio_release_fn release);
SIO_API sio_status sio_client_off(sio_client client, const char *nsp,
                                  const char *event, sio_event_fn fn,
                                  void *context);
SIO_API sio_status sio_client_remove_all_listeners(sio_client client,
                                                   const char *nsp,
                                                   const char *event);
SIO_API sio_status sio_client_listener_count(sio_client client, const char *nsp,
                                             const char *event,
                                             size_t *out_count);
SIO_API sio_status sio_client_event_names(sio_client client, const char *nsp,
                                          sio_text **out_names,
                                          size_t *out_count);

/* Sends an event to the server: arguments, options and errors as of sio_emit(),
 * and SIO_E_LIMIT beyond max_attachments, for which servers end the connection.
 * SIO_OK means that it is on its way, or waits for a connection. Volatile events
 * do not wait; what does not fit among those that wait is dropped, and both are
 * counted in dropped_events of sio_client_connection(). */
SIO_API sio_status sio_client_emit(sio_client client, const char *nsp,
                                   const char *event, sio_text args,
                                   const sio_emit_options *options);

/* Sends an event and asks for a reply: `fn` gets exactly one SIO_EVENT_ACK.
 * SIO_OK: args and attachments have the reply. SIO_E_TIMEOUT: none came within
 * `timeout_ms` (0: ack_timeout_ms). SIO_E_DISCONNECTED: the namespace was left
 * or lost before it came; what had not been sent stays in its place, and is
 * waited for. SIO_E_CLOSED: the client was closed. SIO_E_LIMIT: it was dropped,
 * or max_pending_acks are awaited. If this function fails, neither fn nor
 * release is called. */
SIO_API sio_status sio_client_emit_with_ack(sio_client client, const char *nsp,
                                            const char *event, sio_text args,
                                            const sio_emit_options *options,
                                            uint32_t timeout_ms,
                                            sio_event_fn fn, void *context,
                                            sio_release_fn release);

/* What a client is doing. */
typedef struct sio_connection {
    int32_t connected; /* 1 if the namespace is joined */
    int32_t active;    /* 1 if it is joined, or asked for as soon as there is
                          a connection */
    int32_t recovered; /* 1 if it went on where it was; see
                           sio_recovery_options */
    int32_t transport; /* SIO_TRANSPORT_... of the connection; 0: none */
    int32_t revision;  /* of Engine.IO, 4 or 3; 0 before the first connection */
    uint32_t attempt;  /* to reconnect, that is under way or waited for; or 0 */
    uint64_t buffered_bytes; /* that wait to be sent */
    uint64_t buffered_packets;
    uint64_t pending_acks;    /* replies that are awaited from the server */
    uint64_t pending_replies; /* that the server awaits, in all namespaces */
    uint64_t dropped_events;  /* that had no room, or were volatile */
    char id[256];             /* of the socket on the server; "" while it is
                                  not joined, or if it does not fit */
    int32_t recoverable;      /* 1 if the server keeps a session to go on
                                  with. Events then have an offset, a text,
                                  behind their arguments, but for volatile ones
                                  and those that ask for a reply */
} sio_connection;

/* Fills the first `size` bytes of *out_connection: pass sizeof(sio_connection).
 * What is of a namespace is zero if `nsp` is NULL. As it was a moment ago, if
 * the client is at work on its own thread. */
SIO_API sio_status sio_client_connection(sio_client client, const char *nsp,
                                         size_t size,
                                         sio_connection *out_connection);

#ifdef __cplusplus
}
#endif

#endif /* SOCKETIO_CLIENT_H */
