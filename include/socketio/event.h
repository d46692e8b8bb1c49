/*
 * socketio/event.h - the one event struct and the one callback type.
 */
#ifndef SOCKETIO_EVENT_H
#define SOCKETIO_EVENT_H

#include "base.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What happened. Later versions add kinds: ignore those you do not know. */
enum {
    /* A client asks to join a namespace, and a middleware (sio_server_use) is
     * asked. Answer `request` with sio_accept() or sio_reject(), now or later.
     * Set: nsp, socket, request, args (the auth object's JSON, {} if none), reason
     * (see sio_socket_recovered). */
    SIO_EVENT_CONNECT_REQUEST = 1,

    /* A client has joined a namespace. Set: nsp, socket, args (auth), reason. */
    SIO_EVENT_CONNECTION = 2,

    /* A client sent an event. Set: nsp, socket, name, args, attachments, and
     * ack if the client wants a reply. A name that is a number, 42[5], arrives
     * as the text "5". */
    SIO_EVENT_MESSAGE = 3,

    /* A client has left a namespace; its rooms are left already and `socket`
     * ends with this callback. Set: nsp, socket, reason, details (a sentence
     * about the cause: what a client did, the code of its WebSocket's end). */
    SIO_EVENT_DISCONNECT = 4,

    /* The end of an emit that asked for a reply; comes exactly once for each.
     * Set: nsp, socket, status. SIO_OK: args and attachments have the reply.
     * SIO_E_TIMEOUT, SIO_E_DISCONNECTED or SIO_E_CLOSED: there is none.
     * SIO_E_LIMIT: max_pending_acks are awaited already, or the event was
     * dropped; see SIO_OVERFLOW_... and SIO_EMIT_VOLATILE. */
    SIO_EVENT_ACK = 5,

    /* An HTTP request outside the Socket.IO path. Set: http, method, target,
     * headers, body, address, port, secure. Answer `http` with sio_http_respond(), now or later. */
    SIO_EVENT_HTTP_REQUEST = 6,

    /* A server is closed: the last event of that server, but for the end of an
     * ack that another thread asked for at that very moment. */
    SIO_EVENT_SERVER_CLOSED = 7,

    /* A line of the log. Set: level (SIO_LOG_...), reason (the text). */
    SIO_EVENT_LOG = 8,

    /* Hooks are asked about a request of the Socket.IO path: any one, one that
     * is about to open a session, one of a page whose origin is not allowed; see
     * hooks.h. Set: http, method, target, headers, address, port, secure. Answer
     * `http` with sio_http_next(), sio_http_refuse() or sio_http_respond(), now
     * or later. */
    SIO_EVENT_ENGINE_REQUEST = 9,
    SIO_EVENT_HANDSHAKE_REQUEST = 10,
    SIO_EVENT_ORIGIN_REQUEST = 11,

    /* A client sent an event, and a packet middleware (sio_socket_use) is asked.
     * Answer `request` with sio_accept() or sio_reject(), now or later. Set: as
     * SIO_EVENT_MESSAGE, and request. */
    SIO_EVENT_PACKET_REQUEST = 12,

    /* A packet middleware has rejected an event. Set: nsp, socket, reason (its
     * message), args (its data; JSON text, or none). */
    SIO_EVENT_ERROR = 13,

    /* A client leaves a namespace, and is in its rooms still: args has their
     * names, an array. In queued dispatch that is where they are; the socket has
     * left them meanwhile. Set: nsp, socket, reason, details, args. */
    SIO_EVENT_DISCONNECTING = 14,

    /* An event is sent to a client. Set: nsp, socket, name, args, attachments. */
    SIO_EVENT_OUTGOING = 15,

    /* A room has changed. Set: nsp, socket (that joined or left), room, and
     * name: "create-room", "join-room", "leave-room" or "delete-room". */
    SIO_EVENT_ROOM = 16,

    /* A namespace has been made. Set: nsp. */
    SIO_EVENT_NEW_NAMESPACE = 17,

    /* A client asks for a namespace that does not exist, and a function is asked
     * whether to make it (sio_server_namespace_matcher). Answer `request` with
     * sio_accept() or sio_reject(), now or later. Set: nsp, request, args (the
     * auth object's JSON, {} if none). */
    SIO_EVENT_NAMESPACE_REQUEST = 18,

