/*
 * client.c - a client and a server of ours in one process: events, replies both
 * ways, binary values, namespaces, over each transport and with each parser.
 */
#include <stdio.h>

#include "dial.h"

typedef struct way {
    const char *name;
    uint32_t transports, flags, parser;
    int32_t transport; /* in the end */
} way;

static const way ways[] = {
    {"polling", SIO_TRANSPORT_POLLING, 0, 0, SIO_TRANSPORT_POLLING},
    {"WebSocket", SIO_TRANSPORT_WEBSOCKET, 0, 0, SIO_TRANSPORT_WEBSOCKET},
    {"upgrade", 0, 0, 0, SIO_TRANSPORT_WEBSOCKET},
    {"no upgrade", 0, SIO_CLIENT_NO_UPGRADE, 0, SIO_TRANSPORT_POLLING},
    {"WebSocket first", 0, SIO_CLIENT_WEBSOCKET_FIRST, 0,
     SIO_TRANSPORT_WEBSOCKET},
    {"polling, msgpack", SIO_TRANSPORT_POLLING, 0, SIO_PARSER_MSGPACK,
     SIO_TRANSPORT_POLLING},
    {"WebSocket, msgpack", SIO_TRANSPORT_WEBSOCKET, 0, SIO_PARSER_MSGPACK,
     SIO_TRANSPORT_WEBSOCKET},
    {"base64", SIO_TRANSPORT_POLLING, SIO_CLIENT_FORCE_BASE64, 0,
     SIO_TRANSPORT_POLLING}};

typedef struct talk {
    sio_server server;
    dial client;
    probe seen; /* what the server sends */
} talk;

static int is_on(const talk *it, int32_t transport) {
    long long limit = raw_now_ms() + RAW_PATIENCE_MS;
    while (dial_state(&it->client).transport != transport &&
           raw_now_ms() < limit)
        raw_sleep_ms(5);
    return dial_state(&it->client).transport == transport;
}

static void begin(talk *it, const way *how) {
    sio_server_options serving = SIO_SERVER_OPTIONS_INIT;
    sio_client_options options;
    serving.parser = how->parser;
    it->server = serve_new(&serving);
    serve_echo_on(it->server);
    options = dial_options(serve_listen(it->server));
    options.transports = how->transports;
    options.flags = how->flags;
    options.parser = how->parser;
    probe_init(&it->seen);
    dial_new(&it->client, &options);
    CHECK_STATUS(sio_client_on_any(it->client.client, "/", probe_see, &it->seen,
                                   probe_release),
                 SIO_OK);
    CHECK_STATUS(sio_client_connect(it->client.client, "/"), SIO_OK);
    CHECK(probe_wait(&it->client.joined, 1));
    CHECK(is_on(it, how->transport));
}

static void end(talk *it) {
    dial_end(&it->client);
    serve_released_once(&it->seen);
    CHECK(serve_idle(it->server));
    serve_destroy(it->server);
}

static void events(talk *it) {
    const probe_event *seen;
    sio_emit_options options = SIO_EMIT_OPTIONS_INIT;
    sio_bytes bytes[2];
    CHECK_STATUS(sio_client_emit(it->client.client, "/", "hello",
                                 sio_text_of("[1,\"two\",{\"3\":[null]}]"),
                                 NULL),
                 SIO_OK);
    seen = probe_at(&it->seen, 0);
    CHECK_NUMBER(seen->kind, SIO_EVENT_MESSAGE);
    CHECK_NUMBER(seen->client.id, it->client.client.id);
    CHECK_NUMBER(seen->server.id, 0);
    CHECK_NUMBER(seen->socket.id, 0);
    CHECK_NUMBER(seen->ack.id, 0);
    CHECK_TEXT(seen->nsp, "/");
    CHECK_TEXT(seen->name, "hello");
    CHECK_TEXT(seen->args, "[1,\"two\",{\"3\":[null]}]");
    bytes[0].data = "\0\1\2";
    bytes[0].length = 3;
    bytes[1].data = NULL;
    bytes[1].length = 0;
    options.attachments = bytes;
    options.attachment_count = 2;
    CHECK_STATUS(sio_client_emit(
                     it->client.client, "/", "bytes",
                     sio_text_of("[{\"_placeholder\":true,\"num\":0},{\"in\":[{"
                                 "\"_placeholder\":true,\"num\":1}]}]"),
                     &options),
                 SIO_OK);
    seen = probe_at(&it->seen, 1);
    CHECK_TEXT(seen->name, "bytes");
    CHECK_NUMBER(seen->attachment_count, 2);
    CHECK_NUMBER(seen->lengths[0], 3);
    CHECK(memcmp(seen->attachments[0], "\0\1\2", 3) == 0);
    CHECK_NUMBER(seen->lengths[1], 0);
}

