/*
 * client_close.c - closing in each state of stage.c, from each place. Nothing
 * hangs, nothing comes after the end, and every context is released.
 *
 *   at the end of the program     nothing is closed at all: exit() in main(),
 *                                 and in a callback on the client's loop
 *   in order, at once             close and wait, or destroy, on this thread
 *   twice, and used               close again, and use what is closed
 *   from other threads            two that close while this one waits
 *   destroyed on another thread
 *   in a callback                 of another client on the same loop
 *   with its runtime              which ends with the client in it
 *
 * client_close_callbacks.c has those of the client itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stage.h"

static const sio_runtime anywhere = {0};

/* Ways of closing */

static void in_order(stage *on) {
    dial_end(&on->it);
}

static void at_once(stage *on) {
    dial_destroy(&on->it);
}

static void twice(stage *on) {
    CHECK_STATUS(sio_client_close(on->it.client), SIO_OK);
    dial_end(&on->it);
}

static void *close_it(void *context) {
    CHECK_STATUS(sio_client_close(((dial *)context)->client), SIO_OK);
    return NULL;
}

static void elsewhere(stage *on) {
    pthread_t threads[2];
    int i;
    for (i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, close_it, &on->it);
    CHECK_STATUS(sio_client_wait(on->it.client), SIO_OK);
    for (i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    dial_end(&on->it);
}

static void *destroy_it(void *context) {
    dial_destroy((dial *)context);
    return NULL;
}

static void destroyed_elsewhere(stage *on) {
    pthread_t thread;
    pthread_create(&thread, NULL, destroy_it, &on->it);
    pthread_join(thread, NULL);
}

static void then_used(stage *on) {
    sio_client client = on->it.client;
    CHECK_STATUS(sio_client_close(client), SIO_OK);
    CHECK_STATUS(sio_client_connect(client, "/"), SIO_E_STATE);
    CHECK_STATUS(sio_client_emit(client, "/", "x", no_args(), NULL), SIO_OK);
    CHECK_STATUS(sio_client_disconnect(client, "/"), SIO_OK);
    CHECK_STATUS(sio_client_wait(client), SIO_OK);
    CHECK_STATUS(sio_client_connect(client, "/"), SIO_E_STATE);
    CHECK_STATUS(sio_client_emit(client, "/", "x", no_args(), NULL), SIO_OK);
    dial_end(&on->it);
}

/* Calls `fn` on a loop of the client's runtime: in a client that cannot
 * connect. */
static sio_client call_on_loop(stage *on, sio_event_fn fn, void *context) {
    sio_client_options options = SIO_CLIENT_OPTIONS_INIT;
    sio_client caller;
    options.url = "http://127.0.0.1:1";
    options.flags = SIO_CLIENT_NO_RECONNECTION;
    options.runtime = on->options.runtime;
    CHECK_STATUS(sio_client_new(&options, &caller), SIO_OK);
    sio_client_on_connect_error(caller, "/", fn, context, NULL);
    CHECK_STATUS(sio_client_connect(caller, "/"), SIO_OK);
    return caller;
}

static void close_that(const sio_event *event, void *context) {
    dial *it = (dial *)context;
    CHECK(event->client.id != it->client.id);
    CHECK_STATUS(sio_client_wait(it->client), SIO_E_DEADLOCK);
    CHECK_STATUS(sio_client_destroy(it->client), SIO_E_DEADLOCK);
    CHECK_STATUS(sio_client_close(it->client), SIO_OK);
}

static void in_a_callback(stage *on) {
    sio_client caller = call_on_loop(on, close_that, &on->it);
    CHECK_STATUS(sio_client_wait(on->it.client), SIO_OK);
    dial_end(&on->it);
    CHECK_STATUS(sio_client_destroy(caller), SIO_OK);
}

typedef struct manner {
    const char *name;
    void (*close)(stage *on);
} manner;

static const manner manners[] = {{"in order", in_order},
                                 {"at once", at_once},
                                 {"twice", twice},
                                 {"from other threads", elsewhere},
                                 {"on another thread", destroyed_elsewhere},
                                 {"and used", then_used},
                                 {"in a callback", in_a_callback}};

/* With one loop, which is everybody's. */
static sio_runtime one_loop(void) {
    sio_runtime_options options = SIO_RUNTIME_OPTIONS_INIT;
    sio_runtime runtime = {0};
    options.threads = 1;
    CHECK_STATUS(sio_runtime_new(&options, &runtime), SIO_OK);
    return runtime;
}

static void every_state(void) {
    sio_runtime runtime = one_loop();
    size_t i, j;
    for (i = 0; i < stage_count; i++)
        for (j = 0; j < sizeof manners / sizeof manners[0]; j++) {
            const stage_state *in = &stage_states[i];
            stage on;
            int failed = check_failed();
            long long before;
            stage_begin(&on, in, runtime);
            before = raw_now_ms();
            manners[j].close(&on);
            CHECK(raw_now_ms() - before < 15000);
            if (in->flags & STAGE_REPLY) {
                CHECK_NUMBER(probe_calls(&on.asked), 1);
                CHECK_STATUS(probe_at(&on.asked, 0)->status, SIO_E_CLOSED);
            }
            if (in->flags & (STAGE_REPLY | STAGE_QUESTION))
                CHECK_NUMBER(probe_releases(&on.asked), 1);
            stage_end(&on);
            if (check_failed() > failed)
                printf("  %s, closed %s\n", in->name, manners[j].name);
        }
    CHECK_STATUS(sio_runtime_destroy(runtime), SIO_OK);
}

/* The end of a program that has not closed anything. */

static int failed_before;

static void leave(const sio_event *event, void *context) {
    (void)event;
    (void)context;
    exit(check_failed() > failed_before);
}

/* What a process does that ends with a client in this state. */
static void end_with(const stage_state *in, int in_callback) {
    stage on;
    failed_before = check_failed();
    stage_begin(&on, in, in_callback ? one_loop() : anywhere);
    if (in_callback) {
        call_on_loop(&on, leave, NULL);
        raw_sleep_ms(30000);
        _exit(99);
    }
    exit(check_failed() > failed_before);
}

/* In a program of its own: this one, with the state as its argument. A fork alone
 * would do, but for Swift's runtime, which takes the thread of the child for the
 * parent's when two threads wait for the same metadata. */
static void at_exit(const stage_state *in, int in_callback) {
    int status = -1;
    long long before = raw_now_ms();
    pid_t child;
    fflush(stdout);
    child = fork();
    if (child == 0) {
        char number[16];
        snprintf(number, sizeof number, "%d", (int)(in - stage_states));
        execl("/proc/self/exe", "client_close", number,
              in_callback ? "callback" : "main", (char *)NULL);
        _exit(98);
    }
    CHECK(waitpid(child, &status, 0) == child);
    if (!CHECK_NUMBER(status, 0))
        printf("  exit%s, %s\n", in_callback ? " in a callback" : "", in->name);
    CHECK(raw_now_ms() - before < 20000);
}

/* The runtime ends with clients in it. */
static void with_its_runtime(const stage_state *in) {
    sio_runtime runtime = one_loop();
    stage on;
    int failed = check_failed();
    stage_begin(&on, in, runtime);
    CHECK_STATUS(sio_runtime_destroy(runtime), SIO_OK);
    CHECK_STATUS(sio_client_close(on.it.client), SIO_E_HANDLE);
    serve_released_once(&on.it.joined);
    serve_released_once(&on.it.closed);
    if (in->flags & (STAGE_REPLY | STAGE_QUESTION))
        serve_released_once(&on.asked);
    stage_end(&on);
    if (check_failed() > failed) printf("  %s, in its runtime\n", in->name);
}

int main(int argc, char **argv) {
    size_t i;
    if (argc == 3) {
        i = (size_t)atoi(argv[1]);
        if (i >= stage_count) return 97;
        end_with(&stage_states[i], strcmp(argv[2], "callback") == 0);
    }
    for (i = 0; i < stage_count; i++) {
        at_exit(&stage_states[i], 0);
        at_exit(&stage_states[i], 1);
    }
    every_state();
    for (i = 0; i < stage_count; i++) with_its_runtime(&stage_states[i]);
    return check_total();
}
