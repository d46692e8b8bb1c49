/*
 * socketio/listen.h - where a server listens, and sockets of your own.
 */
#ifndef SOCKETIO_LISTEN_H
#define SOCKETIO_LISTEN_H

#include "base.h"
#include "server.h"
#include "status.h"
#include "tls.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Flags of sio_listen_options. */
enum {
    SIO_LISTEN_IPV6_ONLY = 1,        /* "::" without IPv4: no dual stack */
    SIO_LISTEN_REUSE_PORT = 2,       /* several processes may share the port */
    SIO_LISTEN_NO_REUSE_ADDRESS = 4, /* not while old connections linger */
    SIO_LISTEN_DELAY = 8,            /* TCP gathers small pieces (Nagle) */
    SIO_LISTEN_KEEP_ALIVE = 16,      /* TCP probes silent connections */
    SIO_LISTEN_PROXY_PROTOCOL = 32   /* connections begin with a PROXY header,
                                        version 1 or 2; see trusted_proxies of
                                        sio_server_options */
};

/* Options of a listening socket, and of the connections that it brings. */
typedef struct sio_listen_options {
    size_t struct_size;
    uint32_t flags;                 /* SIO_LISTEN_... */
    uint32_t backlog;               /* 0: 1024 */
    uint32_t unix_mode;             /* permissions of a Unix socket, 0600;
                                      0: by umask */
    uint32_t keep_alive_idle_s;     /* silence before the first probe, */
    uint32_t keep_alive_interval_s; /* between probes, */
    uint32_t keep_alive_count;      /* and how many; 0: the system's */
    uint32_t receive_buffer_size;   /* bytes in the kernel; 0: the system's */
    uint32_t send_buffer_size;
    int32_t linger_s;           /* 0: off; -1: a close resets the connection.
                               More: a close holds the event loop for up to
                               that long, until what was sent is received */
    const char *device;         /* NULL: any; "eth0" */
    const char *unix_owner;     /* name or number of a user; NULL: this one */
    const char *unix_group;     /* name or number of a group; NULL: this one */
    const sio_tls_options *tls; /* NULL: no TLS */
} sio_listen_options;

#define SIO_LISTEN_OPTIONS_INIT                                            \
    {                                                                      \
        sizeof(sio_listen_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, \
            NULL, NULL                                                     \
    }

/* Where a server listens. */
typedef struct sio_address {
    char text[128]; /* "127.0.0.1:3000", "[::1]:3000", "unix:/run/io.sock" */
    char host[112]; /* "127.0.0.1", "::1", "/run/io.sock" */
    int32_t port;   /* 0 for a Unix socket */
} sio_address;

/* Listens, and serves from now on. `host` is an address or a name: "0.0.0.0",
 * "::" (which takes IPv4 as well), "127.0.0.1", "localhost", or
 * "unix:/path/of/socket" (`port` is ignored; a dead socket file is replaced).
 * NULL is "::", or "0.0.0.0" on a machine without IPv6. `port` 0 picks a free
 * one; sio_server_address() tells which. Binds on the calling thread, so that
 * failures come back here; may block to resolve a name.
 * Errors: SIO_E_ADDRESS_IN_USE, SIO_E_PERMISSION, SIO_E_HOST, SIO_E_SYSTEM;
 * SIO_E_STATE once the server is closing. */
SIO_API sio_status sio_server_listen(sio_server server, const char *host,
                                     int32_t port,
                                     const sio_listen_options *options);

/* Where the server listens: `index` counts the calls of sio_server_listen()
 * from 0. SIO_E_ARGUMENT beyond the last. */
SIO_API sio_status sio_server_address(sio_server server, size_t index,
                                      sio_address *out_address);

#ifdef __cplusplus
}
#endif

#endif /* SOCKETIO_LISTEN_H */
