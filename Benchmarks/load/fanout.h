/*
 * fanout.h - messages that one client sends and many get: a broadcast, or an
 * event to a room. The sender is clients[0], and gets its own as well.
 */
#ifndef LOAD_FANOUT_H
#define LOAD_FANOUT_H

#include "client.h"
#include "histogram.h"

struct fanout {
    uint64_t deliveries;
    struct histogram latency; /* from sending to each delivery */
    struct histogram last;    /* to the last of a message's deliveries */
};
/* What was measured. */
extern struct fanout fanout;

/* MESSAGE_BROADCAST, to all clients; at most `in_flight` at a time. */
void fanout_prepare_broadcast(unsigned in_flight);
/* MESSAGE_ROOM: clients join `join` of `rooms` rooms each (0: as many as it
 * takes for none to be empty); the messages go to one room after the other.
 * Returns when all have joined. */
void fanout_prepare_rooms(unsigned in_flight, unsigned rooms, unsigned join);

/* Sends the next message; false: as many as may be are in flight. */
bool fanout_send(uint64_t now);

/* Was the packet a delivery? If it was a message's last, `*done` is set. */
bool fanout_try(struct client *client, struct bytes packet, uint64_t now,
                bool *done);

#endif
