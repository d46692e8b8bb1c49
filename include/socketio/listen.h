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
    SIO_LISTEN_NO_REUSE_ADDRESS = 4, /* not while old connections of the port
                                        linger */
    SIO_LISTEN_DELAY = 8,            /* TCP gathers small pieces (Nagle) */
    SIO_LISTEN_KEEP_ALIVE = 16,      /* TCP probes silent connections */
    SIO_LISTEN_PROXY_PROTOCOL = 32   /* connections begin with a PROXY header,
                                        version 1 or 2; see trusted_proxies of
                                        sio_server_options */
};

/* Options of a listening socket, and of the connections that it brings. What
 * the system does not take, or a socket of the kind has not, makes listening
 * fail, with a sentence that names it: SIO_E_ARGUMENT, SIO_E_PERMISSION,
 * SIO_E_HOST (of `device`), SIO_E_SYSTEM. Keep-alive, linger, device and delay
 * are of TCP; mode, owner and group of a Unix socket that has a file. */
typedef struct sio_listen_options {
    size_t struct_size;
    uint32_t flags;                 /* SIO_LISTEN_... */
    uint32_t backlog;               /* 0: 1024, see sio_server_listen_fd() */
    uint32_t unix_mode;             /* permissions of a Unix socket, 0600;
                                      0: by umask */
    uint32_t keep_alive_idle_s;     /* with SIO_LISTEN_KEEP_ALIVE: silence */
    uint32_t keep_alive_interval_s; /* before the first probe, between */
    uint32_t keep_alive_count;      /* probes, and how many; 0: the system's */
    uint32_t receive_buffer_size;   /* bytes in the kernel, which takes its own
                                       limit for more, and doubles them for */
    uint32_t send_buffer_size;      /* its bookkeeping; 0: the system's */
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
    char host[112]; /* "127.0.0.1", "::1", "fe80::1%eth0", "/run/io.sock" */
    int32_t port;   /* 0 for a Unix socket */
} sio_address;

/* Listens, and serves from now on; once, or more often for several addresses.
 * `host` is an address or a name: "0.0.0.0", "::" (which takes IPv4 as well),
 * "127.0.0.1", "fe80::1%eth0", "localhost"; "unix:/path/of/socket" (`port` is
 * ignored; a dead socket file is replaced); or "unix:@name", a Unix socket
 * without a file, to which every user of the machine may connect. NULL is
 * "::", or "0.0.0.0" on a machine without IPv6. `port` 0 picks a free one;
 * sio_server_address() tells which. Binds on the calling thread, so that
 * failures come back here; may block to resolve a name. `options` may be NULL.
 * Legal in callbacks.
 * Errors: SIO_E_ADDRESS_IN_USE, SIO_E_PERMISSION, SIO_E_HOST, SIO_E_SYSTEM;
 * SIO_E_ARGUMENT for SIO_LISTEN_PROXY_PROTOCOL without trusted_proxies;
 * SIO_E_STATE once the server is closing. */
SIO_API sio_status sio_server_listen(sio_server server, const char *host,
                                     int32_t port,
                                     const sio_listen_options *options);

/* Listens on a socket that is bound and listens already: a parent's, or one
 * with options that are not ours. It becomes non-blocking, and the library's:
 * unless this fails, `fd` is closed when it returns, and the socket goes on
 * under another number. The library does not remove the file of a Unix socket.
 * Of the options those that belong to binding (IPv6 only, reuse, device, mode,
 * owner, group) give SIO_E_ARGUMENT; so does what is not a listening stream
 * socket of IPv4, IPv6 or Unix. With the backlog 0 a socket of TCP keeps its
 * own; one of Unix gets 1024, for the kernel does not tell what it had.
 * Legal in callbacks. SIO_E_STATE once the server is closing. */
SIO_API sio_status sio_server_listen_fd(sio_server server, int32_t fd,
                                        const sio_listen_options *options);

/* Listens on the sockets that systemd has passed to this process (a .socket
 * unit, sd_listen_fds(3)): on those of a name (FileDescriptorName=), or with
 * `name` NULL on all; else as sio_server_listen_fd(). *out_count is how many
 * they were; out_count may be NULL. Each socket is handed out once. One that
 * cannot be listened on makes this fail, and those before it serve: give names
 * if not all are ours. Reads LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES, and
 * leaves them as they are.
 * Errors: SIO_E_STATE if systemd has passed none, or they are taken;
 * SIO_E_ARGUMENT if none has the name. */
SIO_API sio_status sio_server_listen_systemd(sio_server server,
                                             const char *name,
                                             const sio_listen_options *options,
                                             size_t *out_count);

/* What another server knows of a connection that it hands over. */
typedef struct sio_adopt_options {
    size_t struct_size;
    const char *address; /* the client's, "192.0.2.1", "::1", "unix"; NULL:
                            that of the other end of the connection */
    int32_t port;        /* the client's, with `address`; 0: not known */
    int32_t secure;      /* not 0: the other server ends TLS */
} sio_adopt_options;

#define SIO_ADOPT_OPTIONS_INIT \
    { sizeof(sio_adopt_options), NULL, 0, 0 }

/* Serves a connection that another HTTP server has accepted: `already_read` is
 * what that has read of it, from the first byte of a request on (complete, in
 * pieces, or with more behind it), and is copied. So a server in any language
 * can hand over the requests that begin with /socket.io/. The connection is
 * served like one of ours, further requests and those outside of the Socket.IO
 * path included. TCP, Unix sockets and socketpair(2); works without any
 * sio_server_listen(). It becomes non-blocking, and the library's: unless this
 * fails, `fd` is closed when it returns, and the connection goes on under
 * another number. If the client is trusted as a proxy (trusted_proxies),
 * forwarded headers count. `options` may be NULL. Legal in callbacks.
 * Errors: SIO_E_ARGUMENT for what is not a connected stream socket, SIO_E_STATE
 * once the server is closing, SIO_E_SYSTEM. */
SIO_API sio_status sio_server_adopt(sio_server server, int32_t fd,
                                    sio_bytes already_read,
                                    const sio_adopt_options *options);

/* Where the server listens: `index` counts its listening sockets from 0, in
 * the order of the calls. SIO_E_ARGUMENT beyond the last. */
SIO_API sio_status sio_server_address(sio_server server, size_t index,
                                      sio_address *out_address);

#ifdef __cplusplus
}
#endif

#endif /* SOCKETIO_LISTEN_H */
