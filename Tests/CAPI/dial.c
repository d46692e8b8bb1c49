#include "dial.h"

#include <stdio.h>
#include <string.h>

sio_client_options dial_options(int port) {
    static char url[64];
    sio_client_options options = SIO_CLIENT_OPTIONS_INIT;
    snprintf(url, sizeof url, "http://127.0.0.1:%d", port);
    options.url = url;
    options.reconnection_delay_ms = 1;
    options.reconnection_delay_max_ms = 50;
    return options;
}

void dial_new(dial *it, const sio_client_options *options) {
    it->client.id = 0;
    probe_init(&it->joined);
    probe_init(&it->failed);
    probe_init(&it->left);
    probe_init(&it->again);
    probe_init(&it->closed);
    if (!CHECK_STATUS(sio_client_new(options, &it->client), SIO_OK)) {
        printf("  %s\n", sio_last_error());
        check_give_up();
    }
    CHECK_STATUS(sio_client_on_connect(it->client, "/", probe_see, &it->joined,
                                       probe_release),
                 SIO_OK);
    CHECK_STATUS(sio_client_on_connect_error(it->client, "/", probe_see,
                                             &it->failed, probe_release),
                 SIO_OK);
    CHECK_STATUS(sio_client_on_disconnect(it->client, "/", probe_see, &it->left,
                                          probe_release),
                 SIO_OK);
    CHECK_STATUS(sio_client_on_reconnect(it->client, probe_see, &it->again,
                                         probe_release),
                 SIO_OK);
    CHECK_STATUS(
        sio_client_on_close(it->client, probe_see, &it->closed, probe_release),
        SIO_OK);
}

int dial_join(dial *it, const sio_client_options *options) {
    dial_new(it, options);
    return sio_client_connect(it->client, "/") == SIO_OK &&
           probe_wait(&it->joined, 1);
}

sio_connection dial_state(const dial *it) {
    sio_connection connection;
    memset(&connection, 0xff, sizeof connection);
    CHECK_STATUS(
        sio_client_connection(it->client, "/", sizeof connection, &connection),
        SIO_OK);
    return connection;
}

int dial_connected(const dial *it, int connected) {
    long long limit = raw_now_ms() + RAW_PATIENCE_MS;
    while (dial_state(it).connected != connected && raw_now_ms() < limit)
        raw_sleep_ms(5);
    return dial_state(it).connected == connected;
}

int dial_echo(const dial *it, const char *args) {
    probe reply;
    int same;
    probe_init(&reply);
    if (sio_client_emit_with_ack(it->client, "/", "echo", sio_text_of(args),
                                 NULL, RAW_PATIENCE_MS, probe_see, &reply,
                                 probe_release) != SIO_OK)
        return 0;
    same = probe_wait(&reply, 1) && reply.events[0].status == SIO_OK &&
           strcmp(reply.events[0].args, args) == 0;
    serve_released_once(&reply);
    return same;
}

static void ended(dial *it) {
    serve_released_once(&it->joined);
    serve_released_once(&it->failed);
    serve_released_once(&it->left);
    serve_released_once(&it->again);
    serve_released_once(&it->closed);
    CHECK(probe_calls(&it->closed) <= 1);
}

void dial_end(dial *it) {
    CHECK_STATUS(sio_client_close(it->client), SIO_OK);
    CHECK_STATUS(sio_client_wait(it->client), SIO_OK);
    CHECK(probe_wait(&it->closed, 1));
    dial_destroy(it);
    CHECK_NUMBER(it->closed.events[0].kind, SIO_EVENT_CLIENT_CLOSED);
    CHECK_NUMBER(it->closed.events[0].client.id, it->client.id);
}

void dial_destroy(dial *it) {
    CHECK_STATUS(sio_client_destroy(it->client), SIO_OK);
    CHECK_STATUS(sio_client_destroy(it->client), SIO_E_HANDLE);
    ended(it);
}