    /* The end of a broadcast that asked for replies; comes exactly once, behind
     * an SIO_EVENT_ACK for each of them. Set: status, sockets (that have not
     * replied; those that are gone are good until this callback returns). Of an
     * emit to other servers (cluster.h): status, args (their replies, an array). */
    SIO_EVENT_ACKS = 19,

    /* All that waited for a client has left. Set: nsp, socket. */
    SIO_EVENT_DRAIN = 20,

    /* A request of Socket.IO was refused, and is answered. Set: code, reason
     * (what the client is told), details (what the server knows besides), method,
     * target, headers, address, port, secure. */
    SIO_EVENT_CONNECTION_ERROR = 21,

    /* A socket's connection has moved from polling to WebSocket. Set: nsp,
     * socket. */
    SIO_EVENT_UPGRADE = 22,

    /* Another server of the cluster sent an event to the servers; see cluster.h.
     * Set: nsp, name, args, attachments. */
    SIO_EVENT_SERVER_SIDE = 23,

    /* OF CLIENTS OF OURS, see client.h. They share, with `client` in the place
     * of server and socket, SIO_EVENT_MESSAGE, SIO_EVENT_ACK, SIO_EVENT_OUTGOING
     * and SIO_EVENT_DISCONNECT, which has `details` as well, and what failed; and,
     * without nsp, SIO_EVENT_DRAIN and SIO_EVENT_UPGRADE, with `transport`. */

    /* It has joined a namespace, for the first time or again. Set: client, nsp,
     * id, recovered, transport. */
    SIO_EVENT_CONNECT = 32,

    /* An attempt to join a namespace has failed. Set: client, nsp, reason (a
     * sentence; if the server has refused: its message), args (the server's data;
     * JSON text, or none), code, transport, http_status, system_error. Another
     * attempt follows, if reconnection is on, as long as the namespace is active
     * (sio_client_connection): one that the server has refused is not. */
    SIO_EVENT_CONNECT_ERROR = 33,

    /* The connection: an attempt to make it again begins; has failed; has made
     * it; was the last one. Set: client, attempt (counted from 1); of a failure
     * reason, code, transport, http_status, system_error. */
    SIO_EVENT_RECONNECT_ATTEMPT = 34,
    SIO_EVENT_RECONNECT_ERROR = 35,
    SIO_EVENT_RECONNECT = 36,
    SIO_EVENT_RECONNECT_FAILED = 37,

    /* A function is asked what to show the server, before every attempt to join
     * (sio_client_on_auth). Answer `request` with sio_client_authenticate() or
     * sio_reject(), now or later. Set: client, nsp, request, attempt (counted
     * from 1 since the client was in the namespace), reason (why the attempt
     * before has failed, or the connection was lost; none at first). */
    SIO_EVENT_AUTH_REQUEST = 38,

    /* The client is closed: its last event. */
    SIO_EVENT_CLIENT_CLOSED = 39,

    /* A function is asked where to connect, before every attempt
     * (sio_client_on_open). Answer `request` with sio_client_open() or
     * sio_reject(), now or later. Set: client, request, attempt (counted from 1
     * since there was a connection), reason (why the attempt before has failed,
     * or the connection was lost; none at first). */
    SIO_EVENT_OPEN_REQUEST = 40,

    /* The connection is open, and the namespaces are asked for. Set: client,
     * transport. */
    SIO_EVENT_OPEN = 41,

    /* The connection that was open is gone. Set: client, reason; and as of
     * SIO_EVENT_DISCONNECT details, code, transport, http_status, system_error. */
    SIO_EVENT_CLOSE = 42,

    /* A connection did not open, for the first time or again. Set: client,
     * reason, code, transport, http_status, system_error. */
    SIO_EVENT_OPEN_ERROR = 43,

    /* The server's half of a heartbeat has come: a ping or, in revision 3, the
     * answer to one. Set: client. */
    SIO_EVENT_PING = 44,

    /* A packet has come from the server, for whatever namespace. Set: client,
     * nsp, name ("CONNECT", "DISCONNECT", "EVENT", "ACK", "CONNECT_ERROR"), args
     * (its JSON text: of an event the array of name and arguments; or none),
     * attachments, id (the number of the reply that it asks for, or is; or
     * none). */
    SIO_EVENT_PACKET = 45
};

