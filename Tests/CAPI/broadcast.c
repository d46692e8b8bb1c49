/*
 * broadcast.c - many sockets at once: replies of all, rooms for all.
 */
#include "serve.h"

enum {
    CLIENTS = 3
};

typedef struct house {
    sio_runtime runtime;
    sio_server server;
    raw_client clients[CLIENTS];
    sio_socket sockets[CLIENTS];
} house;

static void open_house(house *it) {
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    probe joined;
    int i, port;
    probe_init(&joined);
    CHECK_STATUS(sio_runtime_new(NULL, &options.runtime), SIO_OK);
    it->runtime = options.runtime;
    it->server = serve_new(&options);
    serve_echo_on(it->server);
    sio_server_on_connection(it->server, "/", probe_see, &joined, NULL);
    port = serve_listen(it->server);
    for (i = 0; i < CLIENTS; i++) {
        REQUIRE(raw_join_websocket(&it->clients[i], port));
        it->sockets[i] = probe_at(&joined, i)->socket;
    }
    sio_server_off(it->server, "/", NULL, probe_see, &joined);
}

static void close_house(house *it) {
    int i;
    for (i = 0; i < CLIENTS; i++) raw_leave(&it->clients[i]);
    CHECK(serve_idle(it->server));
    serve_destroy(it->server);
    CHECK_STATUS(sio_runtime_destroy(it->runtime), SIO_OK);
}

static void all_reply(void) {
    house it;
    probe p;
    int i, ends = 0;
    open_house(&it);
    probe_init(&p);
    CHECK_STATUS(sio_server_emit_with_ack(it.server, "/", NULL, "ask",
                                          sio_text_of("[1]"), NULL, 0,
                                          probe_see, &p, probe_release),
                 SIO_OK);
    for (i = 0; i < CLIENTS; i++) {
        CHECK(raw_expect(&it.clients[i], "420[\"ask\",1]"));
        CHECK(raw_send(&it.clients[i], "430[\"yes\"]"));
    }
    for (i = 0; i <= CLIENTS; i++) {
        const probe_event *event = probe_at(&p, i);
        if (event->kind == SIO_EVENT_ACKS) {
            CHECK_NUMBER(i, CLIENTS); /* behind all others */
            CHECK_NUMBER(event->status, SIO_OK);
            CHECK_NUMBER(event->socket_count, 0);
            ends++;
        } else {
            CHECK_NUMBER(event->kind, SIO_EVENT_ACK);
            CHECK_TEXT(event->args, "[\"yes\"]");
        }
    }
    CHECK_NUMBER(ends, 1);
    close_house(&it);
    serve_released_once(&p);
}

/* One that replies, and one that does not. 0 if all was over before that reply
 * came. */
static int some_reply_within(uint32_t timeout_ms) {
    house it;
    probe p;
    const probe_event *end;
    int in_time;
    open_house(&it);
    probe_init(&p);
    CHECK_STATUS(sio_broadcast_with_ack(it.sockets[0], NULL, "ask", no_args(),
                                        NULL, timeout_ms, probe_see, &p,
                                        probe_release),
                 SIO_OK);
    CHECK(raw_expect(&it.clients[1], "420[\"ask\"]"));
    CHECK(raw_send(&it.clients[1], "430[]"));
    in_time = probe_at(&p, 0)->kind == SIO_EVENT_ACK;
    if (!in_time) {
        close_house(&it);
        return 0;
    }
    CHECK_NUMBER(probe_at(&p, 0)->socket.id, it.sockets[1].id);
    end = probe_at(&p, 1);
    CHECK_NUMBER(end->kind, SIO_EVENT_ACKS);
    CHECK_NUMBER(end->status, SIO_E_TIMEOUT);
    CHECK_NUMBER(end->socket_count, 1);
    CHECK_NUMBER(end->sockets[0].id, it.sockets[2].id);
    CHECK(raw_expect(&it.clients[2], "420[\"ask\"]"));
    CHECK(raw_echo(&it.clients[0], "not asked"));
    close_house(&it);
    serve_released_once(&p);
    return 1;
}

static void some_are_silent(void) {
    uint32_t timeout_ms = 150;
    while (!some_reply_within(timeout_ms) && timeout_ms < 10000)
        timeout_ms *= 2;
    CHECK(timeout_ms < 10000);
}

/* One that is gone can still be asked for its id, as long as the end is told. */
static void ask_for_ids(const sio_event *event, void *context) {
    sio_socket_id_text id;
    size_t i;
    for (i = 0; i < event->socket_count; i++)
        CHECK_STATUS(sio_socket_id(event->sockets[i], &id), SIO_OK);
    probe_see(event, context);
}

static void some_leave(void) {
    house it;
    probe p;
    int i;
    open_house(&it);
    probe_init(&p);
    CHECK_STATUS(sio_server_emit_with_ack(it.server, "/", NULL, "ask",
                                          no_args(), NULL, 0, ask_for_ids, &p,
                                          probe_release),
                 SIO_OK);
    for (i = 0; i < CLIENTS; i++) {
        CHECK(raw_expect(&it.clients[i], "420[\"ask\"]"));
        CHECK(raw_send(&it.clients[i], "41"));
    }
    CHECK_NUMBER(probe_at(&p, 0)->kind, SIO_EVENT_ACKS);
    CHECK_NUMBER(probe_at(&p, 0)->status, SIO_E_DISCONNECTED);
    CHECK_NUMBER(probe_at(&p, 0)->socket_count, CLIENTS);
    close_house(&it);
    serve_released_once(&p);
}

