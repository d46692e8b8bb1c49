/*
 * Between the server and one client:
 *
 *   echo [...]         reply, or `echo`, with the same arguments and bytes
 *   message [...]      the same, under the name that `send` uses
 *   echo-later [...]   replies later, from another thread
 *   echo-twice [...]   replies, and then replies again, which must not be seen
 *   binary             emits `binary` with bytes that the server made
 *   burst [n]          emits `tick` [0], ... `tick` [n - 1] in one go, replies
 *   stream [n]         the same from another thread, while others go on
 *   volatile [n]       emits n `maybe` [i], volatile, then `volatile-end`
 */
#include "text.h"
#include "vocabulary.h"

#include <stdlib.h>

static sio_emit_options same_bytes(const sio_event *event) {
    sio_emit_options with = SIO_EMIT_OPTIONS_INIT;
    with.attachments = event->attachments;
    with.attachment_count = event->attachment_count;
    return with;
}

static void on_echo(const sio_event *event, void *context) {
    sio_emit_options with = same_bytes(event);
    (void)context;
    if (event->ack.id != 0)
        sio_reply(event->ack, event->args, &with);
    else
        sio_emit(event->socket, event->name.data, event->args, &with);
}

static void on_echo_twice(const sio_event *event, void *context) {
    (void)context;
    sio_reply(event->ack, event->args, NULL);
    sio_reply(event->ack, sio_text_of("[\"again\"]"), NULL);
}

typedef struct reply {
    sio_ack ack;
    text args;
} reply;

static void reply_now(void *argument) {
    reply *r = argument;
    sio_reply(r->ack, text_view(&r->args), NULL);
    text_free(&r->args);
    free(r);
}

static void on_echo_later(const sio_event *event, void *context) {
    reply *r = calloc(1, sizeof *r);
    (void)context;
    if (r == NULL) abort();
    r->ack = event->ack;
    text_add_raw(&r->args, event->args);
    later(reply_now, r);
}

static void on_binary(const sio_event *event, void *context) {
    unsigned char all[256];
    sio_bytes attachments[3];
    sio_emit_options with = SIO_EMIT_OPTIONS_INIT;
    int i;
    (void)context;
    for (i = 0; i < 256; i++) all[i] = (unsigned char)i;
    attachments[0].data = all;
    attachments[0].length = sizeof all;
    attachments[1].data = NULL;
    attachments[1].length = 0;
    attachments[2].data = "\x1e";
    attachments[2].length = 1;
    with.attachments = attachments;
    with.attachment_count = 3;
    sio_emit(event->socket, "binary",
             sio_text_of("[{\"all\":{\"_placeholder\":true,\"num\":0},"
                         "\"deep\":[[{\"empty\":{\"_placeholder\":true,"
                         "\"num\":1}}],{\"_placeholder\":true,\"num\":2}]},"
                         "{\"_placeholder\":true,\"num\":2}]"),
             &with);
}

static void count(sio_socket socket, const char *name, long n,
                  const sio_emit_options *how) {
    long i;
    for (i = 0; i < n; i++) {
        text args = {0};
        text_add(&args, "[");
        text_add_number(&args, i);
        text_add(&args, "]");
        sio_emit(socket, name, text_view(&args), how);
        text_free(&args);
    }
}

static void on_burst(const sio_event *event, void *context) {
    (void)context;
    count(event->socket, "tick", text_number_at(event->args, 0), NULL);
    if (event->ack.id != 0) sio_reply(event->ack, sio_text_of(NULL), NULL);
}

typedef struct stream {
    sio_socket socket;
    long n;
} stream;

static void stream_now(void *argument) {
    stream *s = argument;
    count(s->socket, "tick", s->n, NULL);
    free(s);
}

static void on_stream(const sio_event *event, void *context) {
    stream *s = malloc(sizeof *s);
    (void)context;
    if (s == NULL) abort();
    s->socket = event->socket;
    s->n = text_number_at(event->args, 0);
    later(stream_now, s);
}

static void on_volatile(const sio_event *event, void *context) {
    sio_emit_options how = SIO_EMIT_OPTIONS_INIT;
    (void)context;
    how.flags = SIO_EMIT_VOLATILE;
    count(event->socket, "maybe", text_number_at(event->args, 0), &how);
    sio_emit(event->socket, "volatile-end", sio_text_of(NULL), NULL);
}

void vocabulary_talking(sio_server server, const char *nsp) {
    static const word words[] = {
        {"echo", on_echo},     {"message", on_echo},
        {"binary", on_binary}, {"echo-later", on_echo_later},
        {"burst", on_burst},   {"echo-twice", on_echo_twice},
        {"stream", on_stream}, {"volatile", on_volatile}};
    vocabulary_teach(server, nsp, words, sizeof words / sizeof words[0]);
}
