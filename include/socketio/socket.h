/*
 * socketio/socket.h - one client in one namespace.
 *
 * A client that has joined two namespaces has two sockets, on one connection.
 * Every function gives SIO_E_HANDLE once the socket is disconnected.
 */
#ifndef SOCKETIO_SOCKET_H
#define SOCKETIO_SOCKET_H

#include "base.h"
#include "event.h"
#include "server.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Sends an event to one client. `args` is the JSON text of an array, {NULL, 0}
 * for none; `options` may be NULL. SIO_OK means that it is on its way, in
 * order, not that it has arrived.
 * Binary values are in the options, not in `args`. To send on what an event
 * brought, pass both; without them the placeholders are sent as plain data:
 *
 *   sio_emit_options options = SIO_EMIT_OPTIONS_INIT;
 *   options.attachments = event->attachments;
 *   options.attachment_count = event->attachment_count;
 *   sio_emit(event->socket, "message", event->args, &options);
 *
 * Errors: SIO_E_JSON, SIO_E_RESERVED, SIO_E_LIMIT beyond 1 GiB of arguments or
 * of one attachment, or if the event loops are too far behind; see
 * max_pending_emit_bytes of sio_server_options. */
SIO_API sio_status sio_emit(sio_socket socket, const char *event, sio_text args,
                            const sio_emit_options *options);

/* Sends an event and asks for a reply: `fn` gets exactly one SIO_EVENT_ACK.
 * `timeout_ms` 0 waits as long as the client stays. If this function fails,
 * neither fn nor release is called. */
SIO_API sio_status sio_emit_with_ack(sio_socket socket, const char *event,
                                     sio_text args,
                                     const sio_emit_options *options,
                                     uint32_t timeout_ms, sio_event_fn fn,
                                     void *context, sio_release_fn release);

/* Replies to an event that came with an ack. `args` as above. SIO_E_HANDLE if
 * it was replied to before, or the client is gone. */
SIO_API sio_status sio_reply(sio_ack ack, sio_text args,
                             const sio_emit_options *options);

/* Broadcasts in the socket's namespace to everyone but this socket: `target`
 * as in sio_server_emit(), its except_socket is ignored. */
SIO_API sio_status sio_broadcast(sio_socket socket, const sio_target *target,
                                 const char *event, sio_text args,
                                 const sio_emit_options *options);

/* Lets a client in: after the last middleware it has joined. The same for an
 * event, see sio_socket_use(), and for a namespace, see
 * sio_server_namespace_matcher(). */
SIO_API sio_status sio_accept(sio_connect_request request);

/* Refuses a client: its connect_error has `message` (NULL: "Forbidden") and
 * `data` (JSON text; {NULL, 0}: none); a client of Socket.IO 1 or 2 is told the
 * data alone or, without any, the message. The connection stays open; the
 * client may try again. */
SIO_API sio_status sio_reject(sio_connect_request request, const char *message,
                              sio_text data);

/* Calls `fn` for every `event` of that name from this socket; see
 * sio_server_on(). */
SIO_API sio_status sio_socket_on(sio_socket socket, const char *event,
                                 sio_event_fn fn, void *context,
                                 sio_release_fn release);

/* Calls `fn` for every event from this socket. */
SIO_API sio_status sio_socket_on_any(sio_socket socket, sio_event_fn fn,
                                     void *context, sio_release_fn release);

/* Calls `fn` when this socket has disconnected. */
SIO_API sio_status sio_socket_on_disconnect(sio_socket socket, sio_event_fn fn,
                                            void *context,
                                            sio_release_fn release);

/* Puts the socket into a room, at once. Joining twice is legal. */
SIO_API sio_status sio_socket_join(sio_socket socket, const char *room);

/* Takes the socket out of a room, at once. Leaving a room that it is not in is
 * legal. */
SIO_API sio_status sio_socket_leave(sio_socket socket, const char *room);

/* The rooms of a socket, its own id among them: an array of texts in one piece
 * of memory, to be released with sio_free(). */
