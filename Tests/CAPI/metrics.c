/*
 * metrics.c - what has happened, in numbers and as text, and a path of the
 * server's own for it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "serve.h"

static sio_totals totals_of(sio_server server) {
    sio_totals totals;
    memset(&totals, 0xff, sizeof totals);
    CHECK_STATUS(sio_server_totals(server, sizeof totals, &totals), SIO_OK);
    return totals;
}

/* Whether the metrics have a line. */
static int has_line(const char *text, const char *line) {
    char whole[256];
    snprintf(whole, sizeof whole, "\n%s\n", line);
    return strstr(text, whole) != NULL;
}

static void numbers(void) {
    sio_server server = serve_new(NULL);
    sio_totals totals;
    sio_counts counts;
    raw_client first, second;
    int port;
    serve_echo_on(server);
    port = serve_listen(server);
    totals = totals_of(server);
    CHECK_NUMBER(totals.connections, 0);
    CHECK_NUMBER(totals.bytes_sent[SIO_PACKET_MESSAGE], 0);

    CHECK(raw_join_websocket(&first, port));
    CHECK(raw_echo(&first, "abc"));
    CHECK(raw_join_polling(&second, port));
    CHECK(raw_upgrade(&second));
    CHECK(raw_echo(&second, "abc"));
    totals = totals_of(server);
    CHECK(totals.connections >= 3);
    CHECK_NUMBER(totals.sessions, 2);
    CHECK_NUMBER(totals.upgrades, 1);
    CHECK_NUMBER(totals.failed_upgrades, 0);
    CHECK_NUMBER(totals.packets_sent[SIO_PACKET_OPEN], 2);
    CHECK_NUMBER(totals.packets_received[SIO_PACKET_UPGRADE], 1);
    CHECK_NUMBER(totals.packets_received[SIO_PACKET_PING], 1);
    CHECK_NUMBER(totals.packets_sent[SIO_PACKET_PONG], 1);
    /* 40 and 42["abc"], twice; in an answer to 40 there is an id. */
    CHECK_NUMBER(totals.packets_received[SIO_PACKET_MESSAGE], 4);
    CHECK_NUMBER(totals.bytes_received[SIO_PACKET_MESSAGE], 2 * (2 + 9));
    CHECK_NUMBER(totals.packets_sent[SIO_PACKET_MESSAGE], 4);
    CHECK_NUMBER(totals.bytes_sent[SIO_PACKET_MESSAGE],
                 2 * (strlen("40{\"sid\":\"lv_VI97HAXpY6yYWAAAB\"}") + 9));
    CHECK_NUMBER(totals.events_received, 2);
    CHECK_NUMBER(totals.events_sent, 2);
    CHECK_NUMBER(totals.acks_received + totals.acks_sent, 0);
    CHECK_NUMBER(totals.disconnects, 0);
    counts = serve_counts(server);
    CHECK_NUMBER(counts.websocket_sessions, 2);
    CHECK_NUMBER(counts.polling_sessions, 0);
    CHECK_NUMBER(counts.revision3_sessions, 0);
    raw_leave(&first);
    raw_leave(&second);
    CHECK(serve_idle(server));
    totals = totals_of(server);
    CHECK_NUMBER(totals.disconnects, 2);
    CHECK_NUMBER(totals.sessions, 2);
    /* Totals outlast the end. */
    CHECK_STATUS(sio_server_close(server), SIO_OK);
    CHECK_STATUS(sio_server_wait(server), SIO_OK);
    CHECK_NUMBER(totals_of(server).sessions, 2);
    serve_destroy(server);
}

static void an_upgrade_that_fails(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    raw_stream probe;
    serve_echo_on(server);
    CHECK(raw_join_polling(&client, serve_listen(server)));
    CHECK(raw_probe(&client, &probe));
    raw_reset(&probe);
    CHECK(raw_echo(&client, "still-here"));
    while (totals_of(server).failed_upgrades == 0) raw_sleep_ms(1);
    CHECK_NUMBER(totals_of(server).failed_upgrades, 1);
    CHECK_NUMBER(totals_of(server).upgrades, 0);
    CHECK_NUMBER(serve_counts(server).polling_sessions, 1);
    raw_leave(&client);
    serve_destroy(server);
}

