/*
 * listeners.c - functions that come and go, and what there is to listen to
 * besides events: what goes out, rooms, leaving, and what packet middlewares say.
 */
#include "serve.h"

static sio_status add(sio_server server, const char *event, uint32_t flags,
                      probe *p) {
    return sio_server_add_listener(server, "/", event, flags, probe_see, p,
                                   probe_release);
}

static size_t count(sio_server server, const char *event) {
    size_t n = 99;
    CHECK_STATUS(sio_server_listener_count(server, "/", event, &n), SIO_OK);
    return n;
}

static void come_and_go(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    probe one, two, any;
    sio_text *names;
    size_t n;
    probe_init(&one);
    probe_init(&two);
    probe_init(&any);
    serve_echo_on(server);
    CHECK_STATUS(add(server, "x", SIO_LISTENER_ONCE, &one), SIO_OK);
    CHECK_STATUS(add(server, "x", SIO_LISTENER_FIRST, &two), SIO_OK);
    CHECK_STATUS(add(server, NULL, 0, &any), SIO_OK);
    CHECK_NUMBER(count(server, "x"), 2);
    CHECK_NUMBER(count(server, "y"), 0);
    CHECK_NUMBER(count(server, NULL), 2); /* the echo's, too */
    CHECK_STATUS(sio_server_event_names(server, "/", &names, &n), SIO_OK);
    CHECK_NUMBER(n, 1);
    CHECK_TEXT(names[0].data, "x");
    sio_free(names);

    CHECK(raw_join_websocket(&client, serve_listen(server)));
    CHECK(raw_send(&client, "42[\"x\"]"));
    CHECK(raw_expect(&client, "42[\"x\"]"));
    CHECK(raw_send(&client, "42[\"x\"]"));
    CHECK(raw_expect(&client, "42[\"x\"]"));
    CHECK(raw_echo(&client, "behind"));
    CHECK_NUMBER(probe_calls(&one), 1);
    CHECK(probe_wait_released(&one, 1));
    CHECK_NUMBER(probe_calls(&two), 2);
    CHECK_NUMBER(probe_calls(&any), 3);

    CHECK_STATUS(sio_server_off(server, "/", "y", probe_see, &two),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_server_off(server, "/", "x", probe_see, &one),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_server_off(server, "/", "x", probe_see, &two), SIO_OK);
    CHECK_STATUS(sio_server_off(server, "/", NULL, probe_see, &any), SIO_OK);
    CHECK_STATUS(sio_server_event_names(server, "/", &names, &n), SIO_OK);
    CHECK_NUMBER(n, 0);
    CHECK(names == NULL);
    CHECK(raw_send(&client, "42[\"x\"]"));
    CHECK(raw_expect(&client, "42[\"x\"]"));
    CHECK(raw_echo(&client, "behind"));
    CHECK_NUMBER(probe_calls(&two), 2);
    CHECK(probe_wait_released(&two, 1));
    CHECK(probe_wait_released(&any, 1));

    CHECK_STATUS(sio_server_remove_all_listeners(server, "/", NULL), SIO_OK);
    CHECK_NUMBER(count(server, NULL), 0);
    raw_leave(&client);
    CHECK(serve_idle(server));
    serve_destroy(server);
}

