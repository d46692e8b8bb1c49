/*
 * histogram.h - how often each duration came, in fixed memory: the resolution
 * is 1/128 of the value, as in HDR histograms.
 */
#ifndef LOAD_HISTOGRAM_H
#define LOAD_HISTOGRAM_H

#include <stdint.h>

enum {
    /* Each doubling of the value is cut into this many steps. */
    HISTOGRAM_STEP_BITS = 7,
    HISTOGRAM_STEPS = 1 << HISTOGRAM_STEP_BITS,
    /* Up to 2^42 ns, more than an hour. */
    HISTOGRAM_DOUBLINGS = 36
};

struct histogram {
    uint64_t total;
    uint64_t maximum;
    uint64_t counts[HISTOGRAM_DOUBLINGS * HISTOGRAM_STEPS];
};

/* The value below which `share` (0..1) of the values lie; 0 if there are none.
 */
uint64_t histogram_quantile(const struct histogram *histogram, double share);

static inline void histogram_record(struct histogram *histogram,
                                    uint64_t value) {
    unsigned doubling = 0, index;
    if (value >= HISTOGRAM_STEPS)
        doubling = 63 - HISTOGRAM_STEP_BITS + 1 -
                   (unsigned)__builtin_clzll((unsigned long long)value);
    /* From the second doubling on the highest bit is implied. */
    index = doubling == 0
                ? (unsigned)value
                : doubling * HISTOGRAM_STEPS +
                      (unsigned)(value >> (doubling - 1)) - HISTOGRAM_STEPS;
    if (index >= HISTOGRAM_DOUBLINGS * HISTOGRAM_STEPS)
        index = HISTOGRAM_DOUBLINGS * HISTOGRAM_STEPS - 1;
    histogram->counts[index]++;
    histogram->total++;
    if (value > histogram->maximum) histogram->maximum = value;
}

#endif
