/*
 * structs.c - struct_size: programs built against an older, shorter header are
 * served; nothing behind the size that they state is read or written.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "serve.h"

/* Memory that ends exactly `size` bytes later: what is behind it cannot be
 * touched. Never freed. */
static void *edge(size_t size) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t before = (size + page - 1) / page * page;
    char *memory = (char *)mmap(NULL, before + page, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == (char *)MAP_FAILED) abort();
    mprotect(memory + before, page, PROT_NONE);
    return memory + before - size;
}

/* The first `size` bytes of a struct, at the edge, saying so. */
static void *shortened(const void *whole, size_t size) {
    char *copy = (char *)edge(size);
    memcpy(copy, whole, size);
    memcpy(copy, &size, sizeof size);
    return copy;
}

#define SHORT(type, whole, field) \
    ((const type *)shortened(&(whole), offsetof(type, field)))

static void server_options(void) {
    sio_server_options whole = SIO_SERVER_OPTIONS_INIT;
    sio_server server;
    raw_client client;
    whole.ping_interval_ms = 1234;
    CHECK_STATUS(
        sio_server_new(SHORT(sio_server_options, whole, runtime), &server),
        SIO_OK);
    serve_destroy(server);
    CHECK_STATUS(
        sio_server_new(SHORT(sio_server_options, whole, ping_timeout_ms),
                       &server),
        SIO_OK);
    CHECK(raw_open_websocket(&client, serve_listen(server)));
    CHECK(strstr(client.open, "\"pingInterval\":1234,") != NULL);
    CHECK(strstr(client.open, "\"pingTimeout\":20000,") != NULL);
    raw_leave(&client);
    serve_destroy(server);
}

static void runtime_options(void) {
    sio_runtime_options whole = SIO_RUNTIME_OPTIONS_INIT;
    sio_runtime runtime;
    int fd;
    whole.dispatch = SIO_DISPATCH_QUEUED;
    CHECK_STATUS(
        sio_runtime_new(SHORT(sio_runtime_options, whole, queue_capacity),
                        &runtime),
        SIO_OK);
    CHECK_STATUS(sio_runtime_fd(runtime, &fd), SIO_OK);
    CHECK_STATUS(sio_runtime_destroy(runtime), SIO_OK);
}

static void listen_options(void) {
    sio_listen_options whole = SIO_LISTEN_OPTIONS_INIT;
    sio_server server = serve_new(NULL);
    CHECK_STATUS(sio_server_listen(server, "127.0.0.1", 0,
                                   SHORT(sio_listen_options, whole, flags)),
                 SIO_OK);
    serve_destroy(server);
}

static void emitting(void) {
    sio_server server = serve_new(NULL);
    const char *nobody[1] = {"nobody"};
    sio_emit_options options = SIO_EMIT_OPTIONS_INIT;
    sio_target target = SIO_TARGET_INIT;
    raw_client client;
    probe joined;
    sio_socket socket;
    probe_init(&joined);
    sio_server_on_connection(server, "/", probe_see, &joined, NULL);
    CHECK(raw_join_websocket(&client, serve_listen(server)));
    socket = probe_at(&joined, 0)->socket;
    CHECK_STATUS(sio_emit(socket, "one", no_args(),
                          SHORT(sio_emit_options, options, attachments)),
                 SIO_OK);
    /* Fields beyond the size count as zero: all rooms, except nobody. */
    target.except = nobody;
    target.except_count = 1;
    target.except_socket = socket;
    CHECK_STATUS(sio_server_emit(server, "/",
                                 SHORT(sio_target, target, except_socket),
                                 "two", no_args(), NULL),
                 SIO_OK);
    CHECK_STATUS(sio_server_emit(server, "/", SHORT(sio_target, target, rooms),
                                 "three", no_args(), NULL),
                 SIO_OK);
    CHECK(raw_expect(&client, "42[\"one\"]"));
    CHECK(raw_expect(&client, "42[\"two\"]"));
    CHECK(raw_expect(&client, "42[\"three\"]"));
    raw_leave(&client);
    serve_destroy(server);
}

