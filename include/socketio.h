/*
 * socketio.h - libsocketio, Socket.IO servers and clients for every language.
 *
 * This is the one header to include; it brings in the family below, in the
 * order in which a newcomer would read it:
 *
 *   socketio/version.h   which version this is, and which one is loaded
 *   socketio/base.h      text, bytes, handles: the types everything else uses
 *   socketio/status.h    what functions return, and the sentence that explains
 *   socketio/event.h     the one event struct and the one callback type
 *   socketio/runtime.h   event loops, and the two ways to receive events
 *   socketio/server.h    a server: options, handlers, broadcasts
 *   socketio/tls.h       certificates and keys
 *   socketio/listen.h    where a server listens, and sockets of your own
 *   socketio/socket.h    one client in one namespace: emit, rooms, data
 *   socketio/http.h      requests that are not Socket.IO: pages and files
 *   socketio/hooks.h     functions that are asked about Socket.IO's own requests
 *   socketio/listeners.h  functions that come and go, rooms, packet middleware
 *   socketio/namespaces.h namespaces that clients ask for
 *   socketio/broadcast.h  replies of many, rooms for many, sockets of a target
 *   socketio/client.h    a client: connecting, reconnecting, events, acks
 *   socketio/cluster.h   what the servers of a cluster say to each other
 *   socketio/metrics.h   what has happened so far, in numbers and for Prometheus
 *
 * A complete server:
 *
 *   #include <socketio.h>
 *   #include <stdio.h>
 *
 *   static void on_message(const sio_event *event, void *context) {
 *       (void)context;
 *       sio_emit(event->socket, "message", event->args, NULL);
 *   }
 *
 *   int main(void) {
 *       sio_server io;
 *       if (sio_server_new(NULL, &io) != SIO_OK) return 1;
 *       sio_server_on(io, "/", "message", on_message, NULL, NULL);
 *       if (sio_server_listen(io, "0.0.0.0", 3000, NULL) != SIO_OK) {
 *           fprintf(stderr, "%s\n", sio_last_error());
 *           return 1;
 *       }
 *       sio_server_wait(io);
 *       return 0;
 *   }
 *
 * RULES THAT HOLD FOR EVERY FUNCTION, unless its comment says otherwise
 *
 * Status.    A function that can fail returns sio_status: SIO_OK is 0, failures
 *            are negative. After a failure sio_last_error() has a sentence with
 *            the cause and the mend. Outputs are written on success only.
 * Handles.   sio_server, sio_client, sio_socket and the like are small values around a
 *            64-bit id. Copy them freely. Zero is "none". A handle whose object
 *            is gone, or that was made up, gives SIO_E_HANDLE, never a crash:
 *            closing twice, or emitting after a disconnect, is legal.
 * Text.      UTF-8. What names something (a namespace, an event, a room, a
 *            host) goes in as a NUL-terminated string. What carries data goes
 *            in as sio_text or sio_bytes, pointer and length. All text that
 *            comes out has a length and, as a convenience, a NUL behind it.
 * Arguments. The arguments of an event are the JSON text of an array, in and
 *            out: ["hello",{"a":1}]. Binary values are listed beside the text;
 *            where one stands, the text has {"_placeholder":true,"num":0}.
 * Ownership. Input is copied before the function returns. What a callback gets
 *            is borrowed until the callback returns. Memory that a function
 *            gives you is released with sio_free().
 * Contexts.  Registrations take (fn, context, release). release(context) runs
 *            exactly once, after the last call of fn, on any thread; it may be
 *            NULL. If the registration itself fails, release is not called.
 * Threads.   Every function may be called from every thread and from inside
 *            every callback, and none waits for an event loop. The exceptions
 *            are the functions named _wait and _destroy: they block, and return
 *            SIO_E_DEADLOCK from a callback or a library thread, where waiting
 *            could never end.
 * Structs.   Those that you fill begin with struct_size: initialize them with
 *            their _INIT macro. A field that is zero means "the default".
 *            Fields are only ever appended, so a program built against an
 *            older header keeps working.
 * Fork.      Load, then fork, then listen or make a client works in every
 *            process. After a fork in a process that had already done so, the
 *            child's calls return SIO_E_FORKED.
 * Process.   No thread before the first listen or client, no signal handlers,
 *            no output to stdout or stderr, no abort.
 *
 * Every symbol is "since 0.1" unless it says otherwise.
 */
#ifndef SOCKETIO_H
#define SOCKETIO_H

#include "socketio/version.h"
#include "socketio/base.h"
#include "socketio/status.h"
#include "socketio/event.h"
#include "socketio/runtime.h"
#include "socketio/server.h"
#include "socketio/tls.h"
#include "socketio/listen.h"
#include "socketio/socket.h"
#include "socketio/http.h"
#include "socketio/hooks.h"
#include "socketio/listeners.h"
#include "socketio/namespaces.h"
#include "socketio/broadcast.h"
#include "socketio/client.h"
#include "socketio/cluster.h"
#include "socketio/metrics.h"

#endif /* SOCKETIO_H */
