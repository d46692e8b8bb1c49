/*
 * combinations.c - what is legal by itself, together: functions that take
 * themselves back while they run, ends in the middle of asking, flags of all
 * kinds on one emit, parents with replies.
 */
#include "serve.h"

#include <stdio.h>
#include <string.h>

static void remove_all(const sio_event *event, void *context) {
    probe_see(event, context);
    CHECK_STATUS(
        sio_server_remove_all_listeners(event->server, event->nsp.data, NULL),
        SIO_OK);
    if (event->ack.id)
        CHECK_STATUS(sio_reply(event->ack, sio_text_of("[1]"), NULL), SIO_OK);
}

/* A function that takes back all, itself included, is whole until it returns. */
static void all_go(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    probe first, remover, behind, others, of_socket;
    sio_socket socket;
    probe_init(&first);
    probe_init(&remover);
    probe_init(&behind);
    probe_init(&others);
    probe_init(&of_socket);
    sio_server_on_connection(server, "/", probe_see, &others, probe_release);
    sio_server_on_disconnecting(server, "/", probe_see, &others, probe_release);
    sio_server_on_room(server, "/", probe_see, &others, probe_release);
    sio_server_on_any_outgoing(server, "/", 0, probe_see, &others,
                               probe_release);
    CHECK(raw_join_websocket(&client, serve_listen(server)));
    CHECK(probe_wait(&others, 3)); /* create-room, join-room, connection */
    socket = probe_at(&others, 0)->socket;
    sio_server_add_listener(server, "/", "x", SIO_LISTENER_ONCE, probe_see,
                            &first, probe_release);
    sio_server_on(server, "/", "x", remove_all, &remover, probe_release);
    sio_server_on(server, "/", "x", probe_see, &behind, probe_release);
    sio_socket_on(socket, "x", probe_see, &of_socket, probe_release);
    CHECK(raw_send(&client, "421[\"x\"]"));
    CHECK(raw_expect(&client, "431[1]"));
    CHECK(raw_send(&client, "422[\"x\"]"));
    CHECK_STATUS(sio_emit(socket, "end", no_args(), NULL), SIO_OK);
    CHECK(raw_expect(&client, "42[\"end\"]"));
    CHECK(probe_wait(&of_socket, 2)); /* it is the socket's, and stays */
    serve_released_once(&first);
    serve_released_once(&remover);
    serve_released_once(&behind);
    CHECK(probe_wait_released(&others, 4));
    CHECK_NUMBER(probe_calls(&remover), 1);
    raw_leave(&client);
    CHECK(serve_idle(server));
    CHECK_NUMBER(probe_calls(&others), 3);
    serve_released_once(&of_socket);
    serve_destroy(server);
}

static void reply_once(const sio_event *event, void *context) {
    probe_see(event, context);
    if (event->ack.id) {
        CHECK_STATUS(sio_reply(event->ack, sio_text_of("[\"once\"]"), NULL),
                     SIO_OK);
        CHECK_STATUS(sio_reply(event->ack, no_args(), NULL), SIO_E_HANDLE);
    }
    /* It is taken back already. */
    CHECK_STATUS(sio_server_off(event->server, event->nsp.data, "x", reply_once,
                                context),
                 SIO_E_ARGUMENT);
}

static void add_again(const sio_event *event, void *context) {
    probe_see(event, context);
    CHECK_STATUS(sio_server_add_listener(event->server, event->nsp.data, "y",
                                         SIO_LISTENER_ONCE, add_again, context,
                                         probe_release),
                 SIO_OK);
    CHECK_STATUS(sio_reply(event->ack, no_args(), NULL), SIO_OK);
}

