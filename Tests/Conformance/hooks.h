/* hooks.h - what the server says when it is asked about requests. */
#ifndef CONFORMANCE_HOOKS_H
#define CONFORMANCE_HOOKS_H

#include <socketio.h>

/* Registers a hook of each kind; the query of a request tells them what to do:
 * see hooks.c. */
sio_status hooks_install(sio_server io);

#endif
