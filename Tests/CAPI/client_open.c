/*
 * client_open.c - where a client connects, and with which header fields: a
 * function says it before every attempt, now or later, or that there is none.
 */
#include <stdio.h>
#include <unistd.h>

#include "dial.h"
#include "raw_server.h"

/* Answers each question with the next of the URLs, and its number in a field. */
typedef struct ways {
    probe asked;
    char urls[3][64]; /* "": as it was */
} ways;

static void show_way(const sio_event *event, void *context) {
    ways *it = (ways *)context;
    int number = probe_calls(&it->asked);
    const char *url = it->urls[number < 2 ? number : 2];
    char digit[2];
    sio_header fields[2];
    digit[0] = (char)('0' + number);
    digit[1] = '\0';
    fields[0].name = sio_text_of("X-Number");
    fields[0].value = sio_text_of(digit);
    fields[1].name = sio_text_of("X-Broken");
    fields[1].value = sio_text_of("a\r\nb");
    /* What is wrong leaves the question open. */
    CHECK_STATUS(sio_client_open(event->request, "nowhere", NULL, 0),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_client_open(event->request, "unix:here", NULL, 0),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_client_open(event->request, NULL, fields, 2),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_client_open(event->request, NULL, NULL, 1),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_accept(event->request), SIO_E_HANDLE);
    CHECK_STATUS(sio_client_authenticate(event->request, sio_text_of("{}")),
                 SIO_E_HANDLE);
    CHECK_STATUS(sio_client_open(event->request, url[0] ? url : NULL,
                                 number == 2 ? NULL : fields,
                                 number == 2 ? 0 : 1),
                 SIO_OK);
    CHECK_STATUS(sio_client_open(event->request, NULL, NULL, 0), SIO_E_HANDLE);
    CHECK_STATUS(sio_reject(event->request, "no", sio_text_of(NULL)),
                 SIO_E_HANDLE);
    probe_see(event, &it->asked);
}

static void release_ways(void *context) {
    probe_release(&((ways *)context)->asked);
}

/* A client that the server lets in, and the number in its request. */
static void came(raw_server *server, raw_peer *peer, const char *number) {
    char value[16];
    REQUIRE(raw_welcome(server, peer));
    CHECK_TEXT(
        raw_request_header(&peer->request, "X-Number", value, sizeof value),
        number);
}

/* The first attempt and those of reconnections: to another host each time. */
static void before_every_attempt(void) {
    raw_server first, second;
    raw_peer peer;
    sio_client_options options;
    ways it;
    dial client;
    int i;
    memset(&it, 0, sizeof it);
    probe_init(&it.asked);
    REQUIRE(raw_server_open(&first));
    REQUIRE(raw_server_open(&second));
    options = dial_options(first.port);
    options.transports = SIO_TRANSPORT_WEBSOCKET;
    snprintf(it.urls[1], sizeof it.urls[1], "ws://127.0.0.1:%d?a=b",
             second.port);
    dial_new(&client, &options);
    CHECK_STATUS(sio_client_on_open(client.client, show_way, &it, release_ways),
                 SIO_OK);
    CHECK_STATUS(sio_client_connect(client.client, "/"), SIO_OK);
    came(&first, &peer, "0");
    CHECK(probe_wait(&client.joined, 1));
    raw_cut(&peer);
    came(&second, &peer, "1");
    CHECK(strstr(peer.request.target, "?a=b&") != NULL);
    CHECK(probe_wait(&client.joined, 2));
    raw_cut(&peer);
    came(&second, &peer, "1"); /* all is as it was */
    CHECK(strstr(peer.request.target, "?a=b&") != NULL);
    CHECK(probe_wait(&client.joined, 3));
    for (i = 0; i < 3; i++) {
        const probe_event *seen = probe_at(&it.asked, i);
        CHECK_NUMBER(seen->kind, SIO_EVENT_OPEN_REQUEST);
        CHECK_NUMBER(seen->client.id, client.client.id);
        CHECK_NUMBER(seen->attempt, 1);
        if (i == 0)
            CHECK_TEXT(seen->reason, "");
        else
            CHECK(strncmp(seen->reason, "transport ", 10) == 0);
    }
    CHECK_NUMBER(probe_calls(&it.asked), 3);
    raw_part(&peer);
    dial_destroy(&client);
    serve_released_once(&it.asked);
    raw_server_close(&first);
    raw_server_close(&second);
}

