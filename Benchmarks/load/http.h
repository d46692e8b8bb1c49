/* http.h - what the client reads of HTTP/1.1 responses. */
#ifndef LOAD_HTTP_H
#define LOAD_HTTP_H

#include "bytes.h"

struct client;

struct http_response {
    int status;
    bool close;          /* the connection ends with it */
    struct bytes accept; /* Sec-WebSocket-Accept */
    struct bytes body;
};

/* Takes status and headers from the front of `input`; false: incomplete. */
bool http_read_head(struct client *client, struct bytes *input,
                    struct http_response *response);
/* The same with the body. A body in chunks is put together where it lies. */
bool http_read(struct client *client, struct bytes *input,
               struct http_response *response);

#endif
