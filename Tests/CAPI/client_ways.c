/*
 * client_ways.c - the ways to a server: transports, revisions, a proxy, cookies,
 * compression, a time that is enough; and back to where a client was.
 */
#include <stdio.h>
#include <stdlib.h>

#include "dial.h"
#include "raw_server.h"

/* The second transport where the first is not served; WebSocket at once where
 * it has worked. */
static void transports(void) {
    sio_server_options serving = SIO_SERVER_OPTIONS_INIT;
    sio_server server;
    sio_client_options options;
    dial it;
    probe asked;
    int port;
    probe_init(&asked);
    serving.transports = SIO_TRANSPORT_WEBSOCKET;
    server = serve_new(&serving);
    serve_echo_on(server);
    options = dial_options(serve_listen(server));
    options.flags = SIO_CLIENT_NO_RECONNECTION;
    dial_new(&it, &options);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    CHECK_NUMBER(probe_at(&it.failed, 0)->code, SIO_FAILURE_HTTP);
    CHECK_NUMBER(probe_at(&it.failed, 0)->http_status, 400);
    dial_end(&it);
    options.flags |= SIO_CLIENT_TRY_ALL_TRANSPORTS;
    CHECK(dial_join(&it, &options));
    CHECK_NUMBER(it.joined.events[0].transport, SIO_TRANSPORT_WEBSOCKET);
    CHECK(dial_echo(&it, "[1]"));
    dial_end(&it);
    serve_destroy(server);
    server = serve_new(NULL);
    port = serve_listen(server);
    options = dial_options(port);
    options.flags = SIO_CLIENT_REMEMBER_UPGRADE;
    REQUIRE(dial_join(&it, &options));
    while (dial_state(&it).transport != SIO_TRANSPORT_WEBSOCKET)
        raw_sleep_ms(5);
    /* An attempt while nobody listens would fail, and what worked be forgotten. */
    CHECK_STATUS(
        sio_client_on_open(it.client, probe_see, &asked, probe_release),
        SIO_OK);
    serve_destroy(server);
    CHECK(probe_wait(&it.left, 1));
    /* Polling is refused there: who begins with it never comes back. */
    server = serve_new(&serving);
    CHECK_STATUS(sio_server_listen(server, "127.0.0.1", port, NULL), SIO_OK);
    CHECK_STATUS(sio_client_open(probe_at(&asked, 0)->request, NULL, NULL, 0),
                 SIO_OK);
    CHECK(probe_wait(&it.joined, 2));
    dial_end(&it);
    serve_released_once(&asked);
    serve_destroy(server);
}

static void revisions(void) {
    static const struct {
        uint32_t option;
        int32_t spoken;
    } ways[] = {
        {SIO_REVISION_4, 4}, {SIO_REVISION_3, 3}, {SIO_REVISION_AUTO, 4}};
    static const uint32_t carriers[] = {SIO_TRANSPORT_POLLING,
                                        SIO_TRANSPORT_WEBSOCKET, 0};
    sio_server server = serve_new(NULL);
    int port = serve_listen(server);
    size_t i, j;
    serve_echo_on(server);
    for (i = 0; i < 3; i++)
        for (j = 0; j < 3; j++) {
            sio_client_options options = dial_options(port);
            dial it;
            options.revision = ways[i].option;
            options.transports = carriers[j];
            CHECK(dial_join(&it, &options));
            CHECK_NUMBER(dial_state(&it).revision, ways[i].spoken);
            CHECK(dial_echo(&it, "[1,\"two\"]"));
            dial_end(&it);
        }
    serve_destroy(server);
}

static void cookies(void) {
    int keeps;
    for (keeps = 0; keeps < 2; keeps++) {
        raw_server server;
        raw_peer peer;
        sio_client_options options;
        char value[128];
        dial it;
        REQUIRE(raw_server_open(&server));
        options = dial_options(server.port);
        options.transports = SIO_TRANSPORT_POLLING;
        options.flags = keeps ? 0 : SIO_CLIENT_NO_COOKIES;
        dial_new(&it, &options);
        CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
        REQUIRE(raw_accept(&server, &peer));
        CHECK(raw_receive_request(&peer));
        CHECK(raw_respond(&peer, 200, "Set-Cookie: node=b; Path=/\r\n",
                          "0{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":"
                          "60000,\"pingTimeout\":60000}"));
        if (!raw_receive_request(&peer)) {
            raw_part(&peer);
            REQUIRE(raw_accept(&server, &peer));
            CHECK(raw_receive_request(&peer));
        }
        CHECK_TEXT(raw_request_header(&peer.request, "Cookie", value, 128),
                   keeps ? "node=b" : "");
        raw_part(&peer);
        dial_destroy(&it);
        raw_server_close(&server);
    }
}

/* A server that accepts, and says nothing. */
static void too_late(void) {
    raw_server server;
    raw_peer peer;
    sio_client_options options;
    long long before;
    dial it;
    REQUIRE(raw_server_open(&server));
    options = dial_options(server.port);
    options.flags = SIO_CLIENT_NO_RECONNECTION;
    options.connect_timeout_ms = 100;
    dial_new(&it, &options);
    before = raw_now_ms();
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    REQUIRE(raw_accept(&server, &peer));
    CHECK_NUMBER(probe_at(&it.failed, 0)->code, SIO_FAILURE_TIMEOUT);
    CHECK(raw_now_ms() - before >= 95);
    CHECK(raw_ended(&peer.stream, RAW_PATIENCE_MS));
    raw_part(&peer);
    dial_end(&it);
    raw_server_close(&server);
}

