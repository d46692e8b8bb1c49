/*
 * socketio/hooks.h - functions that are asked about Socket.IO's own requests.
 *
 * A hook sees a request of the Socket.IO path when its header fields have come
 * and nothing has been done for it. Everything comes by here: polls, posts,
 * preflights, and the requests of WebSockets. The hook answers event->http, now
 * or later, from any thread: sio_http_next() lets the request go on,
 * sio_http_refuse() and sio_http_respond() end it. Until then nothing more is
 * read from the client. A hook that does not answer for a minute has lost: the
 * connection is closed.
 *
 * Several hooks of a kind are asked in the order of their registration, each
 * once the one before has let the request go on; each is given a handle of its
 * own, which is good for one answer. It ends earlier if the client goes away.
 */
#ifndef SOCKETIO_HOOKS_H
#define SOCKETIO_HOOKS_H

#include "base.h"
#include "event.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Middleware of the engine: calls `fn` with SIO_EVENT_ENGINE_REQUEST for every
 * request. One that is refused is answered with 400 and code 3, "Bad request";
 * the message goes to the log only. */
SIO_API sio_status sio_server_use_engine(sio_server server, sio_event_fn fn,
                                         void *context, sio_release_fn release);

/* Calls `fn` with SIO_EVENT_ORIGIN_REQUEST for requests of pages whose origin is
 * neither the server's own nor among cors_origins; the origin is a field of the
 * request. sio_http_next() admits it, for this request; refused it gets what it
 * would get without a hook, 403. Never called with "*" or
 * SIO_SERVER_NO_ORIGIN_CHECK, which admit all. */
SIO_API sio_status sio_server_on_origin(sio_server server, sio_event_fn fn,
                                        void *context, sio_release_fn release);

/* Calls `fn` with SIO_EVENT_HANDSHAKE_REQUEST for requests that are about to
 * open a session: those that the server would refuse are refused before. What
 * is refused here gets 403 and code 4 with your message, which is "Forbidden"
 * if it is NULL; a WebSocket gets 400 and the bare message. Requests of a
 * session that exists, an upgrade from polling among them, are not asked about:
 * they have its id, which is a secret. */
SIO_API sio_status sio_server_on_handshake(sio_server server, sio_event_fn fn,
                                           void *context,
                                           sio_release_fn release);

/* Calls `fn` with SIO_EVENT_CONNECTION_ERROR for every request of the path that
 * was refused, handshakes and others: code 0 transport unknown, 1 session id
 * unknown, 2 bad handshake method, 3 bad request, 4 forbidden, or put off for the
 * number of handshakes or a drain, 5 unsupported version. It is answered already:
 * this is to know, not to decide. Who reaches the server can bring about as many as
 * he likes; see sio_totals for numbers of them. To be taken back with
 * sio_server_off(), of "/", `event` NULL. */
SIO_API sio_status sio_server_on_connection_error(sio_server server,
                                                  sio_event_fn fn,
                                                  void *context,
                                                  sio_release_fn release);

/* Lets a request go on: to the next hook, and then its way.
 * These four give SIO_E_HANDLE for a request that was answered before or whose
 * client is gone, and SIO_E_STATE for one that no hook is asked about. */
SIO_API sio_status sio_http_next(sio_http_request request);

/* Refuses a request; see the kinds of hooks. `message` may be NULL. */
SIO_API sio_status sio_http_refuse(sio_http_request request,
                                   const char *message);

/* Adds a field to the response that the request will get, whatever that is: the
 * 101 of a WebSocket, a refusal, your own. SIO_E_ARGUMENT for characters that
 * HTTP forbids, and for fields that the library writes itself, such as
 * Content-Type; SIO_E_LIMIT beyond 65536 bytes. */
SIO_API sio_status sio_http_set_header(sio_http_request request,
                                       const char *name, const char *value);

/* In SIO_EVENT_HANDSHAKE_REQUEST: the id that the session is to have, 1 to 64
 * letters, digits, "-" and "_". Whoever knows it can speak for the client: it
 * has to be unique and beyond guessing. An id that another session has refuses
 * the request, with code 3. Load balancers and tools around Socket.IO know
 * session ids by their 20 characters, which those of the library have. The ids
 * of sockets are others, and not changed; only clients of Socket.IO 1 and 2 take
 * it for the id of their socket, which it is if it has 20 characters. */
SIO_API sio_status sio_http_set_sid(sio_http_request request, const char *sid);

#ifdef __cplusplus
}
#endif

#endif /* SOCKETIO_HOOKS_H */
