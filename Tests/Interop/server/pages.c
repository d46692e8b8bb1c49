/*
 * What a browser needs: "/" is an empty page that has loaded the official
 * client, "/client.js" is that client.
 */
#include "vocabulary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char page[] = "<!doctype html><meta charset=\"utf-8\">"
                           "<title>interop</title>"
                           "<script src=\"/client.js\"></script>";

static sio_bytes read_file(const char *path) {
    sio_bytes bytes = {NULL, 0};
    FILE *file = fopen(path, "rb");
    char *data;
    long size;
    if (file == NULL || fseek(file, 0, SEEK_END) != 0 ||
        (size = ftell(file)) < 0 || (data = malloc((size_t)size)) == NULL) {
        perror(path);
        exit(1);
    }
    rewind(file);
    bytes.length = fread(data, 1, (size_t)size, file);
    bytes.data = data;
    fclose(file);
    return bytes;
}

static void respond(const sio_event *event, int32_t status, const char *type,
                    sio_bytes body) {
    sio_header header;
    header.name = sio_text_of("Content-Type");
    header.value = sio_text_of(type);
    sio_http_respond(event->http, status, &header, 1, body);
}

static void on_http(const sio_event *event, void *context) {
    const sio_bytes *client = context;
    sio_bytes body = {page, sizeof page - 1};
    if (strcmp(event->target.data, "/") == 0) {
        respond(event, 200, "text/html; charset=utf-8", body);
    } else if (strcmp(event->target.data, "/client.js") == 0) {
        respond(event, 200, "text/javascript; charset=utf-8", *client);
    } else {
        body.length = 0;
        respond(event, 404, "text/plain", body);
    }
}

static void forget(void *context) {
    sio_bytes *client = context;
    free((void *)client->data);
    free(client);
}

void vocabulary_pages(sio_server server, const char *client_file) {
    sio_bytes *client = malloc(sizeof *client);
    if (client == NULL) abort();
    *client = read_file(client_file);
    must(sio_server_on_http(server, on_http, client, forget), "on_http");
}
