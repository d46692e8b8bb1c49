/*
 * clients.c - clients of the C API, many in one process: what they cost, and
 * how fast they are. Each is a connection of its own, over WebSocket.
 *
 *   clients WORK --port N [options]     prints one line of JSON
 *
 *   echo    every message that comes back sends the next one
 *   idle    what a client that rests costs in memory: new, and after messages
 *   storm   waits until the server has died and is there again, and all have
 *           come back. Writes "joined" when it may be killed, and "lost" when
 *           all have noticed. How their attempts were spread, what they cost,
 *           and what they left behind in memory
 *
 *   --clients N        [1]
 *   --in-flight K      messages outstanding, of each client [16]
 *   --size BYTES       of a message [32]
 *   --seconds S        of measuring [2]
 *   --warmup S         before measuring [0.5]
 *   --threads N        event loops [1; idle and storm: 2]
 *   --timeout S        how long anything may take [60]
 *   --counters FILE    with counters/hook.c preloaded: reports the bytes that
 *                      are allocated as well
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <socketio.h>

#include "../load/clock.h"
#include "../load/heap.h"
#include "../load/process.h"
#include "../load/report.h"
#include "options.h"

enum {
    /* Clients that are opened before those before them have joined. */
    OPENING = 256,
    /* Of a tenth of a second. */
    SLOTS = 100,
    SLOT_MS = 100,
    /* The delay of a first attempt is a second, more or less a random half. It
     * begins before we are told of the loss: on a busy machine long before. */
    LEAST_DELAY_MS = 250,
    STEP_MS = 10,
    SETTLE_MS = 1000
};

static sio_runtime runtime;
/* Handlers are given their client's place here. */
static struct place {
    sio_client client;
    _Atomic uint64_t lost_at; /* when its connection was lost; 0: it was not */
} * places;
static char *message; /* the arguments of the event */
static size_t message_size;

/* The event loops count; the main thread looks. */
static atomic_uint joined, lost;
static atomic_ullong echoes, wrong, attempts, early;
/* Messages of all clients that may still be sent. */
static atomic_llong left_to_send;
/* First attempts to connect again, by the time since the loss. */
static atomic_uint first_attempts[SLOTS];
static _Atomic uint64_t first_loss;

static void check(sio_status status, const char *what) {
    if (status != SIO_OK) fail("%s: %s", what, sio_last_error());
}

/* What the clients tell. */

static void send_one(sio_client client) {
    sio_client_emit(client, "/", "echo", (sio_text){message, message_size},
                    NULL);
}

static void on_echo(const sio_event *event, void *context) {
    (void)context;
    atomic_fetch_add_explicit(&echoes, 1, memory_order_relaxed);
    if (event->args.length != message_size ||
        memcmp(event->args.data, message, message_size) != 0)
        atomic_fetch_add_explicit(&wrong, 1, memory_order_relaxed);
    if (atomic_fetch_sub_explicit(&left_to_send, 1, memory_order_relaxed) > 0)
        send_one(event->client);
}

/* To all: each sends its first messages. */
static void on_broadcast(const sio_event *event, void *context) {
    (void)context;
    for (unsigned i = 0; i < options.in_flight; i++) send_one(event->client);
}

static void on_connect(const sio_event *event, void *context) {
    (void)event, (void)context;
    atomic_fetch_add(&joined, 1);
}

static void on_disconnect(const sio_event *event, void *context) {
    struct place *place = context;
    uint64_t none = 0, now = clock_now();
    (void)event;
    atomic_store(&place->lost_at, now);
    atomic_compare_exchange_strong(&first_loss, &none, now);
    atomic_fetch_sub(&joined, 1);
    atomic_fetch_add(&lost, 1);
}

static void on_reconnect(const sio_event *event, void *context) {
    struct place *place = context;
    if (event->kind != SIO_EVENT_RECONNECT_ATTEMPT) return;
    atomic_fetch_add(&attempts, 1);
    if (event->attempt != 1) return;
    uint64_t delay = (clock_now() - atomic_load(&place->lost_at)) / MILLISECOND;
    uint64_t slot = delay / SLOT_MS;
    if (delay < LEAST_DELAY_MS) atomic_fetch_add(&early, 1);
    atomic_fetch_add(&first_attempts[slot < SLOTS ? slot : SLOTS - 1], 1);
}

