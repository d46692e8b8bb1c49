/*
 * polling.c - a client's long polling: one connection on which a GET always
 * waits, and one for POSTs, each with as many packets as a server takes.
 */
#include "polling.h"

#include "client.h"
#include "http.h"
#include "options.h"
#include "report.h"

#include <stdio.h>
#include <stdlib.h>

#define PATH "/socket.io/?EIO=4&transport=polling"

enum {
    /* python-engineio refuses payloads of more packets. */
    PAYLOAD_PACKETS = 16,
    SEPARATOR = 0x1e
};

struct polling {
    struct conn post;
    char session[64]; /* "&sid=...", empty before the handshake */
    size_t max_payload;
    bool getting;
    bool posting;
    bool saying_goodbye;
    bool resting;
    struct buffer outbox; /* packets, a separator behind each */
};

static void on_get(struct conn *conn);
static void on_post(struct conn *conn);

struct polling *polling_make(struct client *client) {
    struct polling *polling = allocate(1, sizeof *polling);
    polling->post.fd = -1;
    polling->post.client = client;
    polling->post.on_readable = on_post;
    return polling;
}

void polling_rest(struct client *client, bool resting) {
    client->polling->resting = resting;
    if (resting && !client->polling->posting)
        conn_close(&client->polling->post);
}

static void send_request(struct client *client, struct conn *conn,
                         const char *method, const char *more) {
    char request[512];
    int length =
        snprintf(request, sizeof request,
                 "%s " PATH "%s HTTP/1.1\r\nHost: %s:%u\r\n%s\r\n", method,
                 client->polling->session, options.host, options.port, more);
    if (conn->fd < 0) conn_open(conn);
    memcpy(conn_claim(conn, (size_t)length), request, (size_t)length);
}

static void get(struct client *client) {
    client->polling->getting = true;
    send_request(client, &client->conn, "GET", "");
    conn_flush(&client->conn);
}

/* As many packets from the front of the outbox as may go into one payload;
 * returns its length, the last separator included. */
static size_t payload_length(const struct polling *polling) {
    struct bytes rest = bytes_of(&polling->outbox);
    size_t length = 0;
    for (int i = 0; i < PAYLOAD_PACKETS && rest.length > 0; i++) {
        const uint8_t *end = memchr(rest.data, SEPARATOR, rest.length);
        if (end == NULL) break;
        size_t packet = (size_t)(end - rest.data) + 1;
        if (length > 0 && length + packet - 1 > polling->max_payload) break;
        length += packet;
        rest = bytes_skip(rest, packet);
    }
    return length;
}

static void flush(struct client *client) {
    struct polling *polling = client->polling;
    char more[128];
    if (polling->posting || polling->outbox.length == 0) return;
    size_t length = payload_length(polling);
    snprintf(more, sizeof more,
             "Content-Type: text/plain;charset=UTF-8\r\n"
             "Content-Length: %zu\r\n",
             length - 1);
    polling->posting = true;
    send_request(client, &polling->post, "POST", more);
    conn_lend(&polling->post, polling->outbox.data, length - 1);
    conn_flush(&polling->post);
    buffer_consume(&polling->outbox, length);
}

static void send_text(struct client *client, const char *text) {
    buffer_append_text(&client->polling->outbox, text);
    buffer_append(&client->polling->outbox, "\x1e", 1);
}

static void send_message(struct client *client, const struct message *message,
                         uint32_t tag) {
    struct buffer *outbox = &client->polling->outbox;
    size_t start = outbox->length;
    buffer_append(outbox, message->head.data, message->head.length);
    tag_write(message->tag, tag, message->tag_mask,
              outbox->data + start + message->tag_at);
    buffer_append(outbox, message->tail.data, message->tail.length);
    buffer_append(outbox, "\x1e", 1);
}

static void open_polling(struct client *client) {
    client->polling->session[0] = '\0';
    client->polling->outbox.length = 0;
    client->polling->posting = false;
    client->polling->saying_goodbye = false;
    client->conn.on_readable = on_get;
    get(client);
}

static void say_goodbye(struct client *client) {
    client->polling->saying_goodbye = true;
    send_text(client, "1");
}