/* Replies: of the server to us, and ours to it. */
static void reply_to(const sio_event *event, void *context) {
    (void)context;
    CHECK_STATUS(sio_reply(event->ack, event->args, NULL), SIO_OK);
    CHECK_STATUS(sio_reply(event->ack, event->args, NULL), SIO_E_HANDLE);
}

static void replies(talk *it) {
    probe reply;
    sio_socket *sockets = NULL;
    size_t count = 0;
    CHECK(dial_echo(&it->client, "[]"));
    CHECK(dial_echo(&it->client, "[\"one\",2]"));
    probe_init(&reply);
    CHECK_STATUS(
        sio_client_on(it->client.client, "/", "ask", reply_to, NULL, NULL),
        SIO_OK);
    CHECK_STATUS(sio_server_sockets(it->server, "/", NULL, &sockets, &count),
                 SIO_OK);
    REQUIRE(count == 1);
    CHECK_STATUS(sio_emit_with_ack(sockets[0], "ask", sio_text_of("[7]"), NULL,
                                   RAW_PATIENCE_MS, probe_see, &reply,
                                   probe_release),
                 SIO_OK);
    CHECK_STATUS(probe_at(&reply, 0)->status, SIO_OK);
    CHECK_TEXT(probe_at(&reply, 0)->args, "[7]");
    serve_released_once(&reply);
    sio_free(sockets);
}

static void over(const way *how) {
    talk it;
    int failed = check_failed();
    begin(&it, how);
    events(&it);
    replies(&it);
    end(&it);
    if (check_failed() > failed) printf("  over %s\n", how->name);
}

/* What is emitted before the client has joined, or even begun, is sent then. */
static void early(void) {
    sio_server server = serve_new(NULL);
    sio_client_options options = dial_options(serve_listen(server));
    dial it;
    probe seen;
    int i;
    serve_echo_on(server);
    probe_init(&seen);
    dial_new(&it, &options);
    sio_client_on_any(it.client, "/", probe_see, &seen, NULL);
    for (i = 0; i < 10; i++) {
        char args[16];
        snprintf(args, sizeof args, "[%d]", i);
        CHECK_STATUS(
            sio_client_emit(it.client, "/", "n", sio_text_of(args), NULL),
            SIO_OK);
        if (i == 4) CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    }
    for (i = 0; i < 10; i++) {
        char args[16];
        snprintf(args, sizeof args, "[%d]", i);
        CHECK_TEXT(probe_at(&seen, i)->args, args);
    }
    dial_end(&it);
    serve_destroy(server);
}

