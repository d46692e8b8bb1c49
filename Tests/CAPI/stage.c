#include "stage.h"

#include <stdio.h>
#include <string.h>

#include "serve.h"

#define OPEN                                        \
    "0{\"sid\":\"s\",\"upgrades\":[\"websocket\"]," \
    "\"pingInterval\":60000,\"pingTimeout\":60000}"

static void wants_in(stage *on) {
    CHECK_STATUS(sio_client_connect(on->it.client, "/"), SIO_OK);
}

void stage_idle(stage *on) {
    (void)on;
}

static void connecting(stage *on) {
    /* The server's queue of connections is full: the next one gets no answer. */
    raw_connect(&on->other, NULL, on->server.port);
    wants_in(on);
}

static void asking_where(stage *on) {
    sio_client_on_open(on->it.client, probe_see, &on->asked, probe_release);
    wants_in(on);
    CHECK(probe_wait(&on->asked, 1));
}

void stage_asked(stage *on) {
    wants_in(on);
    CHECK(raw_accept(&on->server, &on->peer));
    CHECK(raw_readable(&on->peer.stream, RAW_PATIENCE_MS));
}

static void opening(stage *on) {
    wants_in(on);
    CHECK(raw_accept(&on->server, &on->peer));
    CHECK(raw_receive_request(&on->peer));
    CHECK(raw_accept_upgrade(&on->peer));
}

void stage_joining(stage *on) {
    wants_in(on);
    CHECK(raw_session(&on->server, &on->peer));
    CHECK(raw_hear(&on->peer));
}

static void asking_what(stage *on) {
    sio_client_on_auth(on->it.client, "/", probe_see, &on->asked,
                       probe_release);
    wants_in(on);
    CHECK(raw_session(&on->server, &on->peer));
    CHECK(probe_wait(&on->asked, 1));
}

/* Over polling, with a poll and a POST that wait, and a request for the
 * WebSocket that is to take over. */
static void opening_the_probe(stage *on) {
    int i;
    wants_in(on);
    CHECK(raw_accept(&on->server, &on->peer));
    CHECK(raw_receive_request(&on->peer));
    CHECK(raw_respond(&on->peer, 200, NULL, OPEN));
    for (i = 0; i < 2; i++) {
        raw_peer came;
        if (!CHECK(raw_accept(&on->server, &came))) return;
        CHECK(raw_receive_request(&came));
        if (strcmp(came.request.method, "POST") == 0)
            on->posts = came;
        else
            on->socket = came;
    }
    CHECK(raw_receive_request(&on->peer));
}

static void probing(stage *on) {
    opening_the_probe(on);
    CHECK(raw_accept_upgrade(&on->socket));
    CHECK(raw_heard(&on->socket, "2probe"));
}

/* The probe is answered; the poll and the POST are not. */
static void upgrading(stage *on) {
    probing(on);
    CHECK(raw_tell(&on->socket, "3probe"));
    CHECK(raw_tell(&on->socket, "6"));
}

static void upgraded(stage *on) {
    upgrading(on);
    CHECK(raw_respond(&on->posts, 200, NULL, "ok"));
    CHECK(raw_respond(&on->peer, 200, NULL, "40{\"sid\":\"id\"}"));
    CHECK(probe_wait(&on->it.joined, 1));
    CHECK(raw_heard(&on->socket, "5"));
}

void stage_joined(stage *on) {
    wants_in(on);
    CHECK(raw_welcome(&on->server, &on->peer));
    CHECK(probe_wait(&on->it.joined, 1));
}

static void waiting_for_a_reply(stage *on) {
    stage_joined(on);
    sio_client_emit_with_ack(on->it.client, "/", "q", no_args(), NULL, 0,
                             probe_see, &on->asked, probe_release);
}

static void backing_off(stage *on) {
    stage_joined(on);
    raw_cut(&on->peer);
    CHECK(probe_wait(&on->it.left, 1));
}

static void closing(stage *on) {
    stage_joined(on);
    sio_client_close(on->it.client);
}

const stage_state stage_states[] = {
    {"before connecting", stage_idle, NULL, 0},
    {"asking where to connect", asking_where, NULL, STAGE_QUESTION},
    {"resolving", wants_in, "http://localhost:%d", 0},
    {"connecting", connecting, NULL, STAGE_NARROW},
    {"asking a proxy", stage_asked, NULL, STAGE_PROXY},
    {"in the handshake of TLS", stage_asked, "https://127.0.0.1:%d", 0},
    {"in the handshake of HTTP", stage_asked, NULL, 0},
    {"in a first poll", stage_asked, NULL, STAGE_POLLS},
    {"opening", opening, NULL, 0},
    {"joining", stage_joining, NULL, 0},
    {"asking what to show", asking_what, NULL, STAGE_QUESTION},
    {"opening the probe", opening_the_probe, NULL, STAGE_POLLS},
    {"probing", probing, NULL, STAGE_POLLS},
    {"upgrading", upgrading, NULL, STAGE_POLLS},
    {"upgraded", upgraded, NULL, STAGE_POLLS},
    {"joined", stage_joined, NULL, 0},
    {"waiting for a reply", waiting_for_a_reply, NULL, STAGE_REPLY},
    {"in back-off", backing_off, NULL, 0},
    {"closing", closing, NULL, 0}};

const size_t stage_count = sizeof stage_states / sizeof stage_states[0];

void stage_begin(stage *on, const stage_state *in, sio_runtime runtime) {
    memset(on, 0, sizeof *on);
    on->peer.stream.fd = on->posts.stream.fd = on->socket.stream.fd = -1;
    on->other.fd = -1;
    probe_init(&on->asked);
    REQUIRE(raw_server_open(&on->server));
    if (in->flags & STAGE_NARROW) raw_server_narrow(&on->server);
    on->options = dial_options(on->server.port);
    on->options.runtime = runtime;
    snprintf(on->url, sizeof on->url,
             in->url == NULL ? "http://127.0.0.1:%d" : in->url,
             on->server.port);
    on->options.url = on->url;
    if (in->flags & STAGE_PROXY) {
        on->options.proxy = on->url;
        on->options.url = "http://io.example";
    }
    if (!(in->flags & STAGE_POLLS))
        on->options.transports = SIO_TRANSPORT_WEBSOCKET;
    on->options.reconnection_delay_ms = 3600000;
    on->options.reconnection_delay_max_ms = 3600000;
    on->options.close_timeout_ms = 200;
    dial_new(&on->it, &on->options);
    in->reach(on);
}

void stage_end(stage *on) {
    raw_close(&on->peer.stream);
    raw_close(&on->posts.stream);
    raw_close(&on->socket.stream);
    raw_close(&on->other);
    raw_server_close(&on->server);
}
