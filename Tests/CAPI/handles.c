/*
 * handles.c - every function that takes a handle, with handles that are zero,
 * of another kind, stale, or invented: SIO_E_HANDLE, and never a crash.
 */
#include <stdio.h>

#include "serve.h"

static sio_text list(void) {
    return sio_text_of("[1]");
}

/* One function for each call, so that a table can hold them: its handle is made
 * from `id`, and everything else about the call is right. */
#define CALL(function, type, call)                  \
    static sio_status try_##function(uint64_t id) { \
        type it;                                    \
        it.id = id;                                 \
        return call;                                \
    }

static sio_bytes no_bytes(void) {
    sio_bytes bytes;
    bytes.data = NULL;
    bytes.length = 0;
    return bytes;
}

static void nothing(const sio_event *event, void *context) {
    (void)event;
    (void)context;
}

static int out_fd;
static size_t out_count;
static const sio_event *out_event;
static sio_address out_address;
static sio_socket *out_sockets;
static sio_socket out_socket;
static sio_counts out_counts;
static sio_text *out_rooms;
static void *out_data;
static sio_socket_id_text out_id;
static const sio_handshake *out_handshake;
static int32_t out_transport;

CALL(runtime_fd, sio_runtime, sio_runtime_fd(it, &out_fd))
CALL(runtime_dispatch, sio_runtime, sio_runtime_dispatch(it, 1, 0, &out_count))
CALL(runtime_next, sio_runtime, sio_runtime_next(it, 0, &out_event))
CALL(runtime_wake, sio_runtime, sio_runtime_wake(it))
CALL(runtime_cork, sio_runtime, sio_runtime_cork(it))
CALL(runtime_uncork, sio_runtime, sio_runtime_uncork(it))
CALL(runtime_on_log, sio_runtime,
     sio_runtime_on_log(it, SIO_LOG_INFO, nothing, NULL, NULL))
CALL(runtime_destroy, sio_runtime, sio_runtime_destroy(it))

CALL(server_listen, sio_server, sio_server_listen(it, "127.0.0.1", 0, NULL))
CALL(server_address, sio_server, sio_server_address(it, 0, &out_address))
CALL(server_close, sio_server, sio_server_close(it))
CALL(server_wait, sio_server, sio_server_wait(it))
CALL(server_destroy, sio_server, sio_server_destroy(it))
CALL(server_namespace, sio_server, sio_server_namespace(it, "/chat"))
CALL(server_on, sio_server, sio_server_on(it, "/", "hi", nothing, NULL, NULL))
CALL(server_on_any, sio_server, sio_server_on_any(it, "/", nothing, NULL, NULL))
CALL(server_on_connection, sio_server,
     sio_server_on_connection(it, "/", nothing, NULL, NULL))
CALL(server_on_disconnect, sio_server,
     sio_server_on_disconnect(it, "/", nothing, NULL, NULL))
CALL(server_use, sio_server, sio_server_use(it, "/", nothing, NULL, NULL))
CALL(server_on_close, sio_server, sio_server_on_close(it, nothing, NULL, NULL))
CALL(server_emit, sio_server,
     sio_server_emit(it, "/", NULL, "hi", list(), NULL))
CALL(server_close_room, sio_server, sio_server_close_room(it, "/", "room"))
CALL(server_disconnect, sio_server, sio_server_disconnect(it, "/", NULL, 0))
CALL(server_sockets, sio_server,
     sio_server_sockets(it, "/", NULL, &out_sockets, &out_count))
CALL(server_socket, sio_server,
     sio_server_socket(it, "/", "12345678901234567890", &out_socket))
CALL(server_counts, sio_server,
     sio_server_counts(it, sizeof out_counts, &out_counts))
CALL(server_on_http, sio_server, sio_server_on_http(it, nothing, NULL, NULL))
CALL(server_serve_files, sio_server,
     sio_server_serve_files(it, "/files", ".", NULL))
CALL(server_serve_client, sio_server, sio_server_serve_client(it, NULL))

CALL(emit, sio_socket, sio_emit(it, "hi", list(), NULL))
CALL(emit_with_ack, sio_socket,
     sio_emit_with_ack(it, "hi", list(), NULL, 10, nothing, NULL, NULL))
CALL(broadcast, sio_socket, sio_broadcast(it, NULL, "hi", list(), NULL))
CALL(socket_on, sio_socket, sio_socket_on(it, "hi", nothing, NULL, NULL))
CALL(socket_on_any, sio_socket, sio_socket_on_any(it, nothing, NULL, NULL))
CALL(socket_on_disconnect, sio_socket,
     sio_socket_on_disconnect(it, nothing, NULL, NULL))
