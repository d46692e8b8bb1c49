/*
 * client_options.c - what a client is told, and what it says to that.
 */
#include <stdio.h>
#include <unistd.h>

#include "dial.h"
#include "raw_server.h"

/* That there is no client, and the sentence names what is wrong. */
static void refused(const sio_client_options *options, sio_status status,
                    const char *words) {
    sio_client client;
    client.id = 7;
    CHECK_STATUS(sio_client_new(options, &client), status);
    if (!CHECK(strstr(sio_last_error(), words) != NULL))
        printf("  \"%s\" is not in \"%s\"\n", words, sio_last_error());
    CHECK_NUMBER(client.id, 7);
}

static void wrong(void) {
    sio_client_options good = dial_options(1), bad;
    sio_client_tls_options tls = SIO_CLIENT_TLS_OPTIONS_INIT;
    sio_deflate_options deflate = SIO_DEFLATE_OPTIONS_INIT;
    sio_header header;
    const char *text = "nonsense";
    sio_client client;
    CHECK_STATUS(sio_client_new(NULL, &client), SIO_E_ARGUMENT);
    CHECK_STATUS(sio_client_new(&good, NULL), SIO_E_ARGUMENT);
#define WRONG(field, value, status, words) \
    do {                                   \
        bad = good;                        \
        bad.field = value;                 \
        refused(&bad, status, words);      \
    } while (0)
    WRONG(url, NULL, SIO_E_ARGUMENT, "url");
    WRONG(url, "localhost:3000", SIO_E_ARGUMENT, "http://");
    WRONG(url, "ftp://localhost", SIO_E_ARGUMENT, "http://");
    WRONG(url, "http://", SIO_E_ARGUMENT, "host");
    WRONG(url, "http://host:70000", SIO_E_ARGUMENT, "port");
    WRONG(url, "unix:", SIO_E_ARGUMENT, "unix:");
    WRONG(url, "http://\xff", SIO_E_ARGUMENT, "UTF-8");
    WRONG(struct_size, 1, SIO_E_ARGUMENT, "struct_size");
    WRONG(flags, 1u << 31, SIO_E_ARGUMENT, "flags");
    WRONG(transports, 4, SIO_E_ARGUMENT, "transports");
    WRONG(revision, 2, SIO_E_ARGUMENT, "revision");
    WRONG(parser, 9, SIO_E_ARGUMENT, "parser");
    WRONG(overflow, 9, SIO_E_ARGUMENT, "overflow");
    WRONG(auth, sio_text_of("[]"), SIO_E_JSON, "auth");
    WRONG(auth, sio_text_of("{\"a\":}"), SIO_E_JSON, "auth");
    WRONG(local_address, "nonsense", SIO_E_ARGUMENT, "local address");
    WRONG(proxy, "nonsense", SIO_E_ARGUMENT, "proxy");
    WRONG(proxy, "https://127.0.0.1:3128", SIO_E_ARGUMENT, "proxy");
    header.name = sio_text_of("a b");
    header.value = sio_text_of("c");
    bad = good;
    bad.headers = &header;
    bad.header_count = 1;
    refused(&bad, SIO_E_ARGUMENT, "header");
    header.name = sio_text_of("X-Token");
    header.value = sio_text_of("c\r\nX-Injected: d");
    refused(&bad, SIO_E_ARGUMENT, "header");
    bad = good;
    bad.header_count = 1;
    refused(&bad, SIO_E_ARGUMENT, "headers");
    bad = good;
    bad.per_message_deflate = &deflate;
    deflate.client_max_window_bits = 7;
    refused(&bad, SIO_E_ARGUMENT, "indow");
    bad = good;
    bad.tls = &tls;
    tls.flags = 8;
    refused(&bad, SIO_E_ARGUMENT, "flags");
    tls.flags = 0;
    tls.min_version = 2;
    refused(&bad, SIO_E_ARGUMENT, "min_version");
    tls.min_version = 0;
    tls.pins = &text;
    tls.pin_count = 1;
    refused(&bad, SIO_E_ARGUMENT, "pin");
    tls.pin_count = 0;
    tls.ca_file = "/nowhere/ca.pem";
    refused(&bad, SIO_E_SYSTEM, "/nowhere/ca.pem");
    tls.ca_file = NULL;
    tls.ca.data = "x";
    tls.ca.length = 1;
    refused(&bad, SIO_E_ARGUMENT, "");
#undef WRONG
}

