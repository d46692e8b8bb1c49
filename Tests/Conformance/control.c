#include "control.h"
#include "handlers.h"
#include "report.h"

#include <stdio.h>

static void describe_counts(sio_server io, char *text, size_t size) {
    sio_counts c;
    memset(&c, 0, sizeof c);
    sio_server_counts(io, sizeof c, &c);
    snprintf(text, size,
             "{\"connections\":%llu,\"sessions\":%llu,\"sockets\":%llu,"
             "\"room_entries\":%llu,\"pending_acks\":%llu,"
             "\"pending_replies\":%llu,\"buffered_bytes\":%llu,"
             "\"queued_events\":%llu}",
             (unsigned long long)c.connections, (unsigned long long)c.sessions,
             (unsigned long long)c.sockets, (unsigned long long)c.room_entries,
             (unsigned long long)c.pending_acks,
             (unsigned long long)c.pending_replies,
             (unsigned long long)c.buffered_bytes,
             (unsigned long long)c.queued_events);
}

void control_report_counts(sio_server io) {
    char text[512];
    describe_counts(io, text, sizeof text);
    report("counts", sio_text_of(""), "", sio_text_of(text));
}

static void respond(const sio_event *event, int32_t status, const char *text) {
    sio_bytes body;
    body.data = text;
    body.length = strlen(text);
    sio_http_respond(event->http, status, NULL, 0, body);
}

/* What clients miss that are away: text, and a binary value. */
static void emit_missed(sio_server io) {
    sio_emit_options options = SIO_EMIT_OPTIONS_INIT;
    sio_bytes attachment;
    attachment.data = "\1";
    attachment.length = 1;
    sio_server_emit(io, "/", NULL, "missed", sio_text_of("[1]"), NULL);
    options.attachments = &attachment;
    options.attachment_count = 1;
    sio_server_emit(io, "/", NULL, "missed",
                    sio_text_of("[{\"b\":{\"_placeholder\":true,\"num\":0}}]"),
                    &options);
}

static void describe_writable(sio_server io, const char *id, char *text) {
    sio_socket socket;
    int32_t writable = 0;
    if (sio_server_socket(io, "/", id, &socket) == SIO_OK)
        sio_socket_writable(socket, &writable);
    strcpy(text, writable ? "1" : "0");
}

static void on_http(const sio_event *event, void *context) {
    const char *target = event->target.data;
    char text[512];
    (void)context;
    if (strcmp(target, "/counts") == 0) {
        describe_counts(event->server, text, sizeof text);
        respond(event, 200, text);
    } else if (strcmp(target, "/accept") == 0) {
        handlers_decide(1);
        respond(event, 200, "accepted");
    } else if (strcmp(target, "/reject") == 0) {
        handlers_decide(0);
        respond(event, 200, "rejected");
    } else if (strcmp(target, "/broadcast") == 0) {
        sio_server_emit(event->server, "/", NULL, "news", sio_text_of("[]"),
                        NULL);
        respond(event, 200, "sent");
    } else if (strcmp(target, "/missed") == 0) {
        emit_missed(event->server);
        respond(event, 200, "sent");
    } else if (strncmp(target, "/writable?", 10) == 0) {
        describe_writable(event->server, target + 10, text);
        respond(event, 200, text);
    } else if (strcmp(target, "/hang") == 0) {
        report("hanging", sio_text_of(""), "", sio_text_of(""));
    } else {
        snprintf(text, sizeof text, "no such page: %s", target);
        respond(event, 404, text);
    }
}

sio_status control_install(sio_server io) {
    return sio_server_on_http(io, on_http, NULL, NULL);
}
