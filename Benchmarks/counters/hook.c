/*
 * hook.c - counts a process's heap allocations, for another process to read.
 *
 *   cc -O2 -fPIC -shared -pthread hook.c -o hook.so
 *   SIO_COUNTERS=/dev/shm/counts LD_PRELOAD=./hook.so PROGRAM
 *
 * The counters lie in the file that SIO_COUNTERS names, as a `struct page`.
 * Whoever maps it reads them at any moment, and the program takes no notice:
 * no signal, no system call, no lock. While `recording` is set (from outside,
 * too) it is also noted where allocations come from: each site is a backtrace
 * with a count. memory.py reads all this.
 *
 * Needs glibc: its malloc is called by the names that it has inside.
 */
#define _GNU_SOURCE
#include "page.h"

#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static struct page *page;
static __thread struct thread_counts *mine;
static __thread bool inside; /* backtrace() may allocate */

static void add(uint64_t *counter, uint64_t value) {
    __atomic_fetch_add(counter, value, __ATOMIC_RELAXED);
}

static struct thread_counts *counts_of_this_thread(void) {
    if (mine == NULL) {
        uint64_t place =
            __atomic_fetch_add(&page->threads_seen, 1, __ATOMIC_RELAXED);
        mine = &page->threads[place < THREADS ? place : THREADS - 1];
        mine->thread = (uint64_t)syscall(SYS_gettid);
    }
    return mine;
}

/* The site of these frames, taken by the first who comes with them. */
static struct site *find_site(void **frames, int depth) {
    uint64_t hash = 14695981039346656037u; /* FNV-1a, a word at a time */
    for (int i = 0; i < depth; i++)
        hash = (hash ^ (uintptr_t)frames[i]) * 1099511628211u;
    hash ^= hash >> 29;
    if (hash == 0) hash = 1;
    for (uint64_t probe = 0; probe < SITES; probe++) {
        struct site *site = &page->sites[(hash + probe) % SITES];
        uint64_t found = 0;
        if (__atomic_compare_exchange_n(&site->hash, &found, hash, false,
                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
            for (int i = 0; i < depth; i++)
                site->frames[i] = (uintptr_t)frames[i];
            __atomic_store_n(&site->depth, (uint64_t)depth, __ATOMIC_RELEASE);
            return site;
        }
        if (found == hash) return site;
    }
    return NULL;
}

/* Not inlined: the two innermost frames are this one and the hooked function,
 * and are left out. */
__attribute__((noinline)) static void record(size_t size) {
    void *frames[FRAMES + 2];
    inside = true;
    int depth = backtrace(frames, FRAMES + 2) - 2;
    struct site *site = depth > 0 ? find_site(frames + 2, depth) : NULL;
    if (site != NULL) {
        add(&site->count, 1);
        add(&site->bytes, size);
    } else {
        add(&page->lost, 1);
    }
    inside = false;
}

/* `member` is the counter in struct thread_counts. A macro, so that record()
 * is called by the hooked function itself. */
#define COUNT(member, size)                                                    \
    do {                                                                       \
        if (page == NULL || inside) break;                                     \
        struct thread_counts *counts = counts_of_this_thread();                \
        int power = (size) > 0 ? 63 - __builtin_clzll(size) : 0;               \
        add(&counts->member, 1);                                               \
        add(&counts->bytes, (size));                                           \
        add(&counts->sizes[power < SIZES ? power : SIZES - 1], 1);             \
        if (__atomic_load_n(&page->recording, __ATOMIC_RELAXED)) record(size); \
    } while (0)

/* What an allocation gave. */
static void *taken(void *memory) {
    if (page != NULL && !inside)
        add(&page->live_bytes, malloc_usable_size(memory));
    return memory;
}

static void given_back(size_t usable) {
    if (page != NULL && !inside) add(&page->live_bytes, -(uint64_t)usable);
}

void *malloc(size_t size) {
    COUNT(malloc_calls, size);
    return taken(__libc_malloc(size));
}

void *calloc(size_t count, size_t size) {
    COUNT(calloc_calls, count * size);
    return taken(__libc_calloc(count, size));
}

void *realloc(void *memory, size_t size) {
    COUNT(realloc_calls, size);
    size_t before = malloc_usable_size(memory);
    void *after = __libc_realloc(memory, size);
    if (after == NULL && size > 0) return NULL; /* `memory` is still there */
    given_back(before);
    return taken(after);
}

void *memalign(size_t alignment, size_t size) {
    COUNT(memalign_calls, size);
    return taken(__libc_memalign(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size) {
    COUNT(memalign_calls, size);
    return taken(__libc_memalign(alignment, size));
}

int posix_memalign(void **out, size_t alignment, size_t size) {
    if (alignment % sizeof(void *) != 0 || alignment == 0 ||
        (alignment & (alignment - 1)) != 0)
        return EINVAL;
    COUNT(memalign_calls, size);
    void *memory = __libc_memalign(alignment, size);
    if (memory == NULL) return ENOMEM;
    *out = taken(memory);
    return 0;
}

void free(void *memory) {
    if (memory != NULL && page != NULL && !inside)
        add(&counts_of_this_thread()->free_calls, 1);
    given_back(malloc_usable_size(memory));
    __libc_free(memory);
}

__attribute__((constructor)) static void start(void) {
    const char *path = getenv("SIO_COUNTERS");
    void *frames[1], *mapped = MAP_FAILED;
    if (path == NULL) return;
    backtrace(frames, 1); /* its first call loads libgcc, and allocates */
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file >= 0 && ftruncate(file, sizeof(struct page)) == 0)
        mapped = mmap(NULL, sizeof(struct page), PROT_READ | PROT_WRITE,
                      MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED) {
        fprintf(stderr, "hook: SIO_COUNTERS: cannot map %s: %s\n", path,
                strerror(errno));
        _exit(EXIT_FAILURE);
    }
    close(file);
    page = mapped;
    page->size = sizeof(struct page);
}
