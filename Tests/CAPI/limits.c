/*
 * limits.c - the limits of a server, each reached once: what the client gets,
 * and what the program is told.
 */
#include "serve.h"

#include <stdio.h>

static const char handshake[] = "/socket.io/?EIO=4&transport=polling";

typedef struct place {
    sio_server server;
    int port;
    probe joined, log;
} place;

static sio_server_options defaults(void) {
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    return options;
}

/* A server with a runtime of its own, whose warnings are seen. */
static void begin(place *it, sio_server_options *options) {
    sio_runtime_options runtime = SIO_RUNTIME_OPTIONS_INIT;
    probe_init(&it->joined);
    probe_init(&it->log);
    runtime.threads = 1;
    CHECK_STATUS(sio_runtime_new(&runtime, &options->runtime), SIO_OK);
    CHECK_STATUS(sio_runtime_on_log(options->runtime, SIO_LOG_WARNING,
                                    probe_see, &it->log, NULL),
                 SIO_OK);
    it->server = serve_new(options);
    sio_server_on_connection(it->server, "/", probe_see, &it->joined, NULL);
    it->port = serve_listen(it->server);
}

static void end(place *it, const sio_server_options *options) {
    CHECK(serve_idle(it->server));
    serve_destroy(it->server);
    CHECK_STATUS(sio_runtime_destroy(options->runtime), SIO_OK);
}

/* A warning with these words. */
static void warned(place *it, const char *words) {
    CHECK(probe_wait(&it->log, 1));
    if (!CHECK(strstr(probe_at(&it->log, 0)->reason, words) != NULL))
        printf("    %s\n", probe_at(&it->log, 0)->reason);
}

/* More connections are closed as they come. */
static void connections(sio_server_options options, const char *words) {
    place it;
    raw_stream first, second;
    raw_response response;
    begin(&it, &options);
    CHECK(raw_connect(&first, NULL, it.port));
    CHECK(raw_http(&first, "GET", handshake, NULL, NULL, 0, &response));
    CHECK_NUMBER(response.status, 200);
    raw_response_free(&response);
    CHECK(raw_connect(&second, NULL, it.port));
    CHECK(raw_ended(&second, RAW_PATIENCE_MS));
    warned(&it, words);
    raw_close(&first);
    raw_close(&second);
    serve_destroy(it.server);
    CHECK_STATUS(sio_runtime_destroy(options.runtime), SIO_OK);
}

static void handshakes(void) {
    sio_server_options options = defaults();
    place it;
    raw_stream stream;
    raw_response response;
    char seconds[16];
    int i, status = 200;
    options.max_handshakes_per_second = 1;
    begin(&it, &options);
    CHECK(raw_connect(&stream, NULL, it.port));
    /* The second one, if it comes within a second of the first. */
    for (i = 0; i < 100 && status == 200; i++) {
        if (i > 0) raw_response_free(&response);
        CHECK(raw_http(&stream, "GET", handshake, NULL, NULL, 0, &response));
        status = response.status;
    }
    CHECK(i > 1);
    CHECK_NUMBER(status, 503);
    raw_http_header(&response, "retry-after", seconds, sizeof seconds);
    CHECK_TEXT(seconds, "1");
    CHECK_TEXT(response.body,
               "{\"code\":4,\"message\":\"The server opens 1 sessions a second "
               "at the most.\"}");
    raw_response_free(&response);
    raw_close(&stream);
    warned(&it, "is put off. The server opens 1 sessions a second");
    serve_destroy(it.server);
    CHECK_STATUS(sio_runtime_destroy(options.runtime), SIO_OK);
}

static void of_a_socket(void) {
    sio_server_options options = defaults();
    place it;
    raw_client client, other;
    probe reply, refused;
    sio_socket socket, *sockets;
    size_t count;
    probe_init(&reply);
    probe_init(&refused);
    options.max_namespaces_per_connection = 1;
    options.max_rooms_per_socket = 1;
    options.max_pending_acks = 1;
    begin(&it, &options);
    sio_server_namespace(it.server, "/other");
    CHECK(raw_join_websocket(&client, it.port));
    socket = probe_at(&it.joined, 0)->socket;

    CHECK(raw_send(&client, "40/other,"));
    CHECK(
        raw_expect(&client, "44/other,{\"message\":\"Too many namespaces\"}"));
    warned(&it, "is in 1 namespaces already");

    CHECK_STATUS(sio_socket_join(socket, "one"), SIO_OK);
    CHECK_STATUS(sio_socket_join(socket, "two"), SIO_E_LIMIT);
    CHECK(strstr(sio_last_error(), "in 1 rooms already") != NULL);
    CHECK_STATUS(sio_socket_join(socket, "one"), SIO_OK);

    /* Of many, those that may join have. */
    CHECK(raw_join_websocket(&other, it.port));
    CHECK_STATUS(sio_server_sockets_join(it.server, "/", NULL, "two"),
                 SIO_E_LIMIT);
    CHECK(strstr(sio_last_error(), "in 1 rooms already") != NULL);
    CHECK_STATUS(sio_server_sockets(it.server, "/", "two", &sockets, &count),
                 SIO_OK);
    if (CHECK_NUMBER(count, 1))
        CHECK_NUMBER(sockets[0].id, probe_at(&it.joined, 1)->socket.id);
    sio_free(sockets);
    raw_leave(&other);

    CHECK_STATUS(sio_emit_with_ack(socket, "a", no_args(), NULL, 0, probe_see,
                                   &reply, probe_release),
                 SIO_OK);
    CHECK_STATUS(sio_emit_with_ack(socket, "b", no_args(), NULL, 0, probe_see,
                                   &refused, probe_release),
                 SIO_OK);
    CHECK_STATUS(probe_at(&refused, 0)->status, SIO_E_LIMIT);
    serve_released_once(&refused);
    CHECK_NUMBER(probe_calls(&reply), 0);
    raw_leave(&client);
    CHECK_STATUS(probe_at(&reply, 0)->status, SIO_E_DISCONNECTED);
    end(&it, &options);
}

