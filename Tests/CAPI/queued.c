/*
 * queued.c - events that wait until the program takes them: the pollable fd,
 * dispatching in batches, events as values, waking, timing.
 */
#include <fcntl.h>
#include <poll.h>

#include "serve.h"

typedef struct talk {
    sio_runtime runtime;
    sio_server server;
    raw_client client;
    probe seen;
    int fd;
} talk;

static int readable(int fd, int timeout_ms) {
    struct pollfd waiting;
    waiting.fd = fd;
    waiting.events = POLLIN;
    waiting.revents = 0;
    return poll(&waiting, 1, timeout_ms) == 1 &&
           (waiting.revents & POLLIN) != 0;
}

/* A client is there, and nothing waits. */
static void begin(talk *it, sio_event_fn fn) {
    sio_runtime_options queued = SIO_RUNTIME_OPTIONS_INIT;
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    probe_init(&it->seen);
    queued.dispatch = SIO_DISPATCH_QUEUED;
    CHECK_STATUS(sio_runtime_new(&queued, &it->runtime), SIO_OK);
    CHECK_STATUS(sio_runtime_fd(it->runtime, &it->fd), SIO_OK);
    options.runtime = it->runtime;
    it->server = serve_new(&options);
    sio_server_on(it->server, "/", "hi", fn, &it->seen, probe_release);
    REQUIRE(raw_join_websocket(&it->client, serve_listen(it->server)));
    CHECK(!readable(it->fd, 50));
}

static void end(talk *it) {
    raw_leave(&it->client);
    CHECK_STATUS(sio_server_destroy(it->server), SIO_OK);
    CHECK_STATUS(sio_runtime_destroy(it->runtime), SIO_OK);
    serve_released_once(&it->seen);
    CHECK(fcntl(it->fd, F_GETFD) == -1); /* it was the runtime's */
}

static void say(talk *it, int times) {
    while (times-- > 0) CHECK(raw_send(&it->client, "42[\"hi\"]"));
}

/* Dispatches until so many events were delivered, or none comes any more. */
static size_t take(talk *it, size_t count) {
    long long limit = raw_now_ms() + RAW_PATIENCE_MS;
    size_t taken = 0;
    while (taken < count && raw_now_ms() < limit) {
        size_t some = 0;
        CHECK_STATUS(
            sio_runtime_dispatch(it->runtime, count - taken, 200, &some),
            SIO_OK);
        taken += some;
    }
    return taken;
}

static void level_triggered(void) {
    talk it;
    size_t count = 99;
    begin(&it, probe_see);
    CHECK((fcntl(it.fd, F_GETFD) & FD_CLOEXEC) != 0);
    CHECK((fcntl(it.fd, F_GETFL) & O_NONBLOCK) != 0);
    CHECK_STATUS(sio_runtime_dispatch(it.runtime, 0, 0, &count), SIO_OK);
    CHECK_NUMBER(count, 0);
    say(&it, 3);
    CHECK(readable(it.fd, RAW_PATIENCE_MS));
    CHECK(readable(it.fd, 0)); /* asking changes nothing */
    CHECK_NUMBER(probe_calls(&it.seen), 0);
    CHECK_NUMBER(take(&it, 1), 1);
    CHECK_NUMBER(probe_calls(&it.seen), 1);
    CHECK(readable(it.fd, RAW_PATIENCE_MS));
    CHECK_NUMBER(take(&it, 2), 2);
    CHECK_NUMBER(probe_calls(&it.seen), 3);
    CHECK(!readable(it.fd, 50));
    CHECK_STATUS(sio_runtime_dispatch(it.runtime, 0, 0, NULL), SIO_OK);
    end(&it);
}

static void max_events(void) {
    talk it;
    size_t count = 0;
    begin(&it, probe_see);
    say(&it, 20);
    while (serve_counts(it.server).queued_events < 20) raw_sleep_ms(5);
    CHECK_STATUS(sio_runtime_dispatch(it.runtime, 7, 0, &count), SIO_OK);
    CHECK_NUMBER(count, 7);
    CHECK_NUMBER(probe_calls(&it.seen), 7);
    CHECK_NUMBER(serve_counts(it.server).queued_events, 13);
    CHECK_STATUS(sio_runtime_dispatch(it.runtime, 0, -1, &count), SIO_OK);
    CHECK_NUMBER(count, 13);
    CHECK_STATUS(sio_runtime_dispatch(it.runtime, 0, 0, &count), SIO_OK);
    CHECK_NUMBER(count, 0);
    end(&it);
}

