/*
 * socketio/http.h - requests that are not Socket.IO.
 *
 * A server's port answers requests outside the Socket.IO path as well: with
 * 404, or with what a function of yours responds. It is enough for a page, a
 * health check or a small API; it is not a web framework.
 */
#ifndef SOCKETIO_HTTP_H
#define SOCKETIO_HTTP_H

#include "base.h"
#include "event.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Calls `fn` with SIO_EVENT_HTTP_REQUEST for requests outside the Socket.IO
 * path; replaces the function given before. The whole body is there (at most
 * max_http_buffer_size; larger ones are answered with 413). */
SIO_API sio_status sio_server_on_http(sio_server server, sio_event_fn fn,
                                      void *context, sio_release_fn release);

/* Responds. Content-Length, Date and Connection are added; a HEAD request gets
 * no body. `status` is 200 to 599. Header fields with characters that HTTP
 * forbids, and those that the library writes itself (Content-Length, Date,
 * Connection, Transfer-Encoding), give SIO_E_ARGUMENT, and nothing is sent.
 * SIO_E_HANDLE if it was responded to before, or the client is gone. */
SIO_API sio_status sio_http_respond(sio_http_request request, int32_t status,
                                    const sio_header *headers,
                                    size_t header_count, sio_bytes body);

#ifdef __cplusplus
}
#endif

#endif /* SOCKETIO_HTTP_H */
