/*
 * events.c - events from clients, and the handlers that get them; log lines.
 */
#include <stdio.h>

#include "serve.h"

static void echoed(int polling) {
    sio_server server = serve_new(NULL);
    raw_client client;
    probe seen;
    const probe_event *event;
    int port;
    probe_init(&seen);
    serve_echo_on(server);
    sio_server_on(server, "/", "message", probe_see, &seen, probe_release);
    port = serve_listen(server);
    CHECK(polling ? raw_join_polling(&client, port)
                  : raw_join_websocket(&client, port));
    CHECK(raw_send(&client, "42[\"message\",\"hello\",{\"a\":[1,2.5,null]}]"));
    CHECK(
        raw_expect(&client, "42[\"message\",\"hello\",{\"a\":[1,2.5,null]}]"));
    event = probe_at(&seen, 0);
    CHECK_NUMBER(event->kind, SIO_EVENT_MESSAGE);
    CHECK_NUMBER(event->server.id, server.id);
    CHECK(event->socket.id != 0);
    CHECK_NUMBER(event->ack.id, 0);
    CHECK_TEXT(event->nsp, "/");
    CHECK_TEXT(event->name, "message");
    CHECK_TEXT(event->args, "[\"hello\",{\"a\":[1,2.5,null]}]");
    CHECK_NUMBER(event->attachment_count, 0);
    CHECK(raw_send(&client, "42[\"message\"]"));
    CHECK(raw_expect(&client, "42[\"message\"]"));
    CHECK_TEXT(probe_at(&seen, 1)->args, "[]");
    raw_leave(&client);
    CHECK(serve_idle(server));
    serve_destroy(server);
    serve_released_once(&seen);
}

/* The arguments of the event that is delivered are emitted without another look
 * at them; a part of them is looked at. */
static void emit_parts(const sio_event *event, void *context) {
    sio_text part = event->args;
    sio_emit_options with = SIO_EMIT_OPTIONS_INIT;
    sio_bytes attachment = {"x", 1};
    (void)context;
    part.length--;
    CHECK_STATUS(sio_emit(event->socket, "part", part, NULL), SIO_E_JSON);
    part = event->args;
    part.data++;
    part.length -= 2;
    CHECK_STATUS(sio_emit(event->socket, "part", part, NULL), SIO_E_JSON);
    with.attachments = &attachment;
    with.attachment_count = 1;
    CHECK_STATUS(sio_emit(event->socket, "whole", event->args, &with), SIO_OK);
    CHECK_STATUS(sio_emit(event->socket, "whole", event->args, NULL), SIO_OK);
}

static void parts_are_validated(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    sio_server_on(server, "/", "message", emit_parts, NULL, NULL);
    CHECK(raw_join_websocket(&client, serve_listen(server)));
    CHECK(raw_send(&client, "42[\"message\", \"a\" , 1 ]"));
    CHECK(raw_expect(&client, "451-[\"whole\",\"a\" , 1]"));
    CHECK(raw_expect_bytes(&client, "x", 1));
    CHECK(raw_expect(&client, "42[\"whole\", \"a\" , 1 ]"));
    raw_leave(&client);
    serve_destroy(server);
}

/* The JSON that clients send comes out as it went in. */
static void text_survives(void) {
    static const char *const texts[] = {
        "42[\"x\",\"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80\"]",
        "42[\"x\",\"\\u00e4\\ud83d\\ude00\\n\\\"\\\\\"]",
        "42[\"\xf0\x9f\x98\x80 name\",1]",
        "42[\"x\",-0,1e300,12345678901234567890,true,false,null]",
        "42[\"x\",{},[],{\"\":{\"\":[[]]}}]",
        "42[\"x\",{\"_placeholder\":true,\"num\":0}]",
        "42[\"\",\"an empty name\"]"};
    sio_server server = serve_new(NULL);
    raw_client client;
    size_t i;
    serve_echo_on(server);
    CHECK(raw_join_websocket(&client, serve_listen(server)));
    for (i = 0; i < sizeof texts / sizeof texts[0]; i++)
        CHECK(raw_send(&client, texts[i]) && raw_expect(&client, texts[i]));
    raw_leave(&client);
    serve_destroy(server);
}

/* A name with quotes in it is escaped on the way out. */
static void names_are_escaped(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    probe joined, seen;
    probe_init(&joined);
    probe_init(&seen);
    sio_server_on_connection(server, "/", probe_see, &joined, NULL);
    sio_server_on(server, "/", "say \"hi\"\n", probe_see, &seen, NULL);
    CHECK(raw_join_websocket(&client, serve_listen(server)));
    CHECK_STATUS(sio_emit(probe_at(&joined, 0)->socket, "say \"hi\"\n",
                          sio_text_of("[1]"), NULL),
                 SIO_OK);
    CHECK(raw_expect(&client, "42[\"say \\\"hi\\\"\\n\",1]"));
    CHECK(raw_send(&client, "42[\"say \\\"hi\\\"\\n\",2]"));
    CHECK_TEXT(probe_at(&seen, 0)->args, "[2]");
    CHECK_TEXT(probe_at(&seen, 0)->name, "say \"hi\"\n");
    raw_leave(&client);
    serve_destroy(server);
}

