/*
 * control.h - requests outside the Socket.IO path.
 *
 *   GET /counts       sio_server_counts(), as JSON
 *   GET /accept       lets the clients in that wait for /slow
 *   GET /reject       refuses them
 *   GET /broadcast    emits "news" to everyone in "/"
 *   GET /writable?ID  whether what is emitted to a socket of "/" leaves at once,
 *                     1 or 0: over polling, whether a poll waits
 *   GET /hang         nothing, ever
 *   any other         404, "no such page: TARGET"
 */
#ifndef CONFORMANCE_CONTROL_H
#define CONFORMANCE_CONTROL_H

#include <socketio.h>

sio_status control_install(sio_server io);

/* Reports the counts. */
void control_report_counts(sio_server io);

#endif
