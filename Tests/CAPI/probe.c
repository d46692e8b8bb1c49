#include "probe.h"

#include <string.h>
#include <time.h>

#include "raw_net.h"

void probe_init(probe *p) {
    memset(p, 0, sizeof *p);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->changed, NULL);
}

static size_t copy(char *to, size_t capacity, const void *from, size_t length) {
    if (length >= capacity) length = capacity - 1;
    if (length > 0) memcpy(to, from, length);
    to[length] = '\0';
    return length;
}

#define COPY_TEXT(to, text) copy(to, sizeof(to), (text).data, (text).length)

static void remember(probe_event *seen, const sio_event *event) {
    size_t i;
    seen->kind = event->kind;
    seen->status = event->status;
    seen->server = event->server;
    seen->socket = event->socket;
    seen->ack = event->ack;
    seen->request = event->request;
    seen->http = event->http;
    COPY_TEXT(seen->nsp, event->nsp);
    COPY_TEXT(seen->name, event->name);
    COPY_TEXT(seen->reason, event->reason);
    COPY_TEXT(seen->method, event->method);
    COPY_TEXT(seen->target, event->target);
    COPY_TEXT(seen->args, event->args);
    COPY_TEXT(seen->room, event->room);
    COPY_TEXT(seen->details, event->details);
    seen->code = event->code;
    seen->socket_count = event->socket_count;
    for (i = 0; i < event->socket_count && i < 4; i++)
        seen->sockets[i] = event->sockets[i];
    seen->attachment_count = event->attachment_count;
    for (i = 0; i < event->attachment_count && i < PROBE_ATTACHMENTS; i++)
        seen->lengths[i] =
            COPY_TEXT(seen->attachments[i], event->attachments[i]);
    seen->client = event->client;
    COPY_TEXT(seen->id, event->id);
    seen->transport = event->transport;
    seen->http_status = event->http_status;
    seen->system_error = event->system_error;
    seen->recovered = event->recovered;
    seen->attempt = event->attempt;
}

void probe_see(const sio_event *event, void *context) {
    probe *p = (probe *)context;
    pthread_mutex_lock(&p->lock);
    if (p->calls < PROBE_EVENTS) remember(&p->events[p->calls], event);
    p->calls++;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
}

void probe_release(void *context) {
    probe *p = (probe *)context;
    pthread_mutex_lock(&p->lock);
    p->releases++;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
}

static int wait_until(probe *p, const int *counter, int count) {
    struct timespec limit;
    int reached;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += RAW_PATIENCE_MS / 1000;
    pthread_mutex_lock(&p->lock);
    while (*counter < count)
        if (pthread_cond_timedwait(&p->changed, &p->lock, &limit) != 0) break;
    reached = *counter >= count;
    pthread_mutex_unlock(&p->lock);
    return reached;
}

int probe_wait(probe *p, int calls) {
    return wait_until(p, &p->calls, calls);
}

int probe_wait_released(probe *p, int releases) {
    return wait_until(p, &p->releases, releases);
}

static int read_locked(probe *p, const int *counter) {
    int value;
    pthread_mutex_lock(&p->lock);
    value = *counter;
    pthread_mutex_unlock(&p->lock);
    return value;
}

int probe_calls(probe *p) {
    return read_locked(p, &p->calls);
}

int probe_releases(probe *p) {
    return read_locked(p, &p->releases);
}

const probe_event *probe_at(probe *p, int index) {
    static probe_event none;
    if (index >= PROBE_EVENTS || !probe_wait(p, index + 1)) return &none;
    return &p->events[index];
}
