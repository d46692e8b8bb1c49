/* histogram.c - what the counts say. */
#include "histogram.h"

/* The highest value that is counted at `index`. */
static uint64_t highest_at(unsigned index) {
    unsigned doubling = index / HISTOGRAM_STEPS;
    uint64_t step = index % HISTOGRAM_STEPS;
    if (doubling == 0) return step;
    return ((step + HISTOGRAM_STEPS + 1) << (doubling - 1)) - 1;
}

uint64_t histogram_quantile(const struct histogram *histogram, double share) {
    uint64_t wanted = (uint64_t)((double)histogram->total * share + 0.5);
    uint64_t seen = 0;
    if (histogram->total == 0) return 0;
    if (wanted < 1) wanted = 1;
    for (unsigned i = 0; i < HISTOGRAM_DOUBLINGS * HISTOGRAM_STEPS; i++) {
        seen += histogram->counts[i];
        if (seen >= wanted)
            return highest_at(i) < histogram->maximum ? highest_at(i)
                                                      : histogram->maximum;
    }
    return histogram->maximum;
}
