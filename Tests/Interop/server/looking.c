/*
 * What the server knows, in replies:
 *
 *   handshake   an object with the details of how the client came
 *   counts      an object with what is alive
 */
#include "text.h"
#include "vocabulary.h"

static void add_text(text *t, const char *name, sio_text value) {
    text_add_string(t, sio_text_of(name));
    text_add(t, ":");
    text_add_string(t, value);
    text_add(t, ",");
}

static void add_number(text *t, const char *name, long long value) {
    text_add_string(t, sio_text_of(name));
    text_add(t, ":");
    text_add_number(t, value);
    text_add(t, ",");
}

static void add_headers(text *t, const sio_handshake *handshake) {
    size_t i;
    text_add(t, "\"headers\":{");
    for (i = 0; i < handshake->header_count; i++) {
        if (i > 0) text_add(t, ",");
        text_add_string(t, handshake->headers[i].name);
        text_add(t, ":");
        text_add_string(t, handshake->headers[i].value);
    }
    text_add(t, "}");
}

static void on_handshake(const sio_event *event, void *context) {
    const sio_handshake *handshake;
    int32_t transport = 0;
    text reply = {0};
    (void)context;
    if (sio_socket_handshake(event->socket, &handshake) != SIO_OK) return;
    sio_socket_transport(event->socket, &transport);
    text_add(&reply, "[{");
    add_text(&reply, "nsp", handshake->nsp);
    add_text(&reply, "address", handshake->address);
    add_text(&reply, "url", handshake->url);
    add_text(&reply, "query", handshake->query);
    add_text(&reply, "transport",
             sio_text_of(transport == SIO_TRANSPORT_POLLING ? "polling"
                                                            : "websocket"));
    add_number(&reply, "port", handshake->port);
    add_number(&reply, "secure", handshake->secure);
    add_number(&reply, "xdomain", handshake->xdomain);
    add_number(&reply, "revision", handshake->revision);
    add_number(&reply, "issued", handshake->issued_ms);
    text_add(&reply, "\"auth\":");
    text_add_raw(&reply, handshake->auth);
    text_add(&reply, ",");
    add_headers(&reply, handshake);
    text_add(&reply, "}]");
    sio_reply(event->ack, text_view(&reply), NULL);
    text_free(&reply);
    sio_free(handshake);
}

static void on_counts(const sio_event *event, void *context) {
    sio_counts counts;
    text reply = {0};
    (void)context;
    if (sio_server_counts(event->server, sizeof counts, &counts) != SIO_OK)
        return;
    text_add(&reply, "[{");
    add_number(&reply, "connections", (long long)counts.connections);
    add_number(&reply, "sessions", (long long)counts.sessions);
    add_number(&reply, "room_entries", (long long)counts.room_entries);
    add_number(&reply, "pending_acks", (long long)counts.pending_acks);
    add_number(&reply, "pending_replies", (long long)counts.pending_replies);
    add_number(&reply, "buffered_bytes", (long long)counts.buffered_bytes);
    text_add(&reply, "\"sockets\":");
    text_add_number(&reply, (long long)counts.sockets);
    text_add(&reply, "}]");
    sio_reply(event->ack, text_view(&reply), NULL);
    text_free(&reply);
}

void vocabulary_looking(sio_server server, const char *nsp) {
    static const word words[] = {{"handshake", on_handshake},
                                 {"counts", on_counts}};
    vocabulary_teach(server, nsp, words, sizeof words / sizeof words[0]);
}
