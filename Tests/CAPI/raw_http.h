/*
 * raw_http.h - HTTP/1.1 requests, as few as the tests need.
 */
#ifndef RAW_HTTP_H
#define RAW_HTTP_H

#include "raw_net.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct raw_response {
    int status;
    char head[4096]; /* the header lines, joined with "\n" */
    char *body;      /* with a NUL behind it */
    size_t length;
} raw_response;

/* Sends a request. `headers` is NULL or whole lines with CRLF; with `body` not
 * NULL a Content-Length is added. 1, or 0 if the peer is gone. */
int raw_http_send(raw_stream *stream, const char *method, const char *target,
                  const char *headers, const void *body, size_t length);

/* Receives a response (`head_only`: to a HEAD): 1, or 0 if none came whole.
 * To be released with raw_response_free(). */
int raw_http_receive(raw_stream *stream, int head_only, raw_response *response);

/* Both. */
int raw_http(raw_stream *stream, const char *method, const char *target,
             const char *headers, const void *body, size_t length,
             raw_response *response);

/* The value of a header field, copied to `value`; "" if there is none. */
const char *raw_http_header(const raw_response *response, const char *name,
                            char *value, size_t capacity);

void raw_response_free(raw_response *response);

#ifdef __cplusplus
}
#endif

#endif
