/*
 * sockets.c - what a program can know and keep about a socket: id, handshake,
 * transport, data.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "serve.h"

typedef struct talk {
    sio_server server;
    probe joined;
    raw_client client;
    sio_socket socket;
} talk;

static void begin(talk *it, int polling, const char *query,
                  const char *headers) {
    int port;
    probe_init(&it->joined);
    it->server = serve_new(NULL);
    serve_echo_on(it->server);
    sio_server_on_connection(it->server, "/", probe_see, &it->joined, NULL);
    port = serve_listen(it->server);
    REQUIRE(raw_open(&it->client, NULL, port, !polling, query, headers));
    REQUIRE(raw_join(&it->client, "/", "{\"token\":\"t\"}"));
    it->socket = probe_at(&it->joined, 0)->socket;
}

static void end(talk *it) {
    raw_leave(&it->client);
    CHECK(serve_idle(it->server));
    serve_destroy(it->server);
}

static void ids(void) {
    talk it;
    sio_socket_id_text id;
    sio_socket found;
    begin(&it, 0, NULL, NULL);
    CHECK_STATUS(sio_socket_id(it.socket, &id), SIO_OK);
    CHECK_NUMBER(strlen(id.text), 20);
    CHECK_TEXT(id.text, it.client.id);
    CHECK(strcmp(id.text, it.client.sid) != 0); /* that one is a secret */
    CHECK_NUMBER(strlen(it.client.sid), 20);
    CHECK_STATUS(sio_server_socket(it.server, "/", id.text, &found), SIO_OK);
    CHECK_NUMBER(found.id, it.socket.id);
    CHECK_STATUS(sio_server_socket(it.server, "/", it.client.sid, &found),
                 SIO_E_HANDLE);
    end(&it);
}

/* Gives a session the id in `context`. */
static void give_id(const sio_event *event, void *context) {
    const char *id = (const char *)context;
    CHECK_STATUS(sio_http_set_sid(event->http, id), SIO_OK);
    CHECK_STATUS(sio_http_next(event->http), SIO_OK);
}

/* A client of Socket.IO 2 makes its ids of its session's, unless that is not
 * of the usual length. The longest name of a namespace leaves room for them. */
static void old_ids(const char *given) {
    char longest[202] = "/", packet[256], expected[512];
    const int is_own = given == NULL || strlen(given) == 20;
    probe joined;
    sio_server server = serve_new(NULL);
    raw_client client;
    sio_socket_id_text id;
    sio_socket socket, found;
    const sio_handshake *handshake;

    memset(longest + 1, 'n', 200);
    CHECK_STATUS(sio_server_namespace(server, longest), SIO_E_LIMIT);
    longest[200] = '\0';
    probe_init(&joined);
    if (given != NULL)
        CHECK_STATUS(
            sio_server_on_handshake(server, give_id, (void *)given, NULL),
            SIO_OK);
    sio_server_on_connection(server, "/", probe_see, &joined, NULL);
    sio_server_on_connection(server, longest, probe_see, &joined, NULL);
    REQUIRE(raw_open(&client, NULL, serve_listen(server), 1, "&EIO=3", NULL));
    CHECK(raw_expect(&client, "40"));

    socket = probe_at(&joined, 0)->socket;
    CHECK_STATUS(sio_socket_id(socket, &id), SIO_OK);
    if (given != NULL) CHECK_TEXT(client.sid, given);
    CHECK_NUMBER(strlen(id.text), 20);
    CHECK_NUMBER(strcmp(id.text, client.sid) == 0, is_own);
    snprintf(expected, sizeof expected, "%s#%s", longest, id.text);
    CHECK_STATUS(sio_server_socket(server, "/", id.text, &found), SIO_OK);
    CHECK_NUMBER(found.id, socket.id);
    CHECK_STATUS(sio_socket_handshake(socket, &handshake), SIO_OK);
    CHECK_NUMBER(handshake->revision, 3);
    sio_free(handshake);

    snprintf(packet, sizeof packet, "40%s?token=a,", longest);
    CHECK(raw_send(&client, packet));
    snprintf(packet, sizeof packet, "40%s,", longest);
    CHECK(raw_expect(&client, packet));
    socket = probe_at(&joined, 1)->socket;
    CHECK_TEXT(probe_at(&joined, 1)->args, "{\"token\":\"a\"}");
    CHECK_STATUS(sio_socket_id(socket, &id), SIO_OK);
    CHECK_NUMBER(strlen(id.text), is_own ? 200 + 1 + 20 : 20);
    if (is_own) CHECK_TEXT(id.text, expected);
    CHECK_STATUS(sio_server_socket(server, longest, id.text, &found), SIO_OK);
    CHECK_NUMBER(found.id, socket.id);
    CHECK_STATUS(sio_server_socket(server, longest, client.sid, &found),
                 SIO_E_HANDLE);
    raw_leave(&client);
    CHECK(serve_idle(server));
    serve_destroy(server);
}

