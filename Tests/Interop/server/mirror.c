/*
 * A namespace for the comparison of parsers: whatever event comes is sent back
 * as `seen` [wants a reply, [its arguments]], so that what our parser
 * understood can be compared with what Node's did.
 */
#include "text.h"
#include "vocabulary.h"

static void on_any(const sio_event *event, void *context) {
    sio_emit_options with = SIO_EMIT_OPTIONS_INIT;
    text args = {0};
    (void)context;
    with.attachments = event->attachments;
    with.attachment_count = event->attachment_count;
    text_add(&args, "[");
    text_add_string(&args, event->name);
    text_add(&args, ",");
    text_add(&args, event->ack.id != 0 ? "true," : "false,");
    text_add_raw(&args, event->args);
    text_add(&args, "]");
    if (sio_emit(event->socket, "seen", text_view(&args), &with) != SIO_OK)
        sio_emit(event->socket, "unsendable", sio_text_of(NULL), NULL);
    text_free(&args);
}

void vocabulary_mirror(sio_server server, const char *nsp) {
    must(sio_server_on_any(server, nsp, on_any, NULL, NULL), "on_any");
}
