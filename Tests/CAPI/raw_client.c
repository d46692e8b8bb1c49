#include "raw_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "raw_base64.h"

#define SEPARATOR '\x1e'

static void release(raw_client *client) {
    free(client->payload);
    free(client->packet);
    client->payload = client->next = client->packet = NULL;
}

static void target_of(const raw_client *client, const char *transport,
                      const char *query, char *target, size_t capacity) {
    snprintf(target, capacity, "/socket.io/?EIO=4&transport=%s%s%s%s",
             transport, client->sid[0] != '\0' ? "&sid=" : "", client->sid,
             query != NULL ? query : "");
}

/* Polling */

int raw_poll(raw_client *client) {
    char target[256];
    if (client->websocket || client->polling) return 1;
    target_of(client, "polling", NULL, target, sizeof target);
    client->polling =
        raw_http_send(&client->main, "GET", target, NULL, NULL, 0);
    return client->polling;
}

static int receive_payload(raw_client *client) {
    raw_response response;
    int came;
    if (!raw_poll(client)) return 0;
    came = raw_http_receive(&client->main, 0, &response);
    client->polling = 0;
    free(client->payload);
    client->payload = client->next = came ? response.body : NULL;
    if (!came || response.status == 200) return came;
    client->refused = response.status;
    free(client->payload);
    client->payload = client->next = NULL;
    return 0;
}

static int receive_polling(raw_client *client) {
    char *end;
    size_t length;
    if (client->next == NULL && !receive_payload(client)) return 0;
    end = strchr(client->next, SEPARATOR);
    length = end != NULL ? (size_t)(end - client->next) : strlen(client->next);
    client->packet = (char *)malloc(length + 1);
    if (client->packet == NULL) return 0;
    memcpy(client->packet, client->next, length);
    client->packet[length] = '\0';
    client->next = end != NULL ? end + 1 : NULL;
    client->length = length;
    client->binary = client->packet[0] == 'b';
    if (client->binary) {
        memmove(client->packet, client->packet + 1, length);
        client->length = raw_base64_decode(client->packet);
    }
    return 1;
}

static int post(raw_client *client, const char *payload) {
    char target[256];
    raw_response response;
    int done;
    target_of(client, "polling", NULL, target, sizeof target);
    if (client->posts.fd < 0 &&
        !raw_connect(&client->posts, client->host, client->port))
        return 0;
    done = raw_http(&client->posts, "POST", target,
                    "Content-Type: text/plain;charset=UTF-8\r\n", payload,
                    strlen(payload), &response) &&
           response.status == 200;
    raw_response_free(&response);
    return done;
}

/* WebSocket */

static int receive_websocket(raw_client *client) {
    raw_message message;
    for (;;) {
        if (!raw_ws_receive(&client->main, &message)) return 0;
        if (message.opcode == RAW_WS_TEXT || message.opcode == RAW_WS_BINARY)
            break;
        if (message.opcode == RAW_WS_PING)
            raw_ws_send(&client->main, RAW_WS_PONG, message.data,
                        message.length);
        free(message.data);
        if (message.opcode == RAW_WS_CLOSE) {
            raw_ws_send(&client->main, RAW_WS_CLOSE, "", 0);
            return 0;
        }
    }
    client->packet = message.data;
    client->length = message.length;
    client->binary = message.opcode == RAW_WS_BINARY;
    return 1;
}

/* Both */

int raw_send(raw_client *client, const char *packet) {
    if (client->websocket)
        return raw_ws_send(&client->main, RAW_WS_TEXT, packet, strlen(packet));
    return post(client, packet);
}

int raw_send_bytes(raw_client *client, const void *data, size_t length) {
    char *text;
    int sent;
    if (client->websocket)
        return raw_ws_send(&client->main, RAW_WS_BINARY, data, length);
    text = (char *)malloc(length * 2 + 8);
    if (text == NULL) return 0;
    text[0] = 'b';
    raw_base64_encode(data, length, text + 1);
    sent = post(client, text);
    free(text);
    return sent;
}

const char *raw_receive_within(raw_client *client, int timeout_ms) {
    long long limit = raw_now_ms() + timeout_ms;
    for (;;) {
        free(client->packet);
        client->packet = NULL;
        client->binary = 0;
        if (client->next == NULL) {
            long long left = limit - raw_now_ms();
            if (left < 0 || !raw_poll(client) ||
                !raw_readable(&client->main, (int)left))
                return NULL;
        }
        if (!(client->websocket ? receive_websocket(client)
                                : receive_polling(client)))
            return NULL;
        if (client->binary) return client->packet;
        if (strcmp(client->packet, "2") == 0)
            raw_send(client, "3");
        else if (strcmp(client->packet, "6") != 0)
            return client->packet;
    }
}

const char *raw_receive(raw_client *client) {
    return raw_receive_within(client, client->main.timeout_ms);
}

int raw_expect(raw_client *client, const char *packet) {
    const char *actual = raw_receive(client);
    if (actual != NULL && !client->binary && strcmp(actual, packet) == 0)
        return 1;
    printf("  received %s\n  expected %s\n", actual ? actual : "(nothing)",
           packet);
    return 0;
}