/* Waiting. */

static void pause_ms(unsigned milliseconds) {
    struct timespec time = {milliseconds / 1000,
                            milliseconds % 1000 * (long)MILLISECOND};
    nanosleep(&time, NULL);
}

static bool all_joined(unsigned count) {
    return atomic_load(&joined) >= count;
}
static bool all_lost(unsigned count) {
    return atomic_load(&lost) >= count;
}
static bool all_echoed(unsigned count) {
    return atomic_load(&echoes) >= (unsigned long long)count * BURST_MESSAGES;
}

static void wait_for(bool (*condition)(unsigned), unsigned count,
                     const char *what) {
    uint64_t end = clock_now() + seconds_to_ns(options.timeout);
    while (!condition(count)) {
        if (clock_now() > end)
            fail("%s: not in %g s, of %u clients", what, options.timeout,
                 count);
        pause_ms(STEP_MS);
    }
}

/* Making clients. */

static void make_message(void) {
    message = malloc(SIZE_MAX_BYTES + 8);
    if (message == NULL) fail("no memory");
    memcpy(message, "[\"", 2);
    memset(message + 2, 'x', options.size);
    memcpy(message + 2 + options.size, "\"]", 3);
    message_size = options.size + 4;
}

static void start_runtime(void) {
    sio_runtime_options loops = SIO_RUNTIME_OPTIONS_INIT;
    loops.threads = options.threads;
    check(sio_runtime_new(&loops, &runtime), "runtime");
}

static void open_client(struct place *place) {
    sio_client *client = &place->client;
    sio_client_options how = SIO_CLIENT_OPTIONS_INIT;
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%u", options.port);
    how.url = url;
    how.runtime = runtime;
    how.transports = SIO_TRANSPORT_WEBSOCKET;
    check(sio_client_new(&how, client), "client");
    check(sio_client_on(*client, "/", "echo", on_echo, NULL, NULL), "echo");
    check(sio_client_on(*client, "/", "broadcast", on_broadcast, NULL, NULL),
          "broadcast");
    check(sio_client_on_connect(*client, "/", on_connect, NULL, NULL),
          "connect");
    check(sio_client_on_disconnect(*client, "/", on_disconnect, place, NULL),
          "disconnect");
    check(sio_client_on_reconnect(*client, on_reconnect, place, NULL),
          "reconnect");
    check(sio_client_connect(*client, "/"), "connect");
}

static void open_clients(void) {
    places = calloc(options.clients, sizeof *places);
    if (places == NULL) fail("no memory");
    for (unsigned i = 0; i < options.clients; i++) {
        if (i >= OPENING) wait_for(all_joined, i - OPENING, "joining");
        open_client(&places[i]);
    }
    wait_for(all_joined, options.clients, "joining");
}

static void close_clients(void) {
    check(sio_runtime_destroy(runtime), "the end");
    free(places);
    free(message);
}

/* Memory. */

struct memory {
    double rss, live;
};

static struct memory memory_now(void) {
    struct memory memory = {0, 0};
    pause_ms(SETTLE_MS);
    memory.rss = (double)process_rss_kb(getpid()) * 1024;
    if (options.counters != NULL)
        memory.live = (double)heap_live_bytes(options.counters);
    return memory;
}

static void print_memory(const char *when, struct memory now,
                         struct memory before) {
    printf(",\"per_client%s_bytes\":%.0f", when,
           (now.rss - before.rss) / options.clients);
    if (options.counters != NULL)
        printf(",\"heap_per_client%s_bytes\":%.0f", when,
               (now.live - before.live) / options.clients);
}

/* What the event loops themselves need is there before the first client is
 * counted: each has had one. */
