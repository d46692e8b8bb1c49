#define _POSIX_C_SOURCE 200809L
#include "vocabulary.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void must(sio_status status, const char *what) {
    if (status == SIO_OK) return;
    fprintf(stderr, "server: %s: %s: %s\n", what, sio_status_name(status),
            sio_last_error());
    exit(1);
}

void vocabulary_teach(sio_server server, const char *nsp, const word *words,
                      size_t count) {
    size_t i;
    for (i = 0; i < count; i++)
        must(
            sio_server_on(server, nsp, words[i].event, words[i].fn, NULL, NULL),
            words[i].event);
}

typedef struct job {
    void (*fn)(void *argument);
    void *argument;
} job;

static void *run(void *context) {
    const struct timespec pause = {0, 50 * 1000 * 1000};
    job *todo = context;
    nanosleep(&pause, NULL);
    todo->fn(todo->argument);
    free(todo);
    return NULL;
}

void later(void (*fn)(void *argument), void *argument) {
    job *todo = malloc(sizeof *todo);
    pthread_t thread;
    if (todo == NULL) abort();
    todo->fn = fn;
    todo->argument = argument;
    if (pthread_create(&thread, NULL, run, todo) != 0) abort();
    pthread_detach(thread);
}
