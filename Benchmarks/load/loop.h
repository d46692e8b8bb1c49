/*
 * loop.h - waits for connections and for moments, on one thread.
 */
#ifndef LOAD_LOOP_H
#define LOAD_LOOP_H

#include "clock.h"

#include <stdbool.h>

struct conn;

/* What a work wants to be called for; each may be NULL. */
struct loop_hooks {
    /* Does what is due at `now`; returns when the next thing is, or NEVER. */
    uint64_t (*due)(uint64_t now);
    /* Looks after what must not wait for the others' turn: called after every
     * few connections. */
    void (*between)(void);
};
extern struct loop_hooks loop_hooks;

void loop_start(void);
void loop_add(struct conn *conn);
void loop_forget(struct conn *conn);
void loop_watch_writable(struct conn *conn, bool wanted);

/* Runs until `end`, or until done() says so if it is not NULL. */
void loop_run(uint64_t end, bool (*done)(void));

#endif
