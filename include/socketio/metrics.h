/*
 * socketio/metrics.h - what a server tells those who watch over it.
 *
 * sio_server_counts() in server.h has what is alive at the moment. Here is what
 * has happened so far, and both as text. Counting is always on; it costs the
 * path of a message no lock, no atomic operation and no look at a clock.
 */
#ifndef SOCKETIO_METRICS_H
#define SOCKETIO_METRICS_H

#include "base.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Places in the arrays of sio_totals: the types of Engine.IO packets. Messages
 * of bytes have a place of their own. */
enum {
    SIO_PACKET_OPEN = 0,
    SIO_PACKET_CLOSE = 1,
    SIO_PACKET_PING = 2,
    SIO_PACKET_PONG = 3,
    SIO_PACKET_MESSAGE = 4,
    SIO_PACKET_UPGRADE = 5,
    SIO_PACKET_NOOP = 6,
    SIO_PACKET_BINARY = 7
};

/* What has happened since a server was made. Numbers only grow, and outlast a
 * close. They are read while others change them: each is right, but two of them
 * may be of different moments. */
typedef struct sio_totals {
    uint64_t connections;          /* that were accepted */
    uint64_t sessions;             /* of Engine.IO, that were opened */
    uint64_t upgrades;             /* from polling to WebSocket */
    uint64_t failed_upgrades;      /* WebSockets that did not take over */
    uint64_t connection_errors[6]; /* refused requests, by code: 0 transport
                                      unknown, 1 session id unknown, 2 bad
                                      handshake method, 3 bad request, 4
                                      forbidden, 5 unsupported version */
    /* Engine.IO packets, and the bytes that stand in them: behind inflation,
     * before compression. A packet counts as sent once it is handed to its
     * connection or waits for a poll. */
    uint64_t packets_received[8];
    uint64_t bytes_received[8];
    uint64_t packets_sent[8];
    uint64_t bytes_sent[8];
    uint64_t events_received; /* events of Socket.IO, those of all clients */
    uint64_t events_sent;     /* one for each client that a broadcast goes to */
    uint64_t acks_received;   /* replies from clients */
    uint64_t acks_sent;       /* replies to clients */
    uint64_t acks_failed;     /* emits that asked for a reply, and got none */
    uint64_t disconnects;     /* of sockets */
    uint64_t rate_limited;    /* handshakes that were put off, and connections
                                 that were too many */
    uint64_t log_lines_suppressed;
    /* Events that were dropped, once for each client that they were for; see
     * SIO_OVERFLOW_... */
    uint64_t dropped_volatile;   /* volatile, and could not leave at once */
    uint64_t dropped_newest;     /* there was no room for them */
    uint64_t dropped_oldest;     /* made room for later ones */
    uint64_t dropped_coalesced;  /* a later one of their key took their place */
    uint64_t dropped_server;     /* by max_server_buffered_bytes, or
                                    max_pending_emit_bytes */
    uint64_t overflowed_clients; /* disconnected: too much waited for them */
} sio_totals;

/* Fills the first `size` bytes of *out_totals: pass sizeof(sio_totals). */
SIO_API sio_status sio_server_totals(sio_server server, size_t size,
                                     sio_totals *out_totals);

/* What is alive, what has happened, and histograms of how long clients take to
 * reply and how late event loops are, as the text of OpenMetrics 1.0: the names
 * begin with "socketio_". Release out_text->data with sio_free(). The event loops
 * measure how late they are from the first call on, once a second, until nobody
 * has asked for two minutes; an idle loop is not woken for it otherwise.
 * sio_server_options.metrics_path has a server answer requests with it. */
SIO_API sio_status sio_server_metrics(sio_server server, sio_text *out_text);

#ifdef __cplusplus
}
#endif

#endif /* SOCKETIO_METRICS_H */
