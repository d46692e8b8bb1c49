/*
 * work_stall.c - does a broadcast make others wait? One client echoes at a
 * fixed rate, first undisturbed, then while all get a broadcast every half
 * second.
 */
#include "works.h"

#include "echo.h"
#include "fanout.h"
#include "loop.h"
#include "measure.h"
#include "options.h"
#include "report.h"

enum {
    EVERY = 500,
    WINDOW = 4096,
    BROADCASTS = 8
};

static struct client *echoing;
static uint64_t next_broadcast = NEVER;

static void on_text(struct client *client, struct bytes packet, uint64_t now) {
    bool done;
    if (client == echoing && echo_try(client, packet, now)) return;
    if (!fanout_try(client, packet, now, &done))
        fail("client %u: what came is not what was sent: %.*s", client->index,
             (int)(packet.length < 80 ? packet.length : 80),
             (const char *)packet.data);
}

static uint64_t due(uint64_t now) {
    if (now >= next_broadcast) {
        fanout_send(now);
        next_broadcast += EVERY * MILLISECOND;
    }
    uint64_t echo = echo_due(now);
    return echo < next_broadcast ? echo : next_broadcast;
}

/* Thousands of deliveries may be ready to be read: the echo must not wait for
 * all of them here, or it would measure the load generator. */
static void between(void) {
    due(clock_now());
    echoing->conn.on_readable(&echoing->conn);
}

void work_stall(void) {
    static struct histogram quiet;
    clients_make(options.clients + 1);
    echoing = &clients[options.clients];
    clients_open_all();
    fanout_prepare_broadcast(BROADCASTS);
    echo_prepare(echoing, MESSAGE_ECHO, WINDOW);
    client_handlers.text = on_text;
    loop_hooks.due = due;
    loop_hooks.between = between;
    echo_schedule(options.clients, 1, options.rate);
    measure_run();
    quiet = measure.latency;
    measure = (struct measure){0};
    next_broadcast = clock_now();
    measure_run();
    next_broadcast = NEVER;
    echo_stop();
    loop_run(NEVER, echo_drained);
    clients_close_all();
    measure_report(measure.messages, &measure.latency);
    report_latency("quiet_", &quiet, true);
    report_number("broadcasts", (double)fanout.last.total);
    report_latency("last_", &fanout.last, false);
}
