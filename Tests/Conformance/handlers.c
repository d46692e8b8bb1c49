#include "handlers.h"
#include "report.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* --- life ---------------------------------------------------------------- */

static void report_socket(const char *kind, const sio_event *event,
                          sio_text detail) {
    sio_socket_id_text id = {""};
    sio_socket_id(event->socket, &id);
    report(kind, event->nsp, id.text, detail);
}

static void on_connection(const sio_event *event, void *context) {
    const sio_handshake *handshake;
    (void)context;
    report_socket("connection", event, event->args);
    if (sio_socket_handshake(event->socket, &handshake) != SIO_OK) return;
    if (strstr(handshake->query.data, "greet"))
        sio_emit(event->socket, "hello", sio_text_of("[\"world\"]"), NULL);
    if (strstr(handshake->query.data, "tell")) {
        char *args = prepended(event->args.data, sio_text_of("[]"));
        sio_emit(event->socket, "auth", sio_text_of(args), NULL);
        free(args);
    }
    sio_free(handshake);
}

static void on_disconnect(const sio_event *event, void *context) {
    (void)context;
    report_socket("disconnect", event, event->reason);
}

/* --- middleware ---------------------------------------------------------- */

static void on_guarded(const sio_event *event, void *context) {
    (void)context;
    if (strstr(event->args.data, "\"open\""))
        sio_accept(event->request);
    else if (strstr(event->args.data, "\"data\""))
        sio_reject(event->request, "no \"entry\"", sio_text_of("{\"code\":1}"));
    else
        sio_reject(event->request, NULL, sio_text_of(NULL));
}

enum {
    WAITING = 1024
};
static pthread_mutex_t waiting_lock = PTHREAD_MUTEX_INITIALIZER;
static sio_connect_request waiting[WAITING];
static size_t waiting_count;

static void on_slow(const sio_event *event, void *context) {
    (void)context;
    pthread_mutex_lock(&waiting_lock);
    if (waiting_count < WAITING) waiting[waiting_count++] = event->request;
    pthread_mutex_unlock(&waiting_lock);
    report_socket("waiting", event, event->args);
}

void handlers_decide(int accept) {
    size_t i;
    pthread_mutex_lock(&waiting_lock);
    for (i = 0; i < waiting_count; i++) {
        if (accept)
            sio_accept(waiting[i]);
        else
            sio_reject(waiting[i], "too late", sio_text_of(NULL));
    }
    waiting_count = 0;
    pthread_mutex_unlock(&waiting_lock);
}

/* --- events -------------------------------------------------------------- */

static sio_emit_options attachments_of(const sio_event *event) {
    sio_emit_options options = SIO_EMIT_OPTIONS_INIT;
    options.attachments = event->attachments;
    options.attachment_count = event->attachment_count;
    return options;
}

static void on_any(const sio_event *event, void *context) {
    static const char *const commands[] = {"q", "bin", "bye"};
    sio_emit_options options = attachments_of(event);
    char *name, *args;
    size_t i;
    (void)context;
    if (strncmp(event->name.data, "do:", 3) == 0) return;
    for (i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(event->name.data, commands[i]) == 0) return;
    if (event->ack.id != 0) {
        sio_reply(event->ack, event->args, &options);
        return;
    }
    name = quoted(event->name);
    args = prepended(name, event->args);
    sio_emit(event->socket, "echo", sio_text_of(args), &options);
    free(args);
    free(name);
}

static void on_q(const sio_event *event, void *context) {
    char *args = prepended("\"got\"", event->args);
    (void)context;
    sio_reply(event->ack, sio_text_of(args), NULL);
    free(args);
}

static void on_bin(const sio_event *event, void *context) {
    sio_emit_options options = attachments_of(event);
    (void)context;
    sio_emit(event->socket, "bin", event->args, &options);
}

static void on_do_disconnect(const sio_event *event, void *context) {
    (void)context;
    sio_socket_disconnect(event->socket, 0);
}

static void on_do_close(const sio_event *event, void *context) {
    (void)context;
    sio_socket_disconnect(event->socket, 1);
}

static void on_do_emit(const sio_event *event, void *context) {
    int i, count = atoi(event->args.data + 1);
    (void)context;
    for (i = 0; i < count; i++) {
        char args[32];
        snprintf(args, sizeof args, "[%d]", i);
        sio_emit(event->socket, "n", sio_text_of(args), NULL);
    }
}

static void on_do_large(const sio_event *event, void *context) {
    size_t size = (size_t)atoi(event->args.data + 1);
    char *args = malloc(size + 5);
    (void)context;
    memset(args, 'x', size + 4);
    memcpy(args, "[\"", 2);
    memcpy(args + size + 2, "\"]", 3);
    sio_emit(event->socket, "large", sio_text_of(args), NULL);
    free(args);
}

