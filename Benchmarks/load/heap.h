/* heap.h - what the server has allocated, if it runs with counters/hook.c. */
#ifndef LOAD_HEAP_H
#define LOAD_HEAP_H

#include <stdint.h>

/* Bytes that are allocated and not freed; `counters` is the hook's file. */
uint64_t heap_live_bytes(const char *counters);

#endif
