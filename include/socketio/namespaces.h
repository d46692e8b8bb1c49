/*
 * socketio/namespaces.h - namespaces that clients ask for.
 *
 * A program cannot always name its namespaces beforehand: there may be one for
 * each room of a game, or for each customer. It registers a parent instead, by
 * a pattern or with a function that decides. A client that asks for a namespace
 * that does not exist gets one if a parent has it; parents are asked in the order
 * of their registration.
 *
 * The parent's name stands for all its namespaces, its children, wherever a
 * function takes `nsp`: middlewares and functions that are registered there are
 * the children's, called before their own, and what is emitted there goes to all
 * of them. An event's `nsp` is the child.
 */
#ifndef SOCKETIO_NAMESPACES_H
#define SOCKETIO_NAMESPACES_H

#include "base.h"
#include "event.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Lets clients have every namespace whose name fits a pattern, "/room-*": a
 * "*" is any number of characters, none included. The pattern is the parent's
 * name. SIO_E_STATE if there is a namespace of that name. */
SIO_API sio_status sio_server_namespace_pattern(sio_server server,
                                                const char *pattern);

/* Calls `fn` with SIO_EVENT_NAMESPACE_REQUEST for a namespace that a client
 * asks for. Answer `request` with sio_accept(), which makes it a child of
 * `parent`, or with sio_reject() (message and data are ignored), which leaves
 * it to the next; now or later. The client's connect timeout runs meanwhile.
 * `parent` is a name of your choice, "/_rooms". Errors as above. */
SIO_API sio_status sio_server_namespace_matcher(sio_server server,
                                                const char *parent,
                                                sio_event_fn fn, void *context,
                                                sio_release_fn release);

/* Calls `fn` with SIO_EVENT_NEW_NAMESPACE for every namespace that is made from
 * now on, on the thread that makes it. Clients may be in it by then: what
 * decides who is let in belongs to the parent. To be taken back with
 * sio_server_off(), of "/", `event` NULL. */
SIO_API sio_status sio_server_on_new_namespace(sio_server server,
                                               sio_event_fn fn, void *context,
                                               sio_release_fn release);

#ifdef __cplusplus
}
#endif

#endif /* SOCKETIO_NAMESPACES_H */
