/* loop.c - epoll. */
#include "loop.h"

#include "client.h"
#include "conn.h"
#include "report.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>

enum {
    BATCH = 512,
    BETWEEN = 16
};

struct loop_hooks loop_hooks;

static int poller;
static struct epoll_event events[BATCH];
static int event_count;

void loop_start(void) {
    poller = epoll_create1(EPOLL_CLOEXEC);
    if (poller < 0) fail("epoll: %s", strerror(errno));
    /* Waiting ends when it should, and not up to 50 us later. */
    prctl(PR_SET_TIMERSLACK, 1);
}

void loop_add(struct conn *conn) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = conn};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, conn->fd, &event) != 0)
        fail("epoll: %s", strerror(errno));
}

/* The kernel forgot it when it was closed; this is about the current batch. */
void loop_forget(struct conn *conn) {
    for (int i = 0; i < event_count; i++)
        if (events[i].data.ptr == conn) events[i].data.ptr = NULL;
}

void loop_watch_writable(struct conn *conn, bool wanted) {
    struct epoll_event event = {.events = EPOLLIN | (wanted ? EPOLLOUT : 0),
                                .data.ptr = conn};
    if (epoll_ctl(poller, EPOLL_CTL_MOD, conn->fd, &event) != 0)
        fail("epoll: %s", strerror(errno));
}

static void wait_until(uint64_t moment, uint64_t now) {
    uint64_t left = moment > now ? moment - now : 0;
    struct timespec wait = {.tv_sec = (time_t)(left / SECOND),
                            .tv_nsec = (long)(left % SECOND)};
    event_count = epoll_pwait2(poller, events, BATCH, &wait, NULL);
    if (event_count < 0 && errno != EINTR)
        fail("epoll_pwait2: %s%s", strerror(errno),
             errno == ENOSYS ? "; Linux 5.11 or later is needed" : "");
}

static void serve_batch(void) {
    for (int i = 0; i < event_count; i++) {
        struct conn *conn = events[i].data.ptr;
        if (conn == NULL) continue;
        if (events[i].events & EPOLLOUT) conn_writable(conn);
        if (events[i].events & ~(uint32_t)EPOLLOUT) conn->on_readable(conn);
        if (i % BETWEEN == BETWEEN - 1 && loop_hooks.between != NULL)
            loop_hooks.between();
    }
    event_count = 0;
}

void loop_run(uint64_t end, bool (*done)(void)) {
    uint64_t check = 0;
    while (done == NULL || !done()) {
        uint64_t now = clock_now(), next = end;
        if (now >= end) return;
        if (now >= check) check = clients_check(now);
        if (check < next) next = check;
        if (loop_hooks.due != NULL) {
            uint64_t due = loop_hooks.due(now);
            if (due < next) next = due;
        }
        wait_until(next, clock_now());
        serve_batch();
    }
}
