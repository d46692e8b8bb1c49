/*
 * namespaces.c - namespaces that clients ask for.
 */
#include "serve.h"

static void by_pattern(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    probe joined, seen, made;
    probe_init(&joined);
    probe_init(&seen);
    probe_init(&made);
    CHECK_STATUS(sio_server_namespace_pattern(server, "/room-*"), SIO_OK);
    CHECK_STATUS(sio_server_namespace_pattern(server, "/room-*"), SIO_E_STATE);
    CHECK_STATUS(sio_server_namespace_pattern(server, "room"), SIO_E_ARGUMENT);
    CHECK_STATUS(sio_server_namespace_pattern(server, NULL), SIO_E_ARGUMENT);
    CHECK_STATUS(
        sio_server_on_new_namespace(server, probe_see, &made, probe_release),
        SIO_OK);
    sio_server_on_connection(server, "/room-*", probe_see, &joined, NULL);
    sio_server_on(server, "/room-*", "x", probe_see, &seen, NULL);
    CHECK(raw_open_websocket(&client, serve_listen(server)));
    CHECK(raw_join(&client, "/room-1", NULL));
    CHECK_NUMBER(probe_at(&made, 0)->kind, SIO_EVENT_NEW_NAMESPACE);
    CHECK_TEXT(probe_at(&made, 0)->nsp, "/room-1");
    CHECK_TEXT(probe_at(&joined, 0)->nsp, "/room-1");
    CHECK(raw_send(&client, "42/room-1,[\"x\",1]"));
    CHECK_TEXT(probe_at(&seen, 0)->nsp, "/room-1");
    CHECK(raw_join(&client, "/room-2", NULL));
    CHECK_STATUS(
        sio_server_emit(server, "/room-*", NULL, "all", no_args(), NULL),
        SIO_OK);
    CHECK(raw_receive(&client) != NULL);
    CHECK(raw_receive(&client) != NULL);
    CHECK_STATUS(
        sio_server_emit(server, "/room-2", NULL, "one", no_args(), NULL),
        SIO_OK);
    CHECK(raw_expect(&client, "42/room-2,[\"one\"]"));
    CHECK(!raw_join(&client, "/other", NULL));
    CHECK(!raw_join(&client, "/room-*", NULL));
    raw_leave(&client);
    CHECK(serve_idle(server));
    serve_destroy(server);
    serve_released_once(&made);
}

static void reject(const sio_event *event, void *context) {
    probe_see(event, context);
    CHECK_STATUS(sio_reject(event->request, NULL, no_args()), SIO_OK);
}

static void by_function(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    probe none, later;
    const probe_event *event;
    probe_init(&none);
    probe_init(&later);
    CHECK_STATUS(sio_server_namespace_matcher(server, "/_none", reject, &none,
                                              probe_release),
                 SIO_OK);
    CHECK_STATUS(sio_server_namespace_matcher(server, "/_later", probe_see,
                                              &later, probe_release),
                 SIO_OK);
    CHECK_STATUS(sio_server_namespace_matcher(server, "/_later", probe_see,
                                              &later, probe_release),
                 SIO_E_STATE);
    CHECK(raw_open_websocket(&client, serve_listen(server)));
    CHECK(raw_send(&client, "40/a,{\"token\":1}"));
    event = probe_at(&later, 0);
    CHECK_NUMBER(event->kind, SIO_EVENT_NAMESPACE_REQUEST);
    CHECK_TEXT(event->nsp, "/a");
    CHECK_TEXT(event->args, "{\"token\":1}");
    CHECK_NUMBER(event->socket.id, 0);
    CHECK_NUMBER(probe_calls(&none), 1);
    CHECK_STATUS(sio_accept(event->request), SIO_OK);
    CHECK(strncmp(raw_receive(&client), "40/a,{", 6) == 0);
    CHECK_STATUS(sio_accept(event->request), SIO_E_HANDLE);
    CHECK(raw_send(&client, "40/b,"));
    CHECK_STATUS(sio_reject(probe_at(&later, 1)->request, NULL, no_args()),
                 SIO_OK);
    CHECK(raw_expect(&client, "44/b,{\"message\":\"Invalid namespace\"}"));
    /* One that is not decided ends with the client. */
    CHECK(raw_send(&client, "40/c,"));
    event = probe_at(&later, 2);
    raw_abort(&client);
    CHECK(serve_idle(server));
    CHECK_STATUS(sio_accept(event->request), SIO_E_HANDLE);
    serve_destroy(server);
    serve_released_once(&none);
    serve_released_once(&later);
}

static void empty_ones_go(void) {
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_server server;
    raw_client client;
    probe made, left;
    probe_init(&made);
    probe_init(&left);
    options.flags = SIO_SERVER_CLEANUP_EMPTY_CHILD_NAMESPACES;
    options.max_child_namespaces = 1;
    server = serve_new(&options);
    sio_server_namespace_pattern(server, "/*");
    sio_server_on_new_namespace(server, probe_see, &made, NULL);
    sio_server_on_disconnect(server, "/*", probe_see, &left, NULL);
    CHECK(raw_open_websocket(&client, serve_listen(server)));
    CHECK(raw_join(&client, "/a", NULL));
    CHECK(!raw_join(&client, "/b", NULL));
    CHECK(raw_send(&client, "41/a,"));
    CHECK(probe_wait(&left, 1));
    CHECK_STATUS(sio_server_emit(server, "/a", NULL, "x", no_args(), NULL),
                 SIO_E_ARGUMENT);
    CHECK(raw_join(&client, "/b", NULL));
    CHECK(probe_wait(&made, 2));
    raw_leave(&client);
    CHECK(serve_idle(server));
    serve_destroy(server);
}

int main(void) {
    by_pattern();
    by_function();
    empty_ones_go();
    return check_total();
}
