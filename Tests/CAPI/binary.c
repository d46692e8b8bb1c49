/*
 * binary.c - binary values in events and replies, in both directions, over
 * both transports.
 */
#include <stdio.h>
#include <stdlib.h>

#include "serve.h"

#define PLACE(number) "{\"_placeholder\":true,\"num\":" number "}"

static const char bytes_a[] = {1, 2, 3, 0, (char)0xff};
static const char bytes_b[] = {9, 8};

typedef struct talk {
    sio_server server;
    probe joined, seen;
    raw_client client;
} talk;

static void begin(talk *it, int polling) {
    int port;
    probe_init(&it->joined);
    probe_init(&it->seen);
    it->server = serve_new(NULL);
    sio_server_on_connection(it->server, "/", probe_see, &it->joined, NULL);
    sio_server_on_any(it->server, "/", probe_see, &it->seen, NULL);
    serve_echo_on(it->server);
    port = serve_listen(it->server);
    REQUIRE(polling ? raw_join_polling(&it->client, port)
                    : raw_join_websocket(&it->client, port));
}

static void end(talk *it) {
    raw_leave(&it->client);
    CHECK(serve_idle(it->server));
    serve_destroy(it->server);
}

static void echoed(int polling) {
    static const char packet[] =
        "452-[\"x\"," PLACE("0") ",{\"deep\":[" PLACE("1") "]}]";
    const probe_event *event;
    talk it;
    begin(&it, polling);
    CHECK(raw_send(&it.client, packet));
    CHECK(raw_send_bytes(&it.client, bytes_a, sizeof bytes_a));
    CHECK(raw_send_bytes(&it.client, bytes_b, sizeof bytes_b));
    event = probe_at(&it.seen, 0);
    CHECK_TEXT(event->args, "[" PLACE("0") ",{\"deep\":[" PLACE("1") "]}]");
    CHECK_NUMBER(event->attachment_count, 2);
    CHECK_NUMBER(event->lengths[0], sizeof bytes_a);
    CHECK(memcmp(event->attachments[0], bytes_a, sizeof bytes_a) == 0);
    CHECK_NUMBER(event->lengths[1], sizeof bytes_b);
    CHECK(memcmp(event->attachments[1], bytes_b, sizeof bytes_b) == 0);
    CHECK(raw_expect(&it.client, packet));
    CHECK(raw_expect_bytes(&it.client, bytes_a, sizeof bytes_a));
    CHECK(raw_expect_bytes(&it.client, bytes_b, sizeof bytes_b));
    CHECK(raw_echo(&it.client, "text again"));
    end(&it);
}

/* As a reply to a client, and as the reply of a client. */
static void replies(int polling) {
    talk it;
    probe reply;
    const char *packet;
    char text[128];
    long id = -1;
    begin(&it, polling);
    probe_init(&reply);
    CHECK(raw_send(&it.client, "451-7[\"x\"," PLACE("0") "]"));
    CHECK(raw_send_bytes(&it.client, bytes_a, sizeof bytes_a));
    CHECK(raw_expect(&it.client, "461-7[" PLACE("0") "]"));
    CHECK(raw_expect_bytes(&it.client, bytes_a, sizeof bytes_a));
    CHECK_STATUS(sio_emit_with_ack(probe_at(&it.joined, 0)->socket, "q",
                                   no_args(), NULL, 0, probe_see, &reply,
                                   probe_release),
                 SIO_OK);
    packet = raw_receive(&it.client);
    CHECK(packet != NULL && sscanf(packet, "42%ld[", &id) == 1);
    snprintf(text, sizeof text, "461-%ld[\"b\"," PLACE("0") "]", id);
    CHECK(raw_send(&it.client, text));
    CHECK(raw_send_bytes(&it.client, bytes_b, sizeof bytes_b));
    CHECK_STATUS(probe_at(&reply, 0)->status, SIO_OK);
    CHECK_TEXT(probe_at(&reply, 0)->args, "[\"b\"," PLACE("0") "]");
    CHECK_NUMBER(probe_at(&reply, 0)->attachment_count, 1);
    CHECK(memcmp(probe_at(&reply, 0)->attachments[0], bytes_b,
                 sizeof bytes_b) == 0);
    serve_released_once(&reply);
    end(&it);
}

/* One broadcast, to a WebSocket and to a poller. */
static void broadcast(void) {
    sio_emit_options options = SIO_EMIT_OPTIONS_INIT;
    sio_bytes attachment;
    raw_client poller;
    talk it;
    begin(&it, 0);
    attachment.data = bytes_a;
    attachment.length = sizeof bytes_a;
    options.attachments = &attachment;
    options.attachment_count = 1;
    CHECK(raw_join_polling(&poller, serve_port(it.server)));
    CHECK_STATUS(sio_server_emit(it.server, "/", NULL, "x",
                                 sio_text_of("[" PLACE("0") "]"), &options),
                 SIO_OK);
    CHECK(raw_expect(&it.client, "451-[\"x\"," PLACE("0") "]"));
    CHECK(raw_expect_bytes(&it.client, bytes_a, sizeof bytes_a));
    CHECK(raw_expect(&poller, "451-[\"x\"," PLACE("0") "]"));
    CHECK(raw_expect_bytes(&poller, bytes_a, sizeof bytes_a));
    raw_leave(&poller);
    end(&it);
}

