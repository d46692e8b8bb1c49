/* heap.c - reads the counters of a server with counters/hook.c preloaded. */
#include "heap.h"

#include "../counters/page.h"
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

static uint64_t read_at(const char *path, int file, size_t offset) {
    uint64_t value;
    if (pread(file, &value, sizeof value, (off_t)offset) != sizeof value)
        fail("--counters %s: it is too short: was the server started with "
             "hook.so preloaded and SIO_COUNTERS set to this file?",
             path);
    return value;
}

uint64_t heap_live_bytes(const char *counters) {
    int file = open(counters, O_RDONLY | O_CLOEXEC);
    if (file < 0) fail("--counters %s: %s", counters, strerror(errno));
    uint64_t size = read_at(counters, file, offsetof(struct page, size));
    if (size != sizeof(struct page))
        fail("--counters %s: hook.so is of another version: run "
             "scripts/build-benchmarks hook load",
             counters);
    uint64_t live = read_at(counters, file, offsetof(struct page, live_bytes));
    close(file);
    return live;
}
