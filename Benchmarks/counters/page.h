/* page.h - what hook.c counts, as it lies in the file that others map.
 * memory.py mirrors it. */
#ifndef COUNTERS_PAGE_H
#define COUNTERS_PAGE_H

#include <stdint.h>

enum {
    THREADS = 64, /* those that come later share the last place */
    SIZES = 32,   /* a count for each power of two */
    SITES = 4096,
    FRAMES = 40
};

struct thread_counts {
    uint64_t thread; /* its id, as in /proc/<pid>/task */
    uint64_t malloc_calls;
    uint64_t calloc_calls;
    uint64_t realloc_calls;
    uint64_t memalign_calls; /* posix_memalign, aligned_alloc, memalign */
    uint64_t free_calls;
    uint64_t bytes;        /* asked for */
    uint64_t sizes[SIZES]; /* [n]: of 2^n bytes and up to the next */
};

struct site {
    uint64_t hash; /* of the frames; 0: not taken */
    uint64_t count;
    uint64_t bytes;
    uint64_t depth;
    uint64_t frames[FRAMES]; /* return addresses, the innermost first */
};

struct page {
    uint64_t size;      /* of this struct, once the hook has mapped it */
    uint64_t recording; /* set from outside: note the sites */
    uint64_t lost;      /* allocations whose site found no place */
    uint64_t threads_seen;
    uint64_t
        live_bytes; /* allocated and not freed, as malloc rounds sizes up */
    struct thread_counts threads[THREADS];
    struct site sites[SITES];
};

#endif
