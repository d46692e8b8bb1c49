/*
 * raw_client.h - a Socket.IO client that says exactly what a test tells it to:
 * Engine.IO packets go in and come out as text, "42[\"hi\"]". Blocking.
 */
#ifndef RAW_CLIENT_H
#define RAW_CLIENT_H

#include "raw_http.h"
#include "raw_net.h"
#include "raw_ws.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct raw_client {
    const char *host; /* as in raw_connect() */
    int port;
    int websocket;    /* 0: polling */
    raw_stream main;  /* the WebSocket, or the polls */
    raw_stream posts; /* polling: what is sent */
    int polling;      /* a poll is under way */
    char open[512];   /* the open packet */
    int refused;      /* polling: the status that ended the session */
    char sid[80];     /* of the Engine.IO session */
    char id[64];      /* of the socket that joined last */
    char *payload;    /* polling: packets received ahead */
    char *next;
    char *packet; /* the packet received last, without the "b" of base64 */
    size_t length;
    int binary;
} raw_client;

/* Opens an Engine.IO session on loopback: 1, or 0. `query` (may be NULL) is
 * added to the target, "&a=b"; `headers` (may be NULL) to the request. */
int raw_open_websocket(raw_client *client, int port);
int raw_open_polling(raw_client *client, int port);
int raw_open(raw_client *client, const char *host, int port, int websocket,
             const char *query, const char *headers);

/* Sends a text packet, or a binary one: 1, or 0 if the server is gone. On
 * polling `packet` may be a payload of several. */
int raw_send(raw_client *client, const char *packet);
int raw_send_bytes(raw_client *client, const void *data, size_t length);

/* The next packet that is not a ping (pings are answered) or a noop: its text
 * (or bytes, see `binary` and `length`), valid until the next call; NULL at
 * the end of the session or after the time limit. */
const char *raw_receive(raw_client *client);
const char *raw_receive_within(raw_client *client, int timeout_ms);

/* That the next packet is this one: 1, or 0 with a line on stdout. */
int raw_expect(raw_client *client, const char *packet);
int raw_expect_bytes(raw_client *client, const void *data, size_t length);

/* That no packet comes for a time. */
int raw_silent(raw_client *client, int for_ms);

/* That the server ends the session (Close frame, "1", or end of the stream);
 * skips other packets. */
int raw_expect_end(raw_client *client);

/* Joins a namespace; `auth` is a JSON object or NULL. 1 if the server let it
 * in, and `id` is set; 0 otherwise: `packet` has what came instead. */
int raw_join(raw_client *client, const char *nsp, const char *auth);

/* Opens a session and joins "/": 1, or 0. */
int raw_join_websocket(raw_client *client, int port);
int raw_join_polling(raw_client *client, int port);

/* Sends an event and gets it back from a server that echoes: proof that all
 * that was sent before has been handled. */
int raw_echo(raw_client *client, const char *event);

/* From polling to WebSocket: 1, or 0. `raw_probe` stops before the switch: the
 * new connection is `out`. */
int raw_upgrade(raw_client *client);
int raw_probe(raw_client *client, raw_stream *out);

/* Polling: sends the poll that raw_receive would, without waiting. */
int raw_poll(raw_client *client);

/* Ends the session in order, or with RST; releases the client either way. */
void raw_leave(raw_client *client);
void raw_abort(raw_client *client);

#ifdef __cplusplus
}
#endif

#endif
