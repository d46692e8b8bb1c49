/*
 * client_manager.c - what is told of the connection that namespaces share, the
 * packets that come over it, and options of connecting again that change.
 */
#include <stdio.h>

#include "dial.h"
#include "raw_server.h"

static void listen_to(dial *it, probe *connection, probe *packets) {
    probe_init(connection);
    probe_init(packets);
    CHECK_STATUS(sio_client_on_connection(it->client, probe_see, connection,
                                          probe_release),
                 SIO_OK);
    CHECK_STATUS(
        sio_client_on_packet(it->client, probe_see, packets, probe_release),
        SIO_OK);
}

/* It opens, is lost, is not there, opens again, and is left. */
static void life(void) {
    raw_server server;
    raw_peer peer;
    sio_client_options options;
    probe connection, packets;
    const probe_event *seen;
    dial it;
    REQUIRE(raw_server_open(&server));
    options = dial_options(server.port);
    options.transports = SIO_TRANSPORT_WEBSOCKET;
    dial_new(&it, &options);
    listen_to(&it, &connection, &packets);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    REQUIRE(raw_welcome(&server, &peer));
    seen = probe_at(&connection, 0);
    CHECK_NUMBER(seen->kind, SIO_EVENT_OPEN);
    CHECK_NUMBER(seen->transport, SIO_TRANSPORT_WEBSOCKET);
    CHECK_NUMBER(seen->client.id, it.client.id);
    CHECK_TEXT(seen->nsp, "");
    CHECK(probe_wait(&it.joined, 1));
    raw_cut(&peer);
    seen = probe_at(&connection, 1);
    CHECK_NUMBER(seen->kind, SIO_EVENT_CLOSE);
    CHECK(strncmp(seen->reason, "transport ", 10) == 0);
    CHECK(seen->code != SIO_FAILURE_NONE);
    CHECK(seen->details[0] != '\0');
    /* The next attempt is answered with what is no WebSocket. */
    REQUIRE(raw_accept(&server, &peer));
    REQUIRE(raw_receive_request(&peer));
    CHECK(raw_respond(&peer, 503, NULL, "later"));
    raw_part(&peer);
    seen = probe_at(&connection, 2);
    CHECK_NUMBER(seen->kind, SIO_EVENT_OPEN_ERROR);
    CHECK_NUMBER(seen->code, SIO_FAILURE_HTTP);
    CHECK_NUMBER(seen->http_status, 503);
    CHECK_NUMBER(seen->transport, SIO_TRANSPORT_WEBSOCKET);
    CHECK(seen->reason[0] != '\0');
    REQUIRE(raw_welcome(&server, &peer));
    CHECK_NUMBER(probe_at(&connection, 3)->kind, SIO_EVENT_OPEN);
    CHECK(probe_wait(&it.joined, 2));
    CHECK_STATUS(sio_client_disconnect(it.client, "/"), SIO_OK);
    seen = probe_at(&connection, 4);
    CHECK_NUMBER(seen->kind, SIO_EVENT_CLOSE);
    CHECK_TEXT(seen->reason, "forced close");
    CHECK_NUMBER(seen->code, SIO_FAILURE_NONE);
    raw_part(&peer);
    /* Behind the end of the client it is told, too. */
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    REQUIRE(raw_welcome(&server, &peer));
    CHECK(probe_wait(&it.joined, 3));
    dial_destroy(&it);
    raw_part(&peer);
    CHECK_NUMBER(probe_at(&connection, 5)->kind, SIO_EVENT_OPEN);
    CHECK_NUMBER(probe_at(&connection, 6)->kind, SIO_EVENT_CLOSE);
    serve_released_once(&connection);
    serve_released_once(&packets);
    CHECK_NUMBER(probe_calls(&connection), 7);
    raw_server_close(&server);
}

