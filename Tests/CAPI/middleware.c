/*
 * middleware.c - letting clients in, or not, now or later; and what clients do
 * that were never let in.
 */
#include "serve.h"

static void accept_now(const sio_event *event, void *context) {
    if (context != NULL) probe_see(event, (probe *)context);
    CHECK_STATUS(sio_accept(event->request), SIO_OK);
}

static void reject_now(const sio_event *event, void *context) {
    if (context != NULL) probe_see(event, (probe *)context);
    CHECK_STATUS(
        sio_reject(event->request, "no entry", sio_text_of("{\"code\":7}")),
        SIO_OK);
}

static void reject_plainly(const sio_event *event, void *context) {
    (void)context;
    CHECK_STATUS(sio_reject(event->request, NULL, no_args()), SIO_OK);
}

static void accepted(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    probe asked, joined;
    probe_init(&asked);
    probe_init(&joined);
    CHECK_STATUS(sio_server_use(server, "/", accept_now, &asked, probe_release),
                 SIO_OK);
    sio_server_on_connection(server, "/", probe_see, &joined, NULL);
    CHECK(raw_open_websocket(&client, serve_listen(server)));
    CHECK(raw_join(&client, "/", "{\"token\":\"t\"}"));
    CHECK_NUMBER(probe_at(&asked, 0)->kind, SIO_EVENT_CONNECT_REQUEST);
    CHECK_TEXT(probe_at(&asked, 0)->args, "{\"token\":\"t\"}");
    CHECK_TEXT(probe_at(&asked, 0)->nsp, "/");
    CHECK_NUMBER(probe_at(&joined, 0)->kind, SIO_EVENT_CONNECTION);
    CHECK_TEXT(probe_at(&joined, 0)->args, "{\"token\":\"t\"}");
    CHECK_NUMBER(probe_at(&joined, 0)->socket.id,
                 probe_at(&asked, 0)->socket.id);
    CHECK_STATUS(sio_accept(probe_at(&asked, 0)->request), SIO_E_HANDLE);
    CHECK_STATUS(sio_reject(probe_at(&asked, 0)->request, NULL, no_args()),
                 SIO_E_HANDLE);
    raw_leave(&client);
    CHECK(serve_idle(server));
    serve_destroy(server);
    serve_released_once(&asked);
}

/* No auth is an empty object. */
static void without_auth(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    probe joined;
    probe_init(&joined);
    sio_server_on_connection(server, "/", probe_see, &joined, NULL);
    CHECK(raw_join_websocket(&client, serve_listen(server)));
    CHECK_TEXT(probe_at(&joined, 0)->args, "{}");
    raw_leave(&client);
    serve_destroy(server);
}

static void rejected(int polling) {
    sio_server server = serve_new(NULL);
    raw_client client;
    probe second, joined, left;
    int port;
    probe_init(&second);
    probe_init(&joined);
    probe_init(&left);
    sio_server_use(server, "/", reject_now, NULL, NULL);
    sio_server_use(server, "/", accept_now, &second, NULL);
    sio_server_on_connection(server, "/", probe_see, &joined, NULL);
    sio_server_on_disconnect(server, "/", probe_see, &left, NULL);
    port = serve_listen(server);
    CHECK(polling ? raw_open_polling(&client, port)
                  : raw_open_websocket(&client, port));
    CHECK(!raw_join(&client, "/", NULL));
    CHECK_TEXT(client.packet,
               "44{\"message\":\"no entry\",\"data\":{\"code\":7}}");
    CHECK(!raw_join(&client, "/", NULL)); /* it may try again */
    CHECK_TEXT(client.packet,
               "44{\"message\":\"no entry\",\"data\":{\"code\":7}}");
    CHECK_NUMBER(serve_counts(server).sockets, 0);
    CHECK_NUMBER(serve_counts(server).room_entries, 0);
    CHECK_NUMBER(serve_counts(server).sessions, 1);
    raw_leave(&client);
    CHECK(serve_idle(server));
    serve_destroy(server);
    CHECK_NUMBER(probe_calls(&second), 0);
    CHECK_NUMBER(probe_calls(&joined), 0);
    CHECK_NUMBER(probe_calls(&left), 0);
}

