/*
 * client_reconnect.c - connections that break, or cannot be made, and are made
 * again: events, attempts, what waits meanwhile, and when there is no other.
 */
#include <stdio.h>
#include <unistd.h>

#include "dial.h"
#include "raw_server.h"

static sio_client_options over_websocket(int port) {
    sio_client_options options = dial_options(port);
    options.transports = SIO_TRANSPORT_WEBSOCKET;
    return options;
}

/* The server cuts the connection: the client comes back, with what it had. */
static void comes_back(void) {
    raw_server server;
    raw_peer peer;
    sio_client_options options;
    dial it;
    probe reply;
    int i;
    REQUIRE(raw_server_open(&server));
    options = over_websocket(server.port);
    probe_init(&reply);
    dial_new(&it, &options);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    REQUIRE(raw_welcome(&server, &peer));
    CHECK(probe_wait(&it.joined, 1));
    CHECK_TEXT(it.joined.events[0].id, "id");
    CHECK_NUMBER(it.joined.events[0].transport, SIO_TRANSPORT_WEBSOCKET);
    for (i = 1; i <= 3; i++) {
        raw_cut(&peer);
        CHECK(probe_wait(&it.left, i));
        CHECK(strncmp(it.left.events[i - 1].reason, "transport ", 10) == 0);
        CHECK(it.left.events[i - 1].code != SIO_FAILURE_NONE);
        CHECK_NUMBER(it.left.events[i - 1].transport, SIO_TRANSPORT_WEBSOCKET);
        CHECK_STATUS(sio_client_emit(it.client, "/", "late", no_args(), NULL),
                     SIO_OK);
        REQUIRE(raw_welcome(&server, &peer));
        CHECK(raw_heard(&peer, "42[\"late\"]"));
        CHECK(probe_wait(&it.joined, i + 1));
    }
    CHECK(probe_wait(&it.again, 6));
    for (i = 0; i < 6; i++) {
        CHECK_NUMBER(it.again.events[i].kind, i % 2 == 0
                                                  ? SIO_EVENT_RECONNECT_ATTEMPT
                                                  : SIO_EVENT_RECONNECT);
        CHECK_NUMBER(it.again.events[i].attempt, 1);
        CHECK_NUMBER(it.again.events[i].client.id, it.client.id);
    }
    CHECK_NUMBER(probe_calls(&it.failed), 0);
    raw_part(&peer);
    dial_destroy(&it);
    raw_server_close(&server);
}

/* Awaited replies end when the connection does; what was not sent waits. */
static void replies(void) {
    raw_server server;
    raw_peer peer;
    sio_client_options options;
    dial it;
    probe sent, waiting;
    REQUIRE(raw_server_open(&server));
    options = over_websocket(server.port);
    probe_init(&sent);
    probe_init(&waiting);
    dial_new(&it, &options);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    REQUIRE(raw_welcome(&server, &peer));
    CHECK(probe_wait(&it.joined, 1));
    CHECK_STATUS(sio_client_emit_with_ack(it.client, "/", "a", no_args(), NULL,
                                          0, probe_see, &sent, probe_release),
                 SIO_OK);
    CHECK(raw_heard(&peer, "420[\"a\"]"));
    CHECK_NUMBER(dial_state(&it).pending_acks, 1);
    raw_cut(&peer);
    CHECK_STATUS(probe_at(&sent, 0)->status, SIO_E_DISCONNECTED);
    CHECK_TEXT(probe_at(&sent, 0)->nsp, "/");
    serve_released_once(&sent);
    CHECK(probe_wait(&it.left, 1));
    CHECK_STATUS(sio_client_emit_with_ack(it.client, "/", "b", no_args(), NULL,
                                          0, probe_see, &waiting,
                                          probe_release),
                 SIO_OK);
    REQUIRE(raw_welcome(&server, &peer));
    CHECK(raw_heard(&peer, "421[\"b\"]"));
    CHECK(raw_tell(&peer, "431[\"yes\"]"));
    CHECK_STATUS(probe_at(&waiting, 0)->status, SIO_OK);
    CHECK_TEXT(probe_at(&waiting, 0)->args, "[\"yes\"]");
    serve_released_once(&waiting);
    raw_part(&peer);
    dial_destroy(&it);
    raw_server_close(&server);
}

