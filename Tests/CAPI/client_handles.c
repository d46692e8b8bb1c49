/*
 * client_handles.c - handles of clients, of what they are asked and of what they
 * show: zero, invented, of another kind, one bit away, stale. SIO_E_HANDLE, and
 * never a crash.
 */
#include <stdio.h>

#include "dial.h"
#include "raw_server.h"

static sio_text list(void) {
    return sio_text_of("[1]");
}

static void nothing(const sio_event *event, void *context) {
    (void)event;
    (void)context;
}

static sio_connection out_connection;
static sio_text *out_names;
static size_t out_count;

#define CALL(function, type, call)                  \
    static sio_status try_##function(uint64_t id) { \
        type it;                                    \
        it.id = id;                                 \
        return call;                                \
    }

#define CLIENT(function, call) CALL(function, sio_client, call)

CLIENT(connect, sio_client_connect(it, "/"))
CLIENT(disconnect, sio_client_disconnect(it, "/"))
CLIENT(close, sio_client_close(it))
CLIENT(wait, sio_client_wait(it))
CLIENT(destroy, sio_client_destroy(it))
CLIENT(set_auth, sio_client_set_auth(it, "/", sio_text_of("{}")))
CLIENT(on_auth, sio_client_on_auth(it, "/", nothing, NULL, NULL))
CLIENT(on, sio_client_on(it, "/", "a", nothing, NULL, NULL))
CLIENT(on_any, sio_client_on_any(it, "/", nothing, NULL, NULL))
CLIENT(on_connect, sio_client_on_connect(it, "/", nothing, NULL, NULL))
CLIENT(on_connect_error,
       sio_client_on_connect_error(it, "/", nothing, NULL, NULL))
CLIENT(on_disconnect, sio_client_on_disconnect(it, "/", nothing, NULL, NULL))
CLIENT(on_reconnect, sio_client_on_reconnect(it, nothing, NULL, NULL))
CLIENT(on_close, sio_client_on_close(it, nothing, NULL, NULL))
CLIENT(on_any_outgoing,
       sio_client_on_any_outgoing(it, "/", 0, nothing, NULL, NULL))
CLIENT(add_listener,
       sio_client_add_listener(it, "/", "a", 0, nothing, NULL, NULL))
CLIENT(off, sio_client_off(it, "/", "a", nothing, NULL))
CLIENT(remove_all_listeners, sio_client_remove_all_listeners(it, "/", NULL))
CLIENT(listener_count, sio_client_listener_count(it, "/", "a", &out_count))
CLIENT(event_names, sio_client_event_names(it, "/", &out_names, &out_count))
CLIENT(emit, sio_client_emit(it, "/", "a", list(), NULL))
CLIENT(emit_with_ack, sio_client_emit_with_ack(it, "/", "a", list(), NULL, 1,
                                               nothing, NULL, NULL))
CLIENT(connection,
       sio_client_connection(it, "/", sizeof out_connection, &out_connection))

CALL(reply, sio_ack, sio_reply(it, list(), NULL))
CALL(accept, sio_connect_request, sio_accept(it))
CALL(reject, sio_connect_request, sio_reject(it, "no", sio_text_of(NULL)))
CALL(authenticate, sio_connect_request,
     sio_client_authenticate(it, sio_text_of("{}")))
CALL(server_close, sio_server, sio_server_close(it))
CALL(server_emit, sio_server, sio_server_emit(it, "/", NULL, "a", list(), NULL))
CALL(socket_emit, sio_socket, sio_emit(it, "a", list(), NULL))
CALL(runtime_wake, sio_runtime, sio_runtime_wake(it))

typedef struct call {
    const char *name;
    sio_status (*make)(uint64_t id);
    char kind; /* of handle: c(lient), a(ck), q (what to show), other */
} call;