static void once_with_replies(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    probe once, again;
    probe_init(&once);
    probe_init(&again);
    sio_server_add_listener(server, "/", "x", SIO_LISTENER_ONCE, reply_once,
                            &once, probe_release);
    sio_server_add_listener(server, "/", "y", SIO_LISTENER_ONCE, add_again,
                            &again, probe_release);
    CHECK(raw_join_websocket(&client, serve_listen(server)));
    CHECK(raw_send(&client, "421[\"x\"]"));
    CHECK(raw_expect(&client, "431[\"once\"]"));
    CHECK(raw_send(&client, "422[\"x\"]")); /* nobody replies */
    CHECK(raw_send(&client, "423[\"y\"]"));
    CHECK(raw_expect(&client, "433[]"));
    CHECK(raw_send(&client, "424[\"y\"]"));
    CHECK(raw_expect(&client, "434[]"));
    CHECK_NUMBER(probe_calls(&once), 1);
    serve_released_once(&once);
    CHECK_NUMBER(probe_calls(&again), 2);
    CHECK(probe_wait_released(&again, 2));
    raw_leave(&client);
    CHECK(serve_idle(server));
    serve_destroy(server);
    CHECK_NUMBER(probe_releases(&again), 3);
}

static int ends_connection;

static void end_and_accept(const sio_event *event, void *context) {
    sio_socket socket = event->socket;
    probe_see(event, context);
    CHECK_STATUS(sio_emit(socket, "last", no_args(), NULL), SIO_OK);
    CHECK_STATUS(sio_socket_disconnect(socket, ends_connection), SIO_OK);
    CHECK_STATUS(sio_accept(event->request), SIO_E_HANDLE);
    CHECK_STATUS(sio_emit(socket, "never", no_args(), NULL), SIO_E_HANDLE);
}

/* A middleware that disconnects the client has decided. */
static void disconnected_in_middleware(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    probe asked, joined;
    int port;
    probe_init(&asked);
    probe_init(&joined);
    sio_server_use(server, "/", end_and_accept, &asked, NULL);
    sio_server_on_connection(server, "/", probe_see, &joined, NULL);
    sio_server_on_disconnect(server, "/", probe_see, &joined, NULL);
    port = serve_listen(server);
    for (ends_connection = 0; ends_connection < 2; ends_connection++) {
        CHECK(raw_open_websocket(&client, port));
        CHECK(raw_send(&client, "40"));
        CHECK(raw_expect(&client, "42[\"last\"]"));
        CHECK(raw_expect(&client, "41"));
        if (ends_connection)
            CHECK(raw_expect_end(&client));
        else
            CHECK(raw_silent(&client, 50));
        raw_leave(&client);
        CHECK(serve_idle(server));
    }
    CHECK_NUMBER(probe_calls(&asked), 2);
    CHECK_NUMBER(probe_calls(&joined), 0);
    serve_destroy(server);
}

