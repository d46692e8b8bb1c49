/*
 * client_close.c - closing in each state, from each place: the main thread,
 * another one, callbacks, the end of the program, once and twice. Nothing hangs,
 * and nothing comes after the end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dial.h"
#include "raw_server.h"

/* A server that goes as far as a test wants, and then is silent. */
typedef struct stage {
    raw_server server;
    raw_peer peer, other;
    sio_client_options options;
    dial it;
    probe asked;
} stage;

static void connecting(stage *on) {
    /* Its queue of connections is full: the next one gets no answer. */
    raw_connect(&on->other.stream, NULL, on->server.port);
    sio_client_connect(on->it.client, "/");
}

static void resolving(stage *on) {
    sio_client_connect(on->it.client, "/");
}

static void shaking_hands(stage *on) {
    sio_client_connect(on->it.client, "/");
    CHECK(raw_accept(&on->server, &on->peer));
    CHECK(raw_readable(&on->peer.stream, 5000));
}

static void opening(stage *on) {
    sio_client_connect(on->it.client, "/");
    CHECK(raw_accept(&on->server, &on->peer));
    CHECK(raw_receive_request(&on->peer));
    CHECK(raw_accept_upgrade(&on->peer));
}

static void joining(stage *on) {
    sio_client_connect(on->it.client, "/");
    CHECK(raw_session(&on->server, &on->peer));
    CHECK(raw_hear(&on->peer));
}

static void asking(stage *on) {
    sio_client_on_auth(on->it.client, "/", probe_see, &on->asked,
                       probe_release);
    sio_client_connect(on->it.client, "/");
    CHECK(raw_session(&on->server, &on->peer));
    CHECK(probe_wait(&on->asked, 1));
}

static void joined(stage *on) {
    sio_client_connect(on->it.client, "/");
    CHECK(raw_welcome(&on->server, &on->peer));
    CHECK(probe_wait(&on->it.joined, 1));
}

static void waiting_for_a_reply(stage *on) {
    joined(on);
    sio_client_emit_with_ack(on->it.client, "/", "q", no_args(), NULL, 0,
                             probe_see, &on->asked, probe_release);
}

static void backing_off(stage *on) {
    joined(on);
    raw_cut(&on->peer);
    CHECK(probe_wait(&on->it.left, 1));
}

static void closing(stage *on) {
    joined(on);
    sio_client_close(on->it.client);
}

static void nothing(stage *on) {
    (void)on;
}

/* Over polling, with the upgrade on its way, or only asked for. */
static int poll_with(stage *on, raw_peer *peer, const char *answer) {
    (void)on;
    return raw_receive_request(peer) &&
           raw_respond(peer, 200, "Content-Type: text/plain\r\n", answer);
}

static void probing(stage *on) {
    sio_client_connect(on->it.client, "/");
    CHECK(raw_accept(&on->server, &on->peer));
    CHECK(poll_with(on, &on->peer,
                    "0{\"sid\":\"s\",\"upgrades\":[\"websocket\"],"
                    "\"pingInterval\":60000,\"pingTimeout\":60000}"));
    /* Whatever comes next on other connections waits there. */
    CHECK(raw_accept(&on->server, &on->other));
    CHECK(raw_readable(&on->other.stream, 5000));
}

typedef struct state {
    const char *name;
    void (*reach)(stage *on);
    const char *url; /* with the port; NULL: http */
    int polls;
    int backlog;
} state;

static const state states[] = {
    {"before connecting", nothing, NULL, 0, 0},
    {"resolving", resolving, "http://localhost:%d", 0, 0},
    {"connecting", connecting, NULL, 0, 1},
    {"in the handshake of TLS", shaking_hands, "https://127.0.0.1:%d", 0, 0},
    {"in the handshake of HTTP", shaking_hands, NULL, 0, 0},
    {"in a first poll", shaking_hands, NULL, 1, 0},
    {"opening", opening, NULL, 0, 0},
    {"joining", joining, NULL, 0, 0},
    {"asking what to show", asking, NULL, 0, 0},
    {"probing", probing, NULL, 1, 0},
    {"joined", joined, NULL, 0, 0},
    {"waiting for a reply", waiting_for_a_reply, NULL, 0, 0},
    {"in back-off", backing_off, NULL, 0, 0},
    {"closing", closing, NULL, 0, 0}};

