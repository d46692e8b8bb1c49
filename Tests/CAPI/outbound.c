/*
 * outbound.c - what waits for clients that do not read: marks, policies, what
 * is told of it. Over polling everything waits for a poll; over WebSocket the
 * system's buffers and the connection's come first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "serve.h"

typedef struct place {
    sio_server server;
    int port;
    raw_client client;
    sio_socket socket;
    probe joined, left, drained;
} place;

static sio_server_options defaults(uint32_t packets, uint32_t overflow) {
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    options.max_buffered_packets = packets;
    options.overflow = overflow;
    return options;
}

/* The system holds little of what is sent over WebSocket, and not as much as it
 * sees fit at the moment. */
static int opened(place *it, const sio_server_options *options, int websocket) {
    sio_listen_options listening = SIO_LISTEN_OPTIONS_INIT;
    int little = 16384;
    listening.send_buffer_size = 65536;
    probe_init(&it->joined);
    probe_init(&it->left);
    probe_init(&it->drained);
    it->server = serve_new(options);
    sio_server_on_connection(it->server, "/", probe_see, &it->joined, NULL);
    sio_server_on_disconnect(it->server, "/", probe_see, &it->left, NULL);
    CHECK_STATUS(sio_server_on_drain(it->server, "/", probe_see, &it->drained,
                                     probe_release),
                 SIO_OK);
    CHECK_STATUS(sio_server_listen(it->server, "127.0.0.1", 0, &listening),
                 SIO_OK);
    it->port = serve_port(it->server);
    if (!CHECK(websocket ? raw_join_websocket(&it->client, it->port)
                         : raw_join_polling(&it->client, it->port)))
        return 0;
    setsockopt(it->client.main.fd, SOL_SOCKET, SO_RCVBUF, &little,
               sizeof little);
    it->socket = probe_at(&it->joined, 0)->socket;
    return 1;
}

static void closed(place *it) {
    raw_leave(&it->client);
    CHECK(probe_wait(&it->left, 1));
    CHECK(serve_idle(it->server));
    serve_destroy(it->server);
    serve_released_once(&it->drained);
}

static sio_totals totals(place *it) {
    sio_totals totals;
    memset(&totals, 0, sizeof totals);
    sio_server_totals(it->server, sizeof totals, &totals);
    return totals;
}

static void emit(place *it, const char *event, uint32_t overflow,
                 const char *key) {
    sio_emit_options options = SIO_EMIT_OPTIONS_INIT;
    options.overflow = overflow;
    options.coalesce_key = key;
    CHECK_STATUS(sio_emit(it->socket, event, no_args(), &options), SIO_OK);
}

/* Waits until so many packets wait for the client, which is the only one. */
static void waiting(place *it, uint64_t expected) {
    long long limit = raw_now_ms() + RAW_PATIENCE_MS;
    uint64_t packets, bytes, all;
    do {
        sio_socket_buffered(it->socket, &bytes, &packets);
        all = serve_counts(it->server).buffered_bytes;
    } while ((packets != expected || bytes != all) && raw_now_ms() < limit);
    CHECK_NUMBER(packets, expected);
    CHECK_NUMBER(bytes, all);
}

/* Waits until a count of drops is as expected. */
#define DROPPED(it, reason, expected)                                   \
    do {                                                                \
        long long limit = raw_now_ms() + RAW_PATIENCE_MS;               \
        while (totals(it).reason != (expected) && raw_now_ms() < limit) \
            raw_sleep_ms(1);                                            \
        CHECK_NUMBER(totals(it).reason, expected);                      \
    } while (0)