static void timing(void) {
    talk it;
    const sio_event *event = NULL;
    long long before;
    size_t count = 99;
    begin(&it, probe_see);
    before = raw_now_ms();
    CHECK_STATUS(sio_runtime_dispatch(it.runtime, 0, 100, &count), SIO_OK);
    CHECK_NUMBER(count, 0);
    CHECK(raw_now_ms() - before >= 95);
    CHECK(raw_now_ms() - before < 10000);
    before = raw_now_ms();
    CHECK_STATUS(sio_runtime_next(it.runtime, 100, &event), SIO_OK);
    CHECK(event == NULL);
    CHECK(raw_now_ms() - before >= 95);
    CHECK(raw_now_ms() - before < 10000);
    end(&it);
}

/* A blocked dispatch ends as soon as an event comes. */
static void *say_soon(void *context) {
    raw_sleep_ms(100);
    say((talk *)context, 1);
    return NULL;
}

static void blocked_until_an_event(void) {
    talk it;
    pthread_t other;
    size_t count = 0;
    long long before;
    begin(&it, probe_see);
    before = raw_now_ms();
    pthread_create(&other, NULL, say_soon, &it);
    CHECK_STATUS(sio_runtime_dispatch(it.runtime, 0, 60000, &count), SIO_OK);
    CHECK_NUMBER(count, 1);
    CHECK(raw_now_ms() - before < 30000);
    pthread_join(other, NULL);
    end(&it);
}

static void *wake_soon(void *context) {
    raw_sleep_ms(100);
    CHECK_STATUS(sio_runtime_wake(((talk *)context)->runtime), SIO_OK);
    return NULL;
}

static void woken(void) {
    talk it;
    pthread_t other;
    const sio_event *event = NULL;
    long long before;
    begin(&it, probe_see);
    before = raw_now_ms();
    pthread_create(&other, NULL, wake_soon, &it);
    CHECK_STATUS(sio_runtime_dispatch(it.runtime, 0, -1, NULL), SIO_OK);
    pthread_join(other, NULL);
    CHECK(raw_now_ms() - before >= 95);
    pthread_create(&other, NULL, wake_soon, &it);
    CHECK_STATUS(sio_runtime_next(it.runtime, -1, &event), SIO_OK);
    pthread_join(other, NULL);
    CHECK(event == NULL);
    /* Before the call, it holds for the next one, and only for that one. */
    CHECK_STATUS(sio_runtime_wake(it.runtime), SIO_OK);
    before = raw_now_ms();
    CHECK_STATUS(sio_runtime_dispatch(it.runtime, 0, 60000, NULL), SIO_OK);
    CHECK(raw_now_ms() - before < 30000);
    before = raw_now_ms();
    CHECK_STATUS(sio_runtime_dispatch(it.runtime, 0, 100, NULL), SIO_OK);
    CHECK(raw_now_ms() - before >= 95);
    end(&it);
}

/* Events as values: registered without a function, told apart by context. */
static void values(void) {
    talk it;
    const sio_event *event = NULL;
    int tag = 0;
    begin(&it, NULL);
    CHECK_STATUS(sio_server_on(it.server, "/", "other", NULL, &tag, NULL),
                 SIO_OK);
    CHECK_STATUS(sio_runtime_next(it.runtime, 0, &event), SIO_OK);
    CHECK(event == NULL);
    CHECK(raw_send(&it.client, "42[\"hi\",\"one\"]"));
    CHECK(raw_send(&it.client, "427[\"other\",2]"));
    CHECK_STATUS(sio_runtime_next(it.runtime, RAW_PATIENCE_MS, &event), SIO_OK);
    REQUIRE(event != NULL);
    CHECK_NUMBER(event->kind, SIO_EVENT_MESSAGE);
    CHECK_TEXT(event->name.data, "hi");
    CHECK_TEXT(event->args.data, "[\"one\"]");
    CHECK(event->context == &it.seen);
    CHECK_NUMBER(event->server.id, it.server.id);
    CHECK_STATUS(sio_runtime_next(it.runtime, RAW_PATIENCE_MS, &event), SIO_OK);
    REQUIRE(event != NULL);
    CHECK_TEXT(event->name.data, "other");
    CHECK(event->context == &tag);
    CHECK_STATUS(sio_reply(event->ack, event->args, NULL), SIO_OK);
    CHECK(raw_expect(&it.client, "437[2]"));
    CHECK_STATUS(sio_runtime_next(it.runtime, 0, &event), SIO_OK);
    CHECK(event == NULL);
    CHECK_NUMBER(probe_calls(&it.seen), 0);
    end(&it);
}

