/*
 * delays.c - makes threads late, at random: for LD_PRELOAD. An event loop naps
 * behind its wait, a thread behind what it has sent and before it begins. What
 * fails with it hangs on how soon something happens; see scripts/check-delays.
 *
 * DELAY_ODDS  one of so many calls naps; 20 if it is not set
 * DELAY_MS    for so many milliseconds at most; 20 if it is not set
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

static long setting(const char *name) {
    const char *text = getenv(name);
    long value = text ? atol(text) : 0;
    return value > 0 ? value : 20;
}

static uint32_t chance(void) {
    static __thread uint64_t state;
    if (state == 0) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        state = (uint64_t)now.tv_nsec ^ (uint64_t)(uintptr_t)&state;
    }
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33);
}

/* The caller's errno stays as it is. */
static void nap(void) {
    static long odds, longest;
    int failure = errno;
    if (odds == 0) {
        longest = setting("DELAY_MS");
        odds = setting("DELAY_ODDS");
    }
    if (chance() % (uint32_t)odds == 0) {
        long us = (long)(chance() % (uint32_t)(longest * 1000));
        struct timespec time = {us / 1000000, us % 1000000 * 1000};
        nanosleep(&time, NULL);
    }
    errno = failure;
}

/* The system's function of that name. ISO C knows no way from a pointer to an
 * object to one to a function but this. */
#define NEXT(function, name) (*(void **)&(function) = dlsym(RTLD_NEXT, name))

int epoll_wait(int epoll, struct epoll_event *events, int count, int timeout) {
    static int (*next)(int, struct epoll_event *, int, int);
    int ready;
    if (!next) NEXT(next, "epoll_wait");
    ready = next(epoll, events, count, timeout);
    if (ready > 0) nap();
    return ready;
}

ssize_t send(int fd, const void *data, size_t length, int flags) {
    static ssize_t (*next)(int, const void *, size_t, int);
    ssize_t sent;
    if (!next) NEXT(next, "send");
    sent = next(fd, data, length, flags);
    nap();
    return sent;
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    static ssize_t (*next)(int, const struct msghdr *, int);
    ssize_t sent;
    if (!next) NEXT(next, "sendmsg");
    sent = next(fd, message, flags);
    nap();
    return sent;
}

struct beginning {
    void *(*run)(void *);
    void *argument;
};

static void *begin(void *given) {
    struct beginning it = *(struct beginning *)given;
    free(given);
    nap();
    return it.run(it.argument);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                   void *(*run)(void *), void *argument) {
    static int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *),
                       void *);
    struct beginning *it = malloc(sizeof *it);
    int status;
    if (!next) NEXT(next, "pthread_create");
    if (!it) return EAGAIN;
    it->run = run;
    it->argument = argument;
    status = next(thread, attributes, begin, it);
    if (status != 0) free(it);
    return status;
}
