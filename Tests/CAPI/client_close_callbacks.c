/*
 * client_close_callbacks.c - closing in each callback, and in all of them: none
 * comes after that but those that tell of the end.
 */
#include <stdio.h>
#include <stdlib.h>

#include "stage.h"

static const stage_state plain = {"", stage_idle, NULL, 0};
static const sio_runtime anywhere = {0};

static void close_here(const sio_event *event, void *context) {
    probe_see(event, context);
    CHECK_STATUS(sio_client_destroy(event->client), SIO_E_DEADLOCK);
    CHECK_STATUS(sio_client_wait(event->client), SIO_E_DEADLOCK);
    CHECK_STATUS(sio_client_close(event->client), SIO_OK);
    CHECK_STATUS(sio_client_close(event->client), SIO_OK);
    CHECK_STATUS(sio_client_connect(event->client, "/"), SIO_E_STATE);
    CHECK_STATUS(sio_client_emit(event->client, "/", "x", no_args(), NULL),
                 SIO_OK);
}

static void register_all(sio_client client, probe *p) {
    sio_client_on_connect(client, "/", close_here, p, NULL);
    sio_client_on_any(client, "/", close_here, p, NULL);
    sio_client_on_any_outgoing(client, "/", 0, close_here, p, NULL);
    sio_client_on_disconnect(client, "/", close_here, p, NULL);
    sio_client_on_connect_error(client, "/", close_here, p, NULL);
    sio_client_on_reconnect(client, close_here, p, NULL);
    sio_client_on_close(client, close_here, p, NULL);
}

/* What each callback is about, and that none comes but its own, what follows
 * from closing there, and the last one. */
typedef struct cause {
    const char *name;
    void (*bring)(stage *on, probe *p);
} cause;

static void by_joining(stage *on, probe *p) {
    sio_client_on_connect(on->it.client, "/", close_here, p, NULL);
    stage_joined(on);
}

/* What this thread has registered is known on the client's. */
static void settled(stage *on) {
    CHECK_STATUS(
        sio_client_emit(on->it.client, "/", "settled", no_args(), NULL),
        SIO_OK);
    CHECK(raw_heard(&on->peer, "42[\"settled\"]"));
}

static void by_an_event(stage *on, probe *p) {
    stage_joined(on);
    sio_client_on_any(on->it.client, "/", close_here, p, NULL);
    settled(on);
    CHECK(raw_tell(&on->peer, "42[\"hi\"]"));
    CHECK(raw_tell(&on->peer, "42[\"hi\"]"));
}

static void by_a_reply(stage *on, probe *p) {
    stage_joined(on);
    sio_client_emit_with_ack(on->it.client, "/", "q", no_args(), NULL, 0,
                             close_here, p, NULL);
    CHECK(raw_heard(&on->peer, "420[\"q\"]"));
    CHECK(raw_tell(&on->peer, "430[]"));
}

static void by_no_reply(stage *on, probe *p) {
    stage_joined(on);
    sio_client_emit_with_ack(on->it.client, "/", "q", no_args(), NULL, 20,
                             close_here, p, NULL);
}

static void by_emitting(stage *on, probe *p) {
    stage_joined(on);
    sio_client_on_any_outgoing(on->it.client, "/", 0, close_here, p, NULL);
    CHECK_STATUS(sio_client_emit(on->it.client, "/", "out", no_args(), NULL),
                 SIO_OK);
}

static void by_losing(stage *on, probe *p) {
    stage_joined(on);
    sio_client_on_disconnect(on->it.client, "/", close_here, p, NULL);
    settled(on);
    raw_cut(&on->peer);
}

static void by_failing(stage *on, probe *p) {
    sio_client_on_connect_error(on->it.client, "/", close_here, p, NULL);
    stage_asked(on);
    raw_cut(&on->peer);
}

static void by_being_refused(stage *on, probe *p) {
    sio_client_on_connect_error(on->it.client, "/", close_here, p, NULL);
    stage_joining(on);
    CHECK(raw_tell(&on->peer, "44{\"message\":\"no\"}"));
}

static void by_being_asked(stage *on, probe *p) {
    sio_client_on_auth(on->it.client, "/", close_here, p, NULL);
    sio_client_connect(on->it.client, "/");
    CHECK(raw_session(&on->server, &on->peer));
}

static void by_trying_again(stage *on, probe *p) {
    sio_client_on_reconnect(on->it.client, close_here, p, NULL);
    stage_joined(on);
    raw_cut(&on->peer);
}

static const cause causes[] = {{"joining", by_joining},
                               {"an event", by_an_event},
                               {"a reply", by_a_reply},
                               {"no reply", by_no_reply},
                               {"emitting", by_emitting},
                               {"losing the connection", by_losing},
                               {"failing to connect", by_failing},
                               {"being refused", by_being_refused},
                               {"being asked", by_being_asked},
                               {"trying again", by_trying_again}};

static void in_callbacks(void) {
    size_t i;
    for (i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        stage on;
        probe seen;
        int failed = check_failed();
        probe_init(&seen);
        stage_begin(&on, &plain, anywhere);
        if (causes[i].bring == by_trying_again) {
            dial_destroy(&on.it);
            on.options.reconnection_delay_ms = 1;
            dial_new(&on.it, &on.options);
        }
        causes[i].bring(&on, &seen);
        CHECK(probe_wait(&seen, 1));
        CHECK_STATUS(sio_client_wait(on.it.client), SIO_OK);
        CHECK(probe_wait(&on.it.closed, 1));
        dial_destroy(&on.it);
        CHECK_NUMBER(probe_calls(&seen), 1);
        stage_end(&on);
        if (check_failed() > failed) printf("  closed by %s\n", causes[i].name);
    }
}

/* All callbacks close, on the way of a whole life. */
static void everywhere(void) {
    stage on;
    probe seen;
    int calls;
    probe_init(&seen);
    stage_begin(&on, &plain, anywhere);
    register_all(on.it.client, &seen);
    stage_joined(&on);
    CHECK_STATUS(sio_client_wait(on.it.client), SIO_OK);
    CHECK(probe_wait(&on.it.closed, 1));
    calls = probe_calls(&seen);
    raw_sleep_ms(20);
    CHECK_NUMBER(probe_calls(&seen), calls);
    CHECK_NUMBER(probe_at(&seen, calls - 1)->kind, SIO_EVENT_CLIENT_CLOSED);
    dial_destroy(&on.it);
    stage_end(&on);
}

/* A function that comes when all is over is told so. */
static void told_late(void) {
    sio_client_options options = dial_options(1);
    dial it;
    probe late;
    probe_init(&late);
    dial_new(&it, &options);
    CHECK_STATUS(sio_client_close(it.client), SIO_OK);
    CHECK_STATUS(sio_client_wait(it.client), SIO_OK);
    CHECK_STATUS(
        sio_client_on_close(it.client, probe_see, &late, probe_release),
        SIO_OK);
    CHECK(probe_wait(&late, 1));
    dial_end(&it);
    serve_released_once(&late);
}

int main(void) {
    in_callbacks();
    everywhere();
    told_late();
    return check_total();
}
