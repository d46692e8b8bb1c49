/*
 * conn.h - a TCP connection: reads into memory that all share, writes what was
 * gathered in one call.
 */
#ifndef LOAD_CONN_H
#define LOAD_CONN_H

#include "bytes.h"

struct client;

struct conn {
    int fd; /* -1: not open */
    bool connecting;
    bool blocked; /* the kernel takes no more; `pending` waits for it */
    struct client *client;
    /* There is something to read, or the connection ended. */
    void (*on_readable)(struct conn *conn);
    struct buffer unread;  /* read, and not consumed yet */
    struct buffer pending; /* gathered, and not written yet */
};

enum conn_input {
    CONN_DATA,
    CONN_NOTHING,
    CONN_END
};

/* Limits on descriptors go up as far as this user may. */
void conn_raise_limit(void);
/* How many connections there can be. */
unsigned conn_limit(void);

void conn_open(struct conn *conn);
/* Forgets what was not sent. Legal when closed. */
void conn_close(struct conn *conn);

/* Reads once. After CONN_DATA `input` is all that was not consumed; give
 * what is left of it to conn_keep before the next read on any connection. */
enum conn_input conn_receive(struct conn *conn, struct bytes *input);
void conn_keep(struct conn *conn, struct bytes rest);

/* Space for `length` (at most CONN_CLAIM) bytes of output, to be filled now. */
enum {
    CONN_CLAIM = 1 << 14
};
uint8_t *conn_claim(struct conn *conn, size_t length);
/* Output that stays where it is until conn_flush. */
void conn_lend(struct conn *conn, const void *data, size_t length);
/* Writes what was gathered. */
void conn_flush(struct conn *conn);

/* For the loop: the kernel takes output again. */
void conn_writable(struct conn *conn);

#endif