static void policies(void) {
    sio_server_options options = defaults(3, SIO_OVERFLOW_DROP_OLDEST);
    place it;
    int32_t writable = 9;
    if (!opened(&it, &options, 0)) return;
    waiting(&it, 0);
    CHECK_STATUS(sio_socket_writable(it.socket, &writable), SIO_OK);
    CHECK_NUMBER(writable, 0);
    emit(&it, "a", 0, NULL);
    emit(&it, "b", 0, NULL);
    emit(&it, "c", 0, NULL);
    emit(&it, "d", SIO_OVERFLOW_DROP_NEWEST, NULL);
    emit(&it, "e", 0, NULL);
    DROPPED(&it, dropped_newest, 1);
    DROPPED(&it, dropped_oldest, 1);
    waiting(&it, 3);
    CHECK(raw_expect(&it.client, "42[\"b\"]"));
    CHECK(raw_expect(&it.client, "42[\"c\"]"));
    CHECK(raw_expect(&it.client, "42[\"e\"]"));
    CHECK_NUMBER(probe_at(&it.drained, 0)->kind, SIO_EVENT_DRAIN);
    CHECK_NUMBER(probe_at(&it.drained, 0)->socket.id, it.socket.id);
    CHECK_TEXT(probe_at(&it.drained, 0)->nsp, "/");
    waiting(&it, 0);

    emit(&it, "price", 0, "k");
    emit(&it, "other", 0, NULL);
    emit(&it, "newer", 0, "k");
    DROPPED(&it, dropped_coalesced, 1);
    emit(&it, "third", SIO_OVERFLOW_COALESCE, "l");
    emit(&it, "fourth", SIO_OVERFLOW_COALESCE, "m");
    DROPPED(&it, dropped_oldest, 2);
    CHECK(raw_expect(&it.client, "42[\"newer\"]"));
    CHECK(raw_expect(&it.client, "42[\"third\"]"));
    CHECK(raw_expect(&it.client, "42[\"fourth\"]"));
    closed(&it);
}

/* What must not be dropped ends its client, once nothing else makes room. */
static void close_is_the_default(void) {
    sio_server_options options = defaults(2, 0);
    place it;
    if (!opened(&it, &options, 0)) return;
    emit(&it, "a", SIO_OVERFLOW_DROP_OLDEST, NULL);
    emit(&it, "b", 0, NULL);
    emit(&it, "c", 0, NULL);
    DROPPED(&it, dropped_oldest, 1);
    CHECK_NUMBER(probe_calls(&it.left), 0);
    emit(&it, "d", 0, NULL);
    CHECK_TEXT(probe_at(&it.left, 0)->reason, "transport error");
    DROPPED(&it, overflowed_clients, 1);
    closed(&it);
}

/* The end of each request for a reply that was dropped, once. */
static void replies(void) {
    sio_server_options options = defaults(1, SIO_OVERFLOW_DROP_OLDEST);
    sio_emit_options volatile_options = SIO_EMIT_OPTIONS_INIT;
    place it;
    probe first, second, third;
    probe_init(&first);
    probe_init(&second);
    probe_init(&third);
    volatile_options.flags = SIO_EMIT_VOLATILE;
    if (!opened(&it, &options, 0)) return;
    CHECK_STATUS(sio_emit_with_ack(it.socket, "a", no_args(), NULL, 60000,
                                   probe_see, &first, probe_release),
                 SIO_OK);
    CHECK_STATUS(sio_emit_with_ack(it.socket, "b", no_args(), NULL, 0,
                                   probe_see, &second, probe_release),
                 SIO_OK);
    CHECK_STATUS(sio_server_emit_with_ack(it.server, "/", NULL, "c", no_args(),
                                          &volatile_options, 0, probe_see,
                                          &third, probe_release),
                 SIO_OK);
    CHECK_STATUS(probe_at(&first, 0)->status, SIO_E_LIMIT);
    serve_released_once(&first);
    CHECK_NUMBER(probe_at(&third, 0)->kind, SIO_EVENT_ACKS);
    CHECK_STATUS(probe_at(&third, 0)->status, SIO_E_LIMIT);
    serve_released_once(&third);
    DROPPED(&it, dropped_volatile, 1);
    CHECK(raw_expect(&it.client, "421[\"b\"]"));
    CHECK(raw_send(&it.client, "431[]"));
    CHECK_STATUS(probe_at(&second, 0)->status, SIO_OK);
    serve_released_once(&second);
    CHECK_NUMBER(probe_calls(&first), 1);
    closed(&it);
}

