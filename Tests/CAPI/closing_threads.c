/*
 * closing_threads.c - servers and runtimes that end while other threads use
 * them: again and again, at different moments.
 */
#include <stdlib.h>

#include "serve.h"

enum {
    ROUNDS = 40,
    THREADS = 4
};

static sio_server server;
static uint64_t a_socket;
static int stop;

static void on_connection(const sio_event *event, void *context) {
    (void)context;
    __atomic_store_n(&a_socket, event->socket.id, __ATOMIC_SEQ_CST);
}

static void ignore(const sio_event *event, void *context) {
    (void)event;
    (void)context;
}

static void *use(void *context) {
    int strange = 0, listens = 0;
    (void)context;
    while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST)) {
        sio_socket socket;
        sio_counts counts;
        sio_status status;
        socket.id = __atomic_load_n(&a_socket, __ATOMIC_SEQ_CST);
        sio_emit(socket, "x", sio_text_of("[1]"), NULL);
        sio_socket_join(socket, "room");
        sio_emit_with_ack(socket, "q", no_args(), NULL, 5, ignore, NULL, NULL);
        sio_server_emit(server, "/", NULL, "x", sio_text_of("[1]"), NULL);
        sio_server_counts(server, sizeof counts, &counts);
        /* A process may have so many descriptors. */
        if (++listens > 100) continue;
        status = sio_server_listen(server, "127.0.0.1", 0, NULL);
        strange +=
            status != SIO_OK && status != SIO_E_STATE && status != SIO_E_HANDLE;
    }
    CHECK_NUMBER(strange, 0);
    return NULL;
}

static void *keep_connecting(void *context) {
    int port = *(int *)context;
    while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST)) {
        raw_client client;
        if (raw_join_websocket(&client, port)) {
            raw_send(&client, "42[\"x\"]");
            raw_receive_within(&client, 2);
        }
        raw_abort(&client);
    }
    return NULL;
}

static void round_of(int number) {
    sio_runtime_options own = SIO_RUNTIME_OPTIONS_INIT;
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    pthread_t threads[THREADS];
    probe closed;
    int i, port;
    probe_init(&closed);
    own.threads = 2;
    CHECK_STATUS(sio_runtime_new(&own, &options.runtime), SIO_OK);
    server = serve_new(&options);
    serve_echo_on(server);
    sio_server_on_connection(server, "/", on_connection, NULL, NULL);
    sio_server_on_close(server, probe_see, &closed, probe_release);
    port = serve_listen(server);
    stop = 0;
    for (i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, i % 2 ? use : keep_connecting, &port);
    raw_sleep_ms(number % 20);
    if (number % 3 == 0) CHECK_STATUS(sio_server_close(server), SIO_OK);
    if (number % 3 == 1) CHECK_STATUS(sio_server_destroy(server), SIO_OK);
    CHECK_STATUS(sio_runtime_destroy(options.runtime), SIO_OK);
    __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
    for (i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    CHECK_NUMBER(probe_calls(&closed), 1);
    CHECK_NUMBER(probe_releases(&closed), 1);
}

int main(void) {
    int i;
    for (i = 0; i < ROUNDS; i++) round_of(i);
    return check_total();
}