static void compressed(void) {
    sio_deflate_options deflate = SIO_DEFLATE_OPTIONS_INIT;
    sio_server_options serving = SIO_SERVER_OPTIONS_INIT;
    sio_server server;
    sio_client_options options;
    static char args[900];
    char value[256];
    raw_server raw;
    raw_peer peer;
    dial it;
    memset(args, 'a', sizeof args - 1);
    memcpy(args, "[\"", 2);
    memcpy(args + sizeof args - 3, "\"]", 2);
    deflate.threshold = 100;
    serving.per_message_deflate = &deflate;
    server = serve_new(&serving);
    serve_echo_on(server);
    options = dial_options(serve_listen(server));
    options.transports = SIO_TRANSPORT_WEBSOCKET;
    options.per_message_deflate = &deflate;
    REQUIRE(dial_join(&it, &options));
    CHECK(dial_echo(&it, args));
    CHECK(dial_echo(&it, args));
    CHECK(dial_echo(&it, "[1]"));
    dial_end(&it);
    serve_destroy(server);
    REQUIRE(raw_server_open(&raw));
    options.url = dial_options(raw.port).url;
    dial_new(&it, &options);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    REQUIRE(raw_accept(&raw, &peer));
    CHECK(raw_receive_request(&peer));
    raw_request_header(&peer.request, "Sec-WebSocket-Extensions", value, 256);
    CHECK(strstr(value, "permessage-deflate") != NULL);
    raw_part(&peer);
    dial_destroy(&it);
    raw_server_close(&raw);
}

/* The proxy finds the host, and is told the way and who asks. */
static void through_a_proxy(void) {
    raw_server proxy;
    raw_peer peer;
    sio_client_options options;
    char url[64], value[128];
    dial it;
    REQUIRE(raw_server_open(&proxy));
    options = dial_options(1);
    options.url = "http://io.example:8080";
    options.transports = SIO_TRANSPORT_WEBSOCKET;
    snprintf(url, sizeof url, "http://me:secret@127.0.0.1:%d", proxy.port);
    options.proxy = url;
    dial_new(&it, &options);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    REQUIRE(raw_accept(&proxy, &peer));
    CHECK(raw_receive_request(&peer));
    CHECK_TEXT(peer.request.method, "CONNECT");
    CHECK_TEXT(peer.request.target, "io.example:8080");
    CHECK_TEXT(
        raw_request_header(&peer.request, "Proxy-Authorization", value, 128),
        "Basic bWU6c2VjcmV0");
    CHECK(raw_write(&peer.stream, "HTTP/1.1 200 OK\r\n\r\n", 19));
    CHECK(raw_receive_request(&peer));
    CHECK_TEXT(peer.request.method, "GET");
    CHECK_TEXT(raw_request_header(&peer.request, "Host", value, 128),
               "io.example:8080");
    CHECK_TEXT(
        raw_request_header(&peer.request, "Proxy-Authorization", value, 128),
        "");
    CHECK(raw_accept_upgrade(&peer));
    CHECK(raw_tell(&peer, "0{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":"
                          "60000,\"pingTimeout\":60000}"));
    CHECK(raw_let_in(&peer, "/"));
    CHECK(probe_wait(&it.joined, 1));
    raw_part(&peer);
    CHECK(probe_wait(&it.left, 1));
    REQUIRE(raw_accept(&proxy, &peer));
    CHECK(raw_receive_request(&peer));
    CHECK(raw_respond(&peer, 407, NULL, ""));
    CHECK_NUMBER(probe_at(&it.failed, 0)->code, SIO_FAILURE_PROXY);
    CHECK_NUMBER(probe_at(&it.failed, 0)->http_status, 407);
    raw_part(&peer);
    dial_destroy(&it);
    raw_server_close(&proxy);
}

/* A client says what it has, and goes on there. */
static void recovered(void) {
    raw_server server;
    raw_peer peer;
    sio_client_options options;
    dial it;
    probe seen;
    probe_init(&seen);
    REQUIRE(raw_server_open(&server));
    options = dial_options(server.port);
    options.transports = SIO_TRANSPORT_WEBSOCKET;
    dial_new(&it, &options);
    sio_client_on_any(it.client, "/", probe_see, &seen, NULL);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    REQUIRE(raw_session(&server, &peer));
    CHECK(raw_heard(&peer, "40"));
    CHECK(raw_tell(&peer, "40{\"sid\":\"one\",\"pid\":\"secret\"}"));
    CHECK(raw_tell(&peer, "42[\"a\",\"offset1\"]"));
    CHECK(probe_wait(&seen, 1));
    raw_cut(&peer);
    CHECK(probe_wait(&it.left, 1));
    REQUIRE(raw_session(&server, &peer));
    CHECK(raw_heard(&peer, "40{\"pid\":\"secret\",\"offset\":\"offset1\"}"));
    CHECK(raw_tell(&peer, "40{\"sid\":\"one\",\"pid\":\"secret\"}"));
    CHECK(raw_tell(&peer, "42[\"b\",\"offset2\"]"));
    CHECK_NUMBER(probe_at(&it.joined, 0)->recovered, 0);
    CHECK_NUMBER(probe_at(&it.joined, 1)->recovered, 1);
    CHECK_TEXT(probe_at(&it.joined, 1)->id, "one");
    CHECK_NUMBER(dial_state(&it).recovered, 1);
    CHECK_NUMBER(dial_state(&it).recoverable, 1);
    CHECK_TEXT(probe_at(&seen, 1)->name, "b");
    raw_part(&peer);
    dial_destroy(&it);
    raw_server_close(&server);
}

int main(void) {
    transports();
    revisions();
    cookies();
    too_late();
    compressed();
    through_a_proxy();
    recovered();
    return check_total();
}
