/*
 * socketio/listeners.h - functions that come and go, and what there is to listen
 * to besides events and connections.
 *
 * `nsp` may also be the name of namespaces that clients ask for; see
 * namespaces.h.
 */
#ifndef SOCKETIO_LISTENERS_H
#define SOCKETIO_LISTENERS_H

#include "base.h"
#include "event.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Flags of sio_server_add_listener() and the like. */
enum {
    SIO_LISTENER_ONCE = 1, /* called once, and taken back before that */
    SIO_LISTENER_FIRST = 2 /* before those that are there already */
};

/* As sio_server_on() or, with `event` NULL, sio_server_on_any(), with flags. */
SIO_API sio_status sio_server_add_listener(sio_server server, const char *nsp,
                                           const char *event, uint32_t flags,
                                           sio_event_fn fn, void *context,
                                           sio_release_fn release);

/* Calls `fn` with SIO_EVENT_OUTGOING for every event that is sent to a socket,
 * once for each socket that a broadcast goes to; before it is sent, also if it
 * is then dropped for being volatile. `flags` may have SIO_LISTENER_FIRST. */
SIO_API sio_status sio_server_on_any_outgoing(sio_server server,
                                              const char *nsp, uint32_t flags,
                                              sio_event_fn fn, void *context,
                                              sio_release_fn release);

/* Calls `fn` with SIO_EVENT_DISCONNECTING when a client leaves, while its
 * socket is in its rooms still; SIO_EVENT_DISCONNECT follows. */
SIO_API sio_status sio_server_on_disconnecting(sio_server server,
                                               const char *nsp, sio_event_fn fn,
                                               void *context,
                                               sio_release_fn release);

/* Calls `fn` with SIO_EVENT_UPGRADE when the connection of a socket has moved
 * from polling to WebSocket. Who joins after that came over WebSocket; see
 * sio_socket_transport(). */
SIO_API sio_status sio_server_on_upgrade(sio_server server, const char *nsp,
                                         sio_event_fn fn, void *context,
                                         sio_release_fn release);

/* Calls `fn` with SIO_EVENT_ROOM for every room that gets its first member or
 * loses its last, and every socket that joins or leaves one. A socket's own
 * room, which has the name of its id, is one of them.
 * A room that begins to exist is told once, and so is its end, however many
 * threads change it. Each event is told on the event loop of its socket: those
 * of one socket come in their order, as far as one thread makes the changes;
 * those of sockets on different loops in any, so that a second member's
 * "join-room" may come before the "create-room" of the first. */
SIO_API sio_status sio_server_on_room(sio_server server, const char *nsp,
                                      sio_event_fn fn, void *context,
                                      sio_release_fn release);

/* Calls `fn` with SIO_EVENT_DRAIN when all that waited for a client has left: for
 * its next poll, or until it had read what was sent before. See
 * sio_socket_buffered(). What waits for less than a turn of the event loop is
 * not told of. More may wait again by then. */
SIO_API sio_status sio_server_on_drain(sio_server server, const char *nsp,
                                       sio_event_fn fn, void *context,
                                       sio_release_fn release);

/* Takes back a function with this `fn` and `context`, the one that would be
 * called last if there are several: for an event, or, with `event` NULL, for
 * whatever it is, a middleware excepted; in "/" also for what belongs to the
 * server, sio_server_on_new_namespace() and sio_server_on_connection_error().
 * `release` is called when it no longer runs anywhere.
 * SIO_E_ARGUMENT if there is none. */
SIO_API sio_status sio_server_off(sio_server server, const char *nsp,
                                  const char *event, sio_event_fn fn,
                                  void *context);

/* Takes back all functions for an event or, with `event` NULL, all that the
 * namespace has, middlewares excepted. What belongs to the server stays. */
SIO_API sio_status sio_server_remove_all_listeners(sio_server server,
                                                   const char *nsp,
                                                   const char *event);

/* How many functions an event has; with `event` NULL: how many there are for
 * every event. */
SIO_API sio_status sio_server_listener_count(sio_server server, const char *nsp,
                                             const char *event,
                                             size_t *out_count);

/* The names of the events that have functions: an array of texts in one piece
 * of memory, to be released with sio_free() (NULL if the count is 0). */
SIO_API sio_status sio_server_event_names(sio_server server, const char *nsp,
                                          sio_text **out_names,
                                          size_t *out_count);

/* The same for one socket; its functions are called before the namespace's. */
SIO_API sio_status sio_socket_add_listener(sio_socket socket, const char *event,
                                           uint32_t flags, sio_event_fn fn,
                                           void *context,
                                           sio_release_fn release);
SIO_API sio_status sio_socket_on_any_outgoing(sio_socket socket, uint32_t flags,
                                              sio_event_fn fn, void *context,
                                              sio_release_fn release);
SIO_API sio_status sio_socket_on_disconnecting(sio_socket socket,
                                               sio_event_fn fn, void *context,
                                               sio_release_fn release);
SIO_API sio_status sio_socket_on_upgrade(sio_socket socket, sio_event_fn fn,
                                         void *context, sio_release_fn release);
SIO_API sio_status sio_socket_on_drain(sio_socket socket, sio_event_fn fn,
                                       void *context, sio_release_fn release);
SIO_API sio_status sio_socket_off(sio_socket socket, const char *event,
                                  sio_event_fn fn, void *context);
SIO_API sio_status sio_socket_remove_all_listeners(sio_socket socket,
                                                   const char *event);
SIO_API sio_status sio_socket_listener_count(sio_socket socket,
                                             const char *event,
                                             size_t *out_count);
SIO_API sio_status sio_socket_event_names(sio_socket socket,
                                          sio_text **out_names,
                                          size_t *out_count);

/* Packet middleware: calls `fn` with SIO_EVENT_PACKET_REQUEST for every event
 * from this socket, before the functions for it. Answer `request` with
 * sio_accept(), which lets it through to the next middleware or to the
 * functions, or with sio_reject(), which drops it; now or later. Events behind it
 * do not wait. One socket has at most 1024 undecided ones: others are dropped
 * as if they had been rejected. */
SIO_API sio_status sio_socket_use(sio_socket socket, sio_event_fn fn,
                                  void *context, sio_release_fn release);

/* Calls `fn` with SIO_EVENT_ERROR for every event that a packet middleware has
 * rejected. */
SIO_API sio_status sio_socket_on_error(sio_socket socket, sio_event_fn fn,
                                       void *context, sio_release_fn release);

#ifdef __cplusplus
}
#endif

#endif /* SOCKETIO_LISTENERS_H */