/* Events beyond are delivered, without a reply that could be given. */
static void replies_owed(void) {
    sio_server_options options = defaults();
    place it;
    raw_client client;
    probe events;
    probe_init(&events);
    options.max_pending_replies = 2;
    begin(&it, &options);
    sio_server_on_any(it.server, "/", probe_see, &events, NULL);
    CHECK(raw_join_websocket(&client, it.port));
    CHECK(raw_send(&client, "421[\"x\"]"));
    CHECK(raw_send(&client, "422[\"x\"]"));
    CHECK(raw_send(&client, "423[\"x\"]"));
    CHECK(probe_wait(&events, 3));
    CHECK(probe_at(&events, 0)->ack.id != 0);
    CHECK(probe_at(&events, 1)->ack.id != 0);
    CHECK(probe_at(&events, 2)->ack.id == 0);
    CHECK_NUMBER(serve_counts(it.server).pending_replies, 2);
    CHECK_STATUS(sio_reply(probe_at(&events, 0)->ack, no_args(), NULL), SIO_OK);
    CHECK(raw_expect(&client, "431[]"));
    CHECK(raw_send(&client, "424[\"x\"]"));
    CHECK(probe_wait(&events, 4));
    CHECK_STATUS(sio_reply(probe_at(&events, 3)->ack, no_args(), NULL), SIO_OK);
    CHECK(raw_expect(&client, "434[]"));
    raw_leave(&client);
    end(&it, &options);
}

/* The status of a request with a header field; 0: the connection ended. */
static int status_of(place *it, const char *headers) {
    raw_stream stream;
    raw_response response;
    int status = 0;
    CHECK(raw_connect(&stream, NULL, it->port));
    if (raw_http(&stream, "GET", handshake, headers, NULL, 0, &response)) {
        status = response.status;
        raw_response_free(&response);
    }
    raw_close(&stream);
    return status;
}

static void of_a_request(void) {
    sio_server_options options = defaults();
    place it;
    raw_client client;
    char large[400];
    options.max_headers = 6;
    options.max_header_bytes = 320;
    options.max_json_depth = 2;
    begin(&it, &options);
    CHECK_NUMBER(status_of(&it, NULL), 200);
    CHECK_NUMBER(
        status_of(&it, "A: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\nE: 1\r\nF: 1\r\n"),
        431);
    memset(large, 'a', sizeof large);
    memcpy(large, "A: ", 3);
    memcpy(large + sizeof large - 3, "\r\n", 3);
    CHECK_NUMBER(status_of(&it, large), 431);
    warned(&it, "too large, or too many");
    CHECK(raw_join_websocket(&client, it.port));
    CHECK(raw_send(&client, "42[\"x\",[1]]"));
    CHECK(raw_send(&client, "42[\"x\",[[1]]]"));
    CHECK(raw_expect_end(&client));
    raw_leave(&client);
    serve_destroy(it.server);
    CHECK_STATUS(sio_runtime_destroy(options.runtime), SIO_OK);
}

/* A connection on which no request comes is closed. */
static void of_silence(void) {
    sio_server_options options = defaults();
    place it;
    raw_stream silent;
    options.request_timeout_ms = 300;
    begin(&it, &options);
    CHECK(raw_connect(&silent, NULL, it.port));
    CHECK(raw_ended(&silent, RAW_PATIENCE_MS));
    raw_close(&silent);
    end(&it, &options);
}

static void refused(void) {
    sio_server_options options = defaults();
    sio_server server;
    options.max_header_bytes = 65001;
    CHECK_STATUS(sio_server_new(&options, &server), SIO_E_LIMIT);
    CHECK(strstr(sio_last_error(), "65000") != NULL);
}

int main(void) {
    sio_server_options options = defaults();
    options.max_connections = 1;
    connections(options, "there are 1 already, which is the limit");
    options = defaults();
    options.max_connections_per_address = 1;
    connections(options, "the address has 1 already, which is the limit");
    handshakes();
    of_a_socket();
    replies_owed();
    of_a_request();
    of_silence();
    refused();
    return check_total();
}