/* The server's half of the heartbeat. */
static void pings(int revision) {
    sio_server_options server_options = SIO_SERVER_OPTIONS_INIT;
    sio_client_options options;
    sio_server server;
    probe connection, packets;
    dial it;
    int i;
    server_options.ping_interval_ms = 20;
    server = serve_new(&server_options);
    options = dial_options(serve_listen(server));
    options.transports = SIO_TRANSPORT_WEBSOCKET;
    options.revision = (uint32_t)revision;
    dial_new(&it, &options);
    listen_to(&it, &connection, &packets);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    CHECK_NUMBER(probe_at(&connection, 0)->kind, SIO_EVENT_OPEN);
    for (i = 1; i < 4; i++) {
        CHECK_NUMBER(probe_at(&connection, i)->kind, SIO_EVENT_PING);
        CHECK_NUMBER(probe_at(&connection, i)->client.id, it.client.id);
    }
    dial_end(&it);
    serve_released_once(&connection);
    serve_released_once(&packets);
    serve_destroy(server);
}

static void shown(probe *packets, int index, const char *name, const char *nsp,
                  const char *id, const char *args) {
    const probe_event *seen = probe_at(packets, index);
    CHECK_NUMBER(seen->kind, SIO_EVENT_PACKET);
    CHECK_TEXT(seen->name, name);
    CHECK_TEXT(seen->nsp, nsp);
    CHECK_TEXT(seen->id, id);
    CHECK_TEXT(seen->args, args);
}

/* All that come, for whatever namespace, until they are not looked at. */
static void packets_that_come(void) {
    raw_server server;
    raw_peer peer;
    sio_client_options options;
    probe connection, packets;
    dial it;
    REQUIRE(raw_server_open(&server));
    options = dial_options(server.port);
    options.transports = SIO_TRANSPORT_WEBSOCKET;
    dial_new(&it, &options);
    listen_to(&it, &connection, &packets);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    REQUIRE(raw_welcome(&server, &peer));
    CHECK(raw_tell(&peer, "42/other,7[\"x\",1]"));
    CHECK(raw_tell(&peer, "451-[\"y\",{\"_placeholder\":true,\"num\":0}]"));
    CHECK(raw_tell_bytes(&peer, "\1\2", 2));
    CHECK(raw_tell(&peer, "430[]"));
    CHECK(raw_tell(&peer, "44/other,{\"message\":\"no\"}"));
    CHECK(raw_tell(&peer, "41"));
    CHECK(probe_wait(&packets, 6));
    CHECK_TEXT(probe_at(&packets, 0)->name, "CONNECT");
    CHECK(strstr(probe_at(&packets, 0)->args, "\"sid\":\"id\"") != NULL);
    shown(&packets, 1, "EVENT", "/other", "7", "[\"x\",1]");
    shown(&packets, 2, "EVENT", "/", "",
          "[\"y\",{\"_placeholder\":true,\"num\":0}]");
    CHECK_NUMBER(probe_at(&packets, 2)->attachment_count, 1);
    CHECK_NUMBER(probe_at(&packets, 2)->lengths[0], 2);
    CHECK(memcmp(probe_at(&packets, 2)->attachments[0], "\1\2", 2) == 0);
    shown(&packets, 3, "ACK", "/", "0", "[]");
    shown(&packets, 4, "CONNECT_ERROR", "/other", "", "{\"message\":\"no\"}");
    shown(&packets, 5, "DISCONNECT", "/", "", "");
    CHECK_TEXT(probe_at(&it.left, 0)->reason, "io server disconnect");
    raw_part(&peer);
    /* Taken back, as what belongs to the connection is. */
    CHECK_STATUS(sio_client_off(it.client, "/", NULL, probe_see, &packets),
                 SIO_OK);
    CHECK_STATUS(sio_client_off(it.client, "/", NULL, probe_see, &packets),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_client_off(it.client, "/", NULL, probe_see, &connection),
                 SIO_OK);
    CHECK(probe_wait_released(&packets, 1));
    CHECK(probe_wait_released(&connection, 1));
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    REQUIRE(raw_welcome(&server, &peer));
    CHECK(probe_wait(&it.joined, 2));
    CHECK_NUMBER(probe_calls(&packets), 6);
    raw_part(&peer);
    dial_destroy(&it);
    raw_server_close(&server);
}