/* What was registered with the functions of server.h can be taken back. */
static void all_kinds(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    probe p, unused;
    int i;
    probe_init(&p);
    probe_init(&unused);
    sio_server_on(server, "/", "x", probe_see, &p, probe_release);
    sio_server_on_any(server, "/", probe_see, &p, probe_release);
    sio_server_on_connection(server, "/", probe_see, &p, probe_release);
    sio_server_on_disconnect(server, "/", probe_see, &p, probe_release);
    sio_server_on_disconnecting(server, "/", probe_see, &p, probe_release);
    sio_server_on_any_outgoing(server, "/", 0, probe_see, &p, probe_release);
    sio_server_on_room(server, "/", probe_see, &p, probe_release);
    sio_server_on_new_namespace(server, probe_see, &p, probe_release);
    sio_server_on_connection_error(server, probe_see, &p, probe_release);
    for (i = 0; i < 7; i++)
        CHECK_STATUS(sio_server_off(server, "/", NULL, probe_see, &p), SIO_OK);
    /* What is left belongs to the server: neither to an event nor to another
     * namespace. */
    CHECK_STATUS(sio_server_off(server, "/", "connection_error", probe_see, &p),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_server_remove_all_listeners(server, "/", NULL), SIO_OK);
    CHECK_STATUS(sio_server_on(server, "/chat", "x", probe_see, &unused, NULL),
                 SIO_OK);
    CHECK_STATUS(sio_server_off(server, "/chat", NULL, probe_see, &p),
                 SIO_E_ARGUMENT);
    CHECK_NUMBER(probe_calls(&p), 1); /* of "/chat" */
    for (i = 0; i < 2; i++)
        CHECK_STATUS(sio_server_off(server, "/", NULL, probe_see, &p), SIO_OK);
    CHECK_STATUS(sio_server_off(server, "/", NULL, probe_see, &p),
                 SIO_E_ARGUMENT);
    CHECK(probe_wait_released(&p, 9));
    CHECK_STATUS(sio_server_on(server, "/new", "x", probe_see, &unused, NULL),
                 SIO_OK);
    serve_echo_on(server);
    CHECK(raw_join_websocket(&client, serve_listen(server)));
    CHECK(raw_echo(&client, "x"));
    raw_leave(&client);
    CHECK(serve_idle(server));
    CHECK_NUMBER(probe_calls(&p), 1);
    serve_destroy(server);
}

static void own_listeners(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    probe joined, once, gone, leaving;
    sio_socket socket;
    sio_text *names;
    size_t n;
    probe_init(&joined);
    probe_init(&once);
    probe_init(&gone);
    probe_init(&leaving);
    serve_echo_on(server);
    sio_server_on_connection(server, "/", probe_see, &joined, NULL);
    CHECK(raw_join_websocket(&client, serve_listen(server)));
    socket = probe_at(&joined, 0)->socket;
    CHECK_STATUS(sio_socket_add_listener(socket, "x", SIO_LISTENER_ONCE,
                                         probe_see, &once, probe_release),
                 SIO_OK);
    CHECK_STATUS(sio_socket_add_listener(socket, NULL, 4, probe_see, &gone,
                                         probe_release),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_socket_add_listener(socket, NULL, SIO_LISTENER_FIRST,
                                         probe_see, &gone, probe_release),
                 SIO_OK);
    CHECK_STATUS(
        sio_socket_on_disconnecting(socket, probe_see, &leaving, probe_release),
        SIO_OK);
    CHECK_STATUS(sio_socket_event_names(socket, &names, &n), SIO_OK);
    CHECK_NUMBER(n, 1);
    CHECK_TEXT(names[0].data, "x");
    sio_free(names);
    CHECK_STATUS(sio_socket_listener_count(socket, NULL, &n), SIO_OK);
    CHECK_NUMBER(n, 1);
    CHECK_STATUS(sio_socket_off(socket, NULL, probe_see, &gone), SIO_OK);
    CHECK(probe_wait_released(&gone, 1));
    CHECK_STATUS(sio_socket_off(socket, NULL, probe_see, &gone),
                 SIO_E_ARGUMENT);
    CHECK(raw_echo(&client, "x"));
    CHECK(raw_echo(&client, "x"));
    CHECK_NUMBER(probe_calls(&once), 1);
    CHECK_STATUS(sio_socket_remove_all_listeners(socket, "x"), SIO_OK);
    raw_leave(&client);
    CHECK(serve_idle(server));
    CHECK_NUMBER(probe_at(&leaving, 0)->kind, SIO_EVENT_DISCONNECTING);
    CHECK_NUMBER(probe_calls(&gone), 0);
    CHECK_STATUS(sio_socket_off(socket, NULL, probe_see, &once), SIO_E_HANDLE);
    serve_destroy(server);
    serve_released_once(&once);
    serve_released_once(&leaving);
}

