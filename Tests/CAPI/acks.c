/*
 * acks.c - replies in both directions. What the server asked ends exactly once:
 * with a reply, by time, or because the client or the server went away.
 */
#include <stdio.h>

#include "serve.h"

/* A server with one client; "ask" is seen by a probe. */
typedef struct talk {
    sio_server server;
    probe joined, asked;
    raw_client client;
    sio_socket socket;
} talk;

static void begin(talk *it, int polling) {
    int port;
    probe_init(&it->joined);
    probe_init(&it->asked);
    it->server = serve_new(NULL);
    sio_server_on_connection(it->server, "/", probe_see, &it->joined, NULL);
    sio_server_on(it->server, "/", "ask", probe_see, &it->asked, NULL);
    sio_server_on(it->server, "/", "echo", serve_echo, NULL, NULL);
    port = serve_listen(it->server);
    REQUIRE(polling ? raw_join_polling(&it->client, port)
                    : raw_join_websocket(&it->client, port));
    it->socket = probe_at(&it->joined, 0)->socket;
}

static void end(talk *it) {
    raw_leave(&it->client);
    CHECK(serve_idle(it->server));
    serve_destroy(it->server);
}

/* Asks the client; the id that the client has to reply with. */
static long ask(talk *it, uint32_t timeout_ms, probe *reply) {
    const char *packet;
    long id = -1;
    CHECK_STATUS(sio_emit_with_ack(it->socket, "q", sio_text_of("[1]"), NULL,
                                   timeout_ms, probe_see, reply, probe_release),
                 SIO_OK);
    packet = raw_receive(&it->client);
    if (packet == NULL || sscanf(packet, "42%ld[\"q\",1]", &id) != 1)
        CHECK(!"an event with an ack id");
    return id;
}

static int answer(talk *it, long id, const char *args) {
    char packet[256];
    snprintf(packet, sizeof packet, "43%ld%s", id, args);
    return raw_send(&it->client, packet);
}

/* The one event that ends an ack; nothing may come after it. */
static void ended_with(probe *reply, sio_status status) {
    CHECK_NUMBER(probe_at(reply, 0)->kind, SIO_EVENT_ACK);
    CHECK_STATUS(probe_at(reply, 0)->status, status);
    serve_released_once(reply);
    CHECK_NUMBER(probe_calls(reply), 1);
}

/* Clients ask */

static void replied(int polling) {
    talk it;
    sio_ack ack;
    begin(&it, polling);
    CHECK(raw_send(&it.client, "420[\"ask\",1]")); /* 0 is an id */
    ack = probe_at(&it.asked, 0)->ack;
    CHECK(ack.id != 0);
    CHECK_TEXT(probe_at(&it.asked, 0)->args, "[1]");
    CHECK_NUMBER(serve_counts(it.server).pending_replies, 1);
    CHECK_STATUS(sio_reply(ack, sio_text_of("[\"yes\",{\"a\":1}]"), NULL),
                 SIO_OK);
    CHECK(raw_expect(&it.client, "430[\"yes\",{\"a\":1}]"));
    CHECK_NUMBER(serve_counts(it.server).pending_replies, 0);
    CHECK_STATUS(sio_reply(ack, no_args(), NULL), SIO_E_HANDLE);
    CHECK(raw_send(&it.client, "42123456[\"ask\"]"));
    CHECK_STATUS(sio_reply(probe_at(&it.asked, 1)->ack, no_args(), NULL),
                 SIO_OK);
    CHECK(raw_expect(&it.client, "43123456[]"));
    end(&it);
}

/* In another order than asked. */
static void replied_out_of_order(void) {
    talk it;
    begin(&it, 0);
    CHECK(raw_send(&it.client, "421[\"ask\"]"));
    CHECK(raw_send(&it.client, "422[\"ask\"]"));
    CHECK(probe_wait(&it.asked, 2));
    CHECK_STATUS(sio_reply(probe_at(&it.asked, 1)->ack, no_args(), NULL),
                 SIO_OK);
    CHECK_STATUS(sio_reply(probe_at(&it.asked, 0)->ack, no_args(), NULL),
                 SIO_OK);
    CHECK(raw_expect(&it.client, "432[]"));
    CHECK(raw_expect(&it.client, "431[]"));
    end(&it);
}

static void asker_gone(void) {
    talk it;
    begin(&it, 0);
    CHECK(raw_send(&it.client, "421[\"ask\"]"));
    CHECK(probe_wait(&it.asked, 1));
    raw_abort(&it.client);
    CHECK(serve_idle(it.server));
    CHECK_STATUS(sio_reply(probe_at(&it.asked, 0)->ack, no_args(), NULL),
                 SIO_E_HANDLE);
    serve_destroy(it.server);
}

/* The server asks */

static void answered(int polling) {
    talk it;
    probe reply;
    long id;
    begin(&it, polling);
    probe_init(&reply);
    id = ask(&it, 0, &reply);
    CHECK_NUMBER(serve_counts(it.server).pending_acks, 1);
    CHECK(answer(&it, id, "[\"fine\",2]"));
    ended_with(&reply, SIO_OK);
    CHECK_TEXT(probe_at(&reply, 0)->args, "[\"fine\",2]");
    CHECK_TEXT(probe_at(&reply, 0)->nsp, "/");
    CHECK_NUMBER(probe_at(&reply, 0)->socket.id, it.socket.id);
    CHECK_NUMBER(serve_counts(it.server).pending_acks, 0);
    /* Again, and for what nobody asked: ignored. */
    CHECK(answer(&it, id, "[\"again\"]"));
    CHECK(answer(&it, 999999, "[]"));
    CHECK(raw_send(&it.client, "43")); /* no id at all */
    CHECK(raw_echo(&it.client, "echo"));
    CHECK_NUMBER(probe_calls(&reply), 1);
    end(&it);
    CHECK_NUMBER(probe_releases(&reply), 1);
}