/* What every text of an event promises: a NUL behind it. */
static void check_nul(const sio_event *event, void *context) {
    CHECK_NUMBER(event->nsp.data[event->nsp.length], 0);
    CHECK_NUMBER(event->name.data[event->name.length], 0);
    CHECK_NUMBER(event->args.data[event->args.length], 0);
    CHECK(event->context == context);
    probe_see(event, context);
}

static void texts_end_with_nul(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    probe seen;
    probe_init(&seen);
    sio_server_namespace(server, "/chat");
    sio_server_on(server, "/chat", "hi", check_nul, &seen, NULL);
    CHECK(raw_open_websocket(&client, serve_listen(server)));
    CHECK(raw_join(&client, "/chat", NULL));
    CHECK(raw_send(&client, "42/chat,[\"hi\",1]"));
    CHECK_TEXT(probe_at(&seen, 0)->nsp, "/chat");
    raw_leave(&client);
    serve_destroy(server);
}

/* Handlers write a letter each, in the order of their calls. */
typedef struct letter {
    char *word;
    char letter;
} letter;

static void write_letter(const sio_event *event, void *context) {
    letter *it = (letter *)context;
    size_t length = strlen(it->word);
    (void)event;
    it->word[length] = it->letter;
    it->word[length + 1] = '\0';
}

static void order_of_handlers(void) {
    static char word[32];
    static letter letters[] = {
        {word, 'a'}, {word, 'b'}, {word, 's'}, {word, '1'}, {word, '2'}};
    sio_server server = serve_new(NULL);
    raw_client client;
    probe joined, done;
    word[0] = '\0';
    probe_init(&joined);
    probe_init(&done);
    sio_server_on(server, "/", "hi", write_letter, &letters[3], NULL);
    sio_server_on(server, "/", "hi", write_letter, &letters[4], NULL);
    sio_server_on_any(server, "/", write_letter, &letters[0], NULL);
    sio_server_on_any(server, "/", write_letter, &letters[1], NULL);
    sio_server_on(server, "/", "hi", probe_see, &done, NULL);
    sio_server_on(server, "/", "other", write_letter, &letters[0], NULL);
    sio_server_on_connection(server, "/", probe_see, &joined, NULL);
    CHECK(raw_join_websocket(&client, serve_listen(server)));
    CHECK_STATUS(sio_socket_on(probe_at(&joined, 0)->socket, "hi", write_letter,
                               &letters[2], NULL),
                 SIO_OK);
    CHECK(serve_settled(probe_at(&joined, 0)->socket, &client));
    CHECK(raw_send(&client, "42[\"hi\"]"));
    CHECK(probe_wait(&done, 1));
    CHECK_TEXT(word, "abs12");
    raw_leave(&client);
    serve_destroy(server);
}

static void handlers_of_a_socket(void) {
    sio_server server = serve_new(NULL);
    raw_client first, second;
    probe joined, named, any, all;
    int port;
    probe_init(&joined);
    probe_init(&named);
    probe_init(&any);
    probe_init(&all);
    sio_server_on_connection(server, "/", probe_see, &joined, NULL);
    sio_server_on(server, "/", "hi", probe_see, &all, NULL);
    port = serve_listen(server);
    CHECK(raw_join_websocket(&first, port));
    CHECK_STATUS(sio_socket_on(probe_at(&joined, 0)->socket, "hi", probe_see,
                               &named, probe_release),
                 SIO_OK);
    CHECK_STATUS(sio_socket_on_any(probe_at(&joined, 0)->socket, probe_see,
                                   &any, probe_release),
                 SIO_OK);
    CHECK(serve_settled(probe_at(&joined, 0)->socket, &first));
    CHECK(raw_join_websocket(&second, port));
    CHECK(raw_send(&second, "42[\"hi\"]"));
    CHECK(raw_send(&first, "42[\"hi\"]"));
    CHECK(raw_send(&first, "42[\"other\"]"));
    CHECK(probe_wait(&any, 2));
    CHECK(probe_wait(&all, 2));
    CHECK_NUMBER(probe_calls(&named), 1);
    CHECK_NUMBER(probe_releases(&named), 0);
    raw_leave(&first);
    serve_released_once(&named); /* with the socket, not with the server */
    serve_released_once(&any);
    raw_leave(&second);
    serve_destroy(server);
}

