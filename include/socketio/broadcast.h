/*
 * socketio/broadcast.h - more for many sockets at once; sio_server_emit(),
 * sio_server_disconnect() and sio_target are in server.h.
 *
 * `target` NULL is everyone in the namespace.
 */
#ifndef SOCKETIO_BROADCAST_H
#define SOCKETIO_BROADCAST_H

#include "base.h"
#include "event.h"
#include "server.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Broadcasts an event and asks every client for a reply. `fn` gets an
 * SIO_EVENT_ACK with the status SIO_OK for each that replies, and behind them
 * all exactly one SIO_EVENT_ACKS: its status is SIO_OK if everybody replied,
 * SIO_E_TIMEOUT if somebody was too slow, otherwise SIO_E_DISCONNECTED,
 * SIO_E_CLOSED, or SIO_E_LIMIT if it was dropped for somebody; its `sockets` are those that did not reply. `timeout_ms` 0 waits
 * as long as the clients stay. With several event loops, replies may come at the
 * same time. If this function fails, neither fn nor release is called. */
SIO_API sio_status sio_server_emit_with_ack(sio_server server, const char *nsp,
                                            const sio_target *target,
                                            const char *event, sio_text args,
                                            const sio_emit_options *options,
                                            uint32_t timeout_ms,
                                            sio_event_fn fn, void *context,
                                            sio_release_fn release);

/* The same to everyone but this socket: `target` as in sio_broadcast(). */
SIO_API sio_status sio_broadcast_with_ack(
    sio_socket socket, const sio_target *target, const char *event,
    sio_text args, const sio_emit_options *options, uint32_t timeout_ms,
    sio_event_fn fn, void *context, sio_release_fn release);

/* Puts the sockets into a room, at once. SIO_E_LIMIT if some of them are in
 * max_rooms_per_socket already: they stay out, the others are in. */
SIO_API sio_status sio_server_sockets_join(sio_server server, const char *nsp,
                                           const sio_target *target,
                                           const char *room);

/* Takes the sockets out of a room, at once. */
SIO_API sio_status sio_server_sockets_leave(sio_server server, const char *nsp,
                                            const sio_target *target,
                                            const char *room);

/* The sockets, as they are now: an array in one piece of memory, to be released
 * with sio_free() (NULL if the count is 0). */
SIO_API sio_status sio_server_fetch_sockets(sio_server server, const char *nsp,
                                            const sio_target *target,
                                            sio_socket **out_sockets,
                                            size_t *out_count);

#ifdef __cplusplus
}
#endif

#endif /* SOCKETIO_BROADCAST_H */
