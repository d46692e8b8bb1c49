/*
 * client_outbound.c - what a client's connection is told to have done: all that
 * waited has left, and it has moved to WebSocket.
 */
#include <stdio.h>
#include <stdlib.h>

#include "dial.h"
#include "raw_server.h"
#include "raw_ws.h"

static void listen_to(dial *it, probe *drained, probe *upgraded) {
    probe_init(drained);
    probe_init(upgraded);
    CHECK_STATUS(
        sio_client_on_drain(it->client, probe_see, drained, probe_release),
        SIO_OK);
    CHECK_STATUS(
        sio_client_on_upgrade(it->client, probe_see, upgraded, probe_release),
        SIO_OK);
}

static void told(probe *p, int index, int kind, int transport,
                 sio_client client) {
    const probe_event *seen = probe_at(p, index);
    CHECK_NUMBER(seen->kind, kind);
    CHECK_NUMBER(seen->transport, transport);
    CHECK_NUMBER(seen->client.id, client.id);
    CHECK_NUMBER(seen->socket.id, 0);
    CHECK_TEXT(seen->nsp, "");
}

/* Once for each upgrade, and not for a connection that is WebSocket at once. */
static void upgrades(void) {
    sio_server server = serve_new(NULL);
    sio_client_options options = dial_options(serve_listen(server));
    probe drained, upgraded;
    dial it;
    serve_echo_on(server);
    dial_new(&it, &options);
    listen_to(&it, &drained, &upgraded);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    told(&upgraded, 0, SIO_EVENT_UPGRADE, SIO_TRANSPORT_WEBSOCKET, it.client);
    CHECK(probe_wait(&it.joined, 1));
    CHECK_NUMBER(dial_state(&it).transport, SIO_TRANSPORT_WEBSOCKET);
    CHECK(dial_echo(&it, "[1]"));
    CHECK_NUMBER(probe_calls(&upgraded), 1);
    dial_end(&it);
    serve_released_once(&upgraded);
    serve_released_once(&drained);
    options.transports = SIO_TRANSPORT_WEBSOCKET;
    dial_new(&it, &options);
    listen_to(&it, &drained, &upgraded);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    CHECK(probe_wait(&it.joined, 1));
    CHECK(dial_echo(&it, "[1]"));
    CHECK_NUMBER(probe_calls(&upgraded), 0);
    /* Taken back, as what belongs to the connection is. */
    CHECK_STATUS(sio_client_off(it.client, "/chat", NULL, probe_see, &upgraded),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_client_off(it.client, "/", "x", probe_see, &upgraded),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_client_off(it.client, "/", NULL, probe_see, &upgraded),
                 SIO_OK);
    CHECK_STATUS(sio_client_off(it.client, "/", NULL, probe_see, &upgraded),
                 SIO_E_ARGUMENT);
    CHECK(probe_wait_released(&upgraded, 1));
    dial_end(&it);
    serve_released_once(&drained);
    serve_destroy(server);
}

/* Over polling, once the server has answered the POST. */
static void posts(void) {
    sio_server server = serve_new(NULL);
    sio_client_options options = dial_options(serve_listen(server));
    probe drained, upgraded;
    dial it;
    int before;
    serve_echo_on(server);
    options.transports = SIO_TRANSPORT_POLLING;
    dial_new(&it, &options);
    listen_to(&it, &drained, &upgraded);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    CHECK(probe_wait(&it.joined, 1));
    told(&drained, 0, SIO_EVENT_DRAIN, 0, it.client); /* the CONNECT */
    before = probe_calls(&drained);
    CHECK_STATUS(sio_client_emit(it.client, "/", "x", no_args(), NULL), SIO_OK);
    CHECK(probe_wait(&drained, before + 1));
    CHECK_NUMBER(probe_calls(&upgraded), 0);
    dial_end(&it);
    serve_released_once(&upgraded);
    serve_released_once(&drained);
    serve_destroy(server);
}

/* Over WebSocket, when a server that did not read has read it all. */
static void slow_server(void) {
    enum {
        EVENTS = 300
    };
    static char args[100001];
    raw_server server;
    raw_peer peer;
    sio_client_options options;
    probe drained, upgraded;
    dial it;
    long long limit = raw_now_ms() + RAW_PATIENCE_MS;
    int i;
    REQUIRE(raw_server_open(&server));
    options = dial_options(server.port);
    options.transports = SIO_TRANSPORT_WEBSOCKET;
    options.max_buffered_bytes = EVENTS * sizeof args;
    memset(args, 'a', sizeof args - 1);
    memcpy(args, "[\"", 2);
    memcpy(args + sizeof args - 3, "\"]", 2);
    dial_new(&it, &options);
    listen_to(&it, &drained, &upgraded);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    REQUIRE(raw_welcome(&server, &peer));
    CHECK(probe_wait(&it.joined, 1));
    /* More than the connection and the system hold, or will: the rest waits in
     * the client. */
    for (i = 0; i < EVENTS; i++)
        CHECK_STATUS(
            sio_client_emit(it.client, "/", "x", sio_text_of(args), NULL),
            SIO_OK);
    while (dial_state(&it).buffered_bytes == 0 && raw_now_ms() < limit)
        raw_sleep_ms(1);
    CHECK(dial_state(&it).buffered_bytes > 0);
    CHECK_NUMBER(probe_calls(&drained), 0);
    for (i = 0; i < EVENTS; i++) {
        raw_message message;
        if (!CHECK(raw_ws_receive(&peer.stream, &message))) break;
        CHECK(message.length > sizeof args);
        free(message.data);
    }
    told(&drained, 0, SIO_EVENT_DRAIN, 0, it.client);
    CHECK_NUMBER(dial_state(&it).buffered_bytes, 0);
    CHECK_NUMBER(dial_state(&it).dropped_events, 0);
    raw_part(&peer);
    dial_destroy(&it);
    serve_released_once(&upgraded);
    serve_released_once(&drained);
    raw_server_close(&server);
}

int main(void) {
    sio_client nobody = {0};
    CHECK_STATUS(sio_client_on_drain(nobody, probe_see, NULL, NULL),
                 SIO_E_HANDLE);
    CHECK_STATUS(sio_client_on_upgrade(nobody, probe_see, NULL, NULL),
                 SIO_E_HANDLE);
    upgrades();
    posts();
    slow_server();
    return check_total();
}