/* Everything that an emit can say, at once. */
static void all_flags(void) {
    static const char *const rooms[] = {"red", "blue"};
    static const char *const except[] = {"blue"};
    static const char wanted[] =
        "451-0[\"x\",{\"_placeholder\":true,\"num\":0}]";
    sio_server server = serve_new(NULL);
    sio_emit_options options = SIO_EMIT_OPTIONS_INIT;
    sio_target target = SIO_TARGET_INIT;
    sio_bytes bytes = {"ab", 2};
    raw_client clients[4]; /* 3 does not poll */
    probe joined, replies;
    sio_totals totals;
    const probe_event *end;
    long long limit;
    int port, i;
    probe_init(&joined);
    probe_init(&replies);
    sio_server_on_connection(server, "/", probe_see, &joined, NULL);
    port = serve_listen(server);
    for (i = 0; i < 4; i++) {
        CHECK(i < 3 ? raw_join_websocket(&clients[i], port)
                    : raw_join_polling(&clients[i], port));
        CHECK(probe_wait(&joined, i + 1));
        if (i != 1) sio_socket_join(probe_at(&joined, i)->socket, "red");
    }
    sio_socket_join(probe_at(&joined, 2)->socket, "blue");
    options.flags = SIO_EMIT_VOLATILE | SIO_EMIT_LOCAL | SIO_EMIT_NO_COMPRESS;
    options.attachments = &bytes;
    options.attachment_count = 1;
    options.coalesce_key = "key";
    options.overflow = SIO_OVERFLOW_DROP_OLDEST;
    target.rooms = rooms;
    target.room_count = 2;
    target.except = except;
    target.except_count = 1;
    CHECK_STATUS(sio_server_emit_with_ack(
                     server, "/", &target, "x",
                     sio_text_of("[{\"_placeholder\":true,\"num\":0}]"),
                     &options, 60000, probe_see, &replies, probe_release),
                 SIO_OK);
    CHECK(raw_expect(&clients[0], wanted));
    CHECK(raw_expect_bytes(&clients[0], "ab", 2));
    CHECK(raw_send(&clients[0], "430[7]"));
    CHECK(probe_wait(&replies, 2));
    CHECK_TEXT(probe_at(&replies, 0)->args, "[7]");
    end = probe_at(&replies, 1);
    CHECK_NUMBER(end->kind, SIO_EVENT_ACKS);
    CHECK_STATUS(end->status, SIO_E_LIMIT);
    if (CHECK_NUMBER(end->socket_count, 1))
        CHECK_NUMBER(end->sockets[0].id, probe_at(&joined, 3)->socket.id);
    serve_released_once(&replies);
    CHECK_STATUS(sio_server_totals(server, sizeof totals, &totals), SIO_OK);
    CHECK_NUMBER(totals.dropped_volatile, 1);
    /* And to others than a socket, from that socket. */
    CHECK_STATUS(
        sio_broadcast(probe_at(&joined, 0)->socket, NULL, "y",
                      sio_text_of("[{\"_placeholder\":true,\"num\":0}]"),
                      &options),
        SIO_OK);
    for (i = 1; i < 3; i++) {
        CHECK(raw_expect(&clients[i],
                         "451-[\"y\",{\"_placeholder\":true,\"num\":0}]"));
        CHECK(raw_expect_bytes(&clients[i], "ab", 2));
    }
    CHECK(raw_silent(&clients[0], 50));
    limit = raw_now_ms() + RAW_PATIENCE_MS; /* for another event loop */
    do {
        CHECK_STATUS(sio_server_totals(server, sizeof totals, &totals), SIO_OK);
    } while (totals.dropped_volatile < 2 && raw_now_ms() < limit);
    CHECK_NUMBER(totals.dropped_volatile, 2);
    for (i = 0; i < 4; i++) raw_leave(&clients[i]);
    CHECK(serve_idle(server));
    serve_destroy(server);
}

/* A parent's broadcast asks the sockets of all its children. */
static void parents_ask(void) {
    sio_server server = serve_new(NULL);
    raw_client one, two;
    probe none, all;
    const char *packet;
    int port, i;
    probe_init(&none);
    probe_init(&all);
    CHECK_STATUS(sio_server_namespace_pattern(server, "/room-*"), SIO_OK);
    port = serve_listen(server);
    CHECK_STATUS(sio_server_emit_with_ack(server, "/room-*", NULL, "ask",
                                          no_args(), NULL, 60000, probe_see,
                                          &none, probe_release),
                 SIO_OK);
    serve_released_once(&none);
    CHECK_NUMBER(probe_calls(&none), 1);
    CHECK_STATUS(probe_at(&none, 0)->status, SIO_OK);
    CHECK_NUMBER(probe_at(&none, 0)->socket_count, 0);
    CHECK(raw_open_websocket(&one, port));
    CHECK(raw_open_websocket(&two, port));
    CHECK(raw_join(&one, "/room-1", NULL));
    CHECK(raw_join(&two, "/room-2", NULL));
    CHECK_STATUS(sio_server_emit_with_ack(server, "/room-*", NULL, "ask",
                                          no_args(), NULL, 60000, probe_see,
                                          &all, probe_release),
                 SIO_OK);
    for (i = 1; i <= 2; i++) {
        raw_client *client = i == 1 ? &one : &two;
        char reply[32];
        int id = -1;
        packet = raw_receive(client);
        if (CHECK(packet != NULL && strncmp(packet, "42/room-", 8) == 0)) {
            CHECK(sscanf(packet + 10, "%d[\"ask\"]", &id) == 1);
            snprintf(reply, sizeof reply, "43/room-%d,%d[%d]", i, id, i);
            CHECK(raw_send(client, reply));
        }
    }
    CHECK(probe_wait(&all, 3));
    CHECK_NUMBER(probe_at(&all, 2)->kind, SIO_EVENT_ACKS);
    CHECK_STATUS(probe_at(&all, 2)->status, SIO_OK);
    CHECK_STATUS(sio_server_disconnect(server, "/room-*", NULL, 0), SIO_OK);
    CHECK(raw_expect(&one, "41/room-1,"));
    CHECK(raw_expect(&two, "41/room-2,"));
    raw_leave(&one);
    raw_leave(&two);
    CHECK(serve_idle(server));
    serve_destroy(server);
}