/* Answers that come from elsewhere, and those that are none. */
static void later(void) {
    raw_server server;
    raw_peer peer;
    sio_client_options options;
    sio_header none;
    dial it;
    probe asked, other;
    probe_init(&asked);
    probe_init(&other);
    memset(&none, 0, sizeof none);
    REQUIRE(raw_server_open(&server));
    options = dial_options(server.port);
    options.transports = SIO_TRANSPORT_WEBSOCKET;
    dial_new(&it, &options);
    CHECK_STATUS(
        sio_client_on_open(it.client, probe_see, &other, probe_release),
        SIO_OK);
    CHECK_STATUS(
        sio_client_on_open(it.client, probe_see, &asked, probe_release),
        SIO_OK);
    CHECK(probe_wait_released(&other, 1));
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    CHECK_NUMBER(probe_at(&asked, 0)->attempt, 1);
    CHECK_STATUS(
        sio_reject(probe_at(&asked, 0)->request, "not yet", sio_text_of(NULL)),
        SIO_OK);
    CHECK_TEXT(probe_at(&it.failed, 0)->reason, "not yet");
    CHECK_NUMBER(probe_at(&it.failed, 0)->code, SIO_FAILURE_OPEN);
    CHECK_NUMBER(probe_at(&it.again, 0)->kind, SIO_EVENT_RECONNECT_ATTEMPT);
    CHECK_NUMBER(probe_at(&asked, 1)->attempt, 2);
    CHECK_TEXT(probe_at(&asked, 1)->reason, "not yet");
    /* An attempt that nobody wants any more, and the next one. */
    CHECK_STATUS(sio_client_disconnect(it.client, "/"), SIO_OK);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    CHECK(probe_wait(&asked, 3));
    CHECK_STATUS(sio_client_open(asked.events[1].request, NULL, NULL, 0),
                 SIO_E_HANDLE);
    CHECK(raw_nobody(&server, 20));
    CHECK_STATUS(sio_client_open(asked.events[2].request, NULL, &none, 0),
                 SIO_OK);
    REQUIRE(raw_welcome(&server, &peer));
    CHECK(probe_wait(&it.joined, 1));
    raw_cut(&peer);
    CHECK(probe_wait(&asked, 4));
    CHECK_STATUS(sio_client_close(it.client), SIO_OK);
    CHECK_STATUS(sio_client_open(asked.events[3].request, NULL, NULL, 0),
                 SIO_E_HANDLE);
    dial_end(&it);
    serve_released_once(&asked);
    CHECK_NUMBER(probe_calls(&other), 0);
    raw_server_close(&server);
}

/* From an address that is none to a Unix socket. */
static void to_a_unix_socket(void) {
    sio_server server = serve_new(NULL);
    sio_client_options options = dial_options(1);
    dial client;
    ways it;
    memset(&it, 0, sizeof it);
    probe_init(&it.asked);
    snprintf(it.urls[1], sizeof it.urls[1], "unix:@sio-client-open-%d",
             (int)getpid());
    CHECK_STATUS(sio_server_listen(server, it.urls[1], 0, NULL), SIO_OK);
    serve_echo_on(server);
    dial_new(&client, &options);
    CHECK_STATUS(sio_client_on_open(client.client, show_way, &it, release_ways),
                 SIO_OK);
    CHECK_STATUS(sio_client_connect(client.client, "/"), SIO_OK);
    CHECK_NUMBER(probe_at(&client.failed, 0)->code, SIO_FAILURE_CONNECT);
    CHECK(probe_wait(&client.joined, 1));
    CHECK_NUMBER(probe_at(&it.asked, 1)->attempt, 2);
    CHECK(dial_echo(&client, "[1]"));
    dial_end(&client);
    serve_released_once(&it.asked);
    serve_destroy(server);
}

/* From a Unix socket of the options back to the network. */
static void from_a_unix_socket(void) {
    raw_server server;
    raw_peer peer;
    sio_client_options options;
    ways it;
    dial client;
    memset(&it, 0, sizeof it);
    probe_init(&it.asked);
    REQUIRE(raw_server_open(&server));
    options = dial_options(server.port);
    snprintf(it.urls[1], sizeof it.urls[1], "%s", options.url);
    options.url = "unix:/nowhere/at/all";
    options.transports = SIO_TRANSPORT_WEBSOCKET;
    dial_new(&client, &options);
    CHECK_STATUS(sio_client_on_open(client.client, show_way, &it, release_ways),
                 SIO_OK);
    CHECK_STATUS(sio_client_connect(client.client, "/"), SIO_OK);
    came(&server, &peer, "1");
    CHECK(probe_wait(&client.joined, 1));
    CHECK_NUMBER(probe_at(&client.failed, 0)->code, SIO_FAILURE_CONNECT);
    raw_part(&peer);
    dial_destroy(&client);
    serve_released_once(&it.asked);
    raw_server_close(&server);
}

int main(void) {
    sio_client nobody = {0};
    sio_connect_request nothing = {0};
    CHECK_STATUS(sio_client_on_open(nobody, probe_see, NULL, NULL),
                 SIO_E_HANDLE);
    CHECK_STATUS(sio_client_open(nothing, NULL, NULL, 0), SIO_E_HANDLE);
    before_every_attempt();
    later();
    to_a_unix_socket();
    from_a_unix_socket();
    return check_total();
}