static void of_the_server(void) {
    static char args[60];
    sio_server_options options = defaults(0, SIO_OVERFLOW_DROP_OLDEST);
    place it;
    raw_client other;
    memset(args, '1', sizeof args - 1);
    args[0] = '[';
    args[sizeof args - 2] = ']';
    options.max_server_buffered_bytes = 100;
    if (!opened(&it, &options, 0)) return;
    CHECK(raw_join_polling(&other, it.port));
    /* Each may have 50. */
    CHECK_STATUS(
        sio_server_emit(it.server, "/", NULL, "x", sio_text_of("[1]"), NULL),
        SIO_OK);
    CHECK_STATUS(sio_emit(it.socket, "y", sio_text_of(args), NULL), SIO_OK);
    CHECK_STATUS(sio_emit(it.socket, "z", sio_text_of(args), NULL), SIO_OK);
    DROPPED(&it, dropped_server, 2);
    CHECK(raw_expect(&other, "42[\"x\",1]"));
    waiting(&it, 1);
    raw_leave(&other);
    closed(&it);
}

/* A function on the event loop that does not end before the gate is released. */
static void hold(const sio_event *event, void *gate) {
    probe_see(event, gate);
    CHECK(probe_wait_released((probe *)gate, 1));
}

/* What another thread emits has room for so much; then the emit says so, unless
 * the event may be dropped. */
static void loop_behind(void) {
    static char args[1001];
    sio_server_options options = defaults(0, 0);
    sio_emit_options droppable = SIO_EMIT_OPTIONS_INIT;
    const sio_text text = {args, sizeof args - 1};
    place it;
    probe gate;
    sio_status status;
    int sent = 0, received = 0;
    memset(args, '1', sizeof args - 1);
    args[0] = '[';
    args[sizeof args - 2] = ']';
    droppable.overflow = SIO_OVERFLOW_DROP_NEWEST;
    options.max_pending_emit_bytes = 10000;
    if (!opened(&it, &options, 1)) return;
    probe_init(&gate);
    CHECK_STATUS(sio_server_on(it.server, "/", "hold", hold, &gate, NULL),
                 SIO_OK);
    CHECK(raw_send(&it.client, "42[\"hold\"]"));
    CHECK(probe_wait(&gate, 1));
    while ((status = sio_emit(it.socket, "x", text, NULL)) == SIO_OK) sent++;
    CHECK_STATUS(status, SIO_E_LIMIT);
    CHECK(strstr(sio_last_error(), "max_pending_emit_bytes") != NULL);
    CHECK(sent > 5 && sent < 10);
    CHECK_STATUS(sio_server_emit(it.server, "/", NULL, "x", text, NULL),
                 SIO_E_LIMIT);
    CHECK_STATUS(sio_emit(it.socket, "x", text, &droppable), SIO_OK);
    DROPPED(&it, dropped_server, 3);
    probe_release(&gate);
    while (received < sent && raw_receive(&it.client) != NULL) received++;
    CHECK_NUMBER(received, sent);
    CHECK(serve_settled(it.socket, &it.client));
    CHECK_STATUS(sio_emit(it.socket, "x", text, NULL), SIO_OK);
    CHECK(raw_receive(&it.client) != NULL);
    closed(&it);
}

/* A client that does not read misses old events, whole ones, and gets the rest
 * in order when it reads again; the others get all. */
