/* options.h - the command line of the server. */
#ifndef CONFORMANCE_OPTIONS_H
#define CONFORMANCE_OPTIONS_H

#include <socketio.h>

enum {
    OPTIONS_ORIGINS = 8,
    OPTIONS_HEADERS = 4,
    OPTIONS_FILES = 8
};

typedef struct options {
    sio_runtime_options runtime;
    sio_server_options server;
    sio_cookie_options cookie;
    sio_deflate_options deflate;
    sio_recovery_options recovery;
    sio_tls_options tls; /* without a certificate: none */
    const char *origins[OPTIONS_ORIGINS];
    sio_header headers[OPTIONS_HEADERS];
    sio_header initial_headers[OPTIONS_HEADERS];
    /* "/prefix=path", or "hidden:/prefix=path". */
    const char *files[OPTIONS_FILES];
    size_t file_count;
    const char *client; /* the folder of the client's files */
    uint32_t hooks;     /* not 0: those of hooks.h */
    uint32_t bare;      /* not 0: a second server, see server.c */
} options;

/* 0 after a message to stderr if there is an option that is none. */
int options_read(options *o, int argc, char **argv);

/* Has the server serve what the options name: files, the client. */
sio_status options_serve_files(const options *o, sio_server io);

#endif
