#include "raw_ws.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "raw_http.h"

/* The key and its answer of RFC 6455, section 1.3: no SHA-1 is needed. */
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

int raw_ws_upgrade(raw_stream *stream, const char *target,
                   const char *headers) {
    char head[1024] =
        "Connection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " KEY "\r\n";
    char value[128];
    raw_response response;
    int status = 0;
    if (headers != NULL) strncat(head, headers, sizeof head - strlen(head) - 1);
    if (raw_http(stream, "GET", target, head, NULL, 0, &response)) {
        raw_http_header(&response, "sec-websocket-accept", value, sizeof value);
        status = response.status;
        if (status == 101 && strcmp(value, ACCEPT) != 0) status = 0;
    }
    raw_response_free(&response);
    return status;
}

int raw_ws_send_frame(raw_stream *stream, int first, const void *data,
                      size_t length) {
    static const unsigned char mask[4] = {0x12, 0x34, 0x56, 0x78};
    unsigned char *frame = (unsigned char *)malloc(length + 14);
    const unsigned char *bytes = (const unsigned char *)data;
    size_t used = 2, i;
    int sent;
    if (frame == NULL) return 0;
    frame[0] = (unsigned char)first;
    if (length < 126) {
        frame[1] = (unsigned char)(0x80 | length);
    } else {
        size_t width = length < 65536 ? 2 : 8;
        frame[1] = width == 2 ? 0x80 | 126 : 0x80 | 127;
        for (i = 0; i < width; i++)
            frame[used++] =
                (unsigned char)((uint64_t)length >> (8 * (width - 1 - i)));
    }
    memcpy(frame + used, mask, sizeof mask);
    used += sizeof mask;
    for (i = 0; i < length; i++) frame[used + i] = bytes[i] ^ mask[i % 4];
    sent = raw_write(stream, frame, used + length);
    free(frame);
    return sent;
}

int raw_ws_send(raw_stream *stream, int opcode, const void *data,
                size_t length) {
    return raw_ws_send_frame(stream, RAW_WS_FIN | opcode, data, length);
}

int raw_ws_receive(raw_stream *stream, raw_message *message) {
    unsigned char head[2], extended[8], mask[4] = {0, 0, 0, 0};
    uint64_t length;
    size_t i;
    memset(message, 0, sizeof *message);
    if (!raw_read(stream, head, sizeof head)) return 0;
    length = head[1] & 0x7f;
    if (length >= 126) {
        size_t width = length == 126 ? 2 : 8;
        if (!raw_read(stream, extended, width)) return 0;
        length = 0;
        for (i = 0; i < width; i++) length = length << 8 | extended[i];
    }
    if ((head[1] & 0x80) != 0 && !raw_read(stream, mask, sizeof mask)) return 0;
    message->opcode = head[0] & 0x0f;
    message->length = (size_t)length;
    message->data = (char *)malloc((size_t)length + 1);
    if (message->data == NULL) return 0;
    if (!raw_read(stream, message->data, message->length)) {
        free(message->data);
        message->data = NULL;
        return 0;
    }
    for (i = 0; i < message->length; i++)
        message->data[i] = (char)(message->data[i] ^ mask[i % 4]);
    message->data[message->length] = '\0';
    return 1;
}
