/*
 * arguments.c - NULL where a pointer is needed, for every pointer of every
 * function, and values that are no good: the documented status, no crash.
 */
#include "serve.h"

static sio_server server;
static sio_socket socket_;
static sio_ack ack;
static sio_connect_request request;
static sio_http_request http;

static void nothing(const sio_event *event, void *context) {
    (void)event;
    (void)context;
}

static sio_text text(const char *string) {
    return sio_text_of(string);
}

/* A length without bytes. */
static sio_text broken_text(void) {
    sio_text broken;
    broken.data = NULL;
    broken.length = 5;
    return broken;
}

#define REFUSED(call) CHECK_STATUS(call, SIO_E_ARGUMENT)

/* A name that cannot be: NULL, or not UTF-8. */
#define REFUSED_NAMES(call_of)         \
    do {                               \
        REFUSED(call_of(NULL));        \
        REFUSED(call_of("/\xff\xfe")); \
    } while (0)

static void runtimes(void) {
    sio_runtime_options options = SIO_RUNTIME_OPTIONS_INIT;
    sio_runtime runtime, queued;
    sio_status status;
    int fd;
    REFUSED(sio_runtime_new(NULL, NULL));
    REFUSED(sio_runtime_default(NULL));
    options.dispatch = 7;
    REFUSED(sio_runtime_new(&options, &runtime));
    options.dispatch = -1;
    REFUSED(sio_runtime_new(&options, &runtime));
    options.dispatch = SIO_DISPATCH_INLINE;
    options.threads = 65;
    status = sio_runtime_new(&options, &runtime);
    CHECK(status == SIO_E_ARGUMENT || status == SIO_E_LIMIT);
    options.threads = 1;
    CHECK_STATUS(sio_runtime_new(&options, &runtime), SIO_OK);
    CHECK_STATUS(sio_runtime_fd(runtime, &fd), SIO_E_STATE);
    CHECK_STATUS(sio_runtime_dispatch(runtime, 0, 0, NULL), SIO_E_STATE);
    CHECK_STATUS(sio_runtime_wake(runtime), SIO_E_STATE);
    REFUSED(sio_runtime_on_log(runtime, 99, nothing, NULL, NULL));
    REFUSED(sio_runtime_on_log(runtime, -1, nothing, NULL, NULL));
    CHECK_STATUS(sio_runtime_on_log(runtime, 0, NULL, NULL, NULL), SIO_OK);
    CHECK_STATUS(sio_runtime_destroy(runtime), SIO_OK);
    options.dispatch = SIO_DISPATCH_QUEUED;
    CHECK_STATUS(sio_runtime_new(&options, &queued), SIO_OK);
    REFUSED(sio_runtime_fd(queued, NULL));
    REFUSED(sio_runtime_next(queued, 0, NULL));
    CHECK_STATUS(sio_runtime_dispatch(queued, 0, 0, NULL), SIO_OK);
    CHECK_STATUS(sio_runtime_destroy(queued), SIO_OK);
}

#define NAMESPACE(nsp) sio_server_namespace(server, nsp)
#define ON_NSP(nsp) sio_server_on(server, nsp, "hi", nothing, NULL, NULL)
#define ON_ANY(nsp) sio_server_on_any(server, nsp, nothing, NULL, NULL)
#define ON_CONN(nsp) sio_server_on_connection(server, nsp, nothing, NULL, NULL)
#define ON_DISC(nsp) sio_server_on_disconnect(server, nsp, nothing, NULL, NULL)
#define USE(nsp) sio_server_use(server, nsp, nothing, NULL, NULL)
#define EMIT_NSP(nsp) sio_server_emit(server, nsp, NULL, "hi", no_args(), NULL)
#define CLOSE_ROOM(nsp) sio_server_close_room(server, nsp, "room")
#define DISCONNECT(nsp) sio_server_disconnect(server, nsp, NULL, 0)
#define SOCKETS(nsp) sio_server_sockets(server, nsp, NULL, &sockets, &count)
#define BY_ID(nsp) \
    sio_server_socket(server, nsp, "12345678901234567890", &found)

static void namespaces(void) {
    sio_socket *sockets = NULL, found;
    size_t count;
    REFUSED_NAMES(NAMESPACE);
    REFUSED_NAMES(ON_NSP);
    REFUSED_NAMES(ON_ANY);
    REFUSED_NAMES(ON_CONN);
    REFUSED_NAMES(ON_DISC);
    REFUSED_NAMES(USE);
    REFUSED_NAMES(EMIT_NSP);
    REFUSED_NAMES(CLOSE_ROOM);
    REFUSED_NAMES(DISCONNECT);
    REFUSED_NAMES(SOCKETS);
    REFUSED_NAMES(BY_ID);
    REFUSED(NAMESPACE(""));
    REFUSED(NAMESPACE("chat"));
    REFUSED(NAMESPACE("/a,b"));
    REFUSED(ON_NSP("chat"));
    REFUSED(EMIT_NSP("/nobody-made-this"));
    REFUSED(SOCKETS("/nobody-made-this"));
    CHECK_STATUS(NAMESPACE("/chat"), SIO_OK);
    CHECK_STATUS(NAMESPACE("/chat"), SIO_OK);
    CHECK_STATUS(EMIT_NSP("/chat"), SIO_OK);
}