/* A program with an older, shorter struct. */
static void shorter(void) {
    sio_client_options options = dial_options(1);
    sio_client client;
    options.struct_size = offsetof(sio_client_options, path);
    options.path = (const char *)1; /* not looked at */
    CHECK_STATUS(sio_client_new(&options, &client), SIO_OK);
    CHECK_STATUS(sio_client_destroy(client), SIO_OK);
}

static void names_and_bytes(void) {
    sio_client_options options = dial_options(1);
    sio_client client;
    sio_emit_options emit = SIO_EMIT_OPTIONS_INIT;
    size_t count = 9;
    sio_text *names = NULL;
    probe seen;
    probe_init(&seen);
    REQUIRE(sio_client_new(&options, &client) == SIO_OK);
    CHECK_STATUS(sio_client_connect(client, NULL), SIO_E_ARGUMENT);
    CHECK_STATUS(sio_client_connect(client, "chat"), SIO_E_ARGUMENT);
    CHECK_STATUS(sio_client_connect(client, "\xff"), SIO_E_ARGUMENT);
    CHECK_STATUS(
        sio_client_on(client, "/", "connect", probe_see, &seen, probe_release),
        SIO_E_RESERVED);
    CHECK_STATUS(
        sio_client_on(client, "/", NULL, probe_see, &seen, probe_release),
        SIO_E_ARGUMENT);
    CHECK_STATUS(sio_client_on(client, "/", "a", NULL, &seen, probe_release),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_client_emit(client, "/", NULL, no_args(), NULL),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_client_emit(client, "/", "disconnect", no_args(), NULL),
                 SIO_E_RESERVED);
    CHECK_STATUS(sio_client_emit(client, "/", "a", sio_text_of("{}"), NULL),
                 SIO_E_JSON);
    CHECK_STATUS(sio_client_emit(client, "/", "a", sio_text_of("[\xff]"), NULL),
                 SIO_E_JSON);
    emit.flags = 1u << 31;
    CHECK_STATUS(sio_client_emit(client, "/", "a", no_args(), &emit),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_client_emit_with_ack(client, "/", "a", sio_text_of("{}"),
                                          NULL, 0, probe_see, &seen,
                                          probe_release),
                 SIO_E_JSON);
    CHECK_NUMBER(probe_releases(&seen), 0);
    /* Listeners. */
    CHECK_STATUS(
        sio_client_on(client, "/", "a", probe_see, &seen, probe_release),
        SIO_OK);
    CHECK_STATUS(sio_client_add_listener(client, "/", "b", SIO_LISTENER_ONCE,
                                         probe_see, &seen, probe_release),
                 SIO_OK);
    CHECK_STATUS(sio_client_add_listener(client, "/", NULL, SIO_LISTENER_FIRST,
                                         probe_see, &seen, probe_release),
                 SIO_OK);
    CHECK_STATUS(sio_client_add_listener(client, "/", "b", 8, probe_see, &seen,
                                         probe_release),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_client_on_any_outgoing(client, "/", SIO_LISTENER_ONCE,
                                            probe_see, &seen, probe_release),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_client_listener_count(client, "/", "a", &count), SIO_OK);
    CHECK_NUMBER(count, 1);
    CHECK_STATUS(sio_client_listener_count(client, "/", NULL, &count), SIO_OK);
    CHECK_NUMBER(count, 1);
    CHECK_STATUS(sio_client_listener_count(client, "/x", "a", &count), SIO_OK);
    CHECK_NUMBER(count, 0);
    CHECK_STATUS(sio_client_event_names(client, "/", &names, &count), SIO_OK);
    REQUIRE(count == 2);
    CHECK_TEXT(names[0].data, "a");
    CHECK_TEXT(names[1].data, "b");
    sio_free(names);
    CHECK_STATUS(sio_client_off(client, "/", "a", probe_see, NULL),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_client_off(client, "/", "a", probe_see, &seen), SIO_OK);
    CHECK(probe_wait_released(&seen, 1));
    CHECK_STATUS(sio_client_off(client, "/", "a", probe_see, &seen),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_client_off(client, "/", NULL, probe_see, &seen), SIO_OK);
    CHECK_STATUS(sio_client_remove_all_listeners(client, "/", "b"), SIO_OK);
    CHECK_STATUS(sio_client_remove_all_listeners(client, "/", NULL), SIO_OK);
    CHECK_STATUS(sio_client_destroy(client), SIO_OK);
    CHECK(probe_wait_released(&seen, 3));
    CHECK_NUMBER(probe_releases(&seen), 3);
    CHECK_NUMBER(probe_calls(&seen), 0);
}

