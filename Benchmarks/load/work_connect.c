/* work_connect.c - connections that are opened, join, and are closed again, one
 * after the other on each of some seats. */
#include "works.h"

#include "client.h"
#include "measure.h"
#include "options.h"

enum {
    SEATS = 64
};

static bool stopped;

static void on_ready(struct client *client, uint64_t now) {
    if (measure_covers(now)) {
        measure.messages++;
        histogram_record(&measure.latency, now - client->opened);
    }
    client_close(client);
}

static void on_closed(struct client *client, uint64_t now) {
    if (!stopped) client_open(client);
    (void)now;
}

void work_connect(void) {
    if (options.clients > SEATS) options.clients = SEATS;
    clients_make(options.clients);
    client_handlers.ready = on_ready;
    client_handlers.closed = on_closed;
    for (unsigned i = 0; i < client_count; i++) client_open(&clients[i]);
    measure_run();
    stopped = true;
    clients_close_all();
    measure_report(measure.messages, &measure.latency);
}