static void text(void) {
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_server server;
    sio_text out;
    raw_stream stream;
    raw_response response;
    char value[80];
    options.metrics_path = "/metrics";
    server = serve_new(&options);
    CHECK(raw_connect(&stream, NULL, serve_listen(server)));
    CHECK(raw_http(&stream, "GET", "/socket.io/?EIO=4&transport=x", NULL, NULL,
                   0, &response));
    CHECK_NUMBER(response.status, 400);
    raw_response_free(&response);

    if (CHECK(raw_http(&stream, "GET", "/metrics", NULL, NULL, 0, &response))) {
        CHECK_NUMBER(response.status, 200);
        CHECK_TEXT(raw_http_header(&response, "content-type", value, 80),
                   "application/openmetrics-text; version=1.0.0; "
                   "charset=utf-8");
        CHECK(has_line(response.body, "# TYPE socketio_sessions gauge"));
        CHECK(has_line(response.body, "socketio_connections 1"));
        CHECK(has_line(response.body,
                       "socketio_connection_errors_total{code=\"0\","
                       "message=\"Transport unknown\"} 1"));
        raw_response_free(&response);
    }
    REQUIRE(sio_server_metrics(server, &out) == SIO_OK);
    CHECK_NUMBER(out.length, strlen(out.data));
    CHECK(has_line(out.data, "socketio_connections_accepted_total 1"));
    CHECK_TEXT(out.data + out.length - 6, "# EOF\n");
    sio_free(out.data);
    CHECK_NUMBER(totals_of(server).connection_errors[0], 1);
    CHECK_NUMBER(totals_of(server).connection_errors[1], 0);
    raw_close(&stream);
    serve_destroy(server);
}

/* Programs built against an older or newer header. */
static void sizes(void) {
    sio_server server = serve_new(NULL);
    uint64_t memory[1024];
    size_t size = sizeof(sio_totals), i;
    memset(memory, 0xff, sizeof memory);
    CHECK_STATUS(sio_server_totals(server, 16, (sio_totals *)memory), SIO_OK);
    CHECK(memory[0] == 0 && memory[1] == 0 && memory[2] != 0);
    CHECK_STATUS(sio_server_totals(server, size + 8, (sio_totals *)memory),
                 SIO_OK);
    for (i = 0; i <= size / 8; i++) CHECK_NUMBER(memory[i], 0);
    CHECK(memory[size / 8 + 1] != 0);
    CHECK_STATUS(sio_server_totals(server, 7, (sio_totals *)memory),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_server_totals(server, 4097, (sio_totals *)memory),
                 SIO_E_ARGUMENT);
    serve_destroy(server);
}

static void bad_arguments(void) {
    static const sio_server nobody = {0};
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_server server;
    sio_totals totals;
    sio_text out;
    options.metrics_path = "metrics";
    CHECK_STATUS(sio_server_new(&options, &server), SIO_E_ARGUMENT);
    options.metrics_path = options.ready_path = "/same";
    CHECK_STATUS(sio_server_new(&options, &server), SIO_E_ARGUMENT);
    server = serve_new(NULL);
    CHECK_STATUS(sio_server_totals(server, sizeof totals, NULL),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_server_metrics(server, NULL), SIO_E_ARGUMENT);
    CHECK_STATUS(sio_server_totals(nobody, sizeof totals, &totals),
                 SIO_E_HANDLE);
    CHECK_STATUS(sio_server_metrics(nobody, &out), SIO_E_HANDLE);
    /* One that does not listen has nothing to tell, and says so. */
    CHECK_STATUS(sio_server_metrics(server, &out), SIO_OK);
    CHECK(has_line(out.data, "socketio_connections 0"));
    sio_free(out.data);
    serve_destroy(server);
}

/* What waits for the program is told, and what was dropped. */
static void waiting(void) {
    sio_runtime_options runtime = SIO_RUNTIME_OPTIONS_INIT;
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_server server;
    sio_text out;
    raw_client client;
    probe seen;
    probe_init(&seen);
    runtime.dispatch = SIO_DISPATCH_QUEUED;
    REQUIRE(sio_runtime_new(&runtime, &options.runtime) == SIO_OK);
    server = serve_new(&options);
    sio_server_on_any(server, "/", probe_see, &seen, NULL);
    CHECK(raw_join_websocket(&client, serve_listen(server)));
    CHECK(raw_send(&client, "42[\"one\"]"));
    CHECK(raw_send(&client, "42[\"two\"]"));
    while (serve_counts(server).queued_events < 2) raw_sleep_ms(1);
    REQUIRE(sio_server_metrics(server, &out) == SIO_OK);
    CHECK(has_line(out.data, "socketio_queued_events 2"));
    sio_free(out.data);
    while (probe_calls(&seen) < 2)
        CHECK_STATUS(sio_runtime_dispatch(options.runtime, 8, 2000, NULL),
                     SIO_OK);
    REQUIRE(sio_server_metrics(server, &out) == SIO_OK);
    CHECK(has_line(out.data, "socketio_queued_events 0"));
    CHECK(has_line(out.data,
                   "socketio_events_dropped_total{reason=\"volatile\"} 0"));
    sio_free(out.data);
    raw_leave(&client);
    serve_destroy(server);
    CHECK_STATUS(sio_runtime_destroy(options.runtime), SIO_OK);
}

int main(void) {
    numbers();
    an_upgrade_that_fails();
    text();
    sizes();
    waiting();
    bad_arguments();
    return check_total();
}