CALL(socket_join, sio_socket, sio_socket_join(it, "room"))
CALL(socket_leave, sio_socket, sio_socket_leave(it, "room"))
CALL(socket_rooms, sio_socket, sio_socket_rooms(it, &out_rooms, &out_count))
CALL(socket_disconnect, sio_socket, sio_socket_disconnect(it, 1))
CALL(socket_set_data, sio_socket, sio_socket_set_data(it, &out_fd, NULL))
CALL(socket_data, sio_socket, sio_socket_data(it, &out_data))
CALL(socket_id, sio_socket, sio_socket_id(it, &out_id))
CALL(socket_handshake, sio_socket, sio_socket_handshake(it, &out_handshake))
CALL(socket_transport, sio_socket, sio_socket_transport(it, &out_transport))

CALL(reply, sio_ack, sio_reply(it, list(), NULL))
CALL(accept, sio_connect_request, sio_accept(it))
CALL(reject, sio_connect_request, sio_reject(it, "no", list()))
CALL(http_respond, sio_http_request,
     sio_http_respond(it, 200, NULL, 0, no_bytes()))

typedef struct call {
    const char *name;
    sio_status (*make)(uint64_t id);
    char kind; /* of handle: r, s(erver), c(lient), a, q, h */
} call;

#define ROW(function, kind) \
    { "sio_" #function, try_##function, kind }

static const call calls[] = {ROW(runtime_fd, 'r'),
                             ROW(runtime_dispatch, 'r'),
                             ROW(runtime_next, 'r'),
                             ROW(runtime_wake, 'r'),
                             ROW(runtime_cork, 'r'),
                             ROW(runtime_uncork, 'r'),
                             ROW(runtime_on_log, 'r'),
                             ROW(runtime_destroy, 'r'),

                             ROW(server_listen, 's'),
                             ROW(server_address, 's'),
                             ROW(server_close, 's'),
                             ROW(server_wait, 's'),
                             ROW(server_destroy, 's'),
                             ROW(server_namespace, 's'),
                             ROW(server_on, 's'),
                             ROW(server_on_any, 's'),
                             ROW(server_on_connection, 's'),
                             ROW(server_on_disconnect, 's'),
                             ROW(server_use, 's'),
                             ROW(server_on_close, 's'),
                             ROW(server_emit, 's'),
                             ROW(server_close_room, 's'),
                             ROW(server_disconnect, 's'),
                             ROW(server_sockets, 's'),
                             ROW(server_socket, 's'),
                             ROW(server_counts, 's'),
                             ROW(server_on_http, 's'),
                             ROW(server_serve_files, 's'),
                             ROW(server_serve_client, 's'),

                             ROW(emit, 'c'),
                             ROW(emit_with_ack, 'c'),
                             ROW(broadcast, 'c'),
                             ROW(socket_on, 'c'),
                             ROW(socket_on_any, 'c'),
                             ROW(socket_on_disconnect, 'c'),
                             ROW(socket_join, 'c'),
                             ROW(socket_leave, 'c'),
                             ROW(socket_rooms, 'c'),
                             ROW(socket_disconnect, 'c'),
                             ROW(socket_set_data, 'c'),
                             ROW(socket_data, 'c'),
                             ROW(socket_id, 'c'),
                             ROW(socket_handshake, 'c'),
                             ROW(socket_transport, 'c'),

                             ROW(reply, 'a'),
                             ROW(accept, 'q'),
                             ROW(reject, 'q'),
                             ROW(http_respond, 'h')};

enum {
    CALLS = sizeof calls / sizeof calls[0]
};

/* That every function but those of kind `but` refuses the handle. */
static void refused_by_all(uint64_t id, char but, const char *what) {
    int i, wrong = 0;
    for (i = 0; i < CALLS; i++) {
        sio_status status;
        if (calls[i].kind == but) continue;
        status = calls[i].make(id);
        if (status == SIO_E_HANDLE) continue;
        printf("  %s(%s %#llx) gives %s\n", calls[i].name, what,
               (unsigned long long)id, sio_status_name(status));
        wrong++;
    }
    CHECK_NUMBER(wrong, 0);
}

static uint64_t random_bits(void) {
    static uint64_t state = 0x9e3779b97f4a7c15u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void zero_and_invented(void) {
    int i;
    refused_by_all(0, '-', "zero");
    refused_by_all(UINT64_MAX, '-', "all ones");
    refused_by_all(INT64_MAX, '-', "all ones but one");
    for (i = 0; i < 64; i++) refused_by_all(1ull << i, '-', "one bit");
    for (i = 0; i < 5000; i++) refused_by_all(random_bits(), '-', "random");
}

/* Live handles of each kind, given to the functions of the other kinds; then
 * handles one bit away from live ones; then the same handles when stale. */
typedef struct live {
    uint64_t id;
    char kind;
    const char *what;
} live;

enum {
    LIVE = 7
};

static void foreign(const live *handles) {
    int i;
    for (i = 0; i < LIVE; i++) {
        CHECK(handles[i].id != 0);
        refused_by_all(handles[i].id, handles[i].kind, handles[i].what);
    }
}

static int is_live(const live *handles, uint64_t id) {
    int i;
    for (i = 0; i < LIVE; i++)
        if (handles[i].id == id) return 1;
    return 0;
}

static void one_bit_away(const live *handles) {
    int i, bit;
    for (i = 0; i < LIVE; i++)
        for (bit = 0; bit < 64; bit++) {
            uint64_t near = handles[i].id ^ (1ull << bit);
            if (!is_live(handles, near))
                refused_by_all(near, '-', "one bit away");
        }
}

static void stale(const live *handles) {
    int i;
    for (i = 0; i < LIVE; i++)
        refused_by_all(handles[i].id, '-', handles[i].what);
}

static void live_handles(void) {
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_server server;
    raw_client client, waiting;
    raw_stream browser;
    probe joined, asked, requested, http;
    live handles[LIVE];
    memset(handles, 0, sizeof handles);
    probe_init(&joined);
    probe_init(&asked);
    probe_init(&requested);
    probe_init(&http);
    CHECK_STATUS(sio_runtime_new(NULL, &options.runtime), SIO_OK);
    server = serve_new(&options);
    sio_server_on_connection(server, "/", probe_see, &joined, NULL);
    sio_server_on(server, "/", "ask", probe_see, &asked, NULL);
    sio_server_use(server, "/slow", probe_see, &requested, NULL);
    sio_server_on_http(server, probe_see, &http, NULL);
    CHECK(raw_join_websocket(&client, serve_listen(server)));
    CHECK(raw_send(&client, "420[\"ask\"]"));
    CHECK(raw_open_websocket(&waiting, serve_port(server)));
    CHECK(raw_send(&waiting, "40/slow,"));
    CHECK(raw_connect(&browser, NULL, serve_port(server)));
    CHECK(raw_http_send(&browser, "GET", "/page", NULL, NULL, 0));
    handles[0].id = options.runtime.id;
    handles[0].kind = 'r';
    handles[0].what = "runtime";
    handles[1].id = server.id;
    handles[1].kind = 's';
    handles[1].what = "server";
    handles[2].id = probe_at(&joined, 0)->socket.id;
    handles[2].kind = 'c';
    handles[2].what = "socket";
    handles[3].id = probe_at(&asked, 0)->ack.id;
    handles[3].kind = 'a';
    handles[3].what = "ack";
    handles[4].id = probe_at(&requested, 0)->request.id;
    handles[4].kind = 'q';
    handles[4].what = "connect request";
    handles[5].id = probe_at(&http, 0)->http.id;
    handles[5].kind = 'h';
    handles[5].what = "http request";
    handles[6].id = probe_at(&requested, 0)->socket.id;
    handles[6].kind = 'c';
    handles[6].what = "socket that waits";
    foreign(handles);
    one_bit_away(handles);
    CHECK(raw_send(&client, "421[\"ask\"]"));
    CHECK(probe_wait(&asked, 2)); /* still alive, after all that */
    CHECK_STATUS(sio_server_destroy(server), SIO_OK);
    CHECK_STATUS(sio_runtime_destroy(options.runtime), SIO_OK);
    stale(handles);
    raw_abort(&client);
    raw_abort(&waiting);
    raw_reset(&browser);
}

/* A handle never comes to mean a later object. */
static void slots_used_again(void) {
    uint64_t before[64];
    sio_server server = serve_new(NULL);
    probe joined;
    int i, port;
    probe_init(&joined);
    sio_server_on_connection(server, "/", probe_see, &joined, NULL);
    port = serve_listen(server);
    for (i = 0; i < PROBE_EVENTS; i++) {
        raw_client client;
        CHECK(raw_join_websocket(&client, port));
        before[i] = probe_at(&joined, i)->socket.id;
        raw_leave(&client);
        CHECK(serve_idle(server));
    }
    for (i = 0; i < PROBE_EVENTS; i++) {
        int j;
        CHECK_STATUS(try_emit(before[i]), SIO_E_HANDLE);
        for (j = 0; j < i; j++)
            if (before[i] == before[j]) CHECK(!"the same handle twice");
    }
    serve_destroy(server);
}

int main(void) {
    zero_and_invented();
    live_handles();
    slots_used_again();
    return check_total();
}
