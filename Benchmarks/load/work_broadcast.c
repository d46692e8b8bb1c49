/* work_broadcast.c - broadcast and room: the next message follows when one has
 * reached everyone. */
#include "works.h"

#include "fanout.h"
#include "loop.h"
#include "measure.h"
#include "options.h"
#include "report.h"

static bool stopped;

static void on_text(struct client *client, struct bytes packet, uint64_t now) {
    bool done = false;
    if (!fanout_try(client, packet, now, &done))
        fail("client %u: what came is not what was sent: %.*s", client->index,
             (int)(packet.length < 80 ? packet.length : 80),
             (const char *)packet.data);
    if (done && !stopped) fanout_send(now);
}

static bool drained(void) {
    return window_outstanding == 0;
}

void work_broadcast(void) {
    clients_make(options.clients);
    clients_open_all();
    if (options.work == WORK_ROOM)
        fanout_prepare_rooms(options.in_flight, options.rooms, options.join);
    else
        fanout_prepare_broadcast(options.in_flight);
    client_handlers.text = on_text;
    while (fanout_send(clock_now())) {
    }
    measure_run();
    stopped = true;
    loop_run(NEVER, drained);
    clients_close_all();
    measure_report(fanout.deliveries, &fanout.latency);
    report_latency("last_", &fanout.last, false);
}