static void rejected_plainly(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    sio_server_use(server, "/chat", reject_plainly, NULL, NULL);
    CHECK(raw_open_websocket(&client, serve_listen(server)));
    CHECK(!raw_join(&client, "/chat", NULL));
    CHECK_TEXT(client.packet, "44/chat,{\"message\":\"Forbidden\"}");
    CHECK(raw_join(&client, "/", NULL)); /* it is another namespace's */
    raw_leave(&client);
    serve_destroy(server);
}

static void several_in_order(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    probe first, second;
    probe_init(&first);
    probe_init(&second);
    sio_server_use(server, "/", probe_see, &first, NULL);
    sio_server_use(server, "/", accept_now, &second, NULL);
    CHECK(raw_open_websocket(&client, serve_listen(server)));
    CHECK(raw_send(&client, "40"));
    CHECK(probe_wait(&first, 1));
    raw_sleep_ms(50);
    CHECK_NUMBER(probe_calls(&second), 0);
    CHECK_NUMBER(serve_counts(server).sockets, 0);
    CHECK_STATUS(sio_accept(probe_at(&first, 0)->request), SIO_OK);
    CHECK(probe_wait(&second, 1));
    CHECK(raw_receive(&client) != NULL);
    CHECK(strncmp(client.packet, "40{\"sid\":\"", 10) == 0);
    raw_leave(&client);
    serve_destroy(server);
}

/* Decided on a thread of its own, while the client says other things. */
typedef struct decision {
    sio_connect_request request;
    int accept;
} decision;

static void *decide(void *context) {
    decision *it = (decision *)context;
    raw_sleep_ms(50);
    if (it->accept)
        CHECK_STATUS(sio_accept(it->request), SIO_OK);
    else
        CHECK_STATUS(sio_reject(it->request, "later", no_args()), SIO_OK);
    return NULL;
}

static void decided_later(int accept, int polling) {
    sio_server server = serve_new(NULL);
    raw_client client;
    probe asked;
    decision later;
    pthread_t thread;
    int port;
    probe_init(&asked);
    sio_server_use(server, "/", probe_see, &asked, NULL);
    port = serve_listen(server);
    CHECK(polling ? raw_open_polling(&client, port)
                  : raw_open_websocket(&client, port));
    CHECK(raw_send(&client, "40"));
    later.request = probe_at(&asked, 0)->request;
    later.accept = accept;
    pthread_create(&thread, NULL, decide, &later);
    CHECK(raw_receive(&client) != NULL);
    CHECK(strncmp(client.packet, accept ? "40{" : "44{", 3) == 0);
    pthread_join(thread, NULL);
    raw_leave(&client);
    CHECK(serve_idle(server));
    serve_destroy(server);
}

static void gone_before_the_decision(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    probe asked, joined;
    probe_init(&asked);
    probe_init(&joined);
    sio_server_use(server, "/", probe_see, &asked, NULL);
    sio_server_on_connection(server, "/", probe_see, &joined, NULL);
    CHECK(raw_open_websocket(&client, serve_listen(server)));
    CHECK(raw_send(&client, "40"));
    CHECK(probe_wait(&asked, 1));
    raw_abort(&client);
    CHECK(serve_idle(server));
    CHECK_STATUS(sio_accept(probe_at(&asked, 0)->request), SIO_E_HANDLE);
    CHECK_STATUS(sio_reject(probe_at(&asked, 0)->request, NULL, no_args()),
                 SIO_E_HANDLE);
    serve_destroy(server);
    CHECK_NUMBER(probe_calls(&joined), 0);
}

/* Undecided when the server ends. */
static void never_decided(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    probe asked;
    probe_init(&asked);
    sio_server_use(server, "/", probe_see, &asked, NULL);
    CHECK(raw_open_websocket(&client, serve_listen(server)));
    CHECK(raw_send(&client, "40"));
    CHECK(probe_wait(&asked, 1));
    serve_destroy(server);
    CHECK_STATUS(sio_accept(probe_at(&asked, 0)->request), SIO_E_HANDLE);
    raw_abort(&client);
}

