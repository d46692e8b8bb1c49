/*
 * socketio/status.h - what functions return.
 */
#ifndef SOCKETIO_STATUS_H
#define SOCKETIO_STATUS_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* 0 or a negative number of the list below. Numbers are never reused. */
typedef int32_t sio_status;

enum {
    SIO_OK = 0,

    /* The caller's: -1 to -99 */
    SIO_E_ARGUMENT = -1, /* NULL where a pointer is needed, a bad value */
    SIO_E_HANDLE = -2,   /* zero, stale, foreign or invented handle */
    SIO_E_STATE = -3,    /* not what this object can do, or can do now: to
                            listen when closing, an inline runtime's queue */
    SIO_E_DEADLOCK = -4, /* waiting here could never end */
    SIO_E_FORKED = -5,   /* started before the fork; see socketio.h */
    SIO_E_JSON = -6,     /* not the JSON that is asked for */
    SIO_E_RESERVED = -7, /* a name that Socket.IO keeps for itself */
    SIO_E_LIMIT = -8,    /* larger or more than a limit allows */
    SIO_E_MEMORY = -9,   /* the system has no memory left */

    /* The network's: -100 to -199 */
    SIO_E_ADDRESS_IN_USE = -100, /* another program listens there */
    SIO_E_PERMISSION = -101,     /* the system forbids it: ports below 1024 */
    SIO_E_HOST = -102,           /* the host has no such name or address */
    SIO_E_SYSTEM = -103,         /* another failed system call */

    /* Outcomes: -200 to -299 */
    SIO_E_TIMEOUT = -200,      /* nothing came in time */
    SIO_E_DISCONNECTED = -201, /* the other side went away first */
    SIO_E_CLOSED = -202,       /* the server, or the client, was closed first */

    /* Ours */
    SIO_E_INTERNAL = -900 /* a defect of this library: please report it */
};

/* The name of a status, "SIO_E_HANDLE"; "SIO_E_UNKNOWN" for other numbers.
 * Static, never NULL. */
SIO_API const char *sio_status_name(sio_status status);

/* Why this thread's latest failed call failed, in one sentence with the cause
 * and the mend; "" if none failed yet. Never NULL. Valid until this thread's
 * next call of a function of this library. */
SIO_API const char *sio_last_error(void);

#ifdef __cplusplus
}
#endif

#endif /* SOCKETIO_STATUS_H */
