/*
 * dial.h - clients of ours for tests, and what many tests ask of them.
 */
#ifndef DIAL_H
#define DIAL_H

#include "serve.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A client, and what has happened to it in "/". */
typedef struct dial {
    sio_client client;
    probe joined, failed, left, again, closed;
} dial;

/* Options for a server on a port of 127.0.0.1, which the client is quick to
 * reconnect to. Each call overwrites the url of the one before. */
sio_client_options dial_options(int port);

/* Makes a client; gives up if there is none. */
void dial_new(dial *it, const sio_client_options *options);

/* The same, and joins "/": 1, or 0. */
int dial_join(dial *it, const sio_client_options *options);

/* What the client does in "/" now. */
sio_connection dial_state(const dial *it);

/* Waits until the state is so: 1, or 0. */
int dial_connected(const dial *it, int connected);

/* Emits "echo" with one argument, and gets it back as the reply: 1, or 0. */
int dial_echo(const dial *it, const char *args);

/* Closes in order, waits, and destroys; everything was released once, and
 * nothing has come after the end. */
void dial_end(dial *it);

/* Destroys at once; the same checks. */
void dial_destroy(dial *it);

#ifdef __cplusplus
}
#endif

#endif