static void check_leaving(const sio_event *event, void *context) {
    sio_text *rooms;
    size_t n = 0;
    CHECK_STATUS(sio_socket_rooms(event->socket, &rooms, &n), SIO_OK);
    CHECK_NUMBER(n, 2);
    sio_free(rooms);
    probe_see(event, context);
}

static void join_red(const sio_event *event, void *context) {
    (void)context;
    CHECK_STATUS(sio_socket_join(event->socket, "red"), SIO_OK);
}

static void rooms_and_leaving(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    probe rooms, leaving, left;
    const probe_event *event;
    probe_init(&rooms);
    probe_init(&leaving);
    probe_init(&left);
    sio_server_on_connection(server, "/", join_red, NULL, NULL);
    CHECK_STATUS(
        sio_server_on_room(server, "/", probe_see, &rooms, probe_release),
        SIO_OK);
    CHECK_STATUS(sio_server_on_disconnecting(server, "/", check_leaving,
                                             &leaving, probe_release),
                 SIO_OK);
    sio_server_on_disconnect(server, "/", probe_see, &left, NULL);
    CHECK(raw_join_websocket(&client, serve_listen(server)));
    event = probe_at(&rooms, 0);
    CHECK_NUMBER(event->kind, SIO_EVENT_ROOM);
    CHECK_TEXT(event->name, "create-room");
    CHECK_TEXT(event->room, client.id);
    CHECK_TEXT(event->nsp, "/");
    CHECK_TEXT(probe_at(&rooms, 1)->name, "join-room");
    CHECK_TEXT(probe_at(&rooms, 2)->name, "create-room");
    CHECK_TEXT(probe_at(&rooms, 2)->room, "red");
    CHECK_TEXT(probe_at(&rooms, 3)->name, "join-room");
    CHECK(raw_send(&client, "41"));
    CHECK_TEXT(probe_at(&leaving, 0)->reason, "client namespace disconnect");
    CHECK(strstr(probe_at(&leaving, 0)->args, client.id) != NULL);
    CHECK(strstr(probe_at(&leaving, 0)->args, "\"red\"") != NULL);
    CHECK_NUMBER(probe_at(&left, 0)->kind, SIO_EVENT_DISCONNECT);
    CHECK_TEXT(probe_at(&rooms, 4)->name, "leave-room");
    CHECK_TEXT(probe_at(&rooms, 5)->name, "delete-room");
    CHECK_TEXT(probe_at(&rooms, 6)->room, "red");
    CHECK_TEXT(probe_at(&rooms, 7)->name, "delete-room");
    raw_leave(&client);
    CHECK(serve_idle(server));
    CHECK_NUMBER(probe_calls(&rooms), 8);
    serve_destroy(server);
    serve_released_once(&rooms);
    serve_released_once(&leaving);
}

static void what_goes_out(void) {
    static const sio_bytes bytes = {"\1\2\3", 3};
    sio_server server = serve_new(NULL);
    sio_emit_options options = SIO_EMIT_OPTIONS_INIT;
    raw_client client;
    probe joined, all, own;
    const probe_event *event;
    sio_socket socket;
    probe_init(&joined);
    probe_init(&all);
    probe_init(&own);
    sio_server_on_connection(server, "/", probe_see, &joined, NULL);
    CHECK_STATUS(sio_server_on_any_outgoing(server, "/", 0, probe_see, &all,
                                            probe_release),
                 SIO_OK);
    CHECK_STATUS(sio_server_on_any_outgoing(server, "/", SIO_LISTENER_ONCE,
                                            probe_see, &all, probe_release),
                 SIO_E_ARGUMENT);
    CHECK(raw_join_websocket(&client, serve_listen(server)));
    socket = probe_at(&joined, 0)->socket;
    CHECK_STATUS(
        sio_socket_on_any_outgoing(socket, 0, probe_see, &own, probe_release),
        SIO_OK);
    options.attachments = &bytes;
    options.attachment_count = 1;
    CHECK_STATUS(sio_emit(socket, "hi",
                          sio_text_of("[1,{\"_placeholder\":true,\"num\":0}]"),
                          &options),
                 SIO_OK);
    event = probe_at(&all, 0);
    CHECK_NUMBER(event->kind, SIO_EVENT_OUTGOING);
    CHECK_TEXT(event->name, "hi");
    CHECK_TEXT(event->args, "[1,{\"_placeholder\":true,\"num\":0}]");
    CHECK_NUMBER(event->attachment_count, 1);
    CHECK_NUMBER(event->lengths[0], 3);
    CHECK_NUMBER(event->socket.id, socket.id);
    CHECK_TEXT(probe_at(&own, 0)->name, "hi");
    CHECK_STATUS(sio_server_emit(server, "/", NULL, "all", no_args(), NULL),
                 SIO_OK);
    CHECK_TEXT(probe_at(&all, 1)->name, "all");
    CHECK_TEXT(probe_at(&all, 1)->args, "[]");
    CHECK_TEXT(probe_at(&own, 1)->name, "all");
    raw_leave(&client);
    CHECK(serve_idle(server));
    serve_destroy(server);
    serve_released_once(&all);
    serve_released_once(&own);
}

