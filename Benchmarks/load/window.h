/*
 * window.h - a client's messages that are outstanding: when each was sent, and
 * which tag its reply will bring.
 */
#ifndef LOAD_WINDOW_H
#define LOAD_WINDOW_H

#include "tag.h"

#include <stdbool.h>
#include <stddef.h>

struct slot {
    uint64_t sent;  /* or was due; 0: the slot is free */
    uint32_t tag;   /* the slot's place, and above it how often it was used */
    uint32_t order; /* of sending */
};

struct window {
    struct slot *slots;
    uint16_t *free;
    unsigned size;       /* a power of two */
    unsigned free_count; /* of `limit` */
    unsigned limit;      /* so many may be outstanding */
    uint32_t tag_mask;
    uint32_t sent;
    uint32_t received;
};

/* Messages that are outstanding, in all windows. */
extern unsigned window_outstanding;

/* Ends the program if the tags cannot tell `limit` messages apart. */
void window_make(struct window *window, unsigned limit,
                 struct tag_format format);
/* How many that were sent before `moment` are still outstanding. */
unsigned window_overdue(const struct window *window, uint64_t moment);

/* A free slot, now taken; NULL if all are. */
static inline struct slot *window_take(struct window *window, uint64_t sent) {
    if (window->free_count == 0) return NULL;
    struct slot *slot = &window->slots[window->free[--window->free_count]];
    slot->sent = sent;
    slot->tag = (slot->tag + window->size) & window->tag_mask;
    slot->order = window->sent++;
    window_outstanding++;
    return slot;
}

/* The outstanding message with this tag, or NULL. */
static inline struct slot *window_find(struct window *window, uint32_t tag) {
    struct slot *slot = &window->slots[tag & (window->size - 1)];
    return slot->tag == tag && slot->sent != 0 ? slot : NULL;
}

/* Was it not the turn of this one? */
static inline bool window_release(struct window *window, struct slot *slot) {
    slot->sent = 0;
    window->free[window->free_count++] = (uint16_t)(slot - window->slots);
    window_outstanding--;
    return slot->order != window->received++;
}

#endif
