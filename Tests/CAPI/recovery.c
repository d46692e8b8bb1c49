/*
 * recovery.c - clients that go on where they were.
 */
#include <stdio.h>

#include "serve.h"

static void remember(const sio_event *event, void *context) {
    CHECK_STATUS(sio_socket_join(event->socket, "red"), SIO_OK);
    CHECK_STATUS(sio_socket_set_data(event->socket, context, NULL), SIO_OK);
}

/* The text between the quotes behind `key`. */
static void read_member(const char *packet, const char *key, char *to) {
    const char *start = packet == NULL ? NULL : strstr(packet, key);
    size_t length;
    to[0] = '\0';
    if (start == NULL) return;
    start += strlen(key);
    length = strcspn(start, "\"");
    if (length > 60) return;
    memcpy(to, start, length);
    to[length] = '\0';
}

static void comes_back(uint32_t flags) {
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_recovery_options recovery = SIO_RECOVERY_OPTIONS_INIT;
    sio_server server;
    sio_target target = SIO_TARGET_INIT;
    static const char *const red[] = {"red"};
    raw_client client, back;
    probe joined, left, asked;
    char sid[64], pid[64], offset[64], connect[256];
    int32_t recovered = -1;
    void *data = NULL;
    int port;
    probe_init(&joined);
    probe_init(&left);
    probe_init(&asked);
    recovery.flags = flags;
    options.connection_state_recovery = &recovery;
    server = serve_new(&options);
    sio_server_on_connection(server, "/", probe_see, &joined, NULL);
    sio_server_on_disconnect(server, "/", probe_see, &left, NULL);
    port = serve_listen(server);
    CHECK(raw_open_websocket(&client, port));
    CHECK(raw_send(&client, "40"));
    raw_receive(&client);
    read_member(client.packet, "\"sid\":\"", sid);
    read_member(client.packet, "\"pid\":\"", pid);
    CHECK_NUMBER(strlen(sid), 20);
    CHECK_NUMBER(strlen(pid), 20);
    CHECK_STATUS(sio_socket_recovered(probe_at(&joined, 0)->socket, &recovered),
                 SIO_OK);
    CHECK_NUMBER(recovered, 0);
    CHECK_STATUS(sio_socket_recovered(probe_at(&joined, 0)->socket, NULL),
                 SIO_E_ARGUMENT);
    {
        sio_event event;
        memset(&event, 0, sizeof event);
        event.socket = probe_at(&joined, 0)->socket;
        remember(&event, &server);
    }
    CHECK_STATUS(sio_server_emit(server, "/", NULL, "a", no_args(), NULL),
                 SIO_OK);
    raw_receive(&client);
    read_member(client.packet, "[\"a\",\"", offset);
    CHECK(offset[0] != '\0');
    raw_abort(&client);
    CHECK(probe_wait(&left, 1));
    target.rooms = red;
    target.room_count = 1;
    CHECK_STATUS(
        sio_server_emit(server, "/", &target, "missed", no_args(), NULL),
        SIO_OK);
    sio_server_use(server, "/", probe_see, &asked, NULL);
    snprintf(connect, sizeof connect, "40{\"pid\":\"%s\",\"offset\":\"%s\"}",
             pid, offset);
    CHECK(raw_open_websocket(&back, port));
    CHECK(raw_send(&back, connect));
    if (flags == 0)
        CHECK_STATUS(sio_accept(probe_at(&asked, 0)->request), SIO_OK);
    CHECK(strncmp(raw_receive(&back), "42[\"missed\",\"", 13) == 0);
    snprintf(connect, sizeof connect, "40{\"sid\":\"%s\",\"pid\":\"%s\"}", sid,
             pid);
    CHECK(raw_expect(&back, connect));
    CHECK_NUMBER(probe_calls(&asked), flags == 0);
    CHECK_STATUS(sio_socket_recovered(probe_at(&joined, 1)->socket, &recovered),
                 SIO_OK);
    CHECK_NUMBER(recovered, 1);
    CHECK_STATUS(sio_socket_data(probe_at(&joined, 1)->socket, &data), SIO_OK);
    CHECK(data == &server);
    CHECK_TEXT(probe_at(&joined, 1)->reason, "");
    raw_leave(&back);
    CHECK(serve_idle(server));
    serve_destroy(server);
}

static void cannot_come_back(void) {
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_recovery_options recovery = SIO_RECOVERY_OPTIONS_INIT;
    sio_server server;
    raw_client client;
    probe joined, p;
    probe_init(&joined);
    probe_init(&p);
    recovery.flags = 2;
    options.connection_state_recovery = &recovery;
    CHECK_STATUS(sio_server_new(&options, &server), SIO_E_ARGUMENT);
    recovery.flags = 0;
    recovery.max_disconnection_ms = 50;
    server = serve_new(&options);
    sio_server_on_connection(server, "/", probe_see, &joined, NULL);
    CHECK(raw_open_websocket(&client, serve_listen(server)));
    CHECK(raw_send(&client, "40{\"pid\":\"aaaaaaaaaaaaaaaaaaaa\"}"));
    CHECK(raw_receive(&client) != NULL);
    CHECK(strstr(probe_at(&joined, 0)->reason, "no session") != NULL);
    /* What belongs to one that has been away for too long is released. */
    CHECK_STATUS(
        sio_socket_set_data(probe_at(&joined, 0)->socket, &p, probe_release),
        SIO_OK);
    raw_abort(&client);
    CHECK(probe_wait_released(&p, 1));
    serve_destroy(server);
}

/* What is kept is released with the server. */
static void server_ends(void) {
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_recovery_options recovery = SIO_RECOVERY_OPTIONS_INIT;
    sio_server server;
    raw_client client;
    probe joined, left, p;
    probe_init(&joined);
    probe_init(&left);
    probe_init(&p);
    options.connection_state_recovery = &recovery;
    server = serve_new(&options);
    sio_server_on_connection(server, "/", probe_see, &joined, NULL);
    sio_server_on_disconnect(server, "/", probe_see, &left, NULL);
    CHECK(raw_open_websocket(&client, serve_listen(server)));
    CHECK(raw_send(&client, "40"));
    CHECK_STATUS(
        sio_socket_set_data(probe_at(&joined, 0)->socket, &p, probe_release),
        SIO_OK);
    raw_abort(&client);
    CHECK(probe_wait(&left, 1));
    CHECK_NUMBER(probe_releases(&p), 0);
    serve_destroy(server);
    serve_released_once(&p);
}

int main(void) {
    comes_back(0);
    comes_back(SIO_RECOVERY_SKIP_MIDDLEWARES);
    cannot_come_back();
    server_ends();
    return check_total();
}
