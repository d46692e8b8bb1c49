/*
 * The server asks, the client replies:
 *
 *   ask [ms, ...]   emits `question` with these arguments, and waits that many
 *                   milliseconds for the reply (0: as long as the client stays)
 *
 * How it ended goes to the client and to the observers: `answered`
 * ["SIO_OK", [reply]], or ["SIO_E_TIMEOUT", null] and the like.
 */
#include "text.h"
#include "vocabulary.h"

static void on_end(const sio_event *event, void *context) {
    sio_emit_options with = SIO_EMIT_OPTIONS_INIT;
    text args = {0};
    (void)context;
    with.attachments = event->attachments;
    with.attachment_count = event->attachment_count;
    text_add(&args, "[");
    text_add_string(&args, sio_text_of(sio_status_name(event->status)));
    text_add(&args, ",");
    if (event->status == SIO_OK)
        text_add_raw(&args, event->args);
    else
        text_add(&args, "null");
    text_add(&args, "]");
    sio_emit(event->socket, "answered", text_view(&args), &with);
    sio_server_emit(event->server, WATCH, NULL, "answered", text_view(&args),
                    &with);
    text_free(&args);
}

static void on_ask(const sio_event *event, void *context) {
    sio_emit_options with = SIO_EMIT_OPTIONS_INIT;
    (void)context;
    with.attachments = event->attachments;
    with.attachment_count = event->attachment_count;
    sio_emit_with_ack(event->socket, "question", event->args, &with,
                      (uint32_t)text_number_at(event->args, 0), on_end, NULL,
                      NULL);
}

void vocabulary_asking(sio_server server, const char *nsp) {
    static const word words[] = {{"ask", on_ask}};
    vocabulary_teach(server, nsp, words, sizeof words / sizeof words[0]);
}