#define ON(event) sio_server_on(server, "/", event, nothing, NULL, NULL)
#define SOCKET_ON(event) sio_socket_on(socket_, event, nothing, NULL, NULL)
#define EMIT(event) sio_emit(socket_, event, no_args(), NULL)
#define BROADCAST(event) sio_broadcast(socket_, NULL, event, no_args(), NULL)
#define SERVER_EMIT(event) \
    sio_server_emit(server, "/", NULL, event, no_args(), NULL)
#define ASK(event) \
    sio_emit_with_ack(socket_, event, no_args(), NULL, 0, nothing, NULL, NULL)

#define RESERVED(name)                                   \
    do {                                                 \
        CHECK_STATUS(ON(name), SIO_E_RESERVED);          \
        CHECK_STATUS(SOCKET_ON(name), SIO_E_RESERVED);   \
        CHECK_STATUS(EMIT(name), SIO_E_RESERVED);        \
        CHECK_STATUS(BROADCAST(name), SIO_E_RESERVED);   \
        CHECK_STATUS(SERVER_EMIT(name), SIO_E_RESERVED); \
        CHECK_STATUS(ASK(name), SIO_E_RESERVED);         \
    } while (0)

static void event_names(void) {
    REFUSED_NAMES(ON);
    REFUSED_NAMES(SOCKET_ON);
    REFUSED_NAMES(EMIT);
    REFUSED_NAMES(BROADCAST);
    REFUSED_NAMES(SERVER_EMIT);
    REFUSED_NAMES(ASK);
    RESERVED("connect");
    RESERVED("connect_error");
    RESERVED("disconnect");
    RESERVED("disconnecting");
    RESERVED("newListener");
    RESERVED("removeListener");
}

static void functions(void) {
    REFUSED(sio_server_on(server, "/", "hi", NULL, NULL, NULL));
    REFUSED(sio_server_on_any(server, "/", NULL, NULL, NULL));
    REFUSED(sio_server_on_connection(server, "/", NULL, NULL, NULL));
    REFUSED(sio_server_on_disconnect(server, "/", NULL, NULL, NULL));
    REFUSED(sio_server_use(server, "/", NULL, NULL, NULL));
    REFUSED(sio_server_on_close(server, NULL, NULL, NULL));
    REFUSED(sio_server_on_http(server, NULL, NULL, NULL));
    REFUSED(sio_socket_on(socket_, "hi", NULL, NULL, NULL));
    REFUSED(sio_socket_on_any(socket_, NULL, NULL, NULL));
    REFUSED(sio_socket_on_disconnect(socket_, NULL, NULL, NULL));
    REFUSED(
        sio_emit_with_ack(socket_, "hi", no_args(), NULL, 0, NULL, NULL, NULL));
}

/* A registration that fails must not release its context. */
static void failing_registration_keeps_context(void) {
    sio_server none = {0};
    probe kept;
    probe_init(&kept);
    sio_server_on(none, "/", "hi", probe_see, &kept, probe_release);
    sio_server_on(server, NULL, "hi", probe_see, &kept, probe_release);
    sio_server_on(server, "/", "connect", probe_see, &kept, probe_release);
    sio_server_on_any(server, "chat", probe_see, &kept, probe_release);
    sio_server_use(server, NULL, probe_see, &kept, probe_release);
    sio_socket_on(socket_, NULL, probe_see, &kept, probe_release);
    sio_emit_with_ack(socket_, NULL, no_args(), NULL, 0, probe_see, &kept,
                      probe_release);
    sio_emit_with_ack(socket_, "hi", text("{}"), NULL, 0, probe_see, &kept,
                      probe_release);
    CHECK_NUMBER(probe_calls(&kept), 0);
    CHECK_NUMBER(probe_releases(&kept), 0);
}

static void outputs(void) {
    sio_socket *sockets;
    sio_text *rooms;
    size_t count;
    REFUSED(sio_server_new(NULL, NULL));
    REFUSED(sio_server_address(server, 0, NULL));
    REFUSED(sio_server_sockets(server, "/", NULL, NULL, &count));
    REFUSED(sio_server_sockets(server, "/", NULL, &sockets, NULL));
    REFUSED(sio_server_socket(server, "/", "x", NULL));
    REFUSED(sio_server_counts(server, sizeof(sio_counts), NULL));
    REFUSED(sio_socket_rooms(socket_, NULL, &count));
    REFUSED(sio_socket_rooms(socket_, &rooms, NULL));
    REFUSED(sio_socket_data(socket_, NULL));
    REFUSED(sio_socket_id(socket_, NULL));
    REFUSED(sio_socket_handshake(socket_, NULL));
    REFUSED(sio_socket_transport(socket_, NULL));
}