static void timed_out(void) {
    talk it;
    probe reply;
    long id, long_id;
    long long before;
    probe in_time;
    begin(&it, 0);
    probe_init(&reply);
    probe_init(&in_time);
    long_id = ask(&it, 60000, &in_time);
    before = raw_now_ms();
    id = ask(&it, 100, &reply);
    ended_with(&reply, SIO_E_TIMEOUT);
    CHECK(raw_now_ms() - before >= 95);
    CHECK(raw_now_ms() - before < 30000);
    CHECK(answer(&it, id, "[\"late\"]"));
    CHECK(answer(&it, long_id, "[\"in time\"]"));
    ended_with(&in_time, SIO_OK);
    CHECK_NUMBER(probe_calls(&reply), 1);
    end(&it);
    CHECK_NUMBER(probe_releases(&reply), 1);
}

static void client_went(int orderly) {
    talk it;
    probe reply;
    begin(&it, 0);
    probe_init(&reply);
    ask(&it, 60000, &reply);
    if (orderly)
        raw_send(&it.client, "41");
    else
        raw_abort(&it.client);
    ended_with(&reply, SIO_E_DISCONNECTED);
    end(&it);
    CHECK_NUMBER(probe_releases(&reply), 1);
}

static void disconnected_by_us(void) {
    talk it;
    probe reply;
    begin(&it, 0);
    probe_init(&reply);
    ask(&it, 0, &reply);
    CHECK_STATUS(sio_socket_disconnect(it.socket, 0), SIO_OK);
    ended_with(&reply, SIO_E_DISCONNECTED);
    end(&it);
}

static void server_closed(void) {
    talk it;
    probe reply;
    begin(&it, 0);
    probe_init(&reply);
    ask(&it, 0, &reply);
    CHECK_STATUS(sio_server_close(it.server), SIO_OK);
    ended_with(&reply, SIO_E_CLOSED);
    end(&it);
}

static void server_destroyed(void) {
    talk it;
    probe reply;
    begin(&it, 0);
    probe_init(&reply);
    ask(&it, 60000, &reply);
    serve_destroy(it.server);
    CHECK_NUMBER(probe_calls(&reply), 1);
    CHECK_NUMBER(probe_releases(&reply), 1);
    CHECK_STATUS(probe_at(&reply, 0)->status, SIO_E_CLOSED);
    raw_abort(&it.client);
}

/* Nobody to ask: no call, no release. */
static void nobody_to_ask(void) {
    talk it;
    probe reply;
    begin(&it, 0);
    probe_init(&reply);
    raw_abort(&it.client);
    CHECK(serve_idle(it.server));
    CHECK_STATUS(sio_emit_with_ack(it.socket, "q", no_args(), NULL, 0,
                                   probe_see, &reply, probe_release),
                 SIO_E_HANDLE);
    serve_destroy(it.server);
    CHECK_NUMBER(probe_calls(&reply), 0);
    CHECK_NUMBER(probe_releases(&reply), 0);
}

enum {
    MANY = 500
};

static void many_at_once(void) {
    static probe replies[MANY];
    static long ids[MANY];
    talk it;
    char args[32];
    int i, wrong = 0;
    begin(&it, 0);
    for (i = 0; i < MANY; i++) {
        probe_init(&replies[i]);
        ids[i] = ask(&it, 60000, &replies[i]);
    }
    CHECK_NUMBER(serve_counts(it.server).pending_acks, MANY);
    for (i = MANY - 1; i >= 0; i--) {
        snprintf(args, sizeof args, "[%d]", i);
        answer(&it, ids[i], args);
    }
    for (i = 0; i < MANY; i++) {
        snprintf(args, sizeof args, "[%d]", i);
        wrong += strcmp(probe_at(&replies[i], 0)->args, args) != 0;
    }
    CHECK_NUMBER(wrong, 0);
    end(&it);
    for (i = 0; i < MANY; i++)
        wrong +=
            probe_calls(&replies[i]) != 1 || probe_releases(&replies[i]) != 1;
    CHECK_NUMBER(wrong, 0);
}

/* An ack callback may ask again. */
typedef struct chain {
    int left;
    probe last;
} chain;

static void ask_again(const sio_event *event, void *context) {
    chain *it = (chain *)context;
    if (it->left-- > 0)
        sio_emit_with_ack(event->socket, "q", no_args(), NULL, 0, ask_again, it,
                          NULL);
    else
        probe_see(event, &it->last);
}

static void asked_from_the_reply(void) {
    talk it;
    chain links;
    int i;
    begin(&it, 0);
    probe_init(&links.last);
    links.left = 5;
    CHECK_STATUS(sio_emit_with_ack(it.socket, "q", no_args(), NULL, 0,
                                   ask_again, &links, NULL),
                 SIO_OK);
    for (i = 0; i < 6; i++) {
        long id = -1;
        const char *packet = raw_receive(&it.client);
        CHECK(packet != NULL && sscanf(packet, "42%ld[", &id) == 1);
        CHECK(answer(&it, id, "[]"));
    }
    CHECK(probe_wait(&links.last, 1));
    end(&it);
}

int main(void) {
    replied(0);
    replied(1);
    replied_out_of_order();
    asker_gone();
    answered(0);
    answered(1);
    timed_out();
    client_went(1);
    client_went(0);
    disconnected_by_us();
    server_closed();
    server_destroyed();
    nobody_to_ask();
    many_at_once();
    asked_from_the_reply();
    return check_total();
}