/* The whole life of a client, taken as values. */
static void life(void) {
    sio_runtime_options queued = SIO_RUNTIME_OPTIONS_INIT;
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    static const int kinds[] = {SIO_EVENT_CONNECT_REQUEST, SIO_EVENT_CONNECTION,
                                SIO_EVENT_MESSAGE, SIO_EVENT_DISCONNECT,
                                SIO_EVENT_SERVER_CLOSED};
    sio_server server;
    raw_client client;
    size_t i;
    queued.dispatch = SIO_DISPATCH_QUEUED;
    CHECK_STATUS(sio_runtime_new(&queued, &options.runtime), SIO_OK);
    server = serve_new(&options);
    sio_server_use(server, "/", NULL, NULL, NULL);
    sio_server_on_connection(server, "/", NULL, NULL, NULL);
    sio_server_on_any(server, "/", NULL, NULL, NULL);
    sio_server_on_disconnect(server, "/", NULL, NULL, NULL);
    sio_server_on_close(server, NULL, NULL, NULL);
    CHECK(raw_open_websocket(&client, serve_listen(server)));
    CHECK(raw_send(&client, "40"));
    for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const sio_event *event = NULL;
        CHECK_STATUS(sio_runtime_next(options.runtime, RAW_PATIENCE_MS, &event),
                     SIO_OK);
        REQUIRE(event != NULL);
        CHECK_NUMBER(event->kind, kinds[i]);
        if (event->kind == SIO_EVENT_CONNECT_REQUEST)
            sio_accept(event->request);
        if (event->kind == SIO_EVENT_CONNECTION)
            CHECK(raw_send(&client, "42[\"hi\"]"));
        if (event->kind == SIO_EVENT_MESSAGE) raw_leave(&client);
        if (event->kind == SIO_EVENT_DISCONNECT) {
            sio_socket_id_text id;
            CHECK_STATUS(sio_socket_id(event->socket, &id), SIO_OK);
            CHECK_STATUS(sio_server_close(server), SIO_OK);
        }
    }
    CHECK_STATUS(sio_server_destroy(server), SIO_OK);
    CHECK_STATUS(sio_runtime_destroy(options.runtime), SIO_OK);
}

/* Destroying a server ends its acks on this thread; events are discarded. */
static void destroyed_with_a_full_queue(void) {
    talk it;
    probe joined, reply;
    begin(&it, probe_see);
    probe_init(&joined);
    probe_init(&reply);
    sio_server_on_connection(it.server, "/", probe_see, &joined, NULL);
    raw_abort(&it.client);
    CHECK(raw_join_websocket(&it.client, serve_port(it.server)));
    CHECK_NUMBER(take(&it, 1), 1);
    CHECK_STATUS(sio_emit_with_ack(probe_at(&joined, 0)->socket, "q", no_args(),
                                   NULL, 0, probe_see, &reply, probe_release),
                 SIO_OK);
    say(&it, 5);
    while (serve_counts(it.server).queued_events < 5) raw_sleep_ms(5);
    CHECK_STATUS(sio_server_destroy(it.server), SIO_OK);
    CHECK_NUMBER(probe_calls(&reply), 1);
    CHECK_NUMBER(probe_releases(&reply), 1);
    CHECK_STATUS(probe_at(&reply, 0)->status, SIO_E_CLOSED);
    CHECK_NUMBER(probe_calls(&it.seen), 0);
    CHECK_NUMBER(probe_releases(&it.seen), 1);
    CHECK_STATUS(sio_runtime_destroy(it.runtime), SIO_OK);
    raw_abort(&it.client);
}