static void on_do_binary(const sio_event *event, void *context) {
    static const sio_bytes attachments[] = {{"\1", 1}, {"\2\3", 2}, {"", 0}};
    sio_emit_options options = SIO_EMIT_OPTIONS_INIT;
    (void)context;
    options.attachments = attachments;
    options.attachment_count = 3;
    sio_emit(event->socket, "binary",
             sio_text_of("[{\"a\":{\"_placeholder\":true,\"num\":0},"
                         "\"b\":[{\"_placeholder\":true,\"num\":1},"
                         "{\"_placeholder\":true,\"num\":2}]}]"),
             &options);
}

static void on_answer(const sio_event *event, void *context) {
    sio_emit_options options = attachments_of(event);
    char status[16];
    char *args;
    (void)context;
    snprintf(status, sizeof status, "%d", (int)event->status);
    args = prepended(status,
                     event->status == SIO_OK ? event->args : sio_text_of("[]"));
    if (event->status != SIO_OK)
        report_socket("unanswered", event, sio_text_of(status));
    sio_emit(event->socket, "answer", sio_text_of(args), &options);
    free(args);
}

/* `context` is the time-out in milliseconds. */
static void on_do_ask(const sio_event *event, void *context) {
    sio_emit_with_ack(event->socket, "question", sio_text_of("[1]"), NULL,
                      *(const uint32_t *)context, on_answer, NULL, NULL);
}

static void on_do_reply_twice(const sio_event *event, void *context) {
    char args[32];
    (void)context;
    sio_reply(event->ack, sio_text_of("[1]"), NULL);
    snprintf(args, sizeof args, "[%d]",
             (int)sio_reply(event->ack, sio_text_of("[2]"), NULL));
    sio_emit(event->socket, "second", sio_text_of(args), NULL);
}

static void on_do_volatile(const sio_event *event, void *context) {
    sio_emit_options options = SIO_EMIT_OPTIONS_INIT;
    (void)context;
    options.flags = SIO_EMIT_VOLATILE;
    sio_emit(event->socket, "volatile", sio_text_of("[]"), &options);
}

/* A large message that is not to be compressed. */
static void on_do_plain(const sio_event *event, void *context) {
    sio_emit_options options = SIO_EMIT_OPTIONS_INIT;
    char args[2048];
    (void)context;
    memset(args, 'x', sizeof args);
    memcpy(args, "[\"", 2);
    memcpy(args + sizeof args - 3, "\"]", 3);
    options.flags = SIO_EMIT_NO_COMPRESS;
    sio_emit(event->socket, "plain", sio_text_of(args), &options);
}

/* --- all of it ----------------------------------------------------------- */

static uint32_t forever = 0, briefly = 200;

static const struct {
    const char *name;
    sio_event_fn fn;
    void *context;
} events[] = {
    {"q", on_q, NULL},
    {"bin", on_bin, NULL},
    {"bye", on_do_close, NULL},
    {"do:disconnect", on_do_disconnect, NULL},
    {"do:close", on_do_close, NULL},
    {"do:emit", on_do_emit, NULL},
    {"do:large", on_do_large, NULL},
    {"do:binary", on_do_binary, NULL},
    {"do:ask", on_do_ask, &forever},
    {"do:ask-briefly", on_do_ask, &briefly},
    {"do:reply-twice", on_do_reply_twice, NULL},
    {"do:volatile", on_do_volatile, NULL},
    {"do:plain", on_do_plain, NULL},
};

static sio_status install(sio_server io, const char *nsp) {
    size_t i;
    sio_status status =
        sio_server_on_connection(io, nsp, on_connection, NULL, NULL);
    if (status == SIO_OK)
        status = sio_server_on_disconnect(io, nsp, on_disconnect, NULL, NULL);
    if (status == SIO_OK)
        status = sio_server_on_any(io, nsp, on_any, NULL, NULL);
    for (i = 0; status == SIO_OK && i < sizeof events / sizeof events[0]; i++)
        status = sio_server_on(io, nsp, events[i].name, events[i].fn,
                               events[i].context, NULL);
    return status;
}

sio_status handlers_install(sio_server io) {
    static const char *const namespaces[] = {"/", "/chat", "/guarded", "/slow"};
    sio_status status = SIO_OK;
    size_t i;
    for (i = 0; status == SIO_OK && i < 4; i++)
        status = install(io, namespaces[i]);
    if (status == SIO_OK)
        status = sio_server_use(io, "/guarded", on_guarded, NULL, NULL);
    if (status == SIO_OK)
        status = sio_server_use(io, "/slow", on_slow, NULL, NULL);
    return status;
}