static void sizes(int polling) {
    static const size_t lengths[] = {0,   1,     2,     125,   126,
                                     127, 65535, 65536, 500000};
    char *large = (char *)malloc(500000);
    size_t i, k;
    talk it;
    begin(&it, polling);
    for (k = 0; k < 500000; k++) large[k] = (char)(k * 7);
    for (i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        CHECK(raw_send(&it.client, "451-[\"x\"," PLACE("0") "]"));
        CHECK(raw_send_bytes(&it.client, large, lengths[i]));
        CHECK(raw_expect(&it.client, "451-[\"x\"," PLACE("0") "]"));
        CHECK(raw_expect_bytes(&it.client, large, lengths[i]));
    }
    end(&it);
    free(large);
}

/* Header and bytes of one event in one POST. */
static void one_payload(void) {
    talk it;
    begin(&it, 1);
    CHECK(raw_send(&it.client, "451-[\"x\"," PLACE("0") "]\x1e"
                                                        "bCQg="));
    CHECK(raw_expect(&it.client, "451-[\"x\"," PLACE("0") "]"));
    CHECK(raw_expect_bytes(&it.client, bytes_b, sizeof bytes_b));
    end(&it);
}

/* A WebSocket message in fragments, and a ping between them. */
static void fragments(void) {
    talk it;
    raw_stream *stream;
    raw_message pong;
    begin(&it, 0);
    stream = &it.client.main;
    CHECK(raw_ws_send_frame(stream, RAW_WS_TEXT, "42[\"fr", 6));
    CHECK(raw_ws_send_frame(stream, RAW_WS_FIN | RAW_WS_PING, "p", 1));
    CHECK(raw_ws_send_frame(stream, RAW_WS_CONTINUATION, "", 0));
    CHECK(raw_ws_send_frame(stream, RAW_WS_FIN | RAW_WS_CONTINUATION, "ag\"]",
                            4));
    CHECK(raw_ws_receive(stream, &pong));
    CHECK_NUMBER(pong.opcode, RAW_WS_PONG);
    CHECK_TEXT(pong.data, "p");
    free(pong.data);
    CHECK(raw_expect(&it.client, "42[\"frag\"]"));
    end(&it);
}

/* Placeholders in an event without attachments are data. */
static void no_attachments(void) {
    talk it;
    begin(&it, 0);
    CHECK(raw_send(&it.client, "450-[\"x\",1]"));
    CHECK(raw_expect(&it.client, "42[\"x\",1]"));
    CHECK(raw_echo(&it.client, "text again"));
    end(&it);
}

/* The most that the default allows, and one more. */
static void ten_attachments(void) {
    char packet[1024] = "4510-[\"x\"";
    int i;
    talk it;
    begin(&it, 0);
    for (i = 0; i < 10; i++)
        snprintf(packet + strlen(packet), sizeof packet - strlen(packet),
                 ",{\"_placeholder\":true,\"num\":%d}", i);
    snprintf(packet + strlen(packet), sizeof packet - strlen(packet), "]");
    CHECK(raw_send(&it.client, packet));
    for (i = 0; i < 10; i++) CHECK(raw_send_bytes(&it.client, bytes_a, 2));
    CHECK(raw_expect(&it.client, packet));
    for (i = 0; i < 10; i++) CHECK(raw_expect_bytes(&it.client, bytes_a, 2));
    CHECK(raw_send(&it.client, "4511-[\"x\"]"));
    CHECK(raw_expect_end(&it.client));
    end(&it);
}

/* What breaks the rules ends the connection. */
static void broken(const char *first, int then_bytes, const char *then_text) {
    talk it;
    probe left;
    begin(&it, 0);
    probe_init(&left);
    sio_server_on_disconnect(it.server, "/", probe_see, &left, NULL);
    CHECK(raw_send(&it.client, first));
    if (then_bytes) raw_send_bytes(&it.client, bytes_a, sizeof bytes_a);
    if (then_text != NULL) raw_send(&it.client, then_text);
    CHECK(raw_expect_end(&it.client));
    CHECK_TEXT(probe_at(&left, 0)->reason, "forced close");
    CHECK_NUMBER(probe_calls(&it.seen), 0);
    end(&it);
}

static void unexpected_bytes(void) {
    talk it;
    begin(&it, 0);
    CHECK(raw_send_bytes(&it.client, bytes_a, sizeof bytes_a));
    CHECK(raw_expect_end(&it.client));
    end(&it);
}

int main(void) {
    echoed(0);
    echoed(1);
    replies(0);
    replies(1);
    broadcast();
    sizes(0);
    sizes(1);
    one_payload();
    fragments();
    no_attachments();
    ten_attachments();
    broken("451-[\"x\"," PLACE("0") "]", 0, "42[\"text\"]");
    broken("451-[\"x\"," PLACE("1") "]", 1, NULL);
    broken("451-[\"x\"," PLACE("-1") "]", 1, NULL);
    broken("451-[\"x\"," PLACE("\"0\"") "]", 1, NULL);
    broken("45-[\"x\"]", 0, NULL);
    broken("451[\"x\"]", 0, NULL);
    broken("4599999999999999999999-[\"x\"]", 0, NULL);
    broken("45-1-[\"x\"]", 0, NULL);
    unexpected_bytes();
    return check_total();
}
