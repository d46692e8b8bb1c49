/*
 * disconnect.c - every way in which a socket can end, and the reason that the
 * server is told.
 */
#include <stdlib.h>

#include "serve.h"

typedef struct talk {
    sio_server server;
    probe joined, left;
    raw_client client;
} talk;

/* Whether the client has joined. */
static int try_begin(talk *it, const sio_server_options *options, int polling) {
    int port;
    probe_init(&it->joined);
    probe_init(&it->left);
    it->server = serve_new(options);
    serve_echo_on(it->server);
    sio_server_on_connection(it->server, "/", probe_see, &it->joined, NULL);
    sio_server_on_disconnect(it->server, "/", probe_see, &it->left,
                             probe_release);
    port = serve_listen(it->server);
    return polling ? raw_join_polling(&it->client, port)
                   : raw_join_websocket(&it->client, port);
}

static void begin_with(talk *it, const sio_server_options *options,
                       int polling) {
    REQUIRE(try_begin(it, options, polling));
}

/* Clients of this server have little time: more, if it was over before the
 * client had joined. */
static void begin_hasty(talk *it, uint32_t interval_ms, uint32_t timeout_ms,
                        int polling) {
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    options.ping_interval_ms = interval_ms;
    options.ping_timeout_ms = timeout_ms;
    while (!try_begin(it, &options, polling)) {
        raw_abort(&it->client);
        serve_destroy(it->server);
        options.ping_interval_ms *= 2;
        options.ping_timeout_ms *= 2;
        REQUIRE(options.ping_timeout_ms < 20000);
    }
}

static void begin(talk *it, int polling) {
    begin_with(it, NULL, polling);
}

static sio_socket socket_of(talk *it) {
    return probe_at(&it->joined, 0)->socket;
}

/* That the socket has ended, for this reason, with details that begin so, and
 * everything is gone. */
static void ended(talk *it, const char *reason, const char *details) {
    const probe_event *event = probe_at(&it->left, 0);
    CHECK_NUMBER(event->kind, SIO_EVENT_DISCONNECT);
    CHECK_TEXT(event->reason, reason);
    if (strncmp(event->details, details, strlen(details)) != 0)
        CHECK_TEXT(event->details, details);
    if (details[0] == '\0') CHECK_TEXT(event->details, "");
    CHECK_TEXT(event->nsp, "/");
    CHECK_NUMBER(event->socket.id, socket_of(it).id);
    if (it->client.websocket)
        raw_abort(&it->client);
    else
        raw_leave(&it->client); /* or its session waits for a pong */
    CHECK(serve_idle(it->server));
    CHECK_STATUS(sio_emit(socket_of(it), "hi", no_args(), NULL), SIO_E_HANDLE);
    serve_destroy(it->server);
    CHECK_NUMBER(probe_calls(&it->left), 1);
    CHECK_NUMBER(probe_releases(&it->left), 1);
}

/* The client's doing */

static void client_leaves_namespace(int polling) {
    talk it;
    begin(&it, polling);
    CHECK(raw_send(&it.client, "41"));
    ended(&it, "client namespace disconnect", "");
}

static void client_closes(int polling) {
    talk it;
    begin(&it, polling);
    raw_leave(&it.client);
    ended(&it, "transport close",
          polling ? "The client sent a close packet."
                  : "The client closed its WebSocket without a code.");
}

static void client_aborts(int polling) {
    talk it;
    begin(&it, polling);
    if (polling) CHECK(raw_poll(&it.client) && serve_writable(socket_of(&it)));
    raw_abort(&it.client);
    ended(&it, polling ? "transport error" : "transport close",
          polling ? "The client gave up a request." : "The connection ");
}

static void client_sends(const char *packet, const char *reason,
                         const char *details) {
    talk it;
    begin(&it, 0);
    raw_send(&it.client, packet);
    CHECK(raw_expect_end(&it.client));
    ended(&it, reason, details);
}

static void silent_client(int polling) {
    talk it;
    begin_hasty(&it, 100, 100, polling);
    ended(&it, "ping timeout", "The client was not heard of in time.");
}

/* Whether a client that answers stays, for longer than one that does not. */
static int stays(talk *it, uint32_t timeout_ms, int polling) {
    begin_hasty(it, 50, timeout_ms, polling);
    return raw_silent(&it->client, (int)timeout_ms + 100) &&
           probe_calls(&it->left) == 0 && raw_echo(&it->client, "still here");
}