/* What failed, of clients of ours; `reason` or `details` says it in a sentence. */
enum {
    SIO_FAILURE_NONE = 0,
    SIO_FAILURE_ARGUMENT = 1,   /* the options are of no use with this server */
    SIO_FAILURE_RESOLVE = 2,    /* the host has no address */
    SIO_FAILURE_CONNECT = 3,    /* no address takes connections: system_error */
    SIO_FAILURE_TIMEOUT = 4,    /* no answer in time */
    SIO_FAILURE_TLS = 5,        /* a certificate is not believed, or the like */
    SIO_FAILURE_HTTP = 6,       /* http_status is no success */
    SIO_FAILURE_REDIRECT = 7,   /* the server says that it is elsewhere */
    SIO_FAILURE_PROXY = 8,      /* the proxy opens no way to the server */
    SIO_FAILURE_REVISION = 9,   /* the server speaks another revision */
    SIO_FAILURE_PROTOCOL = 10,  /* what came is not what the protocol says */
    SIO_FAILURE_TOO_LARGE = 11, /* a message is larger than a limit allows */
    SIO_FAILURE_OVERFLOW = 12,  /* more waits than may: SIO_OVERFLOW_CLOSE */
    SIO_FAILURE_LOST = 13,      /* the connection ended */
    SIO_FAILURE_REFUSED = 14,   /* the server does not let it in */
    SIO_FAILURE_AUTH = 15,      /* sio_reject() in sio_client_on_auth() */
    SIO_FAILURE_CLOSED = 16,    /* the client was closed */
    SIO_FAILURE_OPEN = 17       /* sio_reject() in sio_client_on_open() */
};

/* Levels of the log, for sio_runtime_on_log(). */
enum {
    SIO_LOG_ERROR = 1,   /* something of this server failed */
    SIO_LOG_WARNING = 2, /* a client was refused or broke the protocol */
    SIO_LOG_INFO = 3,    /* listening, closed */
    SIO_LOG_DEBUG = 4    /* every connection and its end */
};

/* What happened, flat: the fields that a kind does not name are zero. All of
 * it is borrowed until the callback returns. */
typedef struct sio_event {
    size_t struct_size; /* of the library that made it; may be larger */
    int32_t kind;       /* SIO_EVENT_... */
    sio_status status;  /* of SIO_EVENT_ACK and SIO_EVENT_ACKS */
    int32_t level;      /* of SIO_EVENT_LOG */
    sio_server server;
    sio_socket socket;
    sio_ack ack;
    sio_connect_request request;
    sio_http_request http;
    sio_text nsp;    /* the namespace, "/" or "/chat" */
    sio_text name;   /* the event's name */
    sio_text args;   /* JSON text of an array (of an object: auth) */
    sio_text reason; /* of a disconnect, in Socket.IO's words; or log text */
    const sio_bytes *attachments; /* what the placeholders in args stand for */
    size_t attachment_count;
    sio_text method;           /* "GET" */
    sio_text target;           /* "/index.html?x=1", as it came */
    const sio_header *headers; /* names as the client wrote them */
    size_t header_count;
    sio_bytes body;
    void *context;             /* what was given with the function */
    sio_text address;          /* of the client, "192.0.2.1"; "unix" */
    int32_t port;              /* of the client; 0 for a Unix socket */
    int32_t secure;            /* 1 if the client came over TLS */
    sio_text room;             /* of SIO_EVENT_ROOM */
    const sio_socket *sockets; /* of SIO_EVENT_ACKS */
    size_t socket_count;
    sio_text details;  /* what lies behind a reason; empty: nothing is known */
    int32_t code;      /* of SIO_EVENT_CONNECTION_ERROR; SIO_FAILURE_... */
    sio_client client; /* a client of ours; then server and socket are zero */
    sio_text id;       /* of the client's socket on the server */
    int32_t transport; /* SIO_TRANSPORT_...; 0: it did not come to that */
    int32_t http_status;  /* of a failure; 0: there was no response */
    int32_t system_error; /* of a failure: errno; 0: none */
    uint32_t attempt;     /* to connect, or to connect again */
    int32_t recovered;    /* 1: the client goes on where it was */
} sio_event;

/* The one callback type. `event` is borrowed until it returns; `context` is
 * what was given with it. Events of one socket come in order and never
 * concurrently. See runtime.h for the thread it runs on. It must return: in
 * inline dispatch, all sockets of an event loop wait for it. */
typedef void (*sio_event_fn)(const sio_event *event, void *context);

#ifdef __cplusplus
}
#endif

#endif /* SOCKETIO_EVENT_H */
