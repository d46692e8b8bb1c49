/* echo.c - sending, recognising what comes back, sending the next. */
#include "echo.h"

#include "loop.h"
#include "measure.h"
#include "options.h"
#include "report.h"

/* Open loop. Message i is due at start + i * interval. */
static struct {
    bool running;
    unsigned first;
    unsigned count;
    uint64_t start;
    double interval;
    uint64_t next;
    struct client **behind; /* those with something to send */
} schedule;

static bool stopped;

void echo_prepare(struct client *client, enum message_kind kind,
                  unsigned in_flight) {
    /* One message for each namespace. */
    static struct message messages[1000];
    struct message *message =
        &messages[options.namespaces > 0 ? client->index % options.namespaces
                                         : 0];
    if (message->reply_count == 0)
        message_make(message, kind, client->nsp, options.size, options.polling);
    client->message = message;
    window_make(&client->window, in_flight, message->tag);
}

static inline bool send_one(struct client *client, uint64_t moment) {
    struct slot *slot = window_take(&client->window, moment);
    if (slot == NULL) return false;
    transport_of(client)->send_message(client, client->message, slot->tag);
    return true;
}

void echo_start(struct client *client, uint32_t to_send, uint64_t now) {
    client->to_send = to_send;
    while (client->to_send > 0 && send_one(client, now))
        if (client->to_send != ECHO_FOREVER) client->to_send--;
    transport_of(client)->flush(client);
}

void echo_stop(void) {
    stopped = true;
}

bool echo_drained(void) {
    return window_outstanding == 0;
}

static uint64_t due_at(uint64_t message) {
    return schedule.start + (uint64_t)((double)message * schedule.interval);
}

/* When the client's next message of the open loop was or is due. */
static uint64_t next_due_of(const struct client *client) {
    return due_at((uint64_t)client->sent * schedule.count + client->index -
                  schedule.first);
}

void echo_schedule(unsigned first, unsigned count, double rate) {
    schedule.running = true;
    schedule.first = first;
    schedule.count = count;
    schedule.start = clock_now();
    schedule.interval = 1e9 / rate;
    schedule.behind = allocate(count, sizeof *schedule.behind);
}

/* What is due and has a place in the window; what has none waits for replies,
 * and its latency counts from when it was due all the same. */
static void send_due(struct client *client) {
    while (client->sent < client->scheduled &&
           send_one(client, next_due_of(client)))
        client->sent++;
}

uint64_t echo_due(uint64_t now) {
    uint64_t due;
    unsigned count = 0;
    if (stopped) return NEVER;
    while ((due = due_at(schedule.next)) <= now) {
        struct client *client =
            &clients[schedule.first + schedule.next % schedule.count];
        schedule.next++;
        if (client->scheduled++ == client->sent)
            schedule.behind[count++] = client;
    }
    for (unsigned i = 0; i < count; i++) {
        send_due(schedule.behind[i]);
        transport_of(schedule.behind[i])->flush(schedule.behind[i]);
    }
    return due;
}

static void complete(struct client *client, uint32_t tag, uint64_t now) {
    struct slot *slot = window_find(&client->window, tag);
    if (slot == NULL)
        fail("client %u: got a message back that is not outstanding",
             client->index);
    uint64_t sent = slot->sent;
    bool counts = measure_covers(schedule.running ? sent : now);
    bool reordered = window_release(&client->window, slot);
    if (counts) {
        histogram_record(&measure.latency, now - sent);
        measure.messages++;
        measure.reordered += reordered;
    }
    if (schedule.running) {
        send_due(client);
    } else if (client->to_send > 0 && !stopped) {
        send_one(client, now);
        if (client->to_send != ECHO_FOREVER) client->to_send--;
    }
}

bool echo_try(struct client *client, struct bytes packet, uint64_t now) {
    const struct message *message = client->message;
    int64_t tag = reply_match(&message->replies[0], packet);
    if (tag < 0 || client->attachment_due) return false;
    if (message->reply_count == 1)
        complete(client, (uint32_t)tag, now);
    else
        client->attachment_due = true;
    return true;
}

void echo_text(struct client *client, struct bytes packet, uint64_t now) {
    if (!echo_try(client, packet, now))
        fail("client %u: what came back is not what was sent: %.*s",
             client->index, (int)(packet.length < 80 ? packet.length : 80),
             (const char *)packet.data);
}

void echo_binary(struct client *client, struct bytes packet, uint64_t now) {
    const struct message *message = client->message;
    int64_t tag = reply_match(&message->replies[1], packet);
    if (message->reply_count != 2 || !client->attachment_due || tag < 0)
        fail("client %u: an attachment of %zu bytes is not what was sent",
             client->index, packet.length);
    client->attachment_due = false;
    complete(client, (uint32_t)tag, now);
}
