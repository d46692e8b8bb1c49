/*
 * measure.h - the time in which it counts, and what was counted.
 */
#ifndef LOAD_MEASURE_H
#define LOAD_MEASURE_H

#include "histogram.h"

#include <stdbool.h>

struct measure {
    uint64_t begin; /* 0: not begun */
    uint64_t end;
    uint64_t messages;
    uint64_t reordered;
    struct histogram latency;
    uint64_t load_cpu; /* ns, from begin to end */
    uint64_t server_cpu;
};
extern struct measure measure;

/* Is the moment one that counts? */
static inline bool measure_covers(uint64_t moment) {
    return moment >= measure.begin && moment < measure.end;
}

/* Runs the loop for the time of warming up, and then of measuring. */
void measure_run(void);

/* Reports messages, rate, latency and CPU time. */
void measure_report(uint64_t messages, const struct histogram *latency);

#endif
