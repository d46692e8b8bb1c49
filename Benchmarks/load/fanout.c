/* fanout.c - sending, and telling who got what. */
#include "fanout.h"

#include "loop.h"
#include "measure.h"
#include "options.h"
#include "report.h"

#include <stdio.h>

enum {
    IN_FLIGHT = 64
};

struct fanout fanout;

static struct message message;
/* Of the messages in flight, by their slots. */
static unsigned missing[IN_FLIGHT];
static unsigned target[IN_FLIGHT];

/* Client i is in the `join` rooms from i * join on, around the end. */
static struct {
    unsigned count; /* 0: broadcasts */
    unsigned join;
    unsigned *members;
    unsigned next;
} rooms;

static void prepare(enum message_kind kind, unsigned in_flight) {
    message_make(&message, kind, "", options.size, options.polling);
    window_make(&clients[0].window, in_flight, message.tag);
}

void fanout_prepare_broadcast(unsigned in_flight) {
    prepare(MESSAGE_BROADCAST, in_flight);
}

static unsigned first_room(const struct client *client) {
    return (unsigned)((uint64_t)client->index * rooms.join % rooms.count);
}

static bool is_member(const struct client *client, unsigned room) {
    return (room + rooms.count - first_room(client)) % rooms.count < rooms.join;
}

static unsigned joins_left;

static void ask_to_join(struct client *client, unsigned first, unsigned count) {
    char packet[96];
    snprintf(packet, sizeof packet, "420[\"join\",\"" ROOM_PREFIX "\",%u,%u]",
             FIRST_ROOM + first, count);
    transport_of(client)->send_text(client, packet);
    joins_left++;
    for (unsigned i = 0; i < count; i++) rooms.members[first + i]++;
}

static void joined(struct client *client, struct bytes packet, uint64_t now) {
    if (!bytes_equal(packet, (struct bytes){(const uint8_t *)"430[]", 5}))
        fail("client %u: wanted the acknowledgement of \"join\", got %.*s",
             client->index, (int)(packet.length < 80 ? packet.length : 80),
             (const char *)packet.data);
    joins_left--;
    (void)now;
}

static bool all_joined(void) {
    return joins_left == 0;
}

void fanout_prepare_rooms(unsigned in_flight, unsigned count, unsigned join) {
    prepare(MESSAGE_ROOM, in_flight);
    rooms.count = count;
    rooms.join = join > 0 ? join : (count + client_count - 1) / client_count;
    rooms.members = allocate(count, sizeof *rooms.members);
    client_handlers.text = joined;
    for (unsigned i = 0; i < client_count; i++) {
        unsigned first = first_room(&clients[i]), to_end = count - first;
        unsigned before_end = rooms.join < to_end ? rooms.join : to_end;
        ask_to_join(&clients[i], first, before_end);
        if (before_end < rooms.join)
            ask_to_join(&clients[i], 0, rooms.join - before_end);
        transport_of(&clients[i])->flush(&clients[i]);
    }
    loop_run(clock_now() + seconds_to_ns(options.timeout), all_joined);
    if (!all_joined())
        fail_times(joins_left, "%u joins were not acknowledged within %g s",
                   joins_left, options.timeout);
}

/* The next room that is not empty. */
static unsigned choose_room(void) {
    unsigned room;
    do {
        room = rooms.next;
        rooms.next = (rooms.next + 1) % rooms.count;
    } while (rooms.members[room] == 0);
    return room;
}

bool fanout_send(uint64_t now) {
    struct client *sender = &clients[0];
    struct slot *slot = window_take(&sender->window, now);
    if (slot == NULL) return false;
    size_t index = (size_t)(slot - sender->window.slots);
    missing[index] = client_count;
    if (rooms.count > 0) {
        target[index] = choose_room();
        missing[index] = rooms.members[target[index]];
        message_set_room(&message, target[index]);
    }
    transport_of(sender)->send_message(sender, &message, slot->tag);
    transport_of(sender)->flush(sender);
    return true;
}

/* Is it this client's turn to get it? */
static void check(struct client *client, const struct slot *slot, size_t index,
                  bool counts) {
    uint32_t order = slot->order + 1;
    if (order == client->last_order)
        fail("client %u: got a message twice", client->index);
    if (order < client->last_order && counts) measure.reordered++;
    client->last_order = order;
    if (rooms.count > 0 && !is_member(client, target[index]))
        fail("client %u: got a message to room " ROOM_PREFIX "%u, which it did "
             "not join",
             client->index, FIRST_ROOM + target[index]);
}

bool fanout_try(struct client *client, struct bytes packet, uint64_t now,
                bool *done) {
    struct window *window = &clients[0].window;
    int64_t tag = reply_match(&message.replies[0], packet);
    if (tag < 0) return false;
    struct slot *slot = window_find(window, (uint32_t)tag);
    if (slot == NULL)
        fail("client %u: got a message that is not in flight", client->index);
    size_t index = (size_t)(slot - window->slots);
    bool counts = measure_covers(now);
    check(client, slot, index, counts);
    if (counts) {
        fanout.deliveries++;
        histogram_record(&fanout.latency, now - slot->sent);
    }
    if (--missing[index] == 0) {
        if (counts) histogram_record(&fanout.last, now - slot->sent);
        window_release(window, slot);
        *done = true;
    }
    return true;
}