/* It may answer late on a busy machine: then it is given more time. */
static void lively_client(int polling) {
    uint32_t timeout_ms = 500;
    talk it;
    while (!stays(&it, timeout_ms, polling)) {
        raw_abort(&it.client);
        serve_destroy(it.server);
        timeout_ms *= 2;
        REQUIRE(timeout_ms < 10000);
    }
    CHECK(raw_send(&it.client, "41"));
    ended(&it, "client namespace disconnect", "");
}

/* A Close frame is answered with one that has the same code. */
static void close_is_answered(void) {
    talk it;
    raw_message answer;
    begin(&it, 0);
    CHECK(raw_ws_send(&it.client.main, RAW_WS_CLOSE, "\x03\xe8", 2));
    CHECK(raw_ws_receive(&it.client.main, &answer));
    CHECK_NUMBER(answer.opcode, RAW_WS_CLOSE);
    CHECK(answer.length == 2 && memcmp(answer.data, "\x03\xe8", 2) == 0);
    free(answer.data);
    CHECK(raw_ended(&it.client.main, RAW_PATIENCE_MS));
    ended(&it, "transport close",
          "The client closed its WebSocket with code 1000.");
}

static void too_large(void) {
    static char packet[3000];
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    talk it;
    options.max_http_buffer_size = 2000;
    begin_with(&it, &options, 0);
    CHECK(strstr(it.client.open, "\"maxPayload\":2000}") != NULL);
    memset(packet, 'x', sizeof packet - 1);
    memcpy(packet, "42[\"", 4);
    raw_send(&it.client, packet);
    CHECK(raw_expect_end(&it.client));
    ended(&it, "transport error",
          "The client broke a rule of WebSockets, code 1009: ");
}

/* The server's doing */

static void server_disconnects(int polling) {
    talk it;
    begin(&it, polling);
    CHECK_STATUS(sio_emit(socket_of(&it), "last words", no_args(), NULL),
                 SIO_OK);
    CHECK_STATUS(sio_socket_disconnect(socket_of(&it), 0), SIO_OK);
    CHECK(raw_expect(&it.client, "42[\"last words\"]"));
    CHECK(raw_expect(&it.client, "41"));
    CHECK_NUMBER(serve_counts(it.server).sessions, 1);
    ended(&it, "server namespace disconnect", "");
}

static void server_ends_connection(int polling) {
    talk it;
    begin(&it, polling);
    CHECK_STATUS(sio_emit(socket_of(&it), "last words", no_args(), NULL),
                 SIO_OK);
    CHECK_STATUS(sio_socket_disconnect(socket_of(&it), 1), SIO_OK);
    CHECK(raw_expect(&it.client, "42[\"last words\"]"));
    CHECK(raw_expect(&it.client, "41"));
    CHECK(raw_expect_end(&it.client));
    ended(&it, "server namespace disconnect", "");
}

static void server_shuts_down(int polling) {
    talk it;
    begin(&it, polling);
    CHECK_STATUS(sio_server_close(it.server), SIO_OK);
    ended(&it, "server shutting down", "");
}

/* Leaving one namespace leaves the other alone; ending the connection ends
 * both. */
static void two_namespaces(void) {
    talk it;
    probe chat_joined, chat_left;
    begin(&it, 0);
    probe_init(&chat_joined);
    probe_init(&chat_left);
    sio_server_on_connection(it.server, "/chat", probe_see, &chat_joined, NULL);
    sio_server_on_disconnect(it.server, "/chat", probe_see, &chat_left, NULL);
    CHECK(raw_join(&it.client, "/chat", NULL));
    CHECK(raw_send(&it.client, "41/chat,"));
    CHECK_TEXT(probe_at(&chat_left, 0)->reason, "client namespace disconnect");
    CHECK_TEXT(probe_at(&chat_left, 0)->nsp, "/chat");
    CHECK(raw_echo(&it.client, "still here"));
    CHECK(raw_join(&it.client, "/chat", NULL));
    CHECK(probe_at(&chat_joined, 1)->socket.id !=
          probe_at(&chat_joined, 0)->socket.id);
    CHECK_STATUS(sio_socket_disconnect(probe_at(&chat_joined, 1)->socket, 1),
                 SIO_OK);
    CHECK(raw_expect_end(&it.client));
    CHECK_TEXT(probe_at(&chat_left, 1)->reason, "server namespace disconnect");
    ended(&it, "server namespace disconnect", "");
}

