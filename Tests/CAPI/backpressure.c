/*
 * backpressure.c - a bounded queue: a program that does not dispatch stops its
 * clients, and loses nothing. And clients that do not read.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "serve.h"

enum {
    CAPACITY = 64,
    LENGTH = 1000,
    FLOOD_LIMIT = 64 << 20
};

/* A masked text frame 42["n",<number>,"xxx..."] of LENGTH bytes. */
static size_t make_frame(char *frame, long number) {
    static const char zero_mask[4] = {0, 0, 0, 0};
    int used;
    frame[0] = (char)0x81;
    frame[1] = (char)(0x80 | 126);
    frame[2] = (char)(LENGTH >> 8);
    frame[3] = (char)(LENGTH & 0xff);
    memcpy(frame + 4, zero_mask, 4);
    used = snprintf(frame + 8, LENGTH, "42[\"n\",%ld,\"", number);
    memset(frame + 8 + used, 'x', (size_t)(LENGTH - used - 2));
    memcpy(frame + 8 + LENGTH - 2, "\"]", 2);
    return 8 + LENGTH;
}

typedef struct flood {
    raw_client client;
    long frames;    /* sent whole */
    size_t partial; /* bytes of the next one that are sent */
    char frame[LENGTH + 16];
    size_t length;
} flood;

/* Sends as much as the server takes: until it has taken nothing for a time, and
 * events wait in its queue. */
static void pour(flood *it, sio_server server, int quiet_ms) {
    long long quiet_since = raw_now_ms(), limit = quiet_since + RAW_PATIENCE_MS;
    size_t total = 0;
    while ((raw_now_ms() - quiet_since < quiet_ms ||
            serve_counts(server).queued_events < 10) &&
           raw_now_ms() < limit && total < FLOOD_LIMIT) {
        ssize_t sent;
        if (it->partial == 0) it->length = make_frame(it->frame, it->frames);
        sent = send(it->client.main.fd, it->frame + it->partial,
                    it->length - it->partial, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0) {
            raw_sleep_ms(5);
            continue;
        }
        quiet_since = raw_now_ms();
        total += (size_t)sent;
        it->partial += (size_t)sent;
        if (it->partial == it->length) {
            it->partial = 0;
            it->frames++;
        }
    }
    CHECK(total < FLOOD_LIMIT); /* it was stopped */
}

/* Counts events, and those that are not the next one. */
typedef struct ledger {
    long next, wrong;
} ledger;

static void enter(const sio_event *event, void *context) {
    ledger *it = (ledger *)context;
    if (strtol(event->args.data + 1, NULL, 10) != it->next) it->wrong++;
    it->next++;
}

static void flooded(uint32_t capacity, uint32_t bytes) {
    sio_runtime_options queued = SIO_RUNTIME_OPTIONS_INIT;
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    static flood it;
    sio_server server;
    ledger events;
    sio_counts counts;
    long long limit;
    memset(&it, 0, sizeof it);
    memset(&events, 0, sizeof events);
    queued.dispatch = SIO_DISPATCH_QUEUED;
    queued.queue_capacity = capacity;
    queued.queue_bytes = bytes;
    CHECK_STATUS(sio_runtime_new(&queued, &options.runtime), SIO_OK);
    server = serve_new(&options);
    sio_server_on(server, "/", "n", enter, &events, NULL);
    REQUIRE(raw_join_websocket(&it.client, serve_listen(server)));
    pour(&it, server, 500);
    counts = serve_counts(server);
    printf("stopped after %ld events of %d bytes; %llu in the queue\n",
           it.frames, LENGTH, (unsigned long long)counts.queued_events);
    CHECK(counts.queued_events > 0);
    if (capacity != 0) /* what one read brought may come on top */
        CHECK(counts.queued_events <= (uint64_t)capacity + 2048);
    CHECK_NUMBER(events.next, 0);
    CHECK_STATUS(sio_runtime_dispatch(options.runtime, 10, 0, NULL), SIO_OK);
    CHECK_NUMBER(events.next, 10);
    /* The program catches up: the client can send again, and all arrives. */
    limit = raw_now_ms() + 2 * RAW_PATIENCE_MS;
    while (events.next < it.frames && raw_now_ms() < limit)
        sio_runtime_dispatch(options.runtime, 0, 100, NULL);
    CHECK_NUMBER(events.next, it.frames);
    CHECK_NUMBER(events.wrong, 0);
    if (it.partial != 0) {
        CHECK(raw_write(&it.client.main, it.frame + it.partial,
                        it.length - it.partial));
        it.frames++;
    }
    CHECK(raw_send(&it.client, "42[\"other\"]"));
    while (events.next < it.frames && raw_now_ms() < limit)
        sio_runtime_dispatch(options.runtime, 0, 100, NULL);
    CHECK_NUMBER(events.next, it.frames);
    raw_leave(&it.client);
    CHECK(serve_idle(server));
    CHECK_STATUS(sio_server_destroy(server), SIO_OK);
    CHECK_STATUS(sio_runtime_destroy(options.runtime), SIO_OK);
}

