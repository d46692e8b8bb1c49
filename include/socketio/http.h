/*
 * socketio/http.h - requests that are not Socket.IO.
 *
 * A server's port answers requests outside the Socket.IO path as well: with
 * files, with what a function of yours responds, or with 404. It is enough for
 * a page, a health check or a small API; it is not a web framework.
 */
#ifndef SOCKETIO_HTTP_H
#define SOCKETIO_HTTP_H

#include "base.h"
#include "event.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Flags of sio_files_options. */
enum {
    SIO_FILES_HIDDEN = 1 /* serve names that begin with a dot, too: ".env",
                            ".git/config", ".well-known/security.txt" */
};

/* How files are served. */
typedef struct sio_files_options {
    size_t struct_size;
    uint32_t flags;            /* SIO_FILES_... */
    const char *index;         /* what a folder shows; NULL: "index.html"; "":
                                 nothing */
    const char *cache_control; /* NULL: "public, max-age=0": kept, and asked
                                 about each time */
    const char *content_type;  /* NULL: by the extension of the name */
} sio_files_options;

#define SIO_FILES_OPTIONS_INIT \
    { sizeof(sio_files_options), 0, NULL, NULL, NULL }

/* Serves the files of a folder, or one file, to GET and HEAD requests:
 * sio_server_serve_files(io, "/static", "web/static", NULL) makes the file
 * web/static/css/page.css known as /static/css/page.css. `prefix` "/" is every
 * path that nothing else answers. Of several prefixes the longest counts; the
 * same one replaces what was served there, and `path` NULL serves nothing there
 * any more. A file is served at exactly the prefix. `options` may be NULL.
 *
 * Only regular files below the folder are served, wherever "..", in any
 * spelling, or symbolic links lead. ETag, Last-Modified, If-None-Match and the
 * other conditions work, and so does Range with one range; with several the
 * whole file is sent. A path of a folder without "/" behind it is redirected.
 * page.css.br and page.css.gz are sent in place of a page.css that is not newer
 * to clients that accept them.
 *
 * What is not there goes to the function of sio_server_on_http(), and so does
 * every method but GET and HEAD; without one the answer is 404, or 405. Files
 * are read on threads of the runtime that start with the first request; a
 * client that reads slowly costs 64 KiB, and one that reads nothing for a
 * minute is disconnected.
 * Errors: SIO_E_ARGUMENT for what is neither a folder nor a file (a relative
 * path is looked up from the present working directory, now),
 * SIO_E_PERMISSION. */
SIO_API sio_status sio_server_serve_files(sio_server server, const char *prefix,
                                          const char *path,
                                          const sio_files_options *options);

/* Serves the official JavaScript client in the Socket.IO path, by the names
 * that Node's server has: /socket.io/socket.io.js, socket.io.min.js,
 * socket.io.esm.min.js, socket.io.msgpack.min.js, and each with ".map". Any
 * method is answered. `folder` is where the files are, such as client-dist of
 * the npm package "socket.io"; files beside them with ".br" or ".gz" are sent
 * to clients that accept them, and what has no ".gz" is compressed when it is
 * first wanted. ETag is the client's version. The files are read now, and kept
 * in memory: call again when they have changed. `folder` NULL serves them no
 * more.
 * Errors: SIO_E_ARGUMENT for a folder that does not exist or has none of the
 * files, SIO_E_PERMISSION, SIO_E_LIMIT for a file of more than 8 MiB. */
SIO_API sio_status sio_server_serve_client(sio_server server,
                                           const char *folder);

/* Calls `fn` with SIO_EVENT_HTTP_REQUEST for requests outside the Socket.IO
 * path that no file answers; replaces the function given before. The whole body is there (at most
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
