/* work_idle.c - what connections cost the server in memory while nothing
 * happens on them: when they are new, and after traffic. */
#include "works.h"

#include "echo.h"
#include "heap.h"
#include "loop.h"
#include "options.h"
#include "polling.h"
#include "process.h"
#include "report.h"

enum {
    /* The burst: so many messages in flight on each, and in all. */
    BURST_IN_FLIGHT = 16,
    BURST_MESSAGES = 64,
    POLLING_AT_ONCE = 64,
    /* Memory has settled when it changes by less than this. */
    SETTLED_KB = 64,
    SETTLE_STEP = 250, /* ms */
    SETTLE_STEPS = 24
};

struct memory {
    uint64_t rss_kb;
    uint64_t live; /* bytes allocated; 0 without --counters */
};

static struct memory memory_now(void) {
    struct memory memory = {.rss_kb = process_rss_kb(options.pid)};
    if (options.counters != NULL)
        memory.live = heap_live_bytes(options.counters);
    return memory;
}

static struct memory settled_memory(void) {
    uint64_t last, rss = process_rss_kb(options.pid);
    int quiet = 0;
    for (int i = 0; i < SETTLE_STEPS && quiet < 4; i++) {
        loop_run(clock_now() + SETTLE_STEP * MILLISECOND, NULL);
        last = rss;
        rss = process_rss_kb(options.pid);
        uint64_t change = rss > last ? rss - last : last - rss;
        quiet = change < SETTLED_KB ? quiet + 1 : 0;
    }
    return memory_now();
}

static void rest(struct client *client, uint64_t now) {
    if (options.polling) polling_rest(client, true);
    (void)now;
}

/* Traffic on all clients: at once, or polling on some after the other, since
 * each opens a connection for its POSTs, and servers accept so many at a time. */
static void burst(void) {
    unsigned width = options.polling ? POLLING_AT_ONCE : client_count;
    for (unsigned first = 0; first < client_count; first += width) {
        unsigned end = first + width;
        if (end > client_count) end = client_count;
        for (unsigned i = first; i < end; i++) {
            if (options.polling) polling_rest(&clients[i], false);
            echo_start(&clients[i], BURST_MESSAGES, clock_now());
        }
        loop_run(NEVER, echo_drained);
        for (unsigned i = first; i < end; i++) rest(&clients[i], 0);
    }
}

static void report_each(const char *name, uint64_t bytes, uint64_t before) {
    report_number(name, ((double)bytes - (double)before) / client_count);
}

void work_idle(void) {
    struct memory before = memory_now();
    clients_make(options.clients);
    for (unsigned i = 0; i < client_count; i++)
        echo_prepare(&clients[i], MESSAGE_ECHO, BURST_IN_FLIGHT);
    client_handlers.text = echo_text;
    client_handlers.ready = rest;
    clients_open_all();
    struct memory connected = settled_memory();
    burst();
    struct memory after = settled_memory();
    clients_close_all();
    report_number("rss_before_kb", (double)before.rss_kb);
    report_number("rss_connected_kb", (double)connected.rss_kb);
    report_number("rss_after_burst_kb", (double)after.rss_kb);
    report_each("per_connection_bytes", connected.rss_kb * 1024,
                before.rss_kb * 1024);
    report_each("per_connection_after_burst_bytes", after.rss_kb * 1024,
                before.rss_kb * 1024);
    if (options.counters == NULL) return;
    report_each("heap_per_connection_bytes", connected.live, before.live);
    report_each("heap_per_connection_after_burst_bytes", after.live,
                before.live);
}