static void nobody_and_errors(void) {
    sio_server server = serve_new(NULL);
    probe p;
    probe_init(&p);
    CHECK_STATUS(sio_server_emit_with_ack(server, "/", NULL, "ask", no_args(),
                                          NULL, 0, probe_see, &p,
                                          probe_release),
                 SIO_OK);
    CHECK_NUMBER(probe_at(&p, 0)->kind, SIO_EVENT_ACKS);
    CHECK_NUMBER(probe_at(&p, 0)->status, SIO_OK);
    CHECK(probe_wait_released(&p, 1));
    CHECK_STATUS(sio_server_emit_with_ack(server, "/", NULL, "ask",
                                          sio_text_of("{"), NULL, 0, probe_see,
                                          &p, probe_release),
                 SIO_E_JSON);
    CHECK_STATUS(sio_server_emit_with_ack(server, "/none", NULL, "ask",
                                          no_args(), NULL, 0, probe_see, &p,
                                          probe_release),
                 SIO_E_ARGUMENT);
    CHECK_NUMBER(probe_releases(&p), 1);
    serve_destroy(server);
}

/* In a queued runtime, too, and when the server goes before the program has
 * asked: the end comes on the thread that destroys it. */
static void queued(int destroyed) {
    sio_runtime_options runtime_options = SIO_RUNTIME_OPTIONS_INIT;
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_server server;
    raw_client client;
    probe joined, p;
    size_t n = 0;
    int i;
    probe_init(&joined);
    probe_init(&p);
    runtime_options.dispatch = SIO_DISPATCH_QUEUED;
    CHECK_STATUS(sio_runtime_new(&runtime_options, &options.runtime), SIO_OK);
    server = serve_new(&options);
    sio_server_on_connection(server, "/", probe_see, &joined, NULL);
    CHECK(raw_join_websocket(&client, serve_listen(server)));
    CHECK_STATUS(sio_runtime_dispatch(options.runtime, 0, RAW_PATIENCE_MS, &n),
                 SIO_OK);
    CHECK_STATUS(sio_server_emit_with_ack(server, "/", NULL, "ask", no_args(),
                                          NULL, 0, ask_for_ids, &p,
                                          probe_release),
                 SIO_OK);
    CHECK(raw_expect(&client, "420[\"ask\"]"));
    if (destroyed) {
        serve_destroy(server);
        CHECK_NUMBER(probe_calls(&p), 1);
        CHECK_NUMBER(probe_at(&p, 0)->kind, SIO_EVENT_ACKS);
        CHECK_NUMBER(probe_at(&p, 0)->status, SIO_E_CLOSED);
        raw_abort(&client);
    } else {
        raw_abort(&client);
        for (i = 0; i < 20 && probe_calls(&p) == 0; i++)
            sio_runtime_dispatch(options.runtime, 0, 500, NULL);
        CHECK_NUMBER(probe_at(&p, 0)->status, SIO_E_DISCONNECTED);
        CHECK_NUMBER(probe_at(&p, 0)->socket_count, 1);
        serve_destroy(server);
    }
    serve_released_once(&p);
    CHECK_STATUS(sio_runtime_destroy(options.runtime), SIO_OK);
}

static void rooms_for_all(void) {
    house it;
    sio_target target = SIO_TARGET_INIT;
    sio_socket *sockets;
    size_t n;
    static const char *const red[] = {"red"};
    open_house(&it);
    target.except_socket = it.sockets[0];
    CHECK_STATUS(sio_server_sockets_join(it.server, "/", &target, "red"),
                 SIO_OK);
    target.except_socket.id = 0;
    target.rooms = red;
    target.room_count = 1;
    CHECK_STATUS(
        sio_server_fetch_sockets(it.server, "/", &target, &sockets, &n),
        SIO_OK);
    CHECK_NUMBER(n, 2);
    CHECK(sockets[0].id != it.sockets[0].id);
    sio_free(sockets);
    target.except_socket = it.sockets[1];
    CHECK_STATUS(sio_server_sockets_leave(it.server, "/", &target, "red"),
                 SIO_OK);
    target.except_socket.id = 0;
    CHECK_STATUS(
        sio_server_fetch_sockets(it.server, "/", &target, &sockets, &n),
        SIO_OK);
    CHECK_NUMBER(n, 1);
    CHECK_NUMBER(sockets[0].id, it.sockets[1].id);
    sio_free(sockets);
    CHECK_STATUS(sio_server_sockets_join(it.server, "/", NULL, NULL),
                 SIO_E_ARGUMENT);
    close_house(&it);
}

int main(void) {
    all_reply();
    some_are_silent();
    some_leave();
    nobody_and_errors();
    queued(0);
    queued(1);
    rooms_for_all();
    return check_total();
}