static void decide(const sio_event *event, void *context) {
    probe_see(event, context);
    if (event->name.length == 3)
        CHECK_STATUS(
            sio_reject(event->request, "no", sio_text_of("{\"why\":1}")),
            SIO_OK);
    else if (event->name.length != 5)
        CHECK_STATUS(sio_accept(event->request), SIO_OK);
}

static void packet_middleware(void) {
    sio_runtime_options runtime_options = SIO_RUNTIME_OPTIONS_INIT;
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_server server;
    raw_client client;
    probe joined, asked, refused, seen;
    sio_socket socket;
    sio_connect_request late;
    probe_init(&joined);
    probe_init(&asked);
    probe_init(&refused);
    probe_init(&seen);

    CHECK_STATUS(sio_runtime_new(&runtime_options, &options.runtime), SIO_OK);
    server = serve_new(&options);
    sio_server_on_connection(server, "/", probe_see, &joined, NULL);
    sio_server_on_any(server, "/", probe_see, &seen, NULL);
    CHECK(raw_join_websocket(&client, serve_listen(server)));
    socket = probe_at(&joined, 0)->socket;
    CHECK_STATUS(sio_socket_use(socket, decide, &asked, probe_release), SIO_OK);
    CHECK_STATUS(
        sio_socket_on_error(socket, probe_see, &refused, probe_release),
        SIO_OK);
    CHECK(raw_send(&client, "42[\"bad\"]"));
    CHECK_NUMBER(probe_at(&refused, 0)->kind, SIO_EVENT_ERROR);
    CHECK_TEXT(probe_at(&refused, 0)->reason, "no");
    CHECK_TEXT(probe_at(&refused, 0)->args, "{\"why\":1}");
    CHECK_NUMBER(probe_at(&refused, 0)->socket.id, socket.id);
    CHECK(raw_send(&client, "42[\"good\",1]"));
    CHECK_NUMBER(probe_at(&asked, 1)->kind, SIO_EVENT_PACKET_REQUEST);
    CHECK_TEXT(probe_at(&asked, 1)->name, "good");
    CHECK_TEXT(probe_at(&asked, 1)->args, "[1]");
    CHECK_TEXT(probe_at(&seen, 0)->name, "good");
    CHECK_TEXT(probe_at(&seen, 0)->args, "[1]");
    /* Later, and with what is behind it before it. */
    CHECK(
        raw_send(&client, "451-[\"later\",{\"_placeholder\":true,\"num\":0}]"));
    CHECK(raw_send_bytes(&client, "abc", 3));
    CHECK(raw_send(&client, "42[\"next\"]"));
    CHECK_TEXT(probe_at(&seen, 1)->name, "next");
    late = probe_at(&asked, 2)->request;
    CHECK_STATUS(sio_accept(late), SIO_OK);
    CHECK_TEXT(probe_at(&seen, 2)->name, "later");
    CHECK_NUMBER(probe_at(&seen, 2)->attachment_count, 1);
    CHECK_TEXT(probe_at(&seen, 2)->attachments[0], "abc");
    CHECK_STATUS(sio_accept(late), SIO_E_HANDLE);
    /* One that is not decided ends with its socket. */
    CHECK(raw_send(&client, "42[\"never\"]"));
    late = probe_at(&asked, 4)->request;
    raw_leave(&client);
    CHECK(serve_idle(server));
    CHECK_STATUS(sio_accept(late), SIO_E_HANDLE);
    serve_destroy(server);
    serve_released_once(&asked);
    serve_released_once(&refused);
    CHECK_STATUS(sio_runtime_destroy(options.runtime), SIO_OK);
}