SIO_API sio_status sio_socket_rooms(sio_socket socket, sio_text **out_rooms,
                                    size_t *out_count);

/* Disconnects the socket: the client gets a DISCONNECT for this namespace; with
 * `close` non-zero all its sockets are disconnected and the connection ends.
 * What was emitted before is sent first. */
SIO_API sio_status sio_socket_disconnect(sio_socket socket, int32_t close);

/* Attaches a pointer of yours to the socket; `release` (may be NULL) is called
 * with it when it is replaced or the socket is gone. */
SIO_API sio_status sio_socket_set_data(sio_socket socket, void *data,
                                       sio_release_fn release);

/* The pointer of sio_socket_set_data(); NULL if there is none. */
SIO_API sio_status sio_socket_data(sio_socket socket, void **out_data);

/* A socket's id, and a NUL: 20 characters. A client of Socket.IO 1 or 2 makes
 * its ids from that of its session: in another namespace than "/" that stands
 * behind the namespace and a '#', "/chat#lv_VI97HAXpY6yYWAAAB". No namespace
 * has more than 200 bytes, so that every id fits. */
typedef struct sio_socket_id_text {
    char text[224];
} sio_socket_id_text;

/* The id that clients see as socket.id. */
SIO_API sio_status sio_socket_id(sio_socket socket, sio_socket_id_text *out_id);

/* How a client came. */
typedef struct sio_handshake {
    size_t struct_size; /* of the library that made it; may be larger */
    sio_text nsp;       /* the namespace */
    sio_text auth;      /* what the client sent along: a JSON object, which is
                           made of the namespace's query for clients of
                           Socket.IO 1 and 2 */
    sio_text address;   /* of the client, "192.0.2.1"; "unix" */
    int32_t port;       /* of the client; 0 for a Unix socket */
    int32_t secure;     /* 1 over TLS */
    int32_t xdomain;    /* 1 if the request had an Origin header */
    int32_t revision;   /* of the Engine.IO protocol: 4; 3 for clients of
                           Socket.IO 1 and 2 */
    int64_t issued_ms;  /* when, in milliseconds since 1970 */
    sio_text url;       /* the request's target, "/socket.io/?EIO=4&..." */
    sio_text query;     /* what follows the "?" in it */
    const sio_header *headers; /* of the first request, names in lower case */
    size_t header_count;
    sio_bytes client_certificate; /* checked, as DER; empty: none was shown */
} sio_handshake;

/* How the socket's client came, in one piece of memory, to be released with
 * sio_free(). */
SIO_API sio_status sio_socket_handshake(sio_socket socket,
                                        const sio_handshake **out_handshake);

/* SIO_TRANSPORT_POLLING or SIO_TRANSPORT_WEBSOCKET: what the connection uses
 * now. */
SIO_API sio_status sio_socket_transport(sio_socket socket,
                                        int32_t *out_transport);

/* 1 if the client went on where it was; see sio_recovery_options. If it asked to,
 * and could not, the `reason` of its SIO_EVENT_CONNECT_REQUEST and
 * SIO_EVENT_CONNECTION says why. */
SIO_API sio_status sio_socket_recovered(sio_socket socket,
                                        int32_t *out_recovered);

/* What waits for the socket's client: for its next poll, or until it has read
 * what was sent before. Sockets of one client share it. The bytes include what
 * the connection holds of packets of 64 KiB or more. What it holds of smaller
 * ones, 128 KiB or so, and what the system's buffers take is not in it.
 * Either pointer may be NULL. Any thread, callbacks included. See
 * sio_socket_on_drain() in listeners.h. */
SIO_API sio_status sio_socket_buffered(sio_socket socket, uint64_t *out_bytes,
                                       uint64_t *out_packets);

/* 1 if an event would leave at once, 0 if it would wait; a volatile one would
 * then be dropped. Between two polls of a client it is 0. Any thread. */
SIO_API sio_status sio_socket_writable(sio_socket socket,
                                       int32_t *out_writable);

#ifdef __cplusplus
}
#endif

#endif /* SOCKETIO_SOCKET_H */