/* Nobody listens: so many attempts, each with its failure, and the end. */
static void gives_up(void) {
    raw_server server;
    sio_client_options options;
    dial it;
    int i;
    REQUIRE(raw_server_refuse(&server));
    options = over_websocket(server.port);
    options.reconnection_attempts = 3;
    dial_new(&it, &options);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    CHECK(probe_wait(&it.again, 7));
    for (i = 0; i < 6; i++) {
        CHECK_NUMBER(it.again.events[i].kind, i % 2 == 0
                                                  ? SIO_EVENT_RECONNECT_ATTEMPT
                                                  : SIO_EVENT_RECONNECT_ERROR);
        CHECK_NUMBER(it.again.events[i].attempt, i / 2 + 1);
    }
    CHECK_NUMBER(it.again.events[1].code, SIO_FAILURE_CONNECT);
    CHECK(it.again.events[1].system_error != 0);
    CHECK_NUMBER(it.again.events[6].kind, SIO_EVENT_RECONNECT_FAILED);
    CHECK_NUMBER(it.again.events[6].attempt, 3);
    CHECK(probe_wait(&it.failed, 4));
    CHECK_NUMBER(it.failed.events[0].code, SIO_FAILURE_CONNECT);
    CHECK(it.failed.events[0].system_error != 0);
    CHECK(it.failed.events[0].reason[0] != '\0');
    /* It can be told to go on. */
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    CHECK(probe_wait(&it.again, 14));
    dial_end(&it);
    raw_server_close(&server);
}

static void no_reconnection(void) {
    raw_server server;
    raw_peer peer;
    sio_client_options options;
    dial it;
    REQUIRE(raw_server_open(&server));
    options = over_websocket(server.port);
    options.flags = SIO_CLIENT_NO_RECONNECTION;
    dial_new(&it, &options);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    REQUIRE(raw_welcome(&server, &peer));
    CHECK(probe_wait(&it.joined, 1));
    raw_cut(&peer);
    CHECK(probe_wait(&it.left, 1));
    CHECK(raw_nobody(&server, 100));
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    REQUIRE(raw_welcome(&server, &peer));
    CHECK(probe_wait(&it.joined, 2));
    CHECK_NUMBER(probe_calls(&it.again), 0);
    raw_part(&peer);
    dial_destroy(&it);
    raw_server_close(&server);
}

/* What the server ends in order is not begun again. */
static void thrown_out(void) {
    raw_server server;
    raw_peer peer;
    sio_client_options options;
    dial it;
    REQUIRE(raw_server_open(&server));
    options = over_websocket(server.port);
    dial_new(&it, &options);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    REQUIRE(raw_welcome(&server, &peer));
    CHECK(probe_wait(&it.joined, 1));
    CHECK(raw_tell(&peer, "41"));
    CHECK_TEXT(probe_at(&it.left, 0)->reason, "io server disconnect");
    CHECK_NUMBER(dial_state(&it).active, 0);
    raw_part(&peer);
    CHECK(raw_nobody(&server, 100));
    CHECK_NUMBER(probe_calls(&it.again), 0);
    dial_end(&it);
    raw_server_close(&server);
}

/* Back-off: attempts come later and later, and closing ends them. */
static void backs_off(void) {
    raw_server server;
    sio_client_options options;
    dial it;
    long long before;
    REQUIRE(raw_server_refuse(&server));
    options = over_websocket(server.port);
    options.reconnection_delay_ms = 20;
    options.reconnection_delay_max_ms = 10000;
    options.randomization_factor = -1;
    dial_new(&it, &options);
    before = raw_now_ms();
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    CHECK(probe_wait(&it.again, 5)); /* 20 + 40 + 80 */
    CHECK(raw_now_ms() - before >= 135);
    CHECK(raw_now_ms() - before < 10000);
    CHECK(dial_state(&it).attempt >= 3);
    CHECK_NUMBER(dial_state(&it).active, 1);
    dial_end(&it);
    raw_server_close(&server);
}