#define ROW(function, kind) \
    { #function, try_##function, kind }

static const call calls[] = {ROW(connect, 'c'),
                             ROW(disconnect, 'c'),
                             ROW(close, 'c'),
                             ROW(wait, 'c'),
                             ROW(destroy, 'c'),
                             ROW(set_auth, 'c'),
                             ROW(on_auth, 'c'),
                             ROW(on, 'c'),
                             ROW(on_any, 'c'),
                             ROW(on_connect, 'c'),
                             ROW(on_connect_error, 'c'),
                             ROW(on_disconnect, 'c'),
                             ROW(on_reconnect, 'c'),
                             ROW(on_close, 'c'),
                             ROW(on_any_outgoing, 'c'),
                             ROW(add_listener, 'c'),
                             ROW(off, 'c'),
                             ROW(remove_all_listeners, 'c'),
                             ROW(listener_count, 'c'),
                             ROW(event_names, 'c'),
                             ROW(emit, 'c'),
                             ROW(emit_with_ack, 'c'),
                             ROW(connection, 'c'),

                             ROW(reply, 'a'),
                             ROW(accept, '-'),
                             ROW(reject, 'q'),
                             ROW(authenticate, 'q'),
                             ROW(server_close, '-'),
                             ROW(server_emit, '-'),
                             ROW(socket_emit, '-'),
                             ROW(runtime_wake, '-')};

/* That every function but those of kind `but` refuses the handle. */
static void refused_by_all(uint64_t id, char but, const char *what) {
    size_t i;
    int wrong = 0;
    for (i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        sio_status status;
        if (calls[i].kind == but) continue;
        status = calls[i].make(id);
        if (status == SIO_E_HANDLE) continue;
        printf("  %s(%s %#llx) gives %s\n", calls[i].name, what,
               (unsigned long long)id, sio_status_name(status));
        wrong++;
    }
    CHECK_NUMBER(wrong, 0);
}

static void one_bit_away(uint64_t id) {
    int bit;
    for (bit = 0; bit < 64; bit++)
        refused_by_all(id ^ (1ull << bit), '-', "one bit away");
}

static void live_and_stale(void) {
    raw_server server;
    raw_peer peer;
    sio_client_options options;
    dial it;
    probe asked, question;
    uint64_t ack, request;
    probe_init(&asked);
    probe_init(&question);
    REQUIRE(raw_server_open(&server));
    options = dial_options(server.port);
    options.transports = SIO_TRANSPORT_WEBSOCKET;
    dial_new(&it, &options);
    sio_client_on_any(it.client, "/", probe_see, &asked, NULL);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    REQUIRE(raw_welcome(&server, &peer));
    CHECK(raw_tell(&peer, "420[\"ask\"]"));
    ack = probe_at(&asked, 0)->ack.id;
    CHECK(ack != 0);
    sio_client_on_auth(it.client, "/chat", probe_see, &question, NULL);
    CHECK_STATUS(sio_client_connect(it.client, "/chat"), SIO_OK);
    request = probe_at(&question, 0)->request.id;
    CHECK(request != 0);
    refused_by_all(it.client.id, 'c', "client");
    refused_by_all(ack, 'a', "ack");
    refused_by_all(request, 'q', "request");
    one_bit_away(it.client.id);
    one_bit_away(ack);
    one_bit_away(request);
    /* Still good, after all that. */
    CHECK_STATUS(try_authenticate(request), SIO_OK);
    CHECK_STATUS(try_reply(ack), SIO_OK);
    CHECK(raw_hear(&peer));
    CHECK(raw_hear(&peer));
    refused_by_all(ack, '-', "used ack");
    refused_by_all(request, '-', "used request");
    /* What a connection has brought ends with it. */
    CHECK(raw_tell(&peer, "421[\"ask\"]"));
    ack = probe_at(&asked, 1)->ack.id;
    CHECK(ack != 0);
    CHECK_NUMBER(dial_state(&it).pending_replies, 1);
    raw_cut(&peer);
    CHECK(probe_wait(&it.left, 1));
    refused_by_all(ack, '-', "ack of a connection that is gone");
    CHECK_NUMBER(dial_state(&it).pending_replies, 0);
    dial_destroy(&it);
    refused_by_all(it.client.id, '-', "stale client");
    raw_server_close(&server);
}

/* A handle never comes to mean a later client. */
static void slots_used_again(void) {
    sio_client_options options = dial_options(1);
    uint64_t before = 0;
    int i;
    for (i = 0; i < 100; i++) {
        sio_client client;
        CHECK_STATUS(sio_client_new(&options, &client), SIO_OK);
        CHECK(client.id != before);
        if (before != 0) CHECK_STATUS(try_connect(before), SIO_E_HANDLE);
        CHECK_STATUS(sio_client_destroy(client), SIO_OK);
        before = client.id;
    }
}

int main(void) {
    int i;
    refused_by_all(0, '-', "zero");
    refused_by_all(UINT64_MAX, '-', "all ones");
    for (i = 0; i < 64; i++) refused_by_all(1ull << i, '-', "one bit");
    live_and_stale();
    slots_used_again();
    return check_total();
}
