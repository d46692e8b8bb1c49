/*
 * options.h - the command line of the test server.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <socketio.h>

enum {
    OPTIONS_ORIGINS = 8
};

typedef struct options {
    sio_server_options server;
    sio_deflate_options deflate;
    sio_listen_options listen;
    sio_tls_options tls;
    const char *origins[OPTIONS_ORIGINS];
    sio_cookie_options cookie;
    int port;
    int door;           /* not 0: with the hooks of door.c */
    const char *client; /* the file of the JavaScript client, or NULL */
} options;

/* Reads the arguments; a wrong one ends the program with a sentence. */
void options_read(options *o, int argc, char **argv);

#endif
