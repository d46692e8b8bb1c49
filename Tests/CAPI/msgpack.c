/*
 * msgpack.c - the msgpack parser: programs give and get what they do with the
 * default one. The messages are written by hand.
 */
#include <stdlib.h>

#include "serve.h"

#define PLACE "{\"_placeholder\":true,\"num\":0}"
/* {type, nsp: "/", data: [name of one letter, ... */
#define PACKET(fields, type)                  \
    fields "\xa4type" type "\xa3nsp\xa1/\xa4" \
           "data"
#define EVENT "\x02"
#define ACK "\x03"

static int send_bytes(raw_client *client, const char *bytes, size_t length) {
    return raw_send_bytes(client, bytes, length);
}

#define SEND(client, literal) \
    CHECK(send_bytes(client, literal, sizeof(literal) - 1))
#define EXPECT(client, literal) \
    CHECK(raw_expect_bytes(client, literal, sizeof(literal) - 1))

typedef struct talk {
    sio_server server;
    probe joined, seen;
    raw_client client;
} talk;

static void begin(talk *it, int polling) {
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    const char *answer;
    int port;
    options.parser = SIO_PARSER_MSGPACK;
    probe_init(&it->joined);
    probe_init(&it->seen);
    it->server = serve_new(&options);
    sio_server_on_connection(it->server, "/", probe_see, &it->joined, NULL);
    sio_server_on_any(it->server, "/", probe_see, &it->seen, NULL);
    serve_echo_on(it->server);
    port = serve_listen(it->server);
    REQUIRE(polling ? raw_open_polling(&it->client, port)
                    : raw_open_websocket(&it->client, port));
    /* CONNECT, and its answer with the socket's id. */
    SEND(&it->client, "\x82\xa4type\x00\xa3nsp\xa1/");
    answer = raw_receive(&it->client);
    REQUIRE(answer != NULL && it->client.binary);
    CHECK_NUMBER(it->client.length, 44);
    CHECK(memcmp(answer,
                 "\x83\xa4type\x00\xa3nsp\xa1/\xa4"
                 "data\x81\xa3sid\xb4",
                 24) == 0);
}

static void end(talk *it) {
    raw_leave(&it->client);
    CHECK(serve_idle(it->server));
    serve_destroy(it->server);
}

static void echoed(int polling) {
    static const char message[] =
        PACKET("\x83", EVENT) "\x93\xa1x\xff\x81\xa1k\xc4\x02\x01\x02";
    const probe_event *event;
    talk it;
    begin(&it, polling);
    SEND(&it.client, message);
    event = probe_at(&it.seen, 0);
    CHECK_TEXT(event->name, "x");
    CHECK_TEXT(event->args, "[-1,{\"k\":" PLACE "}]");
    CHECK_NUMBER(event->attachment_count, 1);
    CHECK_NUMBER(event->lengths[0], 2);
    CHECK(memcmp(event->attachments[0], "\x01\x02", 2) == 0);
    EXPECT(&it.client, message);
    end(&it);
}

static void replies(void) {
    talk it;
    probe reply;
    begin(&it, 0);
    probe_init(&reply);
    SEND(&it.client, PACKET("\x84", EVENT) "\x92\xa1x\xc3\xa2id\x07");
    EXPECT(&it.client, PACKET("\x84", ACK) "\x91\xc3\xa2id\x07");
    CHECK_STATUS(sio_emit_with_ack(probe_at(&it.joined, 0)->socket, "q",
                                   sio_text_of("[1.5]"), NULL, 0, probe_see,
                                   &reply, probe_release),
                 SIO_OK);
    EXPECT(
        &it.client,
        PACKET(
            "\x84",
            EVENT) "\x92\xa1q\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00\xa2id\x00");
    SEND(&it.client, PACKET("\x84", ACK) "\x92\xa1"
                                         "b\xc4\x01\x09\xa2id\x00");
    CHECK_STATUS(probe_at(&reply, 0)->status, SIO_OK);
    CHECK_TEXT(probe_at(&reply, 0)->args, "[\"b\"," PLACE "]");
    CHECK_NUMBER(probe_at(&reply, 0)->attachment_count, 1);
    serve_released_once(&reply);
    end(&it);
}

/* From a thread that is not the socket's, one packet for all. */
static void broadcast(void) {
    sio_emit_options options = SIO_EMIT_OPTIONS_INIT;
    sio_bytes attachment = {"\x09", 1};
    talk it;
    begin(&it, 0);
    options.attachments = &attachment;
    options.attachment_count = 1;
    CHECK_STATUS(sio_server_emit(it.server, "/", NULL, "x",
                                 sio_text_of("[" PLACE "]"), &options),
                 SIO_OK);
    EXPECT(&it.client, PACKET("\x83", EVENT) "\x92\xa1x\xc4\x01\x09");
    end(&it);
}

/* One packet has all attachments, as often as placeholders name them. */
static void limit(void) {
    enum {
        SIZE = 256 * 1024 * 1024
    };
    sio_emit_options options = SIO_EMIT_OPTIONS_INIT;
    sio_bytes attachment;
    char *memory = (char *)calloc(1, SIZE); /* never written to */
    talk it;
    begin(&it, 0);
    attachment.data = memory;
    attachment.length = SIZE;
    options.attachments = &attachment;
    options.attachment_count = 1;
    CHECK_STATUS(sio_emit(probe_at(&it.joined, 0)->socket, "x",
                          sio_text_of("[" PLACE "," PLACE "," PLACE "," PLACE
                                      "," PLACE "]"),
                          &options),
                 SIO_E_LIMIT);
    CHECK(strstr(sio_last_error(), "msgpack") != NULL);
    free(memory);
    end(&it);
}

int main(void) {
    echoed(0);
    echoed(1);
    replies();
    broadcast();
    limit();
    return check_total();
}
