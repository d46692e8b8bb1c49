#include "hooks.h"

#include <stdio.h>
#include <string.h>

/* The value of a parameter, copied to `value`; 0 if there is none. */
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

/* engine=no refuses, engine=busy responds, engine=TEXT adds "X-Engine: TEXT". */
static void on_engine(const sio_event *event, void *context) {
    static const sio_bytes busy = {"busy", 4};
    char value[64];
    (void)context;
    if (parameter(event, "&engine=", value, sizeof value)) {
        if (strcmp(value, "no") == 0) {
            sio_http_refuse(event->http, "the query says no");
            return;
        }
        if (strcmp(value, "busy") == 0) {
            sio_http_respond(event->http, 503, NULL, 0, busy);
            return;
        }
        sio_http_set_header(event->http, "X-Engine", value);
    }
    sio_http_next(event->http);
}

/* allow=TEXT refuses with it; id=ID gives the session that id. */
static void on_handshake(const sio_event *event, void *context) {
    char value[80];
    (void)context;
    if (parameter(event, "&allow=", value, sizeof value)) {
        sio_http_refuse(event->http, value);
        return;
    }
    if (parameter(event, "&id=", value, sizeof value))
        sio_http_set_sid(event->http, value);
    sio_http_next(event->http);
}

/* Pages of *.friend.example are admitted. */
static void on_origin(const sio_event *event, void *context) {
    size_t i;
    (void)context;
    for (i = 0; i < event->header_count; i++) {
        if (strcmp(event->headers[i].name.data, "Origin") != 0) continue;
        if (strstr(event->headers[i].value.data, ".friend.example") == NULL)
            continue;
        sio_http_next(event->http);
        return;
    }
    sio_http_refuse(event->http, "no friend");
}

sio_status hooks_install(sio_server io) {
    sio_status status = sio_server_use_engine(io, on_engine, NULL, NULL);
    if (status == SIO_OK)
        status = sio_server_on_handshake(io, on_handshake, NULL, NULL);
    if (status == SIO_OK)
        status = sio_server_on_origin(io, on_origin, NULL, NULL);
    return status;
}