/* Two namespaces share a connection; each is joined and left for itself. */
static void namespaces(void) {
    sio_server server = serve_new(NULL);
    sio_client_options options = dial_options(serve_listen(server));
    dial it;
    probe joined, left, seen;
    serve_echo_on(server);
    sio_server_on_any(server, "/chat", serve_echo, NULL, NULL);
    probe_init(&joined);
    probe_init(&left);
    probe_init(&seen);
    REQUIRE(dial_join(&it, &options));
    sio_client_on_connect(it.client, "/chat", probe_see, &joined, NULL);
    sio_client_on_disconnect(it.client, "/chat", probe_see, &left, NULL);
    sio_client_on(it.client, "/chat", "x", probe_see, &seen, NULL);
    CHECK_STATUS(sio_client_connect(it.client, "/chat"), SIO_OK);
    CHECK_STATUS(sio_client_connect(it.client, "/chat"), SIO_OK);
    CHECK_TEXT(probe_at(&joined, 0)->nsp, "/chat");
    CHECK(strcmp(probe_at(&joined, 0)->id, probe_at(&it.joined, 0)->id) != 0);
    CHECK_NUMBER(serve_counts(server).sessions, 1);
    CHECK_NUMBER(serve_counts(server).sockets, 2);
    sio_client_emit(it.client, "/chat", "x", sio_text_of("[1]"), NULL);
    CHECK_TEXT(probe_at(&seen, 0)->nsp, "/chat");
    CHECK_STATUS(sio_client_disconnect(it.client, "/chat"), SIO_OK);
    CHECK_TEXT(probe_at(&left, 0)->reason, "io client disconnect");
    CHECK(dial_echo(&it, "[1]"));
    CHECK_NUMBER(serve_counts(server).sockets, 1);
    CHECK_STATUS(sio_client_disconnect(it.client, "/chat"), SIO_OK);
    CHECK_STATUS(sio_client_disconnect(it.client, "/nowhere"), SIO_OK);
    CHECK_STATUS(sio_client_connect(it.client, "/chat"), SIO_OK);
    CHECK(probe_wait(&joined, 2));
    CHECK_STATUS(sio_client_disconnect(it.client, "/chat"), SIO_OK);
    CHECK_STATUS(sio_client_disconnect(it.client, "/"), SIO_OK);
    CHECK(probe_wait(&it.left, 1));
    CHECK(serve_idle(server)); /* the connection went with the last one */
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    CHECK(probe_wait(&it.joined, 2));
    CHECK(dial_echo(&it, "[2]"));
    CHECK_NUMBER(probe_calls(&joined), 2);
    dial_end(&it);
    serve_destroy(server);
}

/* What sio_client_connection() says. */
static void states(void) {
    sio_server server = serve_new(NULL);
    sio_client_options options = dial_options(serve_listen(server));
    dial it;
    sio_connection state;
    dial_new(&it, &options);
    state = dial_state(&it);
    CHECK_NUMBER(state.connected, 0);
    CHECK_NUMBER(state.active, 0);
    CHECK_NUMBER(state.transport, 0);
    CHECK_NUMBER(state.revision, 0);
    CHECK_TEXT(state.id, "");
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    CHECK_TEXT(probe_at(&it.joined, 0)->nsp, "/");
    state = dial_state(&it);
    CHECK_NUMBER(state.connected, 1);
    CHECK_NUMBER(state.active, 1);
    CHECK_NUMBER(state.revision, 4);
    CHECK_NUMBER(state.recovered, 0);
    CHECK_NUMBER(state.recoverable, 0);
    CHECK(state.transport != 0);
    CHECK_TEXT(state.id, it.joined.events[0].id);
    CHECK_NUMBER(strlen(state.id), 20);
    state.transport = 0x55;
    CHECK_STATUS(sio_client_connection(it.client, NULL,
                                       offsetof(sio_connection, transport),
                                       &state),
                 SIO_OK);
    CHECK_NUMBER(state.connected, 0);
    CHECK_NUMBER(state.transport, 0x55); /* behind the size */
    CHECK_STATUS(sio_client_connection(it.client, "/", sizeof state, NULL),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_client_connection(it.client, "/", 3, &state),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_client_disconnect(it.client, "/"), SIO_OK);
    CHECK(probe_wait(&it.left, 1));
    state = dial_state(&it);
    CHECK_NUMBER(state.connected, 0);
    CHECK_NUMBER(state.active, 0);
    CHECK_TEXT(state.id, "");
    dial_end(&it);
    serve_destroy(server);
}

int main(void) {
    size_t i;
    for (i = 0; i < sizeof ways / sizeof ways[0]; i++) over(&ways[i]);
    early();
    namespaces();
    states();
    return check_total();
}
