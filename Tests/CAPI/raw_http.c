#include "raw_http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int raw_http_send(raw_stream *stream, const char *method, const char *target,
                  const char *headers, const void *body, size_t length) {
    char head[4096];
    char content[48] = "";
    int used;
    if (body != NULL)
        snprintf(content, sizeof content, "Content-Length: %zu\r\n", length);
    used =
        snprintf(head, sizeof head, "%s %s HTTP/1.1\r\nHost: test\r\n%s%s\r\n",
                 method, target, content, headers != NULL ? headers : "");
    if (used < 0 || (size_t)used >= sizeof head) return 0;
    return raw_write(stream, head, (size_t)used) &&
           (body == NULL || raw_write(stream, body, length));
}

static int append(raw_response *response, raw_stream *stream, size_t length) {
    char *body = (char *)realloc(response->body, response->length + length + 1);
    if (body == NULL) return 0;
    response->body = body;
    if (!raw_read(stream, body + response->length, length)) return 0;
    response->length += length;
    body[response->length] = '\0';
    return 1;
}

static int receive_chunks(raw_stream *stream, raw_response *response) {
    char line[64];
    for (;;) {
        size_t length;
        if (!raw_read_line(stream, line, sizeof line)) return 0;
        length = (size_t)strtoul(line, NULL, 16);
        if (length > 0 && !append(response, stream, length)) return 0;
        if (!raw_read_line(stream, line, sizeof line)) return 0;
        if (length == 0) return 1;
    }
}

static int receive_head(raw_stream *stream, raw_response *response) {
    char line[2048];
    size_t used = 0;
    if (!raw_read_line(stream, line, sizeof line)) return 0;
    if (sscanf(line, "HTTP/1.1 %d", &response->status) != 1) return 0;
    for (;;) {
        size_t length;
        if (!raw_read_line(stream, line, sizeof line)) return 0;
        if (line[0] == '\0') return 1;
        length = strlen(line);
        if (used + length + 2 > sizeof response->head) return 0;
        memcpy(response->head + used, line, length);
        used += length;
        response->head[used++] = '\n';
        response->head[used] = '\0';
    }
}

int raw_http_receive(raw_stream *stream, int head_only,
                     raw_response *response) {
    char value[32];
    size_t length;
    memset(response, 0, sizeof *response);
    if (!receive_head(stream, response)) return 0;
    if (head_only || response->status == 101 || response->status == 204 ||
        response->status == 304)
        return append(response, stream, 0);
    raw_http_header(response, "transfer-encoding", value, sizeof value);
    if (strcasecmp(value, "chunked") == 0)
        return append(response, stream, 0) && receive_chunks(stream, response);
    raw_http_header(response, "content-length", value, sizeof value);
    length = (size_t)strtoul(value, NULL, 10);
    return append(response, stream, length);
}

int raw_http(raw_stream *stream, const char *method, const char *target,
             const char *headers, const void *body, size_t length,
             raw_response *response) {
    memset(response, 0, sizeof *response);
    return raw_http_send(stream, method, target, headers, body, length) &&
           raw_http_receive(stream, strcmp(method, "HEAD") == 0, response);
}

const char *raw_http_header(const raw_response *response, const char *name,
                            char *value, size_t capacity) {
    const char *line = response->head;
    size_t length = strlen(name);
    while (*line != '\0') {
        size_t whole = strcspn(line, "\n");
        if (strncasecmp(line, name, length) == 0 && line[length] == ':') {
            const char *start = line + length + 1;
            while (*start == ' ') start++;
            snprintf(value, capacity, "%.*s", (int)(line + whole - start),
                     start);
            return value;
        }
        line += whole + (line[whole] == '\n');
    }
    value[0] = '\0';
    return value;
}

void raw_response_free(raw_response *response) {
    free(response->body);
    response->body = NULL;
}
