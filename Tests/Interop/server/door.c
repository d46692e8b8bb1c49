/*
 * What the server asks of those who open a session, by what stands in the
 * query:
 *
 *   door=TEXT   refused, with the text
 *   id=ID       let in, and the session has that id
 *
 * Each answer in the path says "X-Door: open".
 */
#include "vocabulary.h"

#include <string.h>

/* The value of `name`, which ends with "=", copied; 0 if there is none. */
static int parameter(const sio_event *event, const char *name, char *value,
                     size_t capacity) {
    const char *found = strstr(event->target.data, name);
    size_t length;
    if (found == NULL) return 0;
    found += strlen(name);
    length = strcspn(found, "&");
    if (length >= capacity) return 0;
    memcpy(value, found, length);
    value[length] = '\0';
    return 1;
}

static void on_request(const sio_event *event, void *context) {
    (void)context;
    sio_http_set_header(event->http, "X-Door", "open");
    sio_http_next(event->http);
}

static void on_handshake(const sio_event *event, void *context) {
    char value[80];
    (void)context;
    if (parameter(event, "door=", value, sizeof value)) {
        sio_http_refuse(event->http, value);
        return;
    }
    if (parameter(event, "&id=", value, sizeof value) ||
        parameter(event, "?id=", value, sizeof value))
        sio_http_set_sid(event->http, value);
    sio_http_next(event->http);
}

void vocabulary_door(sio_server server) {
    must(sio_server_use_engine(server, on_request, NULL, NULL), "use_engine");
    must(sio_server_on_handshake(server, on_handshake, NULL, NULL),
         "on_handshake");
}