/* What requests look like. */
static void requests(void) {
    raw_server server;
    raw_peer peer;
    sio_client_options options;
    sio_header header;
    const char *protocol = "chat";
    char url[64], value[128];
    dial it;
    REQUIRE(raw_server_open(&server));
    options = dial_options(server.port);
    snprintf(url, sizeof url, "ws://me:secret@127.0.0.1:%d/ignored?a=b%%20c",
             server.port);
    options.url = url;
    options.path = "/my/io";
    options.transports = SIO_TRANSPORT_WEBSOCKET;
    header.name = sio_text_of("X-Token");
    header.value = sio_text_of("abc");
    options.headers = &header;
    options.header_count = 1;
    options.protocols = &protocol;
    options.protocol_count = 1;
    dial_new(&it, &options);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    REQUIRE(raw_accept(&server, &peer));
    CHECK(raw_receive_request(&peer));
    CHECK(strncmp(peer.request.target, "/my/io/?", 8) == 0);
    CHECK(strstr(peer.request.target, "a=b%20c") != NULL);
    CHECK(strstr(peer.request.target, "EIO=4") != NULL);
    CHECK(strstr(peer.request.target, "transport=websocket") != NULL);
    CHECK_TEXT(raw_request_header(&peer.request, "X-Token", value, 128), "abc");
    CHECK_TEXT(raw_request_header(&peer.request, "Authorization", value, 128),
               "Basic bWU6c2VjcmV0");
    CHECK_TEXT(
        raw_request_header(&peer.request, "Sec-WebSocket-Protocol", value, 128),
        "chat");
    raw_part(&peer);
    dial_destroy(&it);
    /* Polling, bytes as base64, without a slash and a stamp. */
    options = dial_options(server.port);
    options.transports = SIO_TRANSPORT_POLLING;
    options.flags = SIO_CLIENT_FORCE_BASE64 | SIO_CLIENT_NO_TRAILING_SLASH |
                    SIO_CLIENT_NO_TIMESTAMPS;
    dial_new(&it, &options);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    REQUIRE(raw_accept(&server, &peer));
    CHECK(raw_receive_request(&peer));
    CHECK(strncmp(peer.request.target, "/socket.io?", 11) == 0);
    CHECK(strstr(peer.request.target, "b64=1") != NULL);
    CHECK(strstr(peer.request.target, "t=") ==
          strstr(peer.request.target, "t=polling"));
    raw_part(&peer);
    dial_destroy(&it);
    raw_server_close(&server);
}