/* That the next packet but those that come again is this one. */
static int heard_next(raw_peer *peer, const char *before, const char *packet) {
    do {
        if (!raw_hear(peer)) return 0;
    } while (strcmp(peer->packet, before) == 0);
    if (strcmp(peer->packet, packet) == 0) return 1;
    printf("  expected \"%s\", got \"%s\"\n", packet, peer->packet);
    return 0;
}

/* A client that sends an event again after 50 ms without a reply, so often. */
static void begin_retrying(dial *it, raw_server *server, raw_peer *peer,
                           uint32_t retries) {
    sio_client_options options;
    REQUIRE(raw_server_open(server));
    options = over_websocket(server->port);
    options.retries = retries;
    options.ack_timeout_ms = 50;
    dial_new(it, &options);
    CHECK_STATUS(sio_client_connect(it->client, "/"), SIO_OK);
    REQUIRE(raw_welcome(server, peer));
}

/* Events that ask for replies are sent until they have them. */
static void retries(void) {
    raw_server server;
    raw_peer peer;
    dial it;
    probe reply;
    probe_init(&reply);
    begin_retrying(&it, &server, &peer, 1000);
    sio_client_emit_with_ack(it.client, "/", "a", no_args(), NULL, 0, probe_see,
                             &reply, probe_release);
    sio_client_emit(it.client, "/", "b", no_args(), NULL);
    sio_client_emit(it.client, "/", "c", no_args(), NULL);
    CHECK(raw_heard(&peer, "420[\"a\"]"));
    CHECK(raw_heard(&peer, "420[\"a\"]"));
    CHECK(raw_tell(&peer, "430[1]"));
    CHECK_STATUS(probe_at(&reply, 0)->status, SIO_OK);
    CHECK(heard_next(&peer, "420[\"a\"]", "421[\"b\"]"));
    CHECK(raw_tell(&peer, "431[]"));
    CHECK(heard_next(&peer, "421[\"b\"]", "422[\"c\"]"));
    serve_released_once(&reply);
    raw_part(&peer);
    dial_destroy(&it);
    raw_server_close(&server);
}

/* And so often, and no more. */
static void retries_end(void) {
    raw_server server;
    raw_peer peer;
    dial it;
    probe given_up;
    probe_init(&given_up);
    begin_retrying(&it, &server, &peer, 2);
    sio_client_emit_with_ack(it.client, "/", "a", no_args(), NULL, 0, probe_see,
                             &given_up, probe_release);
    CHECK(raw_heard(&peer, "420[\"a\"]"));
    CHECK(raw_heard(&peer, "420[\"a\"]"));
    CHECK(raw_heard(&peer, "420[\"a\"]"));
    CHECK_STATUS(probe_at(&given_up, 0)->status, SIO_E_TIMEOUT);
    serve_released_once(&given_up);
    sio_client_emit(it.client, "/", "b", no_args(), NULL);
    CHECK(raw_heard(&peer, "421[\"b\"]"));
    raw_part(&peer);
    dial_destroy(&it);
    raw_server_close(&server);
}

/* The server goes away, and another one comes to its place. */
static void restarted(void) {
    sio_server server = serve_new(NULL);
    sio_client_options options;
    dial it;
    int port, i;
    serve_echo_on(server);
    port = serve_listen(server);
    options = dial_options(port);
    REQUIRE(dial_join(&it, &options));
    for (i = 1; i <= 2; i++) {
        serve_destroy(server);
        CHECK(probe_wait(&it.left, i));
        server = serve_new(NULL);
        serve_echo_on(server);
        CHECK_STATUS(sio_server_listen(server, "127.0.0.1", port, NULL),
                     SIO_OK);
        CHECK(probe_wait(&it.joined, i + 1));
        CHECK(dial_echo(&it, "[1]"));
    }
    dial_end(&it);
    CHECK(serve_idle(server));
    serve_destroy(server);
}

int main(void) {
    comes_back();
    replies();
    gives_up();
    no_reconnection();
    thrown_out();
    backs_off();
    retries();
    retries_end();
    restarted();
    return check_total();
}
