/* client.c - from opening to closing: Engine.IO 4 and Socket.IO 5. */
#include "client.h"

#include "loop.h"
#include "options.h"
#include "polling.h"
#include "report.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    /* Connections that are being opened or closed at a time: a server accepts
     * some hundred without being asked, or fewer. */
    ON_THE_WAY = 64,
    /* How much of a packet a failure shows. */
    SHOWN = 80
};

struct client_handlers client_handlers;
struct client *clients;
unsigned client_count;

static unsigned ready_count, open_count;

void clients_make(unsigned count) {
    /* Idle clients that poll have no second connection, but some of them. */
    unsigned needed = !options.polling            ? count
                      : options.work == WORK_IDLE ? count + 2 * ON_THE_WAY
                                                  : 2 * count;
    if (needed > conn_limit())
        usage_error("%u clients need %u connections, and the limit is %u: "
                    "raise `ulimit -Hn` or lower --clients",
                    count, needed, conn_limit());
    clients = allocate(count, sizeof *clients);
    client_count = count;
    for (unsigned i = 0; i < count; i++) {
        struct client *client = &clients[i];
        client->index = i;
        client->conn.fd = -1;
        client->conn.client = client;
        if (options.polling) client->polling = polling_make(client);
        if (options.namespaces > 0)
            snprintf(client->nsp, sizeof client->nsp, "/n%u,",
                     i % options.namespaces);
    }
}

static void enter(struct client *client, enum client_state state,
                  uint64_t now) {
    client->state = state;
    client->since = now;
}

void client_open(struct client *client) {
    client->opened = clock_now();
    client->attachment_due = false;
    enter(client, CLIENT_OPENING, client->opened);
    open_count++;
    transport_of(client)->open(client);
}

void client_close(struct client *client) {
    if (client->state != CLIENT_READY) return;
    ready_count--;
    enter(client, CLIENT_CLOSING, clock_now());
    transport_of(client)->say_goodbye(client);
    transport_of(client)->flush(client);
}

void client_ended(struct client *client) {
    if (client->state == CLIENT_IDLE) return;
    if (client->state != CLIENT_CLOSING)
        fail("client %u: the server closed the connection%s", client->index,
             client->state != CLIENT_READY ? " before the namespace was joined"
             : window_outstanding > 0      ? " while messages were outstanding"
                                           : "");
    transport_of(client)->abandon(client);
    enter(client, CLIENT_IDLE, 0);
    open_count--;
    if (client_handlers.closed != NULL)
        client_handlers.closed(client, clock_now());
}

static void unexpected(struct client *client, const char *problem,
                       struct bytes packet) {
    fail("client %u: %s: %.*s%s", client->index, problem,
         (int)(packet.length < SHOWN ? packet.length : SHOWN),
         (const char *)packet.data, packet.length > SHOWN ? "..." : "");
}

static void become_ready(struct client *client, uint64_t now) {
    enter(client, CLIENT_READY, now);
    ready_count++;
    if (client_handlers.ready != NULL) client_handlers.ready(client, now);
}

void client_upgraded(struct client *client) {
    if (options.work == WORK_PLAIN) become_ready(client, clock_now());
}

static void join(struct client *client, uint64_t now) {
    char packet[32];
    snprintf(packet, sizeof packet, "40%s", client->nsp);
    enter(client, CLIENT_JOINING, now);
    transport_of(client)->send_text(client, packet);
}

void client_packet(struct client *client, struct bytes packet, uint64_t now) {
    bool message = packet.length > 1 && packet.data[0] == '4';
    if (client->state == CLIENT_READY &&
        ((message && packet.data[1] >= '2' && packet.data[1] != '4') ||
         options.work == WORK_PLAIN)) {
        client_handlers.text(client, packet, now);
        return;
    }
    if (client->state == CLIENT_CLOSING || bytes_start_with(packet, "6")) {
        /* Too late, or a noop. */
    } else if (bytes_start_with(packet, "2")) {
        transport_of(client)->send_text(client, "3");
    } else if (bytes_start_with(packet, "0") &&
               client->state == CLIENT_OPENING) {
        join(client, now);
    } else if (bytes_start_with(packet, "40") &&
               client->state == CLIENT_JOINING) {
        become_ready(client, now);
    } else if (bytes_start_with(packet, "44")) {
        unexpected(client, "the server refused the namespace", packet);
    } else if (bytes_start_with(packet, "41") ||
               bytes_start_with(packet, "1")) {
        unexpected(client, "the server disconnected", packet);
    } else {
        unexpected(client, "got what should not come now", packet);
    }
}

void client_binary(struct client *client, struct bytes packet, uint64_t now) {
    if (client->state == CLIENT_CLOSING) return;
    if (client->state != CLIENT_READY || client_handlers.binary == NULL)
        fail("client %u: got %zu binary bytes that nobody asked for",
             client->index, packet.length);
    client_handlers.binary(client, packet, now);
}

/* Openings and closings that take too long. */
static void check_state(struct client *client, uint64_t now, uint64_t limit) {
    switch (client->state) {
    case CLIENT_IDLE:
    case CLIENT_READY:
        break;
    case CLIENT_OPENING:
        if (now > client->since + limit)
            fail("client %u: the server has not opened the session within %g s",
                 client->index, options.timeout);
        break;
    case CLIENT_JOINING:
        if (now > client->since + limit)
            fail("client %u: the server has not answered CONNECT within %g s",
                 client->index, options.timeout);
        break;
    case CLIENT_CLOSING:
        if (now > client->since + SECOND) client_ended(client);
        break;
    }
}

uint64_t clients_check(uint64_t now) {
    uint64_t limit = seconds_to_ns(options.timeout);
    unsigned overdue = 0, first = 0;
    for (unsigned i = 0; i < client_count; i++) {
        check_state(&clients[i], now, limit);
        unsigned count = window_overdue(&clients[i].window, now - limit);
        if (overdue == 0 && count > 0) first = i;
        overdue += count;
    }
    if (overdue > 0)
        fail_times(overdue,
                   "nothing came back for %u messages within %g s, the first "
                   "of them client %u's%s",
                   overdue, options.timeout, first,
                   options.rate > 0 ? "; perhaps --rate is more than the "
                                      "server can do"
                                    : "");
    return now + (limit < 8 * SECOND ? limit / 8 : SECOND);
}

/* Where opening all and closing all have come to. */
static unsigned opened_count, closed_count;

/* Keeps some connections on their way. */
static bool all_ready(void) {
    while (opened_count < client_count && open_count - ready_count < ON_THE_WAY)
        client_open(&clients[opened_count++]);
    return ready_count == client_count;
}

static bool all_closed(void) {
    while (closed_count < client_count && open_count - ready_count < ON_THE_WAY)
        client_close(&clients[closed_count++]);
    return open_count == 0;
}

void clients_open_all(void) {
    loop_run(NEVER, all_ready);
}

void clients_close_all(void) {
    loop_run(NEVER, all_closed);
}