int raw_expect_bytes(raw_client *client, const void *data, size_t length) {
    const char *actual = raw_receive(client);
    if (actual != NULL && client->binary && client->length == length &&
        memcmp(actual, data, length) == 0)
        return 1;
    printf("  received %s, not the expected %zu bytes\n",
           actual == NULL   ? "nothing"
           : client->binary ? "other bytes"
                            : actual,
           length);
    return 0;
}

int raw_silent(raw_client *client, int for_ms) {
    const char *packet = raw_receive_within(client, for_ms);
    if (packet != NULL) printf("  received %s, expected nothing\n", packet);
    return packet == NULL;
}

int raw_expect_end(raw_client *client) {
    const char *packet;
    while ((packet = raw_receive(client)) != NULL)
        if (!client->binary && strcmp(packet, "1") == 0) return 1;
    /* Polling: the session is unknown now. WebSocket: the stream ends. */
    if (!client->websocket) return client->refused != 0;
    return raw_ended(&client->main, RAW_PATIENCE_MS);
}

int raw_open(raw_client *client, const char *host, int port, int websocket,
             const char *query, const char *headers) {
    char target[512];
    memset(client, 0, sizeof *client);
    client->host = host;
    client->port = port;
    client->websocket = websocket;
    client->posts.fd = -1;
    if (!raw_connect(&client->main, host, port)) return 0;
    target_of(client, websocket ? "websocket" : "polling", query, target,
              sizeof target);
    if (websocket) {
        if (raw_ws_upgrade(&client->main, target, headers) != 101) return 0;
    } else {
        if (!raw_http_send(&client->main, "GET", target, headers, NULL, 0))
            return 0;
        client->polling = 1;
    }
    if (raw_receive(client) == NULL || client->length >= sizeof client->open)
        return 0;
    memcpy(client->open, client->packet, client->length + 1);
    return sscanf(client->open, "0{\"sid\":\"%79[^\"]\"", client->sid) == 1;
}

int raw_open_websocket(raw_client *client, int port) {
    return raw_open(client, NULL, port, 1, NULL, NULL);
}

int raw_open_polling(raw_client *client, int port) {
    return raw_open(client, NULL, port, 0, NULL, NULL);
}

int raw_join(raw_client *client, const char *nsp, const char *auth) {
    char packet[1024], before[256];
    const char *shown = strcmp(nsp, "/") == 0 ? "" : nsp;
    const char *comma = shown[0] != '\0' ? "," : "";
    snprintf(packet, sizeof packet, "40%s%s%s", shown, comma,
             auth != NULL ? auth : "");
    if (!raw_send(client, packet) || raw_receive(client) == NULL) return 0;
    snprintf(before, sizeof before, "40%s%s{\"sid\":\"", shown, comma);
    if (strncmp(client->packet, before, strlen(before)) != 0) return 0;
    return sscanf(client->packet + strlen(before), "%63[^\"]", client->id) == 1;
}

int raw_join_websocket(raw_client *client, int port) {
    return raw_open_websocket(client, port) && raw_join(client, "/", NULL);
}

int raw_join_polling(raw_client *client, int port) {
    return raw_open_polling(client, port) && raw_join(client, "/", NULL);
}

int raw_echo(raw_client *client, const char *event) {
    char packet[512];
    snprintf(packet, sizeof packet, "42[\"%s\"]", event);
    return raw_send(client, packet) && raw_expect(client, packet);
}

int raw_probe(raw_client *client, raw_stream *out) {
    char target[256];
    raw_message message;
    int answered;
    target_of(client, "websocket", NULL, target, sizeof target);
    if (!raw_connect(out, client->host, client->port)) return 0;
    if (raw_ws_upgrade(out, target, NULL) != 101) return 0;
    if (!raw_ws_send(out, RAW_WS_TEXT, "2probe", 6)) return 0;
    if (!raw_ws_receive(out, &message)) return 0;
    answered = strcmp(message.data, "3probe") == 0;
    free(message.data);
    return answered;
}

int raw_upgrade(raw_client *client) {
    raw_stream stream;
    if (!raw_probe(client, &stream)) return 0;
    /* A poll under way ends, at the latest, with the server's noop. */
    if (client->polling && (!receive_payload(client) || client->next == NULL))
        return 0;
    if (client->next != NULL && strcmp(client->next, "6") == 0)
        client->next = NULL;
    if (!raw_ws_send(&stream, RAW_WS_TEXT, "5", 1)) return 0;
    raw_close(&client->main);
    raw_close(&client->posts);
    client->main = stream;
    client->websocket = 1;
    return client->next == NULL;
}

void raw_leave(raw_client *client) {
    if (client->websocket) {
        if (raw_ws_send(&client->main, RAW_WS_CLOSE, "", 0))
            raw_ended(&client->main, RAW_PATIENCE_MS);
    } else {
        raw_poll(client);
        post(client, "1");
        receive_payload(client);
    }
    raw_close(&client->main);
    raw_close(&client->posts);
    release(client);
}

void raw_abort(raw_client *client) {
    raw_reset(&client->main);
    raw_reset(&client->posts);
    release(client);
}