/* What this thread has told the client is known on the client's. */
static void settled(const dial *it, raw_peer *peer) {
    CHECK_STATUS(sio_client_emit(it->client, "/", "settled", no_args(), NULL),
                 SIO_OK);
    CHECK(raw_heard(peer, "42[\"settled\"]"));
}

/* A delay that nobody would wait for, and then another one, and none. */
static void other_delays(void) {
    raw_server server;
    raw_peer peer;
    sio_client_options options, other;
    dial it;
    REQUIRE(raw_server_open(&server));
    options = dial_options(server.port);
    options.transports = SIO_TRANSPORT_WEBSOCKET;
    options.reconnection_delay_ms = 1000000;
    options.reconnection_delay_max_ms = 1000000;
    dial_new(&it, &options);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    REQUIRE(raw_welcome(&server, &peer));
    CHECK(probe_wait(&it.joined, 1));
    /* Nothing but what belongs to connecting again is looked at. */
    other = dial_options(1);
    other.url = NULL;
    other.overflow = 77;
    CHECK_STATUS(sio_client_set_reconnection(it.client, &other), SIO_OK);
    settled(&it, &peer);
    raw_cut(&peer);
    REQUIRE(raw_welcome(&server, &peer));
    CHECK(probe_wait(&it.joined, 2));
    /* What is waited for does not come without reconnection, and that is said. */
    CHECK_STATUS(sio_client_set_reconnection(it.client, &options), SIO_OK);
    settled(&it, &peer);
    raw_cut(&peer);
    CHECK(probe_wait(&it.left, 2));
    CHECK(probe_wait(&it.again, 2));
    options.flags |= SIO_CLIENT_NO_RECONNECTION;
    CHECK_STATUS(sio_client_set_reconnection(it.client, &options), SIO_OK);
    CHECK_NUMBER(probe_at(&it.again, 2)->kind, SIO_EVENT_RECONNECT_FAILED);
    CHECK_NUMBER(dial_state(&it).attempt, 0);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    REQUIRE(raw_welcome(&server, &peer));
    CHECK(probe_wait(&it.joined, 3));
    raw_part(&peer);
    dial_destroy(&it);
    raw_server_close(&server);
}

static void mistakes(void) {
    sio_client nobody = {0};
    sio_client_options options = dial_options(1);
    dial it;
    CHECK_STATUS(sio_client_on_connection(nobody, probe_see, NULL, NULL),
                 SIO_E_HANDLE);
    CHECK_STATUS(sio_client_on_packet(nobody, probe_see, NULL, NULL),
                 SIO_E_HANDLE);
    CHECK_STATUS(sio_client_set_reconnection(nobody, &options), SIO_E_HANDLE);
    dial_new(&it, &options);
    CHECK_STATUS(sio_client_on_connection(it.client, NULL, NULL, NULL),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_client_on_packet(it.client, NULL, NULL, NULL),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_client_set_reconnection(it.client, NULL), SIO_E_ARGUMENT);
    options.struct_size = 0;
    CHECK_STATUS(sio_client_set_reconnection(it.client, &options),
                 SIO_E_ARGUMENT);
    options.struct_size = sizeof options;
    CHECK_STATUS(sio_client_close(it.client), SIO_OK);
    CHECK_STATUS(sio_client_set_reconnection(it.client, &options), SIO_OK);
    dial_end(&it);
}

int main(void) {
    life();
    pings(SIO_REVISION_4);
    pings(SIO_REVISION_3);
    packets_that_come();
    other_delays();
    mistakes();
    return check_total();
}
