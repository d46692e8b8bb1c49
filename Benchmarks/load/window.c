/* window.c - making a window, and looking for what is late. */
#include "window.h"

#include "bytes.h"
#include "report.h"

unsigned window_outstanding;

void window_make(struct window *window, unsigned limit,
                 struct tag_format format) {
    unsigned size = 1;
    while (size < limit) size *= 2;
    if (size - 1 > tag_mask(format))
        usage_error("--in-flight %u needs a larger --size: the messages carry "
                    "a number",
                    limit);
    *window = (struct window){
        .slots = allocate(size, sizeof *window->slots),
        .free = allocate(limit, sizeof *window->free),
        .size = size,
        .limit = limit,
        .free_count = limit,
        .tag_mask = tag_mask(format),
    };
    for (unsigned i = 0; i < size; i++) window->slots[i].tag = i;
    for (unsigned i = 0; i < limit; i++)
        window->free[i] = (uint16_t)(limit - 1 - i);
}

unsigned window_overdue(const struct window *window, uint64_t moment) {
    unsigned count = 0;
    if (window->free_count == window->limit) return 0;
    for (unsigned i = 0; i < window->limit; i++) {
        uint64_t sent = window->slots[i].sent;
        count += sent != 0 && sent < moment;
    }
    return count;
}