/* In the callback the socket is still known, but its rooms are left. */
typedef struct farewell {
    sio_socket *others;
    size_t in_room;
    void *data;
    sio_status id_status;
    sio_socket_id_text id;
    probe done;
} farewell;

static void look_around(const sio_event *event, void *context) {
    farewell *it = (farewell *)context;
    sio_server_sockets(event->server, "/", "room", &it->others, &it->in_room);
    sio_free(it->others);
    it->id_status = sio_socket_id(event->socket, &it->id);
    sio_socket_data(event->socket, &it->data);
    probe_see(event, &it->done);
}

static void inside_the_callback(void) {
    talk it;
    farewell seen;
    probe own;
    int data = 5;
    begin(&it, 0);
    memset(&seen, 0, sizeof seen);
    probe_init(&seen.done);
    probe_init(&own);
    seen.in_room = 99;
    CHECK_STATUS(
        sio_socket_on_disconnect(socket_of(&it), look_around, &seen, NULL),
        SIO_OK);
    CHECK_STATUS(sio_socket_on_disconnect(socket_of(&it), probe_see, &own,
                                          probe_release),
                 SIO_OK);
    sio_socket_join(socket_of(&it), "room");
    sio_socket_set_data(socket_of(&it), &data, NULL);
    CHECK(serve_settled(socket_of(&it), &it.client));
    raw_leave(&it.client);
    CHECK(probe_wait(&seen.done, 1));
    CHECK_NUMBER(seen.in_room, 0);
    CHECK_STATUS(seen.id_status, SIO_OK);
    CHECK_TEXT(seen.id.text, it.client.id);
    CHECK(seen.data == &data);
    CHECK(probe_wait(&own, 1));
    serve_released_once(&own);
    ended(&it, "transport close",
          "The client closed its WebSocket without a code.");
    CHECK_NUMBER(probe_calls(&own), 1);
}

/* Before the end there was a connection, for every client. */
static void one_connection_one_end(void) {
    talk it;
    int i;
    begin(&it, 0);
    raw_leave(&it.client);
    for (i = 1; i < 20; i++) {
        CHECK(raw_join_websocket(&it.client, serve_port(it.server)));
        raw_abort(&it.client);
    }
    CHECK(probe_wait(&it.left, 20));
    CHECK(serve_idle(it.server));
    CHECK_NUMBER(probe_calls(&it.joined), 20);
    CHECK_NUMBER(probe_calls(&it.left), 20);
    serve_destroy(it.server);
}

int main(void) {
    int polling;
    for (polling = 0; polling < 2; polling++) {
        client_leaves_namespace(polling);
        client_closes(polling);
        client_aborts(polling);
        silent_client(polling);
        lively_client(polling);
        server_disconnects(polling);
        server_ends_connection(polling);
        server_shuts_down(polling);
    }
    client_sends("42[\"x\"", "forced close",
                 "A client sent a packet that is not one: ");
    client_sends("42[]", "forced close",
                 "A client sent a packet that is not one: ");
    client_sends("42[{}]", "forced close",
                 "A client sent a packet that is not one: ");
    client_sends("42{\"a\":1}", "forced close",
                 "A client sent a packet that is not one: ");
    client_sends("42[\"disconnect\"]", "forced close",
                 "A client sent a packet that is not one: ");
    client_sends("42[\"connect\"]", "forced close",
                 "A client sent a packet that is not one: ");
    client_sends("47", "forced close",
                 "A client sent a packet that is not one: ");
    client_sends("4", "forced close",
                 "A client sent a packet that is not one: ");
    client_sends("40", "forced close",
                 "A client is disconnected: it "); /* a second time */
    client_sends("42/other,[\"x\"]", "forced close",
                 "A client is disconnected: it ");
    client_sends("44{\"message\":\"x\"}", "forced close",
                 "A client is disconnected: it ");
    client_sends("abc", "parse error",
                 "The client sent what is no packet of Engine.IO.");
    client_sends("", "parse error",
                 "The client sent what is no packet of Engine.IO.");
    client_sends(
        "2", "transport error",
        "A client that asked for revision 4 of Engine.IO (EIO=4) pings");
    close_is_answered();
    too_large();
    two_namespaces();
    inside_the_callback();
    one_connection_one_end();
    return check_total();
}
