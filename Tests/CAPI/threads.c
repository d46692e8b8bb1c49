/*
 * threads.c - ten threads call everything at once, on the same few servers and
 * sockets, while clients come, talk and go. No crash; statuses as documented.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "serve.h"

enum {
    THREADS = 10,
    CLIENTS = 3,
    SECONDS = 4,
    KEPT = 64
};

static sio_server server;
static int stop, busy;
static int contexts_made, contexts_released;

static int running(void) {
    return !__atomic_load_n(&stop, __ATOMIC_SEQ_CST);
}

/* A thread has done enough of what it does. */
static void done_enough(void) {
    __atomic_add_fetch(&busy, 1, __ATOMIC_SEQ_CST);
}

/* Handles that were seen, old and new: threads pick any. */
static uint64_t sockets_seen[KEPT], acks_seen[KEPT], requests_seen[KEPT],
    https_seen[KEPT];
static int next_seen;

static void keep(uint64_t *list, uint64_t id) {
    int slot = __atomic_add_fetch(&next_seen, 1, __ATOMIC_SEQ_CST) % KEPT;
    __atomic_store_n(&list[slot], id, __ATOMIC_SEQ_CST);
}

static uint64_t pick(const uint64_t *list, unsigned *seed) {
    return __atomic_load_n(&list[rand_r(seed) % KEPT], __ATOMIC_SEQ_CST);
}

static void on_event(const sio_event *event, void *context) {
    (void)context;
    if (event->socket.id != 0) keep(sockets_seen, event->socket.id);
    if (event->ack.id != 0) keep(acks_seen, event->ack.id);
    if (event->request.id != 0) keep(requests_seen, event->request.id);
    if (event->http.id != 0) keep(https_seen, event->http.id);
    if (event->kind == SIO_EVENT_CONNECT_REQUEST &&
        (event->request.id & 1) != 0)
        sio_accept(event->request);
}

static int *make_context(void) {
    __atomic_add_fetch(&contexts_made, 1, __ATOMIC_SEQ_CST);
    return (int *)malloc(sizeof(int));
}

static void release_context(void *context) {
    __atomic_add_fetch(&contexts_released, 1, __ATOMIC_SEQ_CST);
    free(context);
}

/* A registration with a context of its own, which a failure leaves to us. */
static sio_status registered(sio_status status, int *context) {
    if (status != SIO_OK) release_context(context);
    return status;
}

static sio_status any_call(unsigned *seed) {
    static const char *const rooms[] = {"a", "b", "c"};
    sio_text args = sio_text_of("[1,{\"two\":[2]}]");
    sio_socket socket;
    sio_ack ack;
    sio_connect_request request;
    sio_http_request http;
    sio_target target = SIO_TARGET_INIT;
    const char *room = rooms[rand_r(seed) % 3];
    int *context;
    sio_bytes empty = {NULL, 0};
    sio_status status = SIO_OK;
    socket.id = pick(sockets_seen, seed);
    ack.id = pick(acks_seen, seed);
    request.id = pick(requests_seen, seed);
    http.id = pick(https_seen, seed);
    target.rooms = &room;
    target.room_count = 1;
    target.except_socket = socket;
    switch (rand_r(seed) % 25) {
    case 0:
        return sio_emit(socket, "x", args, NULL);
    case 1:
        context = make_context();
        return registered(sio_emit_with_ack(socket, "q", args, NULL, 20,
                                            on_event, context, release_context),
                          context);
    case 2:
        return sio_reply(ack, args, NULL);
    case 3:
        return sio_broadcast(socket, &target, "x", args, NULL);
    case 4:
        return sio_server_emit(server, "/", &target, "x", args, NULL);
    case 5:
        return sio_server_emit(server, "/", NULL, "x", args, NULL);
    case 6:
        return sio_socket_join(socket, room);
    case 7:
        return sio_socket_leave(socket, room);
    case 8:
        return sio_accept(request);
    case 9:
        return sio_reject(request, "no", args);
    case 10:
        return sio_http_respond(http, 200, NULL, 0, empty);
    case 11:
        context = make_context();
        return registered(sio_socket_set_data(socket, context, release_context),
                          context);
    case 12: {
        void *data;
        return sio_socket_data(socket, &data);
    }
    case 13: {
        sio_text *list = NULL;
        size_t count;
        status = sio_socket_rooms(socket, &list, &count);
        if (status == SIO_OK) sio_free(list);
        return status;
    }
    case 14: {
        sio_socket *list = NULL;
        size_t count;
        status = sio_server_sockets(server, "/", room, &list, &count);
        if (status == SIO_OK) sio_free(list);
        return status;
    }
    case 15: {
        const sio_handshake *handshake = NULL;
        status = sio_socket_handshake(socket, &handshake);
        if (status == SIO_OK) sio_free(handshake);
        return status;
    }
    case 16: {
        sio_socket_id_text id;
        status = sio_socket_id(socket, &id);
        if (status == SIO_OK)
            status = sio_server_socket(server, "/", id.text, &socket);
        return status;
    }
    case 17: {
        sio_counts counts;
        return sio_server_counts(server, sizeof counts, &counts);
    }
    case 18: {
        int32_t transport;
        return sio_socket_transport(socket, &transport);
    }
    case 19:
        if (rand_r(seed) % 50 != 0) return SIO_OK;
        return sio_socket_disconnect(socket, (int)(rand_r(seed) % 2));
    case 20:
        if (rand_r(seed) % 200 != 0) return SIO_OK;
        return sio_server_disconnect(server, "/", &target, 1);
    case 21:
        return sio_server_close_room(server, "/", room);
    case 22:
        context = make_context();
        return registered(
            sio_socket_on(socket, "never", on_event, context, release_context),
            context);
    case 23:
        if (rand_r(seed) % 100 != 0) return SIO_OK;
        context = make_context();
        return registered(sio_server_on(server, "/", "never", on_event, context,
                                        release_context),
                          context);
    default:
        (void)sio_last_error();
        return sio_server_namespace(server, "/again");
    }
}

