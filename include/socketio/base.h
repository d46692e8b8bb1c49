/*
 * socketio/base.h - text, bytes and handles.
 */
#ifndef SOCKETIO_BASE_H
#define SOCKETIO_BASE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__)
#define SIO_API __attribute__((visibility("default")))
#else
#define SIO_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* UTF-8 text, not necessarily NUL-terminated when you pass it in; when the
 * library passes it out, data[length] is NUL. {NULL, 0} is "none". */
typedef struct sio_text {
    const char *data;
    size_t length;
} sio_text;

/* Bytes. {NULL, 0} is empty. */
typedef struct sio_bytes {
    const void *data;
    size_t length;
} sio_bytes;

/* One HTTP header field. */
typedef struct sio_header {
    sio_text name;
    sio_text value;
} sio_header;

/* The text of a NUL-terminated string; borrows it. */
static inline sio_text sio_text_of(const char *string) {
    sio_text text;
    text.data = string;
    text.length = string ? strlen(string) : 0;
    return text;
}

/* Event loops and a way of receiving; see runtime.h. */
typedef struct sio_runtime {
    uint64_t id;
} sio_runtime;

/* A server; see server.h. */
typedef struct sio_server {
    uint64_t id;
} sio_server;

/* One client in one namespace; see socket.h. Valid from its connect request
 * until the end of its disconnect callback. */
typedef struct sio_socket {
    uint64_t id;
} sio_socket;

/* A client of ours; see client.h. */
typedef struct sio_client {
    uint64_t id;
} sio_client;

/* A reply that the other side waits for; see sio_reply() in socket.h. Valid
 * until it is replied to or its socket, or the connection of a client of ours,
 * is gone. */
typedef struct sio_ack {
    uint64_t id;
} sio_ack;

/* A client that waits to be let into a namespace, or an event of it that waits
 * to be let through; see sio_accept() in socket.h. A client of ours that waits
 * for what it is to show; see sio_client_on_auth() in client.h. Valid until it
 * is decided or the client is gone. */
typedef struct sio_connect_request {
    uint64_t id;
} sio_connect_request;

/* An HTTP request that waits for its response, see http.h, or for the word of a
 * hook, see hooks.h. Valid until it is answered or the client is gone. */
typedef struct sio_http_request {
    uint64_t id;
} sio_http_request;

/* Called once with the `context` of a registration that has ended. */
typedef void (*sio_release_fn)(void *context);

/* Releases memory that a function of this library gave out. NULL is legal. */
SIO_API void sio_free(const void *memory);

#ifdef __cplusplus
}
#endif

#endif /* SOCKETIO_BASE_H */