/* Data attached to the socket before it joins is there afterwards. */
static int user = 42;

static void attach_user(const sio_event *event, void *context) {
    (void)context;
    CHECK_STATUS(sio_socket_set_data(event->socket, &user, NULL), SIO_OK);
    CHECK_STATUS(sio_socket_join(event->socket, "users"), SIO_OK);
    sio_accept(event->request);
}

static void prepared_socket(void) {
    sio_server server = serve_new(NULL);
    sio_socket *sockets = NULL;
    raw_client client;
    probe joined;
    void *data = NULL;
    size_t count = 0;
    probe_init(&joined);
    sio_server_use(server, "/", attach_user, NULL, NULL);
    sio_server_on_connection(server, "/", probe_see, &joined, NULL);
    CHECK(raw_join_websocket(&client, serve_listen(server)));
    CHECK_STATUS(sio_socket_data(probe_at(&joined, 0)->socket, &data), SIO_OK);
    CHECK(data == &user);
    CHECK_STATUS(sio_server_sockets(server, "/", "users", &sockets, &count),
                 SIO_OK);
    CHECK_NUMBER(count, 1);
    sio_free(sockets);
    raw_leave(&client);
    CHECK(serve_idle(server));
    serve_destroy(server);
}

/* Refused after all: nothing of what was prepared stays. */
static void prepare_and_reject(const sio_event *event, void *context) {
    CHECK_STATUS(sio_socket_join(event->socket, "users"), SIO_OK);
    CHECK_STATUS(sio_socket_set_data(event->socket, context, probe_release),
                 SIO_OK);
    sio_reject(event->request, NULL, no_args());
}

static void prepared_in_vain(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    probe data;
    probe_init(&data);
    sio_server_use(server, "/", prepare_and_reject, &data, NULL);
    CHECK(raw_open_websocket(&client, serve_listen(server)));
    CHECK(!raw_join(&client, "/", NULL));
    serve_released_once(&data);
    CHECK_NUMBER(serve_counts(server).room_entries, 0);
    raw_leave(&client);
    CHECK(serve_idle(server));
    serve_destroy(server);
}

static void no_such_namespace(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    CHECK(raw_open_websocket(&client, serve_listen(server)));
    CHECK(!raw_join(&client, "/nowhere", NULL));
    CHECK_TEXT(client.packet, "44/nowhere,{\"message\":\"Invalid namespace\"}");
    CHECK(raw_join(&client, "/", NULL));
    raw_leave(&client);
    serve_destroy(server);
}

static void never_joined(int polling) {
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_server server;
    raw_client client;
    int port;
    options.connect_timeout_ms = 100;
    server = serve_new(&options);
    port = serve_listen(server);
    CHECK(polling ? raw_open_polling(&client, port)
                  : raw_open_websocket(&client, port));
    CHECK(raw_expect_end(&client));
    raw_abort(&client);
    CHECK(serve_idle(server));
    serve_destroy(server);
}

static void spoke_before_joining(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    probe seen;
    probe_init(&seen);
    sio_server_on_any(server, "/", probe_see, &seen, NULL);
    CHECK(raw_open_websocket(&client, serve_listen(server)));
    CHECK(raw_send(&client, "42[\"x\"]"));
    CHECK(raw_expect_end(&client));
    raw_abort(&client);
    serve_destroy(server);
    CHECK_NUMBER(probe_calls(&seen), 0);
}

int main(void) {
    accepted();
    without_auth();
    rejected(0);
    rejected(1);
    rejected_plainly();
    several_in_order();
    decided_later(1, 0);
    decided_later(0, 0);
    decided_later(1, 1);
    gone_before_the_decision();
    never_decided();
    prepared_socket();
    prepared_in_vain();
    no_such_namespace();
    never_joined(0);
    never_joined(1);
    spoke_before_joining();
    return check_total();
}