/* A callback of a dispatch is a callback: waiting there has its status. */
static void destroy_from_dispatch(const sio_event *event, void *context) {
    CHECK_STATUS(sio_server_destroy(event->server), SIO_E_DEADLOCK);
    CHECK_STATUS(sio_server_wait(event->server), SIO_E_DEADLOCK);
    probe_see(event, context);
}

static void waiting_in_a_dispatch(void) {
    talk it;
    begin(&it, destroy_from_dispatch);
    say(&it, 1);
    CHECK_NUMBER(take(&it, 1), 1);
    end(&it);
}

static sio_socket joined_as(talk *it) {
    say(it, 1);
    CHECK_NUMBER(take(it, 1), 1);
    return probe_at(&it->seen, 0)->socket;
}

/* What is emitted between cork and uncork leaves with the uncork. */
static void corked(void) {
    talk it;
    sio_socket socket;
    begin(&it, probe_see);
    socket = joined_as(&it);
    CHECK_STATUS(sio_runtime_uncork(it.runtime), SIO_OK); /* without a cork */
    CHECK_STATUS(sio_runtime_cork(it.runtime), SIO_OK);
    CHECK_STATUS(sio_runtime_cork(it.runtime), SIO_OK);
    CHECK_STATUS(sio_emit(socket, "a", no_args(), NULL), SIO_OK);
    CHECK_STATUS(sio_emit(socket, "b", no_args(), NULL), SIO_OK);
    CHECK(raw_silent(&it.client, 50));
    CHECK_STATUS(sio_runtime_uncork(it.runtime), SIO_OK);
    CHECK(raw_expect(&it.client, "42[\"a\"]"));
    CHECK(raw_expect(&it.client, "42[\"b\"]"));
    CHECK_STATUS(sio_emit(socket, "c", no_args(), NULL), SIO_OK);
    CHECK(raw_expect(&it.client, "42[\"c\"]"));
    end(&it);
}

static void *emit_too(void *context) {
    sio_socket socket = *(sio_socket *)context;
    CHECK_STATUS(sio_emit(socket, "theirs", no_args(), NULL), SIO_OK);
    return NULL;
}

/* Other threads are not corked, and the order is that of the calls. */
static void corked_is_one_thread(void) {
    talk it;
    pthread_t other;
    sio_socket socket;
    begin(&it, probe_see);
    socket = joined_as(&it);
    CHECK_STATUS(sio_runtime_cork(it.runtime), SIO_OK);
    CHECK_STATUS(sio_emit(socket, "mine", no_args(), NULL), SIO_OK);
    CHECK(raw_silent(&it.client, 50));
    pthread_create(&other, NULL, emit_too, &socket);
    pthread_join(other, NULL);
    CHECK(raw_expect(&it.client, "42[\"mine\"]"));
    CHECK(raw_expect(&it.client, "42[\"theirs\"]"));
    CHECK_STATUS(sio_runtime_uncork(it.runtime), SIO_OK);
    end(&it);
}

/* Much does not wait, nor does what is emitted before the thread waits. */
static void corked_has_ends(void) {
    talk it;
    sio_socket socket;
    int i;
    begin(&it, probe_see);
    socket = joined_as(&it);
    CHECK_STATUS(sio_runtime_cork(it.runtime), SIO_OK);
    for (i = 0; i < 64; i++)
        CHECK_STATUS(sio_emit(socket, "much", no_args(), NULL), SIO_OK);
    for (i = 0; i < 64; i++) CHECK(raw_expect(&it.client, "42[\"much\"]"));
    CHECK_STATUS(sio_emit(socket, "last", no_args(), NULL), SIO_OK);
    CHECK_STATUS(sio_server_close(it.server), SIO_OK);
    CHECK_STATUS(sio_server_wait(it.server), SIO_OK);
    CHECK(raw_expect(&it.client, "42[\"last\"]"));
    CHECK_STATUS(sio_runtime_cork(it.runtime), SIO_OK);
    end(&it);
}

int main(void) {
    level_triggered();
    max_events();
    timing();
    blocked_until_an_event();
    woken();
    values();
    life();
    destroyed_with_a_full_queue();
    waiting_in_a_dispatch();
    corked();
    corked_is_one_thread();
    corked_has_ends();
    return check_total();
}