/* Over a Unix socket, with a file and without. */
static void unix_sockets(void) {
    char hosts[2][64];
    size_t i;
    snprintf(hosts[0], sizeof hosts[0], "unix:/tmp/sio-client-test-%d",
             (int)getpid());
    snprintf(hosts[1], sizeof hosts[1], "unix:@sio-client-test-%d",
             (int)getpid());
    for (i = 0; i < 2; i++) {
        sio_server server = serve_new(NULL);
        sio_client_options options = dial_options(1);
        dial it;
        serve_echo_on(server);
        CHECK_STATUS(sio_server_listen(server, hosts[i], 0, NULL), SIO_OK);
        options.url = hosts[i];
        CHECK(dial_join(&it, &options));
        CHECK(dial_echo(&it, "[1]"));
        dial_end(&it);
        serve_destroy(server);
    }
}

/* More binary values than the server would take. */
static void attachments(void) {
    sio_client_options options = dial_options(1);
    sio_emit_options emit = SIO_EMIT_OPTIONS_INIT;
    sio_bytes values[3];
    dial it;
    size_t i;
    for (i = 0; i < 3; i++) {
        values[i].data = "1";
        values[i].length = 1;
    }
    options.max_attachments = 2;
    dial_new(&it, &options);
    emit.attachments = values;
    emit.attachment_count = 2;
    CHECK_STATUS(
        sio_client_emit(it.client, "/", "x",
                        sio_text_of("[{\"_placeholder\":true,\"num\":0},"
                                    "{\"_placeholder\":true,\"num\":1}]"),
                        &emit),
        SIO_OK);
    emit.attachment_count = 3;
    CHECK_STATUS(
        sio_client_emit(it.client, "/", "x",
                        sio_text_of("[{\"_placeholder\":true,\"num\":0},"
                                    "{\"_placeholder\":true,\"num\":1},"
                                    "{\"_placeholder\":true,\"num\":2}]"),
                        &emit),
        SIO_E_LIMIT);
    CHECK(strstr(sio_last_error(), "max_attachments") != NULL);
    dial_end(&it);
}

/* What does not fit among those that wait. */
static void overflow(void) {
    sio_client_options options = dial_options(1);
    uint32_t policy;
    for (policy = SIO_OVERFLOW_DEFAULT; policy <= SIO_OVERFLOW_DROP_OLDEST;
         policy++) {
        dial it;
        probe first, second, third;
        probe_init(&first);
        probe_init(&second);
        probe_init(&third);
        options.max_buffered_packets = 2;
        options.overflow = policy;
        dial_new(&it, &options);
        sio_client_emit_with_ack(it.client, "/", "1", no_args(), NULL, 0,
                                 probe_see, &first, probe_release);
        sio_client_emit_with_ack(it.client, "/", "2", no_args(), NULL, 0,
                                 probe_see, &second, probe_release);
        sio_client_emit_with_ack(it.client, "/", "3", no_args(), NULL, 0,
                                 probe_see, &third, probe_release);
        if (policy == SIO_OVERFLOW_DROP_NEWEST ||
            policy == SIO_OVERFLOW_DEFAULT)
            CHECK_STATUS(probe_at(&third, 0)->status, SIO_E_LIMIT);
        if (policy == SIO_OVERFLOW_DROP_OLDEST)
            CHECK_STATUS(probe_at(&first, 0)->status, SIO_E_LIMIT);
        if (policy == SIO_OVERFLOW_CLOSE) {
            CHECK(probe_at(&first, 0)->status != SIO_OK);
            CHECK(probe_at(&second, 0)->status != SIO_OK);
            CHECK(probe_at(&third, 0)->status != SIO_OK);
        } else {
            CHECK_NUMBER(dial_state(&it).buffered_packets, 2);
            CHECK(dial_state(&it).buffered_bytes > 0);
        }
        dial_end(&it);
        serve_released_once(&first);
        serve_released_once(&second);
        serve_released_once(&third);
        CHECK_NUMBER(probe_calls(&first), 1);
        CHECK_NUMBER(probe_calls(&second), 1);
        CHECK_NUMBER(probe_calls(&third), 1);
    }
}

int main(void) {
    wrong();
    shorter();
    names_and_bytes();
    requests();
    unix_sockets();
    attachments();
    overflow();
    return check_total();
}