/* So many undecided events, and no more. */
static void undecided_events_are_bounded(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    probe joined, asked, refused;
    int i;
    probe_init(&joined);
    probe_init(&asked);
    probe_init(&refused);
    sio_server_on_connection(server, "/", probe_see, &joined, NULL);
    CHECK(raw_join_websocket(&client, serve_listen(server)));
    sio_socket_use(probe_at(&joined, 0)->socket, probe_see, &asked, NULL);
    sio_socket_on_error(probe_at(&joined, 0)->socket, probe_see, &refused,
                        NULL);
    CHECK(serve_settled(probe_at(&joined, 0)->socket, &client));
    for (i = 0; i < 1030; i++) CHECK(raw_send(&client, "42[\"x\"]"));
    CHECK(probe_wait(&refused, 6));
    CHECK_NUMBER(probe_calls(&asked), 1024);
    CHECK_STATUS(sio_accept(probe_at(&asked, 0)->request), SIO_OK);
    CHECK(raw_send(&client, "42[\"x\"]"));
    CHECK(probe_wait(&asked, 1025));
    raw_leave(&client);
    CHECK(serve_idle(server));
    serve_destroy(server);
}

/* A socket that is there hears of its connection's way to WebSocket. */
static void upgrades(void) {
    sio_server server = serve_new(NULL);
    raw_client client, direct;
    probe joined, all, own;
    int32_t transport;
    int port;
    probe_init(&joined);
    probe_init(&all);
    probe_init(&own);
    serve_echo_on(server);
    sio_server_on_connection(server, "/", probe_see, &joined, NULL);
    CHECK_STATUS(
        sio_server_on_upgrade(server, "/", probe_see, &all, probe_release),
        SIO_OK);
    port = serve_listen(server);
    CHECK(raw_join_polling(&client, port));
    CHECK_STATUS(sio_socket_on_upgrade(probe_at(&joined, 0)->socket, probe_see,
                                       &own, probe_release),
                 SIO_OK);
    CHECK(raw_join_websocket(&direct, port));
    CHECK(raw_echo(&client, "on-polling"));
    CHECK_NUMBER(probe_calls(&all), 0);
    CHECK(raw_upgrade(&client));
    CHECK(raw_echo(&client, "upgraded"));
    CHECK_NUMBER(probe_calls(&all), 1);
    CHECK_NUMBER(probe_calls(&own), 1);
    CHECK_NUMBER(probe_at(&all, 0)->kind, SIO_EVENT_UPGRADE);
    CHECK_TEXT(probe_at(&all, 0)->nsp, "/");
    CHECK_NUMBER(probe_at(&all, 0)->socket.id, probe_at(&joined, 0)->socket.id);
    CHECK_NUMBER(probe_at(&own, 0)->kind, SIO_EVENT_UPGRADE);
    CHECK_STATUS(sio_socket_transport(probe_at(&joined, 0)->socket, &transport),
                 SIO_OK);
    CHECK_NUMBER(transport, SIO_TRANSPORT_WEBSOCKET);
    CHECK_STATUS(sio_server_off(server, "/", NULL, probe_see, &all), SIO_OK);
    CHECK_STATUS(sio_server_off(server, "/", NULL, probe_see, &all),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_server_on_upgrade(server, "/", NULL, NULL, NULL),
                 SIO_E_ARGUMENT);
    raw_leave(&client);
    raw_leave(&direct);
    serve_destroy(server);
    serve_released_once(&all);
    serve_released_once(&own);
}

int main(void) {
    come_and_go();
    all_kinds();
    own_listeners();
    rooms_and_leaving();
    what_goes_out();
    packet_middleware();
    undecided_events_are_bounded();
    upgrades();
    return check_total();
}
