/* websocket.c - a client's WebSocket: the upgrade, and messages both ways. */
#include "client.h"
#include "frame.h"
#include "http.h"
#include "options.h"
#include "report.h"

#include <stdio.h>

/* RFC 6455's own example of a key, and of the answer to it. */
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

static void on_readable(struct conn *conn);

static void open_websocket(struct client *client) {
    char request[512];
    int length = snprintf(
        request, sizeof request,
        "GET %s HTTP/1.1\r\nHost: %s:%u\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: " KEY "\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n",
        options.work == WORK_PLAIN ? "/"
                                   : "/socket.io/?EIO=4&transport=websocket",
        options.host, options.port);
    client->upgraded = false;
    client->conn.on_readable = on_readable;
    conn_open(&client->conn);
    memcpy(conn_claim(&client->conn, (size_t)length), request, (size_t)length);
    conn_flush(&client->conn);
}

static void send_frame(struct client *client, enum frame_opcode opcode,
                       struct bytes payload) {
    static struct buffer frame;
    frame.length = 0;
    frame_append(&frame, opcode, payload);
    memcpy(conn_claim(&client->conn, frame.length), frame.data, frame.length);
}

static void send_text(struct client *client, const char *text) {
    send_frame(client, FRAME_TEXT,
               (struct bytes){(const uint8_t *)text, strlen(text)});
}

static void send_message(struct client *client, const struct message *message,
                         uint32_t tag) {
    uint8_t *head = conn_claim(&client->conn, message->head.length);
    memcpy(head, message->head.data, message->head.length);
    tag_write(message->tag, tag, message->tag_mask, head + message->tag_at);
    conn_lend(&client->conn, message->tail.data, message->tail.length);
}

static void flush(struct client *client) {
    conn_flush(&client->conn);
}

static void say_goodbye(struct client *client) {
    static const uint8_t normal[] = {1000 >> 8, 1000 & 255};
    send_frame(client, FRAME_CLOSE, (struct bytes){normal, sizeof normal});
}

static void abandon(struct client *client) {
    conn_close(&client->conn);
}

const struct transport websocket_transport = {
    open_websocket, send_text, send_message, flush, say_goodbye, abandon};

static void take_frame(struct client *client, const struct frame *frame,
                       uint64_t now) {
    switch (frame->opcode) {
    case FRAME_TEXT:
        client_packet(client, frame->payload, now);
        break;
    case FRAME_BINARY:
        client_binary(client, frame->payload, now);
        break;
    case FRAME_PING:
        send_frame(client, FRAME_PONG, frame->payload);
        break;
    case FRAME_PONG:
        break;
    case FRAME_CLOSE:
        /* What is sent after it, or the end of the connection, follows. */
        if (client->state != CLIENT_CLOSING) client_ended(client);
        break;
    default:
        fail("client %u: a WebSocket frame with opcode %d", client->index,
             frame->opcode);
    }
}

/* The answer to the upgrade. */
static bool take_upgrade(struct client *client, struct bytes *input) {
    struct http_response response;
    if (!http_read_head(client, input, &response)) return false;
    if (response.status != 101 ||
        !bytes_equal(response.accept,
                     (struct bytes){(const uint8_t *)ACCEPT, strlen(ACCEPT)}))
        fail("client %u: the server refused the WebSocket with status %d",
             client->index, response.status);
    return true;
}

static void on_readable(struct conn *conn) {
    struct client *client = conn->client;
    struct bytes input;
    struct frame frame;
    enum frame_result result = FRAME_INCOMPLETE;
    enum conn_input received = conn_receive(conn, &input);
    if (received == CONN_NOTHING) return;
    if (received == CONN_END) {
        client_ended(client);
        return;
    }
    uint64_t now = clock_now();
    if (!client->upgraded && take_upgrade(client, &input)) {
        client->upgraded = true;
        client_upgraded(client);
    }
    if (client->upgraded)
        while ((result = frame_read(&input, &frame)) == FRAME_READ)
            take_frame(client, &frame, now);
    if (result == FRAME_WRONG)
        fail("client %u: a WebSocket frame that is masked, compressed or in "
             "pieces",
             client->index);
    conn_keep(conn, input);
    conn_flush(conn);
}
