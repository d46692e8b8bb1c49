/*
 * socketio/cluster.h - what the servers of a cluster say to each other.
 *
 * There are no clusters yet: every server is alone in its own. What it says to
 * the others nobody hears, itself included, and their replies are none. Programs
 * that are written for a cluster work, as they do in one of a single server.
 */
#ifndef SOCKETIO_CLUSTER_H
#define SOCKETIO_CLUSTER_H

#include "base.h"
#include "event.h"
#include "server.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Sends an event to the other servers of the cluster, not to this one and to no
 * client. `args` is the JSON text of an array; of the options only the attachments
 * count, and NULL is none.
 * Errors: SIO_E_JSON, SIO_E_RESERVED for "connect", "connection" and
 * "new_namespace", SIO_E_ARGUMENT for a namespace that does not exist. */
SIO_API sio_status sio_server_side_emit(sio_server server, const char *nsp,
                                        const char *event, sio_text args,
                                        const sio_emit_options *options);

/* The same, and asks each of them for a reply: `fn` gets exactly one
 * SIO_EVENT_ACKS, whose args are the replies, an array with one value for each
 * server. If there is no other server, which is always so as yet, it comes at
 * once: before this returns, or, with SIO_DISPATCH_QUEUED, it is in the queue by
 * then. `timeout_ms` 0 waits as long as they are there. If this function fails,
 * neither fn nor release is called. */
SIO_API sio_status sio_server_side_emit_with_ack(
    sio_server server, const char *nsp, const char *event, sio_text args,
    const sio_emit_options *options, uint32_t timeout_ms, sio_event_fn fn,
    void *context, sio_release_fn release);

/* Calls `fn` with SIO_EVENT_SERVER_SIDE for every event of that name that
 * another server of the cluster sends. To be taken back with sio_server_off(),
 * `event` NULL. */
SIO_API sio_status sio_server_on_server_side(sio_server server, const char *nsp,
                                             const char *event, sio_event_fn fn,
                                             void *context,
                                             sio_release_fn release);

#ifdef __cplusplus
}
#endif

#endif /* SOCKETIO_CLUSTER_H */