/* Added while clients are connected, a handler holds from the next event on. */
static void added_later(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    probe seen;
    probe_init(&seen);
    serve_echo_on(server);
    CHECK(raw_join_websocket(&client, serve_listen(server)));
    CHECK(raw_echo(&client, "hi"));
    CHECK_STATUS(sio_server_on(server, "/", "hi", probe_see, &seen, NULL),
                 SIO_OK);
    CHECK(raw_echo(&client, "hi"));
    CHECK(probe_wait(&seen, 1));
    CHECK_NUMBER(probe_calls(&seen), 1);
    raw_leave(&client);
    serve_destroy(server);
}

/* A thousand events on one connection come in order. */
static void in_order(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    char packet[64];
    int i, wrong = 0;
    serve_echo_on(server);
    CHECK(raw_join_websocket(&client, serve_listen(server)));
    for (i = 0; i < 1000; i++) {
        snprintf(packet, sizeof packet, "42[\"n\",%d]", i);
        raw_send(&client, packet);
    }
    for (i = 0; i < 1000; i++) {
        snprintf(packet, sizeof packet, "42[\"n\",%d]", i);
        wrong += !raw_expect(&client, packet);
    }
    CHECK_NUMBER(wrong, 0);
    raw_leave(&client);
    serve_destroy(server);
}

/* Several packets in one POST, and several in one poll. */
static void payloads(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    serve_echo_on(server);
    CHECK(raw_join_polling(&client, serve_listen(server)));
    CHECK(raw_send(&client, "42[\"a\"]\x1e"
                            "42[\"b\",2]\x1e"
                            "42[\"c\",3]"));
    CHECK(raw_expect(&client, "42[\"a\"]"));
    CHECK(raw_expect(&client, "42[\"b\",2]"));
    CHECK(raw_expect(&client, "42[\"c\",3]"));
    raw_leave(&client);
    serve_destroy(server);
}

/* Two namespaces on one connection are two sockets. */
static void two_namespaces(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    probe main, chat;
    probe_init(&main);
    probe_init(&chat);
    sio_server_on(server, "/", "hi", probe_see, &main, NULL);
    sio_server_on(server, "/chat", "hi", probe_see, &chat, NULL);
    CHECK(raw_join_websocket(&client, serve_listen(server)));
    CHECK(raw_join(&client, "/chat", NULL));
    CHECK(raw_send(&client, "42[\"hi\",1]"));
    CHECK(raw_send(&client, "42/chat,[\"hi\",2]"));
    CHECK_TEXT(probe_at(&main, 0)->args, "[1]");
    CHECK_TEXT(probe_at(&chat, 0)->args, "[2]");
    CHECK(probe_at(&main, 0)->socket.id != probe_at(&chat, 0)->socket.id);
    CHECK_NUMBER(serve_counts(server).sockets, 2);
    CHECK_NUMBER(serve_counts(server).sessions, 1);
    CHECK_NUMBER(serve_counts(server).connections, 1);
    raw_leave(&client);
    serve_destroy(server);
}

/* The upgrade, with events before, while and after. */
static void upgraded(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    serve_echo_on(server);
    CHECK(raw_join_polling(&client, serve_listen(server)));
    CHECK(raw_echo(&client, "before"));
    CHECK(raw_upgrade(&client));
    CHECK(raw_echo(&client, "after"));
    raw_leave(&client);
    CHECK(serve_idle(server));
    serve_destroy(server);
}

static void logged(void) {
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_server server;
    probe lines;
    probe_init(&lines);
    CHECK_STATUS(sio_runtime_new(NULL, &options.runtime), SIO_OK);
    CHECK_STATUS(sio_runtime_on_log(options.runtime, SIO_LOG_DEBUG, probe_see,
                                    &lines, probe_release),
                 SIO_OK);
    server = serve_new(&options);
    serve_listen(server);
    CHECK(probe_wait(&lines, 1));
    CHECK_NUMBER(probe_at(&lines, 0)->kind, SIO_EVENT_LOG);
    CHECK(probe_at(&lines, 0)->reason[0] != '\0');
    CHECK_STATUS(sio_runtime_on_log(options.runtime, 0, NULL, NULL, NULL),
                 SIO_OK);
    serve_released_once(&lines);
    CHECK_STATUS(sio_runtime_destroy(options.runtime), SIO_OK);
    CHECK_NUMBER(probe_releases(&lines), 1);
}

int main(void) {
    echoed(0);
    echoed(1);
    parts_are_validated();
    text_survives();
    names_are_escaped();
    texts_end_with_nul();
    order_of_handlers();
    handlers_of_a_socket();
    added_later();
    in_order();
    payloads();
    two_namespaces();
    upgraded();
    logged();
    return check_total();
}