static void old_clients_refused(void) {
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_server server;
    raw_client client;
    int port;
    options.flags = SIO_SERVER_NO_EIO3;
    server = serve_new(&options);
    port = serve_listen(server);
    CHECK(!raw_open(&client, NULL, port, 1, "&EIO=3", NULL));
    REQUIRE(raw_join_websocket(&client, port));
    raw_leave(&client);
    CHECK(serve_idle(server));
    serve_destroy(server);
}

static const char *field(const sio_handshake *handshake, const char *name) {
    size_t i;
    for (i = 0; i < handshake->header_count; i++)
        if (strcmp(handshake->headers[i].name.data, name) == 0)
            return handshake->headers[i].value.data;
    return NULL;
}

static void handshakes(int polling) {
    const sio_handshake *hand = NULL;
    const char *url = polling ? "/socket.io/?EIO=4&transport=polling&a=b%20c"
                              : "/socket.io/?EIO=4&transport=websocket&a=b%20c";
    talk it;
    begin(&it, polling, "&a=b%20c", "X-Thing: One\r\nUser-Agent: test/1\r\n");
    CHECK_STATUS(sio_socket_handshake(it.socket, &hand), SIO_OK);
    if (hand != NULL) {
        CHECK_TEXT(hand->nsp.data, "/");
        CHECK_TEXT(hand->auth.data, "{\"token\":\"t\"}");
        CHECK_TEXT(hand->address.data, "127.0.0.1");
        CHECK(hand->port > 0 && hand->port < 65536);
        CHECK_NUMBER(hand->secure, 0);
        CHECK_NUMBER(hand->xdomain, 0);
        CHECK_NUMBER(hand->revision, 4);
        CHECK(llabs((long long)hand->issued_ms - (long long)time(NULL) * 1000) <
              10000);
        CHECK_TEXT(hand->url.data, url);
        CHECK_TEXT(hand->query.data, strchr(url, '?') + 1);
        CHECK_NUMBER(hand->url.length, strlen(url));
        CHECK_TEXT(field(hand, "x-thing"), "One");
        CHECK_TEXT(field(hand, "user-agent"), "test/1");
        CHECK_TEXT(field(hand, "host"), "test");
        CHECK(field(hand, "X-Thing") == NULL);
    }
    /* It stays as it is when the client is gone: it is the caller's. */
    end(&it);
    if (hand != NULL) CHECK_TEXT(hand->url.data, url);
    sio_free(hand);
}

static void transports(void) {
    const sio_handshake *hand = NULL;
    int32_t transport = 0;
    talk it;
    begin(&it, 1, NULL, NULL);
    CHECK_STATUS(sio_socket_transport(it.socket, &transport), SIO_OK);
    CHECK_NUMBER(transport, SIO_TRANSPORT_POLLING);
    CHECK(strstr(it.client.open, "\"upgrades\":[\"websocket\"]") != NULL);
    CHECK(raw_upgrade(&it.client));
    CHECK(raw_echo(&it.client, "hi"));
    CHECK_STATUS(sio_socket_transport(it.socket, &transport), SIO_OK);
    CHECK_NUMBER(transport, SIO_TRANSPORT_WEBSOCKET);
    CHECK_STATUS(sio_socket_handshake(it.socket, &hand), SIO_OK);
    CHECK(strstr(hand->url.data, "transport=polling") != NULL);
    sio_free(hand);
    end(&it);
}

