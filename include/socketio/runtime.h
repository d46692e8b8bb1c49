/*
 * socketio/runtime.h - event loops, and the two ways to receive events.
 *
 * A runtime has threads, an event loop on each, and one way of receiving:
 *
 *   inline   A callback runs on the event loop that owns the socket. Fastest;
 *            a callback that blocks stalls the other sockets of its loop.
 *   queued   Events wait in a bounded queue until the program takes them on a
 *            thread of its own: with callbacks (sio_runtime_dispatch) or as
 *            values (sio_runtime_next). A pollable fd says when there are
 *            some. When the queue is full the library stops reading from the
 *            clients until the program has caught up; no event is dropped. A
 *            client whose pong is not read in time is disconnected: a program
 *            may fall behind for less than the ping timeout.
 *
 * A program that asks for none gets the default runtime: inline, one thread
 * for each core.
 */
#ifndef SOCKETIO_RUNTIME_H
#define SOCKETIO_RUNTIME_H

#include "base.h"
#include "event.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    SIO_DISPATCH_INLINE = 0,
    SIO_DISPATCH_QUEUED = 1
};

typedef struct sio_runtime_options {
    size_t struct_size;
    int32_t dispatch;        /* SIO_DISPATCH_... */
    uint32_t threads;        /* event loops, at most 64; 0: one for each core */
    uint32_t queue_capacity; /* queued: events that may wait; 0: 8192 */
    uint32_t queue_bytes;    /* queued: bytes that may wait; 0: 67108864 */
} sio_runtime_options;

#define SIO_RUNTIME_OPTIONS_INIT \
    { sizeof(sio_runtime_options), 0, 0, 0, 0 }

/* Makes a runtime. Its threads start with the first listen or client.
 * `options` may be NULL. */
SIO_API sio_status sio_runtime_new(const sio_runtime_options *options,
                                   sio_runtime *out_runtime);

/* The default runtime: made on first use, alive until the process ends. */
SIO_API sio_status sio_runtime_default(sio_runtime *out_runtime);

/* Queued: a file descriptor that is readable while events wait (level
 * triggered; an eventfd, non-blocking, close-on-exec). Only poll it: reading
 * it is the library's. It is closed by sio_runtime_destroy().
 * SIO_E_STATE if the runtime is inline. */
SIO_API sio_status sio_runtime_fd(sio_runtime runtime, int *out_fd);

/* Queued: calls the callbacks of up to `max_events` waiting events (0: of all
 * that wait when it is called) on this thread, and returns. If none waits, it
 * blocks for up to `timeout_ms` (0: not at all, -1: for ever) or until
 * sio_runtime_wake(). `out_count` (may be NULL) is how many were delivered.
 * SIO_OK also when there was none. Several threads may dispatch at once: the
 * events of one socket then still start in order, but may overlap; dispatch on
 * one thread if that matters. SIO_E_STATE if the runtime is inline. */
SIO_API sio_status sio_runtime_dispatch(sio_runtime runtime, size_t max_events,
                                        int32_t timeout_ms, size_t *out_count);

/* Queued: takes the next event as a value instead of calling its function
 * (register with fn NULL, and tell events apart by kind and context). Blocks
 * as above; *out_event is NULL if none came. The event is borrowed until this
 * thread's next call of sio_runtime_next() or sio_runtime_dispatch(). */
SIO_API sio_status sio_runtime_next(sio_runtime runtime, int32_t timeout_ms,
                                    const sio_event **out_event);

/* Queued: makes one blocked or next sio_runtime_dispatch() or
 * sio_runtime_next() return at once. */
SIO_API sio_status sio_runtime_wake(sio_runtime runtime);

/* From now on what this thread emits waits for sio_runtime_uncork(), and leaves
 * then in one go: for threads that do many things in a row, such as handling
 * the events of a batch. Without it the first emit wakes the event loop, which
 * may take the processor from this thread, send that one event, and sleep again.
 * It leaves earlier when 64 calls wait, with what another thread emits, and
 * before this thread waits in one of sio_..._wait() and sio_..._destroy(). The
 * order stays as it is. One thread of a runtime can have this at a time, and
 * once; other calls change nothing, and neither do those on an event loop, in
 * inline callbacks. Do not block before the uncork. Since 0.1.0. */
SIO_API sio_status sio_runtime_cork(sio_runtime runtime);

/* Ends what sio_runtime_cork() began on this thread, if it did. Since 0.1.0. */
SIO_API sio_status sio_runtime_uncork(sio_runtime runtime);

/* Calls `fn` with SIO_EVENT_LOG for every line up to `level` (SIO_LOG_...), in
 * the runtime's way of receiving; `fn` NULL with level 0 turns it off again.
 * Log lines never block: those that a full queue cannot take are dropped and
 * counted in the next line. Of each kind that clients can bring about, an event
 * loop writes 20 lines a minute, and one that counts the rest. */
SIO_API sio_status sio_runtime_on_log(sio_runtime runtime, int32_t level,
                                      sio_event_fn fn, void *context,
                                      sio_release_fn release);

/* Closes the runtime's servers and clients, waits for them and for its threads, and ends
 * the handle. Events still in the queue are discarded.
 * SIO_E_STATE for the default runtime. */
SIO_API sio_status sio_runtime_destroy(sio_runtime runtime);

#ifdef __cplusplus
}
#endif

#endif /* SOCKETIO_RUNTIME_H */