static void rooms(void) {
    sio_socket found;
    REFUSED(sio_socket_join(socket_, NULL));
    REFUSED(sio_socket_leave(socket_, NULL));
    REFUSED(sio_socket_join(socket_, "\xff"));
    REFUSED(sio_server_close_room(server, "/", NULL));
    REFUSED(sio_server_socket(server, "/", NULL, &found));
    CHECK_STATUS(sio_server_socket(server, "/", "nobody", &found),
                 SIO_E_HANDLE);
}

static void targets(void) {
    const char *missing[1] = {NULL};
    sio_target target = SIO_TARGET_INIT;
    target.room_count = 1;
    REFUSED(sio_server_emit(server, "/", &target, "hi", no_args(), NULL));
    REFUSED(sio_server_disconnect(server, "/", &target, 0));
    REFUSED(sio_broadcast(socket_, &target, "hi", no_args(), NULL));
    target.rooms = missing;
    REFUSED(sio_server_emit(server, "/", &target, "hi", no_args(), NULL));
    REFUSED(sio_broadcast(socket_, &target, "hi", no_args(), NULL));
    target.rooms = NULL;
    target.room_count = 0;
    target.except_count = 1;
    REFUSED(sio_server_emit(server, "/", &target, "hi", no_args(), NULL));
    target.except = missing;
    REFUSED(sio_server_emit(server, "/", &target, "hi", no_args(), NULL));
}

#define BAD_JSON(args)                                                     \
    do {                                                                   \
        CHECK_STATUS(sio_emit(socket_, "hi", args, NULL), SIO_E_JSON);     \
        CHECK_STATUS(sio_reply(ack, args, NULL), SIO_E_JSON);              \
        CHECK_STATUS(sio_server_emit(server, "/", NULL, "hi", args, NULL), \
                     SIO_E_JSON);                                          \
    } while (0)

static void json(void) {
    BAD_JSON(text("{}"));
    BAD_JSON(text("\"hi\""));
    BAD_JSON(text("[1,]"));
    BAD_JSON(text("[1"));
    BAD_JSON(text("[1]]"));
    BAD_JSON(text("[NaN]"));
    BAD_JSON(text("['x']"));
    BAD_JSON(text("[01]"));
    BAD_JSON(text("[\"\\x\"]"));
    BAD_JSON(text("[\"\n\"]"));
    BAD_JSON(text("[\"\xff\"]"));
    BAD_JSON(text("[] x"));
    REFUSED(sio_emit(socket_, "hi", broken_text(), NULL));
    REFUSED(sio_reply(ack, broken_text(), NULL));
    REFUSED(sio_reject(request, "no", broken_text()));
    CHECK_STATUS(sio_reject(request, "no", text("{")), SIO_E_JSON);
}

/* 100,000 brackets: no stack overflow. */
static void deep_json(void) {
    static char deep[200001];
    memset(deep, '[', 100000);
    memset(deep + 100000, ']', 100000);
    sio_emit(socket_, "hi", text(deep), NULL);
    deep[199999] = '\0';
    CHECK(sio_emit(socket_, "hi", text(deep), NULL) < 0);
}

static void attachments(void) {
    sio_emit_options options = SIO_EMIT_OPTIONS_INIT;
    sio_bytes broken;
    broken.data = NULL;
    broken.length = 5;
    options.attachment_count = 1;
    REFUSED(sio_emit(socket_, "hi", no_args(), &options));
    REFUSED(sio_reply(ack, no_args(), &options));
    REFUSED(sio_server_emit(server, "/", NULL, "hi", no_args(), &options));
    options.attachments = &broken;
    REFUSED(sio_emit(socket_, "hi", no_args(), &options));
}

static void http_responses(void) {
    sio_bytes none, broken;
    none.data = broken.data = NULL;
    none.length = 0;
    broken.length = 5;
    REFUSED(sio_http_respond(http, 200, NULL, 1, none));
    REFUSED(sio_http_respond(http, 200, NULL, 0, broken));
    REFUSED(sio_http_respond(http, 199, NULL, 0, none));
    REFUSED(sio_http_respond(http, 600, NULL, 0, none));
    REFUSED(sio_http_respond(http, -1, NULL, 0, none));
}

