/*
 * echo.h - messages that come back to their sender: the machinery of the works
 * echo, json, binary, ack and plain, and part of others.
 */
#ifndef LOAD_ECHO_H
#define LOAD_ECHO_H

#include "client.h"

/* Gives `client` its message and its window. */
void echo_prepare(struct client *client, enum message_kind kind,
                  unsigned in_flight);

/* Closed loop: fills the client's window, and keeps it full for `to_send`
 * messages in all. */
enum {
    ECHO_FOREVER = UINT32_MAX
};
void echo_start(struct client *client, uint32_t to_send, uint64_t now);
/* Sends what is due, and then no more. */
void echo_stop(void);

/* What comes back; for client_handlers. */
void echo_text(struct client *client, struct bytes packet, uint64_t now);
void echo_binary(struct client *client, struct bytes packet, uint64_t now);
/* The same for a client that gets other packets, too: was it an echo? */
bool echo_try(struct client *client, struct bytes packet, uint64_t now);

/* Open loop: messages come due at equal distances, for one client of
 * clients[first] to clients[first + count - 1] after the other. */
void echo_schedule(unsigned first, unsigned count, double rate);
/* For loop_hooks.due. */
uint64_t echo_due(uint64_t now);

/* Nothing is outstanding. */
bool echo_drained(void);

#endif
