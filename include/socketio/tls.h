/*
 * socketio/tls.h - TLS for a listening socket, and for a client.
 *
 * With it, browsers and clients speak HTTP/2 with a server if they can, HTTP/1.1
 * if not, and WebSocket over both. Clients of ours speak HTTP/1.1.
 */
#ifndef SOCKETIO_TLS_H
#define SOCKETIO_TLS_H

#include "base.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Versions of the protocol, as TLS numbers them. */
enum {
    SIO_TLS_1_2 = 0x0303,
    SIO_TLS_1_3 = 0x0304
};

/* Whether clients have to show a certificate. */
enum {
    SIO_TLS_VERIFY_NONE = 0,     /* it is not asked for */
    SIO_TLS_VERIFY_OPTIONAL = 1, /* one that is shown has to be valid */
    SIO_TLS_VERIFY_REQUIRED = 2  /* without a valid one, no connection */
};

/* Flags of sio_tls_options. */
enum {
    SIO_TLS_NO_HTTP2 = 1 /* HTTP/1.1 only */
};

/* Certificates and keys are PEM, each from a file or from memory: one of the
 * two is given. The chain begins with the server's certificate; those that
 * signed it follow. Without a key it is looked for where the certificate is.
 * Files are read, and memory is copied, by the function that the options are
 * given to: what is wrong with them is its error, SIO_E_ARGUMENT for what is
 * not PEM, a key of another certificate or a wrong password, SIO_E_PERMISSION
 * or SIO_E_SYSTEM for a file that cannot be read. */
typedef struct sio_tls_options {
    size_t struct_size;
    const char *certificate_file; /* the chain */
    const char *key_file;
    sio_bytes certificate;
    sio_bytes key;
    const char *key_password;      /* ASCII; NULL: the key is not encrypted */
    const char *client_ca_file;    /* who signs certificates of clients; */
    sio_bytes client_ca;           /* none: those that the system trusts */
    uint32_t verify_client;        /* SIO_TLS_VERIFY_... */
    uint32_t min_version;          /* SIO_TLS_1_...; 0: SIO_TLS_1_2 */
    uint32_t handshake_timeout_ms; /* until both agree on a key; 0: 10000 */
    uint32_t flags;                /* SIO_TLS_... */
} sio_tls_options;

/* clang-format off */
#define SIO_TLS_OPTIONS_INIT                                             \
    { sizeof(sio_tls_options), NULL, NULL, {NULL, 0}, {NULL, 0}, NULL,   \
      NULL, {NULL, 0}, 0, 0, 0, 0 }
/* clang-format on */

/* Exchanges the certificate, and what is asked of clients, of an address that
 * the server listens on: `index` as in sio_server_address(). NULL reads the
 * same files again. Connections that are there go on with what they have; after
 * an error nothing has changed. Legal on every thread; reads files on this one.
 * Errors: those of the options above; SIO_E_ARGUMENT for an index beyond the
 * last, or of an address without TLS; SIO_E_STATE before the first
 * sio_server_listen() and once the server is closing. */
SIO_API sio_status sio_server_reload_tls(sio_server server, size_t index,
                                         const sio_tls_options *options);

/* Flags of sio_client_tls_options. */
enum {
    SIO_CLIENT_TLS_NO_HOST_CHECK =
        1,                       /* the certificate may name another host */
    SIO_CLIENT_TLS_NO_VERIFY = 2 /* any certificate will do: whoever stands
                                         between can read and change all */
};

/* TLS of a client, for servers with https or wss: a certificate that somebody
 * has signed who is believed, and that names the host, unless this says
 * otherwise. PEM, files and memory as above. */
typedef struct sio_client_tls_options {
    size_t struct_size;
    uint32_t flags;               /* SIO_CLIENT_TLS_... */
    uint32_t min_version;         /* SIO_TLS_1_...; 0: SIO_TLS_1_2 */
    const char *ca_file;          /* who signs certificates of servers; */
    sio_bytes ca;                 /* none: those that the system trusts */
    const char *certificate_file; /* that the client shows, and those that */
    sio_bytes certificate;        /* signed it; none: it shows none */
    const char *key_file;
    sio_bytes key;
    const char *key_password; /* ASCII; NULL: the key is not encrypted */
    const char *server_name;  /* that is asked for, and has to be in the
                                 certificate; NULL: the host of the url */
    /* SHA-256 of certificates, or of public keys (SubjectPublicKeyInfo, which a
     * renewed certificate may keep): "certificate:..." or "key:..." and 64
     * hexadecimal digits, with colons between or not. The server's has to be one
     * of them, whoever has signed it. */
    const char *const *pins;
    size_t pin_count;
} sio_client_tls_options;

/* clang-format off */
#define SIO_CLIENT_TLS_OPTIONS_INIT                                      \
    { sizeof(sio_client_tls_options), 0, 0, NULL, {NULL, 0}, NULL,       \
      {NULL, 0}, NULL, {NULL, 0}, NULL, NULL, NULL, 0 }
/* clang-format on */

#ifdef __cplusplus
}
#endif

#endif /* SOCKETIO_TLS_H */