static void *call_everything(void *context) {
    unsigned seed = *(unsigned *)context;
    long calls = 0, strange = 0;
    while (running()) {
        sio_status status = any_call(&seed);
        if (++calls == 100) done_enough();
        if (status != SIO_OK && status != SIO_E_HANDLE &&
            status != SIO_E_LIMIT) {
            printf("  %s: %s\n", sio_status_name(status), sio_last_error());
            strange++;
        }
        if (calls % 32 == 0) raw_sleep_ms(1);
    }
    CHECK_NUMBER(strange, 0);
    return NULL;
}

/* One client after another: joins, talks, leaves or breaks off. */
static void *be_clients(void *context) {
    unsigned seed = *(unsigned *)context;
    int port = serve_port(server);
    long served = 0;
    while (running()) {
        raw_client client;
        int i, polling = rand_r(&seed) % 3 == 0;
        int open = polling ? raw_open_polling(&client, port)
                           : raw_open_websocket(&client, port);
        if (open && raw_send(&client, "40")) {
            for (i = 0; i < 20 && raw_send(&client, "421[\"x\",1]"); i++)
                if (raw_receive_within(&client, 5) != NULL && ++served == 10)
                    done_enough();
            raw_send(&client, "40/slow,");
        }
        if (rand_r(&seed) % 2 == 0)
            raw_leave(&client);
        else
            raw_abort(&client);
        if (rand_r(&seed) % 4 == 0) {
            raw_stream stream;
            if (raw_connect(&stream, NULL, port)) {
                raw_http_send(&stream, "GET", "/", NULL, NULL, 0);
                raw_readable(&stream, 5);
            }
            raw_close(&stream);
        }
    }
    return NULL;
}

/* Servers made, used and ended by several threads, beside all that. */
static void *make_servers(void *unused) {
    (void)unused;
    while (running()) {
        sio_server own = serve_new(NULL);
        raw_client client;
        serve_echo_on(own);
        CHECK(raw_join_websocket(&client, serve_listen(own)));
        CHECK(raw_echo(&client, "hi"));
        serve_destroy(own);
        raw_abort(&client);
    }
    return NULL;
}

int main(void) {
    pthread_t threads[THREADS + CLIENTS + 1];
    unsigned seeds[THREADS + CLIENTS];
    int i;
    server = serve_new(NULL);
    sio_server_on_any(server, "/", on_event, NULL, NULL);
    sio_server_on_connection(server, "/", on_event, NULL, NULL);
    sio_server_on_disconnect(server, "/", on_event, NULL, NULL);
    sio_server_use(server, "/slow", on_event, NULL, NULL);
    sio_server_on_http(server, on_event, NULL, NULL);
    serve_listen(server);
    for (i = 0; i < THREADS + CLIENTS; i++) {
        seeds[i] = (unsigned)i * 7919 + 1;
        pthread_create(&threads[i], NULL,
                       i < THREADS ? call_everything : be_clients, &seeds[i]);
    }
    pthread_create(&threads[i], NULL, make_servers, NULL);
    sleep(SECONDS);
    for (i = 0; i < RAW_PATIENCE_MS; i++) {
        if (__atomic_load_n(&busy, __ATOMIC_SEQ_CST) == THREADS + CLIENTS)
            break;
        raw_sleep_ms(1);
    }
    CHECK(i < RAW_PATIENCE_MS);
    __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
    for (i = 0; i < THREADS + CLIENTS + 1; i++) pthread_join(threads[i], NULL);
    CHECK_STATUS(sio_server_close(server), SIO_OK);
    CHECK_STATUS(sio_server_wait(server), SIO_OK);
    CHECK(serve_idle(server));
    serve_destroy(server);
    CHECK(contexts_made > 0);
    CHECK_NUMBER(contexts_released, contexts_made);
    return check_total();
}
