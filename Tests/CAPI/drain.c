/*
 * drain.c - a server's slow end: clients leave one after the other, load
 * balancers are told, and SIO_EVENT_SERVER_CLOSED is the end.
 */
#include "serve.h"

#include <stdio.h>

/* A request on a connection that stays: 0 if the server has ended it. */
static int asked(raw_stream *stream, const char *target, int status,
                 const char *body) {
    raw_response response;
    if (!raw_http(stream, "GET", target, NULL, NULL, 0, &response)) return 0;
    CHECK_NUMBER(response.status, status);
    if (status == 503 && target[1] == 's') {
        char seconds[16];
        raw_http_header(&response, "retry-after", seconds, sizeof seconds);
        CHECK_TEXT(seconds, "1");
    }
    if (body != NULL) CHECK_TEXT(response.body, body);
    raw_response_free(&response);
    return 1;
}

static void refused(void) {
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_server server;
    options.ready_path = "ready";
    CHECK_STATUS(sio_server_new(&options, &server), SIO_E_ARGUMENT);
    CHECK(strstr(sio_last_error(), "ready_path is \"ready\"") != NULL);
}

/* 0 if the server had ended before it was asked whether it is ready. */
static int drains_within(uint32_t ms) {
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_server server;
    raw_client first, second;
    raw_stream balancer;
    probe left, closed;
    int port, in_time;
    probe_init(&left);
    probe_init(&closed);
    options.ready_path = "/ready";
    server = serve_new(&options);
    sio_server_on_disconnect(server, "/", probe_see, &left, NULL);
    sio_server_on_close(server, probe_see, &closed, NULL);
    port = serve_listen(server);
    CHECK(raw_join_websocket(&first, port));
    CHECK(raw_join_websocket(&second, port));
    CHECK(raw_connect(&balancer, NULL, port));
    CHECK(asked(&balancer, "/ready", 200, "ready\n"));

    CHECK_STATUS(sio_server_emit(server, "/", NULL, "last", no_args(), NULL),
                 SIO_OK);
    CHECK_STATUS(sio_server_drain(server, ms), SIO_OK);
    CHECK_STATUS(sio_server_drain(server, 0), SIO_OK);
    in_time =
        asked(&balancer, "/ready", 503, "draining\n") &&
        asked(&balancer, "/socket.io/?EIO=4&transport=polling", 503, NULL) &&
        probe_calls(&closed) == 0;
    CHECK(raw_expect(&first, "42[\"last\"]"));
    CHECK(raw_expect(&second, "42[\"last\"]"));
    CHECK(raw_expect_end(&first));
    CHECK(raw_expect_end(&second));
    raw_leave(&first);
    raw_leave(&second);
    CHECK(probe_wait(&left, 2));
    CHECK_TEXT(probe_at(&left, 0)->reason, "server shutting down");
    CHECK(probe_wait(&closed, 1));
    CHECK_NUMBER(probe_at(&closed, 0)->kind, SIO_EVENT_SERVER_CLOSED);
    CHECK_STATUS(sio_server_drain(server, 0), SIO_OK);
    raw_close(&balancer);
    serve_destroy(server);
    CHECK_STATUS(sio_server_drain(server, 0), SIO_E_HANDLE);
    return in_time;
}

int main(void) {
    uint32_t ms = 500;
    refused();
    while (!drains_within(ms) && ms < 10000) ms *= 2;
    CHECK(ms < 10000);
    return check_total();
}