static void begin(stage *on, const state *in) {
    static char url[64];
    memset(on, 0, sizeof *on);
    on->peer.stream.fd = on->other.stream.fd = -1;
    probe_init(&on->asked);
    REQUIRE(raw_server_open(&on->server));
    if (in->backlog) raw_server_narrow(&on->server);
    on->options = dial_options(on->server.port);
    if (in->url != NULL) {
        snprintf(url, sizeof url, in->url, on->server.port);
        on->options.url = url;
    }
    if (!in->polls) on->options.transports = SIO_TRANSPORT_WEBSOCKET;
    on->options.reconnection_delay_ms = 3600000;
    on->options.reconnection_delay_max_ms = 3600000;
    on->options.close_timeout_ms = 200;
    dial_new(&on->it, &on->options);
    in->reach(on);
}

static void end(stage *on) {
    raw_close(&on->peer.stream);
    raw_close(&on->other.stream);
    raw_server_close(&on->server);
}

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

typedef struct manner {
    const char *name;
    void (*close)(stage *on);
} manner;

static const manner manners[] = {{"in order", in_order},
                                 {"at once", at_once},
                                 {"twice", twice},
                                 {"from other threads", elsewhere},
                                 {"and used", then_used}};

static void every_state(void) {
    size_t i, j;
    for (i = 0; i < sizeof states / sizeof states[0]; i++)
        for (j = 0; j < sizeof manners / sizeof manners[0]; j++) {
            stage on;
            int failed = check_failed(), asked;
            long long before;
            begin(&on, &states[i]);
            before = raw_now_ms();
            manners[j].close(&on);
            CHECK(raw_now_ms() - before < 3000);
            asked = probe_calls(&on.asked);
            if (states[i].reach == waiting_for_a_reply) {
                CHECK_NUMBER(asked, 1);
                CHECK_STATUS(probe_at(&on.asked, 0)->status, SIO_E_CLOSED);
                CHECK_NUMBER(probe_releases(&on.asked), 1);
            }
            if (states[i].reach == asking)
                CHECK_NUMBER(probe_releases(&on.asked), 1);
            end(&on);
            if (check_failed() > failed)
                printf("  %s, closed %s\n", states[i].name, manners[j].name);
        }
}

/* The end of a program that has not closed anything. */
static void at_exit(void) {
    size_t i;
    for (i = 0; i < sizeof states / sizeof states[0]; i++) {
        int status = -1;
        long long before = raw_now_ms();
        pid_t child;
        fflush(stdout);
        child = fork();
        if (child == 0) {
            stage on;
            begin(&on, &states[i]);
            exit(check_failed());
        }
        CHECK(waitpid(child, &status, 0) == child);
        if (!CHECK_NUMBER(status, 0)) printf("  exit, %s\n", states[i].name);
        CHECK(raw_now_ms() - before < 5000);
    }
}

/* In callbacks */

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
    joined(on);
}

/* What this thread has registered is known on the client's. */
static void settled(stage *on) {
    CHECK_STATUS(
        sio_client_emit(on->it.client, "/", "settled", no_args(), NULL),
        SIO_OK);
    CHECK(raw_heard(&on->peer, "42[\"settled\"]"));
}

static void by_an_event(stage *on, probe *p) {
    joined(on);
    sio_client_on_any(on->it.client, "/", close_here, p, NULL);
    settled(on);
    CHECK(raw_tell(&on->peer, "42[\"hi\"]"));
    CHECK(raw_tell(&on->peer, "42[\"hi\"]"));
}

