/*
 * raw_server.h - a server that says exactly what a test tells it to: the other
 * side of raw_client.h. Blocking; one connection at a time.
 */
#ifndef RAW_SERVER_H
#define RAW_SERVER_H

#include "raw_net.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct raw_server {
    int fd;
    int port;
} raw_server;

/* The head and the body of a request. */
typedef struct raw_request {
    char method[16], target[512];
    char head[4096]; /* the header lines, joined with "\n" */
    char body[4096];
    size_t length;
} raw_request;

/* A client that has come. */
typedef struct raw_peer {
    raw_stream stream;
    raw_request request; /* its latest */
    char packet[4096];   /* that it sent last, as text */
    size_t length;
    int binary;
} raw_peer;

/* Listens on a free port of 127.0.0.1: 1, or 0. */
int raw_server_open(raw_server *server);
/* A port of 127.0.0.1 where nobody listens, and that nobody else gets before
 * raw_server_close(): 1, or 0. */
int raw_server_refuse(raw_server *server);

void raw_server_close(raw_server *server);

/* From now on one connection may wait to be accepted: others get no answer. */
void raw_server_narrow(raw_server *server);

/* The next connection, and one that comes within a time: 1, or 0. */
int raw_accept(raw_server *server, raw_peer *peer);
int raw_accept_within(raw_server *server, raw_peer *peer, int timeout_ms);

/* That no connection comes for a time. */
int raw_nobody(raw_server *server, int for_ms);

/* A request into `peer->request`: 1, or 0 at the end. */
int raw_receive_request(raw_peer *peer);

/* The value of a header field, copied to `value`; "" if there is none. */
const char *raw_request_header(const raw_request *request, const char *name,
                               char *value, size_t capacity);

/* Answers a request; `headers` is NULL or whole lines with CRLF. */
int raw_respond(raw_peer *peer, int status, const char *headers,
                const char *body);

/* Accepts the WebSocket that `peer->request` asks for. */
int raw_accept_upgrade(raw_peer *peer);

/* Sends an Engine.IO packet, or bytes, in a frame; or a frame of any kind. */
int raw_tell(raw_peer *peer, const char *packet);
int raw_tell_bytes(raw_peer *peer, const void *data, size_t length);
int raw_tell_frame(raw_peer *peer, int first, const void *data, size_t length);

/* The next packet that is not a pong: 1, or 0 at the end of the session. */
int raw_hear(raw_peer *peer);

/* That the next packet is this one: 1, or 0 with a line on stdout. */
int raw_heard(raw_peer *peer, const char *packet);
int raw_heard_bytes(raw_peer *peer, const void *data, size_t length);

/* A whole session over WebSocket: the next connection, its request, the open
 * packet, its pings every minute. 1, or 0. */
int raw_session(raw_server *server, raw_peer *peer);

/* Lets it into "/" (or another namespace) as "id": 1, or 0. The text of its
 * CONNECT is in `peer->packet`. */
int raw_let_in(raw_peer *peer, const char *nsp);

/* Both. */
int raw_welcome(raw_server *server, raw_peer *peer);

/* Ends the connection: in order, or with RST. */
void raw_part(raw_peer *peer);
void raw_cut(raw_peer *peer);

#ifdef __cplusplus
}
#endif

#endif