static void data_released_once(void) {
    talk it;
    probe first, second;
    void *data = &it;
    begin(&it, 0, NULL, NULL);
    probe_init(&first);
    probe_init(&second);
    CHECK_STATUS(sio_socket_data(it.socket, &data), SIO_OK);
    CHECK(data == NULL);
    CHECK_STATUS(sio_socket_set_data(it.socket, &first, probe_release), SIO_OK);
    CHECK_STATUS(sio_socket_data(it.socket, &data), SIO_OK);
    CHECK(data == &first);
    CHECK_NUMBER(probe_releases(&first), 0);
    CHECK_STATUS(sio_socket_set_data(it.socket, &second, probe_release),
                 SIO_OK);
    serve_released_once(&first);
    CHECK_STATUS(sio_socket_data(it.socket, &data), SIO_OK);
    CHECK(data == &second);
    raw_leave(&it.client);
    serve_released_once(&second);
    CHECK_STATUS(sio_socket_data(it.socket, &data), SIO_E_HANDLE);
    CHECK_STATUS(sio_socket_set_data(it.socket, &first, probe_release),
                 SIO_E_HANDLE);
    serve_destroy(it.server);
    CHECK_NUMBER(probe_releases(&first), 1);
    CHECK_NUMBER(probe_releases(&second), 1);
}

static void data_taken_back(void) {
    talk it;
    probe data_probe;
    void *data = &it;
    begin(&it, 0, NULL, NULL);
    probe_init(&data_probe);
    sio_socket_set_data(it.socket, &data_probe, probe_release);
    CHECK_STATUS(sio_socket_set_data(it.socket, NULL, NULL), SIO_OK);
    serve_released_once(&data_probe);
    CHECK_STATUS(sio_socket_data(it.socket, &data), SIO_OK);
    CHECK(data == NULL);
    end(&it);
    CHECK_NUMBER(probe_releases(&data_probe), 1);
}

static void data_outlived_by_nothing(void) {
    talk it;
    probe data;
    begin(&it, 0, NULL, NULL);
    probe_init(&data);
    sio_socket_set_data(it.socket, &data, probe_release);
    serve_destroy(it.server);
    CHECK_NUMBER(probe_releases(&data), 1);
    raw_abort(&it.client);
}

/* Everything that was registered anywhere is released with the server. */
static void registrations_released(void) {
    sio_server server = serve_new(NULL);
    probe all[8];
    int i;
    for (i = 0; i < 8; i++) probe_init(&all[i]);
    sio_server_on(server, "/", "hi", probe_see, &all[0], probe_release);
    sio_server_on(server, "/", "hi", probe_see, &all[1], probe_release);
    sio_server_on_any(server, "/", probe_see, &all[2], probe_release);
    sio_server_on_connection(server, "/", probe_see, &all[3], probe_release);
    sio_server_on_disconnect(server, "/x", probe_see, &all[4], probe_release);
    sio_server_use(server, "/", probe_see, &all[5], probe_release);
    sio_server_on_close(server, probe_see, &all[6], probe_release);
    sio_server_on_http(server, probe_see, &all[7], probe_release);
    serve_listen(server);
    serve_destroy(server);
    for (i = 0; i < 8; i++) CHECK_NUMBER(probe_releases(&all[i]), 1);
}

int main(void) {
    ids();
    old_ids(NULL);
    old_ids("abcdefghijklmnopqrst");
    old_ids("x");
    old_ids("0123456789012345678901234567890123456789"
            "0123456789abcdefABCDEF-_");
    old_clients_refused();
    handshakes(0);
    handshakes(1);
    transports();
    data_released_once();
    data_taken_back();
    data_outlived_by_nothing();
    registrations_released();
    return check_total();
}