/* No size at all is a struct that nobody set up. */
static void size_zero(void) {
    sio_server_options of_server = SIO_SERVER_OPTIONS_INIT;
    sio_runtime_options of_runtime = SIO_RUNTIME_OPTIONS_INIT;
    sio_listen_options of_listen = SIO_LISTEN_OPTIONS_INIT;
    sio_target target = SIO_TARGET_INIT;
    sio_runtime runtime;
    sio_server server, other;
    server = serve_new(NULL);
    of_server.struct_size = 0;
    of_runtime.struct_size = 0;
    of_listen.struct_size = 0;
    target.struct_size = 0;
    CHECK_STATUS(sio_server_new(&of_server, &other), SIO_E_ARGUMENT);
    CHECK_STATUS(sio_runtime_new(&of_runtime, &runtime), SIO_E_ARGUMENT);
    CHECK_STATUS(sio_server_listen(server, "127.0.0.1", 0, &of_listen),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_server_emit(server, "/", &target, "hi", no_args(), NULL),
                 SIO_E_ARGUMENT);
    serve_destroy(server);
}

/* A newer header than the library: more bytes than it knows, or nonsense. It
 * may refuse, but not read what is not there, and not fail otherwise. */
static void size_too_large(void) {
    sio_server_options *options =
        (sio_server_options *)edge(sizeof(sio_server_options));
    sio_server_options whole = SIO_SERVER_OPTIONS_INIT;
    sio_server server;
    sio_status status;
    *options = whole;
    options->struct_size = (size_t)-1;
    status = sio_server_new(options, &server);
    CHECK(status == SIO_E_ARGUMENT || status == SIO_OK);
    if (status == SIO_OK) serve_destroy(server);
}

static void counts(void) {
    sio_server server = serve_new(NULL);
    size_t size = offsetof(sio_counts, room_entries);
    unsigned char *shorter = (unsigned char *)edge(size);
    unsigned char larger[sizeof(sio_counts) + 64];
    memset(shorter, 0xff, size);
    CHECK_STATUS(sio_server_counts(server, size, (sio_counts *)shorter),
                 SIO_OK);
    CHECK_NUMBER(shorter[0], 0);
    CHECK_NUMBER(shorter[size - 1], 0);
    memset(larger, 0xff, sizeof larger);
    CHECK_STATUS(
        sio_server_counts(server, sizeof(uint64_t), (sio_counts *)larger),
        SIO_OK);
    CHECK_NUMBER(larger[sizeof(uint64_t)], 0xff);
    CHECK_STATUS(sio_server_counts(server, sizeof larger, (sio_counts *)larger),
                 SIO_OK);
    CHECK_NUMBER(larger[sizeof(sio_counts) - 1], 0);
    serve_destroy(server);
}

static void larger_on_the_way_out(const sio_event *event, void *context) {
    const sio_handshake *handshake = NULL;
    CHECK(event->struct_size >= sizeof(sio_event));
    CHECK_STATUS(sio_socket_handshake(event->socket, &handshake), SIO_OK);
    CHECK(handshake->struct_size >= sizeof(sio_handshake));
    sio_free(handshake);
    probe_see(event, context);
}

static void outgoing(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    probe seen;
    probe_init(&seen);
    sio_server_on_connection(server, "/", larger_on_the_way_out, &seen, NULL);
    CHECK(raw_join_websocket(&client, serve_listen(server)));
    CHECK(probe_wait(&seen, 1));
    serve_destroy(server);
    raw_abort(&client);
}

int main(void) {
    server_options();
    runtime_options();
    listen_options();
    emitting();
    size_zero();
    size_too_large();
    counts();
    outgoing();
    return check_total();
}