/* Stopped by the queue, a server still closes. */
static void closed_while_full(void) {
    sio_runtime_options queued = SIO_RUNTIME_OPTIONS_INIT;
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    static flood it;
    sio_server server;
    probe events;
    memset(&it, 0, sizeof it);
    probe_init(&events);
    queued.dispatch = SIO_DISPATCH_QUEUED;
    queued.queue_capacity = CAPACITY;
    CHECK_STATUS(sio_runtime_new(&queued, &options.runtime), SIO_OK);
    server = serve_new(&options);
    sio_server_on(server, "/", "n", probe_see, &events, probe_release);
    REQUIRE(raw_join_websocket(&it.client, serve_listen(server)));
    pour(&it, server, 200);
    CHECK_STATUS(sio_server_destroy(server), SIO_OK);
    CHECK_NUMBER(probe_releases(&events), 1);
    CHECK_STATUS(sio_runtime_destroy(options.runtime), SIO_OK);
    raw_abort(&it.client);
}

/* A client that does not read is let go at max_buffered_bytes, and the memory
 * comes back. The others do not notice. */
static void slow_client(void) {
    static char args[10003];
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_server server;
    raw_client slow, fast;
    probe joined, left;
    uint64_t most = 0;
    int i, port;
    memset(args, 'x', sizeof args - 1);
    memcpy(args, "[\"", 2);
    memcpy(args + sizeof args - 3, "\"]", 2);
    probe_init(&joined);
    probe_init(&left);
    options.max_buffered_bytes = 1 << 20;
    server = serve_new(&options);
    serve_echo_on(server);
    sio_server_on_connection(server, "/", probe_see, &joined, NULL);
    sio_server_on_disconnect(server, "/", probe_see, &left, NULL);
    port = serve_listen(server);
    REQUIRE(raw_join_websocket(&slow, port));
    REQUIRE(raw_join_websocket(&fast, port));
    for (i = 0; i < 20000 && probe_calls(&left) == 0; i++) {
        uint64_t bytes;
        sio_emit(probe_at(&joined, 0)->socket, "x", sio_text_of(args), NULL);
        bytes = serve_counts(server).buffered_bytes;
        if (bytes > most) most = bytes;
        if (i % 16 == 0) raw_sleep_ms(1);
    }
    CHECK(probe_wait(&left, 1));
    CHECK(most <= 8 << 20);
    CHECK_NUMBER(probe_at(&left, 0)->socket.id,
                 probe_at(&joined, 0)->socket.id);
    printf("let go after %d emits, %llu bytes at most\n", i,
           (unsigned long long)most);
    CHECK(raw_echo(&fast, "unharmed"));
    raw_leave(&fast);
    raw_abort(&slow);
    CHECK(serve_idle(server));
    CHECK_STATUS(sio_server_destroy(server), SIO_OK);
}

int main(void) {
    flooded(CAPACITY, 0);
    flooded(0, 100000);
    closed_while_full();
    slow_client();
    return check_total();
}