/* More than fits; it is refused by its length, before a byte of it is read. */
static void sizes(void) {
    sio_text huge = {"[]", (size_t)5 << 30};
    sio_bytes huge_bytes = {"x", (size_t)5 << 30};
    sio_emit_options options = SIO_EMIT_OPTIONS_INIT;
    sio_server_options server_options = SIO_SERVER_OPTIONS_INIT;
    sio_http_request http = {1};
    sio_server made;
    options.attachments = &huge_bytes;
    options.attachment_count = 1;
    CHECK_STATUS(sio_emit(socket_, "hi", huge, NULL), SIO_E_LIMIT);
    CHECK_STATUS(sio_emit(socket_, "hi", sio_text_of("[]"), &options),
                 SIO_E_LIMIT);
    CHECK_STATUS(sio_server_emit(server, "/", NULL, "hi", huge, NULL),
                 SIO_E_LIMIT);
    CHECK_STATUS(sio_broadcast(socket_, NULL, "hi", huge, NULL), SIO_E_LIMIT);
    CHECK_STATUS(sio_http_respond(http, 200, NULL, 0, huge_bytes), SIO_E_LIMIT);
    server_options.max_http_buffer_size = (1u << 30) + 1;
    CHECK_STATUS(sio_server_new(&server_options, &made), SIO_E_LIMIT);
    server_options.max_http_buffer_size = 0;
    server_options.max_buffered_bytes = 0xffffffffu;
    CHECK_STATUS(sio_server_new(&server_options, &made), SIO_E_LIMIT);
}

/* Options that are no good. */
static void server_options(void) {
    const char *missing[1] = {NULL};
    const char *no_origin[1] = {"example.com"};
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_server made;
    options.transports = 8;
    REFUSED(sio_server_new(&options, &made));
    options.transports = 0;
    options.parser = 2;
    REFUSED(sio_server_new(&options, &made));
    options.parser = 0;
    options.cors_origin_count = 1;
    REFUSED(sio_server_new(&options, &made));
    options.cors_origins = missing;
    REFUSED(sio_server_new(&options, &made));
    options.cors_origins = no_origin;
    REFUSED(sio_server_new(&options, &made));
    CHECK(strstr(sio_last_error(), "\"example.com\"") != NULL);
    options.cors_origins = NULL;
    options.cors_origin_count = 0;
    options.path = "/with space";
    REFUSED(sio_server_new(&options, &made));
    options.path = NULL;
    options.runtime.id = 12345;
    CHECK_STATUS(sio_server_new(&options, &made), SIO_E_HANDLE);
}

/* A failed call writes no output. */
static void outputs_on_success_only(void) {
    sio_socket found;
    sio_server none = {0};
    sio_address address;
    memset(&address, 0x5a, sizeof address);
    found.id = 42;
    sio_server_socket(server, "/", "nobody", &found);
    CHECK_NUMBER(found.id, 42);
    sio_server_address(none, 0, &address);
    sio_server_address(server, 9, &address);
    CHECK_NUMBER(address.text[0], 0x5a);
    CHECK_NUMBER(address.host[0], 0x5a);
}

int main(void) {
    probe joined, asked, requested, browsed;
    raw_client client, waiting;
    raw_stream browser;
    int port;
    probe_init(&joined);
    probe_init(&asked);
    probe_init(&requested);
    probe_init(&browsed);
    server = serve_new(NULL);
    sio_server_on_connection(server, "/", probe_see, &joined, NULL);
    sio_server_on(server, "/", "ask", probe_see, &asked, NULL);
    sio_server_use(server, "/slow", probe_see, &requested, NULL);
    sio_server_on_http(server, probe_see, &browsed, NULL);
    port = serve_listen(server);
    REQUIRE(raw_join_websocket(&client, port));
    REQUIRE(raw_send(&client, "420[\"ask\"]"));
    REQUIRE(raw_open_websocket(&waiting, port));
    REQUIRE(raw_send(&waiting, "40/slow,"));
    REQUIRE(raw_connect(&browser, NULL, port));
    REQUIRE(raw_http_send(&browser, "GET", "/", NULL, NULL, 0));
    socket_ = probe_at(&joined, 0)->socket;
    ack = probe_at(&asked, 0)->ack;
    request = probe_at(&requested, 0)->request;
    http = probe_at(&browsed, 0)->http;

    runtimes();
    server_options();
    namespaces();
    event_names();
    functions();
    failing_registration_keeps_context();
    outputs();
    rooms();
    targets();
    json();
    attachments();
    sizes();
    http_responses();
    outputs_on_success_only();
    deep_json();

    /* After all that, what was asked is still open. */
    CHECK_STATUS(sio_reply(ack, text("[\"yes\"]"), NULL), SIO_OK);
    CHECK_STATUS(sio_accept(request), SIO_OK);
    CHECK_STATUS(sio_server_destroy(server), SIO_OK);
    raw_abort(&client);
    raw_abort(&waiting);
    raw_reset(&browser);
    return check_total();
}
