/* http.c - reading responses. */
#include "http.h"

#include "client.h"
#include "report.h"

#include <stdlib.h>
#include <strings.h>

static const uint8_t *find(struct bytes input, const char *text) {
    return memmem(input.data, input.length, text, strlen(text));
}

/* The value of a header, if `line` is that header. */
static bool header(struct bytes line, const char *name, struct bytes *value) {
    size_t length = strlen(name);
    if (line.length <= length || line.data[length] != ':' ||
        strncasecmp((const char *)line.data, name, length) != 0)
        return false;
    *value = bytes_skip(line, length + 1);
    while (value->length > 0 && value->data[0] == ' ')
        *value = bytes_skip(*value, 1);
    return true;
}

static bool is(struct bytes value, const char *text) {
    return value.length == strlen(text) &&
           strncasecmp((const char *)value.data, text, value.length) == 0;
}

enum {
    UNKNOWN = -1,
    CHUNKED = -2
};

/* Reads the head; `length` becomes that of the body, or one of the above. */
static bool read_head(struct client *client, struct bytes *input,
                      struct http_response *response, long long *length) {
    const uint8_t *end = find(*input, "\r\n\r\n");
    if (end == NULL) {
        if (input->length > 16 << 10)
            fail("client %u: an HTTP head of more than 16 kB", client->index);
        return false;
    }
    struct bytes head = {input->data, (size_t)(end - input->data) + 2};
    if (head.length < 12 || memcmp(head.data, "HTTP/1.1 ", 9) != 0)
        fail("client %u: the server does not speak HTTP/1.1", client->index);
    *response = (struct http_response){
        .status = (int)strtol((const char *)head.data + 9, NULL, 10)};
    *length = UNKNOWN;
    while (head.length > 0) {
        const uint8_t *line_end = find(head, "\r\n");
        struct bytes line = {head.data, (size_t)(line_end - head.data)}, value;
        /* The value ends at a CR, at which strtoll stops. */
        if (header(line, "Content-Length", &value))
            *length = strtoll((const char *)value.data, NULL, 10);
        else if (header(line, "Transfer-Encoding", &value) &&
                 is(value, "chunked"))
            *length = CHUNKED;
        else if (header(line, "Connection", &value) && is(value, "close"))
            response->close = true;
        else
            header(line, "Sec-WebSocket-Accept", &response->accept);
        head = bytes_skip(head, line.length + 2);
    }
    *input = bytes_skip(*input, (size_t)(end - input->data) + 4);
    return true;
}

bool http_read_head(struct client *client, struct bytes *input,
                    struct http_response *response) {
    long long length;
    return read_head(client, input, response, &length);
}

/* Takes one chunk from the front; 1: taken, 0: incomplete, -1: no chunk. */
static int read_chunk(struct bytes *input, struct bytes *chunk) {
    const uint8_t *line_end = find(*input, "\r\n");
    char *end;
    if (line_end == NULL) return input->length < 32 ? 0 : -1;
    unsigned long long length = strtoull((const char *)input->data, &end, 16);
    if ((const uint8_t *)end != line_end) return -1;
    size_t head = (size_t)(line_end - input->data) + 2;
    if (length > SIZE_MAX / 2) return -1;
    if (input->length < head + length + 2) return 0;
    *chunk = (struct bytes){input->data + head, length};
    *input = bytes_skip(*input, head + length + 2);
    return 1;
}

/* Is the whole body there? If so, `body` is it, and `input` what follows. */
static bool read_chunks(struct client *client, struct bytes *input,
                        struct bytes *body) {
    struct bytes rest = *input, chunk;
    int result;
    do {
        result = read_chunk(&rest, &chunk);
        if (result < 0)
            fail("client %u: a chunk of an HTTP response is malformed",
                 client->index);
        if (result == 0) return false;
    } while (chunk.length > 0);
    /* The memory is this program's: the chunks move together in it. */
    uint8_t *to = (uint8_t *)input->data;
    *body = (struct bytes){to, 0};
    while (read_chunk(input, &chunk) > 0 && chunk.length > 0) {
        memmove(to + body->length, chunk.data, chunk.length);
        body->length += chunk.length;
    }
    return true;
}

bool http_read(struct client *client, struct bytes *input,
               struct http_response *response) {
    struct bytes rest = *input;
    long long length;
    if (!read_head(client, &rest, response, &length)) return false;
    if (length == CHUNKED) {
        if (!read_chunks(client, &rest, &response->body)) return false;
    } else {
        if (length < 0)
            fail("client %u: an HTTP response with status %d that does not say "
                 "how long it is",
                 client->index, response->status);
        if (rest.length < (unsigned long long)length) return false;
        response->body = (struct bytes){rest.data, (size_t)length};
        rest = bytes_skip(rest, (size_t)length);
    }
    *input = rest;
    return true;
}