static void by_a_reply(stage *on, probe *p) {
    joined(on);
    sio_client_emit_with_ack(on->it.client, "/", "q", no_args(), NULL, 0,
                             close_here, p, NULL);
    CHECK(raw_heard(&on->peer, "420[\"q\"]"));
    CHECK(raw_tell(&on->peer, "430[]"));
}

static void by_no_reply(stage *on, probe *p) {
    joined(on);
    sio_client_emit_with_ack(on->it.client, "/", "q", no_args(), NULL, 20,
                             close_here, p, NULL);
}

static void by_emitting(stage *on, probe *p) {
    joined(on);
    sio_client_on_any_outgoing(on->it.client, "/", 0, close_here, p, NULL);
    CHECK_STATUS(sio_client_emit(on->it.client, "/", "out", no_args(), NULL),
                 SIO_OK);
}

static void by_losing(stage *on, probe *p) {
    joined(on);
    sio_client_on_disconnect(on->it.client, "/", close_here, p, NULL);
    settled(on);
    raw_cut(&on->peer);
}

static void by_failing(stage *on, probe *p) {
    sio_client_on_connect_error(on->it.client, "/", close_here, p, NULL);
    shaking_hands(on);
    raw_cut(&on->peer);
}

static void by_being_refused(stage *on, probe *p) {
    sio_client_on_connect_error(on->it.client, "/", close_here, p, NULL);
    joining(on);
    CHECK(raw_tell(&on->peer, "44{\"message\":\"no\"}"));
}

static void by_being_asked(stage *on, probe *p) {
    sio_client_on_auth(on->it.client, "/", close_here, p, NULL);
    sio_client_connect(on->it.client, "/");
    CHECK(raw_session(&on->server, &on->peer));
}

static void by_trying_again(stage *on, probe *p) {
    sio_client_on_reconnect(on->it.client, close_here, p, NULL);
    joined(on);
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
    static const state plain = {"", nothing, NULL, 0, 0};
    size_t i;
    for (i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        stage on;
        probe seen;
        int failed = check_failed();
        probe_init(&seen);
        begin(&on, &plain);
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
        end(&on);
        if (check_failed() > failed) printf("  closed by %s\n", causes[i].name);
    }
}

/* All callbacks close, on the way of a whole life. */
static void everywhere(void) {
    static const state plain = {"", nothing, NULL, 0, 0};
    stage on;
    probe seen;
    int calls;
    probe_init(&seen);
    begin(&on, &plain);
    register_all(on.it.client, &seen);
    joined(&on);
    CHECK_STATUS(sio_client_wait(on.it.client), SIO_OK);
    CHECK(probe_wait(&on.it.closed, 1));
    calls = probe_calls(&seen);
    raw_sleep_ms(20);
    CHECK_NUMBER(probe_calls(&seen), calls);
    CHECK_NUMBER(probe_at(&seen, calls - 1)->kind, SIO_EVENT_CLIENT_CLOSED);
    dial_destroy(&on.it);
    end(&on);
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

/* The runtime ends with clients in it, in any state. */
static void runtimes(void) {
    size_t i;
    for (i = 0; i < sizeof states / sizeof states[0]; i++) {
        sio_runtime runtime;
        stage on;
        CHECK_STATUS(sio_runtime_new(NULL, &runtime), SIO_OK);
        begin(&on, &states[0]);
        dial_destroy(&on.it);
        on.options.runtime = runtime;
        if (states[i].polls) on.options.transports = 0;
        dial_new(&on.it, &on.options);
        if (!states[i].backlog) states[i].reach(&on);
        CHECK_STATUS(sio_runtime_destroy(runtime), SIO_OK);
        CHECK_STATUS(sio_client_close(on.it.client), SIO_E_HANDLE);
        serve_released_once(&on.it.joined);
        serve_released_once(&on.it.closed);
        end(&on);
    }
}

int main(void) {
    at_exit(); /* first: nothing has started yet when it forks */
    every_state();
    in_callbacks();
    everywhere();
    told_late();
    runtimes();
    return check_total();
}
