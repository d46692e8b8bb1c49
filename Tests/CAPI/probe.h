/*
 * probe.h - a context for callbacks that remembers what it saw, and how often
 * it was released. It must have been released exactly once in the end.
 */
#ifndef PROBE_H
#define PROBE_H

#include <pthread.h>
#include <socketio.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    PROBE_EVENTS = 32,
    PROBE_ATTACHMENTS = 4
};

/* A copy of an event. */
typedef struct probe_event {
    int kind;
    sio_status status;
    sio_server server;
    sio_socket socket;
    sio_ack ack;
    sio_connect_request request;
    sio_http_request http;
    int code;
    char nsp[64], name[64], reason[256], method[16], target[128], room[64];
    char details[256];
    size_t socket_count;
    sio_socket sockets[4];
    char args[1024];
    char attachments[PROBE_ATTACHMENTS][256];
    size_t lengths[PROBE_ATTACHMENTS];
    size_t attachment_count;
    sio_client client;
    char id[256];
    int transport, http_status, system_error, recovered;
    unsigned attempt;
} probe_event;

typedef struct probe {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int calls;
    int releases;
    probe_event events[PROBE_EVENTS]; /* the first ones */
} probe;

void probe_init(probe *p);

/* An sio_event_fn and its sio_release_fn; the context is a probe. */
void probe_see(const sio_event *event, void *context);
void probe_release(void *context);

/* Waits for so many calls or releases: 1, or 0. */
int probe_wait(probe *p, int calls);
int probe_wait_released(probe *p, int releases);

int probe_calls(probe *p);
int probe_releases(probe *p);

/* The event of a call, counted from 0; waits for it. All zero if none came. */
const probe_event *probe_at(probe *p, int index);

#ifdef __cplusplus
}
#endif

#endif