static struct memory memory_before(void) {
    struct place first[THREADS_MAX] = {{.lost_at = 0}};
    for (unsigned i = 0; i < options.threads; i++) open_client(&first[i]);
    wait_for(all_joined, options.threads, "joining");
    for (unsigned i = 0; i < options.threads; i++)
        check(sio_client_destroy(first[i].client), "destroy");
    atomic_store(&joined, 0);
    atomic_store(&lost, 0);
    atomic_store(&first_loss, 0);
    return memory_now();
}

/* The works. */

static void start_messages(void) {
    check(sio_client_emit(places[0].client, "/", "broadcast",
                          (sio_text){message, message_size}, NULL),
          "broadcast");
}

static void echo(void) {
    uint64_t began, cpu;
    unsigned long long before;
    double took, done;
    open_clients();
    atomic_store(&left_to_send, 1ll << 62);
    start_messages();
    pause_ms((unsigned)(options.warmup * 1000));
    before = atomic_load(&echoes);
    began = clock_now();
    cpu = process_cpu(0);
    pause_ms((unsigned)(options.seconds * 1000));
    done = (double)(atomic_load(&echoes) - before);
    took = (double)(clock_now() - began) / 1e9;
    cpu = process_cpu(0) - cpu;
    close_clients();
    printf("{\"rate\":%.1f,\"client_cpu_us\":%.4f", done / took,
           done > 0 ? (double)cpu / 1e3 / done : 0);
}

static void idle(void) {
    struct memory before = memory_before(), connected, after;
    open_clients();
    connected = memory_now();
    atomic_store(&left_to_send, (long long)options.clients *
                                    (BURST_MESSAGES - options.in_flight));
    start_messages();
    wait_for(all_echoed, options.clients, "the burst");
    after = memory_now();
    printf("{\"threads\":%u", options.threads);
    print_memory("", connected, before);
    print_memory("_after_burst", after, before);
    close_clients();
}

static void print_slots(void) {
    unsigned last = SLOTS;
    while (last > 0 && atomic_load(&first_attempts[last - 1]) == 0) last--;
    printf(",\"first_attempts_by_100_ms\":[");
    for (unsigned i = 0; i < last; i++)
        printf("%s%u", i > 0 ? "," : "", atomic_load(&first_attempts[i]));
    printf("]");
}

static void storm(void) {
    struct memory before = memory_before(), connected, after;
    uint64_t began, cpu, back;
    open_clients();
    connected = memory_now();
    cpu = process_cpu(0);
    printf("joined\n");
    fflush(stdout);
    wait_for(all_lost, options.clients, "losing the connections");
    printf("lost\n");
    fflush(stdout);
    wait_for(all_joined, options.clients, "coming back");
    back = clock_now();
    began = atomic_load(&first_loss);
    cpu = process_cpu(0) - cpu;
    after = memory_now();
    if (atomic_load(&lost) != options.clients)
        fail("%u losses of %u connections", atomic_load(&lost),
             options.clients);
    if (atomic_load(&early) > 0)
        fail("%llu clients did not wait before they connected again",
             atomic_load(&early));
    printf("{\"back_us\":%.0f,\"attempts\":%llu,\"cpu_us_per_client\":%.1f",
           (double)(back - began) / 1e3, atomic_load(&attempts),
           (double)cpu / 1e3 / options.clients);
    print_slots();
    print_memory("", connected, before);
    print_memory("_after_storm", after, before);
    close_clients();
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*run)(void);
        unsigned threads;
    } works[] = {{"echo", echo, 1}, {"idle", idle, 2}, {"storm", storm, 2}};
    struct rlimit files;
    options_parse(argc, argv);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    make_message();
    for (unsigned i = 0; i < sizeof works / sizeof *works; i++) {
        if (strcmp(options.work, works[i].name) != 0) continue;
        if (options.threads == 0) options.threads = works[i].threads;
        start_runtime();
        works[i].run();
        printf("}\n");
        if (atomic_load(&wrong) > 0)
            fail("%llu messages came back changed", atomic_load(&wrong));
        return EXIT_SUCCESS;
    }
    fail("there is no work called \"%s\"", options.work);
}