static void abandon(struct client *client) {
    conn_close(&client->conn);
    conn_close(&client->polling->post);
    buffer_free(&client->polling->outbox);
}

const struct transport polling_transport = {
    open_polling, send_text, send_message, flush, say_goodbye, abandon};

/* Takes sid and maxPayload from the open packet: 0{"sid":"...",...} */
static void take_handshake(struct client *client, struct bytes packet) {
    struct polling *polling = client->polling;
    char text[512], *sid, *limit;
    snprintf(text, sizeof text, "%.*s", (int)packet.length,
             (const char *)packet.data);
    sid = strstr(text, "\"sid\":\"");
    limit = strstr(text, "\"maxPayload\":");
    if (packet.length < 1 || packet.data[0] != '0' || sid == NULL ||
        strcspn(sid + 7, "\"") > sizeof polling->session - 6)
        fail("client %u: not an open packet: %s", client->index, text);
    snprintf(polling->session, sizeof polling->session, "&sid=%.*s",
             (int)strcspn(sid + 7, "\""), sid + 7);
    polling->max_payload =
        limit != NULL ? strtoul(limit + strlen("\"maxPayload\":"), NULL, 10)
                      : 100000;
}

static void take_payload(struct client *client, struct bytes payload,
                         uint64_t now) {
    while (payload.length > 0) {
        const uint8_t *end = memchr(payload.data, SEPARATOR, payload.length);
        struct bytes packet = {payload.data, end != NULL
                                                 ? (size_t)(end - payload.data)
                                                 : payload.length};
        if (packet.length > 0 && packet.data[0] == 'b')
            client_binary(client, packet, now);
        else
            client_packet(client, packet, now);
        payload = bytes_skip(payload, packet.length + (end != NULL));
    }
}

/* Reads a response; false if it is not complete. The connection is read, and
 * what lies behind the response is an error: nothing was asked for. */
static bool take_response(struct conn *conn, bool expected,
                          struct http_response *response) {
    struct client *client = conn->client;
    struct bytes input;
    enum conn_input received = conn_receive(conn, &input);
    if (received == CONN_NOTHING) return false;
    if (received == CONN_END && !expected) {
        /* A connection that rests may be closed; the next request opens it. */
        conn_close(conn);
        return false;
    }
    if (received == CONN_END) {
        client_ended(client);
        return false;
    }
    if (!http_read(client, &input, response)) {
        conn_keep(conn, input);
        return false;
    }
    if (!expected || input.length > 0)
        fail("client %u: an HTTP response that nobody asked for",
             client->index);
    return true;
}

static void refused(struct client *client, const char *method,
                    const struct http_response *response) {
    fail("client %u: the server answered a %s with status %d: %.*s",
         client->index, method, response->status,
         (int)(response->body.length < 80 ? response->body.length : 80),
         (const char *)response->body.data);
}

static void on_get(struct conn *conn) {
    struct client *client = conn->client;
    struct polling *polling = client->polling;
    struct http_response response;
    if (!take_response(conn, polling->getting, &response)) return;
    uint64_t now = clock_now();
    polling->getting = false;
    if (client->state != CLIENT_CLOSING) {
        if (response.status != 200) refused(client, "GET", &response);
        if (client->state == CLIENT_OPENING)
            take_handshake(client, response.body);
        take_payload(client, response.body, now);
    }
    conn_keep(conn, (struct bytes){response.body.data, 0});
    if (response.close) conn_close(conn);
    if (client->state != CLIENT_CLOSING) get(client);
    flush(client);
}

static void on_post(struct conn *conn) {
    struct client *client = conn->client;
    struct polling *polling = client->polling;
    struct http_response response;
    if (!take_response(conn, polling->posting, &response)) return;
    polling->posting = false;
    /* A server may forget the session before it answers the goodbye. */
    if (response.status != 200 && client->state != CLIENT_CLOSING)
        refused(client, "POST", &response);
    conn_keep(conn, (struct bytes){response.body.data, 0});
    if (response.close || polling->resting) conn_close(conn);
    if (polling->saying_goodbye && polling->outbox.length == 0)
        client_ended(client);
    else
        flush(client);
}
