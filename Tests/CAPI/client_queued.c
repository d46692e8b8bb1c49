/*
 * client_queued.c - a client whose events wait until the program takes them: as
 * values, with callbacks, more than there is room for, and at the end.
 */
#include <stdio.h>

#include "dial.h"

typedef struct talk {
    sio_runtime runtime;
    sio_server server;
    sio_client client;
} talk;

static void begin(talk *it, uint32_t capacity) {
    sio_runtime_options queued = SIO_RUNTIME_OPTIONS_INIT;
    sio_client_options options;
    it->server = serve_new(NULL);
    serve_echo_on(it->server);
    queued.dispatch = SIO_DISPATCH_QUEUED;
    queued.queue_capacity = capacity;
    queued.threads = 1;
    CHECK_STATUS(sio_runtime_new(&queued, &it->runtime), SIO_OK);
    options = dial_options(serve_listen(it->server));
    options.runtime = it->runtime;
    REQUIRE(sio_client_new(&options, &it->client) == SIO_OK);
}

static void end(talk *it) {
    CHECK_STATUS(sio_client_destroy(it->client), SIO_OK);
    CHECK_STATUS(sio_runtime_destroy(it->runtime), SIO_OK);
    serve_destroy(it->server);
}

static const sio_event *next(talk *it, int kind) {
    static sio_event none;
    const sio_event *event = NULL;
    CHECK_STATUS(sio_runtime_next(it->runtime, RAW_PATIENCE_MS, &event),
                 SIO_OK);
    if (!CHECK(event != NULL)) return &none;
    CHECK_NUMBER(event->kind, kind);
    CHECK_NUMBER(event->client.id, it->client.id);
    CHECK_NUMBER(event->struct_size, sizeof(sio_event));
    return event;
}

static sio_text reply_args(void) {
    return sio_text_of("[true]");
}

/* The whole life of a client, taken as values. */
static void life(void) {
    talk it;
    const sio_event *event;
    sio_connection state;
    int tag = 0, other = 0;
    begin(&it, 0);
    CHECK_STATUS(sio_client_on_auth(it.client, "/", NULL, NULL, NULL), SIO_OK);
    CHECK_STATUS(sio_client_on_connect(it.client, "/", NULL, &tag, NULL),
                 SIO_OK);
    CHECK_STATUS(sio_client_on(it.client, "/", "hi", NULL, NULL, NULL), SIO_OK);
    CHECK_STATUS(sio_client_on_disconnect(it.client, "/", NULL, NULL, NULL),
                 SIO_OK);
    CHECK_STATUS(sio_client_on_close(it.client, NULL, NULL, NULL), SIO_OK);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    event = next(&it, SIO_EVENT_AUTH_REQUEST);
    CHECK_TEXT(event->nsp.data, "/");
    CHECK_STATUS(
        sio_client_authenticate(event->request, sio_text_of("{\"a\":1}")),
        SIO_OK);
    event = next(&it, SIO_EVENT_CONNECT);
    CHECK(event->context == &tag);
    CHECK_NUMBER(event->id.length, 20);
    CHECK_NUMBER(strlen(event->id.data), 20);
    CHECK_NUMBER(event->recovered, 0);
    CHECK(event->transport != 0);
    CHECK_STATUS(
        sio_client_emit(it.client, "/", "hi", sio_text_of("[1]"), NULL),
        SIO_OK);
    event = next(&it, SIO_EVENT_MESSAGE);
    CHECK_TEXT(event->name.data, "hi");
    CHECK_TEXT(event->args.data, "[1]");
    CHECK_STATUS(sio_client_emit_with_ack(it.client, "/", "q",
                                          sio_text_of("[2]"), NULL, 0, NULL,
                                          &other, NULL),
                 SIO_OK);
    event = next(&it, SIO_EVENT_ACK);
    CHECK_STATUS(event->status, SIO_OK);
    CHECK_TEXT(event->args.data, "[2]");
    CHECK(event->context == &other);
    CHECK_STATUS(sio_client_close(it.client), SIO_OK);
    event = next(&it, SIO_EVENT_DISCONNECT);
    CHECK_TEXT(event->reason.data, "io client disconnect");
    next(&it, SIO_EVENT_CLIENT_CLOSED);
    CHECK_STATUS(sio_client_wait(it.client), SIO_OK);
    memset(&state, 0xff, sizeof state);
    CHECK_STATUS(sio_client_connection(it.client, "/", sizeof state, &state),
                 SIO_OK);
    CHECK_NUMBER(state.connected, 0);
    CHECK_STATUS(sio_runtime_next(it.runtime, 0, &event), SIO_OK);
    CHECK(event == NULL);
    end(&it);
}