static void slow_websocket(void) {
    static char args[20003], attachment[5000];
    sio_server_options options = defaults(64, SIO_OVERFLOW_DROP_OLDEST);
    sio_emit_options emit_options = SIO_EMIT_OPTIONS_INIT;
    sio_bytes bytes;
    place it;
    raw_client fast;
    probe steps;
    sio_counts counts;
    int32_t writable = 9;
    long last = 0, received = 0, wrong = 0;
    int sent = 0;
    const char *packet;
    bytes.data = attachment;
    bytes.length = sizeof attachment;
    emit_options.attachments = &bytes;
    emit_options.attachment_count = 1;
    if (!opened(&it, &options, 1)) return;
    probe_init(&steps);
    sio_server_on(it.server, "/", "step", probe_see, &steps, NULL);
    sio_server_on(it.server, "/", "unharmed", serve_echo, NULL, NULL);
    CHECK(raw_join_websocket(&fast, it.port));
    CHECK_STATUS(sio_socket_writable(it.socket, &writable), SIO_OK);
    CHECK_NUMBER(writable, 1);
    do {
        char number[16];
        snprintf(number, sizeof number, "[%d,", ++sent);
        memset(args, ' ', sizeof args);
        memcpy(args, number, strlen(number));
        strcpy(args + sizeof args - 37, "{\"_placeholder\":true,\"num\":0}]");
        sio_emit(it.socket, "n", sio_text_of(args), &emit_options);
        counts = serve_counts(it.server);
        if (sent % 16 != 0) continue;
        /* Its loop keeps up. */
        CHECK(raw_send(&it.client, "42[\"step\"]"));
        CHECK(probe_wait(&steps, sent / 16));
    } while (totals(&it).dropped_oldest < 100 && sent < 100000);
    CHECK(totals(&it).dropped_oldest >= 100);
    CHECK(counts.buffered_bytes < 64 * 21000);
    CHECK_STATUS(sio_socket_writable(it.socket, &writable), SIO_OK);
    CHECK_NUMBER(writable, 0);
    CHECK_NUMBER(probe_calls(&it.drained), 0);
    CHECK(raw_echo(&fast, "unharmed"));
    sio_emit(it.socket, "end", no_args(), NULL);
    while ((packet = raw_receive(&it.client)) != NULL) {
        long number;
        if (strcmp(packet, "42[\"end\"]") == 0) break;
        if (sscanf(packet, "451-[\"n\",%ld,", &number) != 1 || number <= last)
            wrong++;
        last = number;
        received++;
        raw_receive(&it.client);
        if (!it.client.binary || it.client.length != sizeof attachment) wrong++;
    }
    CHECK(packet != NULL);
    CHECK_NUMBER(wrong, 0);
    CHECK_NUMBER(last, sent);
    CHECK_NUMBER(received + (long)totals(&it).dropped_oldest, sent);
    CHECK(probe_wait(&it.drained, 1));
    printf("%d events, %ld of them arrived\n", sent, received);
    raw_leave(&fast);
    closed(&it);
}

static void mistakes(void) {
    sio_server_options options = defaults(0, 9);
    sio_emit_options emit_options = SIO_EMIT_OPTIONS_INIT;
    sio_socket nobody = {0};
    sio_server server;
    char key[258];
    uint64_t bytes;
    int32_t writable;
    place it;
    CHECK_STATUS(sio_server_new(&options, &server), SIO_E_ARGUMENT);
    CHECK_STATUS(sio_socket_buffered(nobody, &bytes, NULL), SIO_E_HANDLE);
    CHECK_STATUS(sio_socket_writable(nobody, &writable), SIO_E_HANDLE);
    CHECK_STATUS(sio_socket_on_drain(nobody, probe_see, NULL, NULL),
                 SIO_E_HANDLE);
    options.overflow = 0;
    if (!opened(&it, &options, 1)) return;
    CHECK_STATUS(sio_socket_buffered(it.socket, NULL, NULL), SIO_OK);
    CHECK_STATUS(sio_socket_writable(it.socket, NULL), SIO_E_ARGUMENT);
    emit_options.overflow = 5;
    CHECK_STATUS(sio_emit(it.socket, "x", no_args(), &emit_options),
                 SIO_E_ARGUMENT);
    emit_options.overflow = 0;
    memset(key, 'k', sizeof key);
    key[sizeof key - 1] = '\0';
    emit_options.coalesce_key = key;
    CHECK_STATUS(sio_emit(it.socket, "x", no_args(), &emit_options),
                 SIO_E_LIMIT);
    CHECK(strstr(sio_last_error(), "256") != NULL);
    closed(&it);
}

int main(void) {
    policies();
    close_is_the_default();
    replies();
    of_the_server();
    loop_behind();
    slow_websocket();
    mistakes();
    return check_total();
}