static void look(const sio_event *event, void *context) {
    sio_text text;
    sio_counts counts;
    sio_totals totals;
    probe_see(event, context);
    CHECK_STATUS(sio_server_metrics(event->server, &text), SIO_OK);
    CHECK(strstr(text.data, "# EOF") != NULL);
    sio_free(text.data);
    CHECK_STATUS(sio_server_counts(event->server, sizeof counts, &counts),
                 SIO_OK);
    CHECK_STATUS(sio_server_totals(event->server, sizeof totals, &totals),
                 SIO_OK);
    if (event->kind == SIO_EVENT_SERVER_CLOSED) {
        CHECK_NUMBER(counts.sockets, 0);
        CHECK_NUMBER(counts.pending_acks, 0);
        CHECK_NUMBER(totals.disconnects, 2);
        CHECK_NUMBER(totals.acks_failed, 3);
    }
}

/* Who waits for replies when a server drains is told, once, and numbers are
 * there all the time. */
static void drained_while_asking(int drain) {
    sio_server server = serve_new(NULL);
    raw_client one, two;
    probe joined, seen, reply, replies;
    int port;
    probe_init(&joined);
    probe_init(&seen);
    probe_init(&reply);
    probe_init(&replies);
    sio_server_on_connection(server, "/", probe_see, &joined, NULL);
    sio_server_on_disconnecting(server, "/", look, &seen, NULL);
    sio_server_on_disconnect(server, "/", look, &seen, NULL);
    sio_server_on_close(server, look, &seen, NULL);
    port = serve_listen(server);
    CHECK(raw_join_websocket(&one, port));
    CHECK(raw_join_polling(&two, port));
    CHECK(probe_wait(&joined, 2));
    CHECK_STATUS(sio_emit_with_ack(probe_at(&joined, 0)->socket, "ask",
                                   no_args(), NULL, 0, probe_see, &reply,
                                   probe_release),
                 SIO_OK);
    CHECK_STATUS(sio_server_emit_with_ack(server, "/", NULL, "ask", no_args(),
                                          NULL, 60000, probe_see, &replies,
                                          probe_release),
                 SIO_OK);
    if (drain) {
        CHECK_STATUS(sio_server_drain(server, 100), SIO_OK);
        CHECK_STATUS(sio_server_drain(server, 60000), SIO_OK);
    } else {
        CHECK_STATUS(sio_server_close(server), SIO_OK);
    }
    CHECK_STATUS(sio_server_wait(server), SIO_OK);
    serve_released_once(&reply);
    serve_released_once(&replies);
    CHECK_NUMBER(probe_calls(&reply), 1);
    CHECK_STATUS(probe_at(&reply, 0)->status, SIO_E_CLOSED);
    CHECK_NUMBER(probe_calls(&replies), 1);
    CHECK_STATUS(probe_at(&replies, 0)->status, SIO_E_CLOSED);
    CHECK_NUMBER(probe_at(&replies, 0)->socket_count, 2);
    CHECK(probe_wait(&seen, 5));
    CHECK_NUMBER(probe_at(&seen, 4)->kind, SIO_EVENT_SERVER_CLOSED);
    CHECK_TEXT(probe_at(&seen, 0)->reason, "server shutting down");
    raw_abort(&one);
    raw_abort(&two);
    serve_destroy(server);
}

int main(void) {
    all_go();
    once_with_replies();
    disconnected_in_middleware();
    all_flags();
    parents_ask();
    drained_while_asking(0);
    drained_while_asking(1);
    return check_total();
}
