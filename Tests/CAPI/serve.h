/*
 * serve.h - servers for tests, and what many tests ask of them.
 */
#ifndef SERVE_H
#define SERVE_H

#include "check.h"
#include "probe.h"
#include "raw_client.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A server on a free port of 127.0.0.1; gives up if there is none. */
sio_server serve_new(const sio_server_options *options);
int serve_listen(sio_server server);

/* The port of the first address that the server listens on. */
int serve_port(sio_server server);

/* A handler that sends an event back, attachments and all. */
void serve_echo(const sio_event *event, void *context);

/* Registers serve_echo for every event of "/". */
void serve_echo_on(sio_server server);

/* What this thread has done to a socket has happened on its event loop, too:
 * something that was emitted behind it has arrived. 1, or 0. */
int serve_settled(sio_socket socket, raw_client *client);

/* What is emitted to the socket leaves at once: over polling, the server has a
 * poll that waits. 1, or 0. */
int serve_writable(sio_socket socket);

/* Waits for all counts to be zero: 1, or 0 with a line. */
int serve_idle(sio_server server);

/* Checks that destroying works, and that the probe was released once. */
void serve_destroy(sio_server server);
void serve_released_once(probe *p);

/* Makes the descriptors that this process was started with close-on-exec: those
 * of the library can be told from them. */
void serve_hide_inherited(void);

/* What is alive now. */
sio_counts serve_counts(sio_server server);

#ifdef __cplusplus
}
#endif

/* No arguments. */
static inline sio_text no_args(void) {
    return sio_text_of(NULL);
}

#endif