/* A server asks; the reply is given when the event is taken. */
static void asked(void) {
    talk it;
    const sio_event *event;
    sio_socket *sockets = NULL;
    size_t count = 0;
    probe reply;
    probe_init(&reply);
    begin(&it, 0);
    sio_client_on_connect(it.client, "/", NULL, NULL, NULL);
    sio_client_on_any(it.client, "/", NULL, NULL, NULL);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    next(&it, SIO_EVENT_CONNECT);
    CHECK_STATUS(sio_server_sockets(it.server, "/", NULL, &sockets, &count),
                 SIO_OK);
    REQUIRE(count == 1);
    CHECK_STATUS(sio_emit_with_ack(sockets[0], "ask", no_args(), NULL, 60000,
                                   probe_see, &reply, probe_release),
                 SIO_OK);
    event = next(&it, SIO_EVENT_MESSAGE);
    CHECK(event->ack.id != 0);
    CHECK_STATUS(sio_reply(event->ack, reply_args(), NULL), SIO_OK);
    CHECK_STATUS(probe_at(&reply, 0)->status, SIO_OK);
    CHECK_TEXT(probe_at(&reply, 0)->args, "[true]");
    CHECK_STATUS(sio_reply(event->ack, reply_args(), NULL), SIO_E_HANDLE);
    serve_released_once(&reply);
    sio_free(sockets);
    end(&it);
}

/* The queue is full: nothing is lost, and nothing is out of order. */
static void more_than_there_is_room_for(void) {
    enum {
        EVENTS = 2000
    };
    talk it;
    int i;
    begin(&it, 16);
    sio_client_on_connect(it.client, "/", NULL, NULL, NULL);
    sio_client_on(it.client, "/", "n", NULL, NULL, NULL);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    next(&it, SIO_EVENT_CONNECT);
    for (i = 0; i < EVENTS; i++) {
        char args[16];
        snprintf(args, sizeof args, "[%d]", i);
        CHECK_STATUS(
            sio_server_emit(it.server, "/", NULL, "n", sio_text_of(args), NULL),
            SIO_OK);
    }
    raw_sleep_ms(50);
    for (i = 0; i < EVENTS; i++) {
        char args[16];
        const sio_event *event = next(&it, SIO_EVENT_MESSAGE);
        snprintf(args, sizeof args, "[%d]", i);
        if (!CHECK_TEXT(event->args.data, args)) break;
    }
    end(&it);
}

/* Destroyed with events in the queue: acks end on this thread, others are
 * discarded, and each context is released once. */
static void destroyed(void) {
    talk it;
    probe joined, seen, reply, closed;
    probe_init(&joined);
    probe_init(&seen);
    probe_init(&reply);
    probe_init(&closed);
    begin(&it, 0);
    sio_client_on_connect(it.client, "/", probe_see, &joined, probe_release);
    sio_client_on(it.client, "/", "n", probe_see, &seen, probe_release);
    sio_client_on_close(it.client, probe_see, &closed, probe_release);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    while (probe_calls(&joined) == 0)
        CHECK_STATUS(sio_runtime_dispatch(it.runtime, 0, RAW_PATIENCE_MS, NULL),
                     SIO_OK);
    sio_server_on(it.server, "/", "silence", probe_see, &joined, NULL);
    CHECK_STATUS(sio_client_emit_with_ack(it.client, "/", "q", no_args(), NULL,
                                          0, probe_see, &reply, probe_release),
                 SIO_OK);
    CHECK_STATUS(sio_server_emit(it.server, "/", NULL, "n", no_args(), NULL),
                 SIO_OK);
    CHECK_STATUS(sio_client_destroy(it.client), SIO_OK);
    CHECK_NUMBER(probe_calls(&reply), 1);
    CHECK_NUMBER(probe_releases(&reply), 1);
    CHECK_NUMBER(probe_calls(&seen), 0);
    CHECK_NUMBER(probe_calls(&closed), 0);
    serve_released_once(&joined);
    serve_released_once(&seen);
    serve_released_once(&closed);
    CHECK_STATUS(sio_runtime_destroy(it.runtime), SIO_OK);
    serve_destroy(it.server);
}

/* The runtime goes, and its clients with it. */
static void with_its_runtime(void) {
    talk it;
    probe closed;
    probe_init(&closed);
    begin(&it, 0);
    sio_client_on_close(it.client, probe_see, &closed, probe_release);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    CHECK_STATUS(sio_runtime_destroy(it.runtime), SIO_OK);
    CHECK_STATUS(sio_client_close(it.client), SIO_E_HANDLE);
    serve_released_once(&closed);
    serve_destroy(it.server);
}

int main(void) {
    life();
    asked();
    more_than_there_is_room_for();
    destroyed();
    with_its_runtime();
    return check_total();
}
