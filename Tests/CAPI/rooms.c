/*
 * rooms.c - rooms, and whom a broadcast reaches.
 */
#include <stdio.h>

#include "serve.h"

/* Three clients, a, b and c: a and b are in "red", b and c in "blue". */
typedef struct house {
    sio_server server;
    probe joined;
    raw_client clients[3];
    sio_socket sockets[3];
} house;

enum {
    A,
    B,
    C
};

static void open_house(house *it) {
    int i, port;
    probe_init(&it->joined);
    it->server = serve_new(NULL);
    serve_echo_on(it->server);
    sio_server_on_connection(it->server, "/", probe_see, &it->joined, NULL);
    port = serve_listen(it->server);
    for (i = 0; i < 3; i++) {
        REQUIRE(raw_join_websocket(&it->clients[i], port));
        it->sockets[i] = probe_at(&it->joined, i)->socket;
    }
    CHECK_STATUS(sio_socket_join(it->sockets[A], "red"), SIO_OK);
    CHECK_STATUS(sio_socket_join(it->sockets[B], "red"), SIO_OK);
    CHECK_STATUS(sio_socket_join(it->sockets[B], "blue"), SIO_OK);
    CHECK_STATUS(sio_socket_join(it->sockets[C], "blue"), SIO_OK);
}

static void close_house(house *it) {
    int i;
    for (i = 0; i < 3; i++) raw_leave(&it->clients[i]);
    CHECK(serve_idle(it->server));
    serve_destroy(it->server);
}

/* That a broadcast of "hi" reached, once each, exactly the clients named, as in
 * "ac": an echo comes behind it. */
static int reached(house *it, const char *names) {
    int i, right = 1;
    for (i = 0; i < 3; i++) {
        raw_client *client = &it->clients[i];
        if (strchr(names, 'a' + i) != NULL)
            right &= raw_expect(client, "42[\"hi\",1]");
        right &= raw_echo(client, "behind");
    }
    return right;
}

static sio_status emit_to(house *it, const sio_target *target) {
    return sio_server_emit(it->server, "/", target, "hi", sio_text_of("[1]"),
                           NULL);
}

static sio_status broadcast(house *it, const sio_target *target) {
    return sio_broadcast(it->sockets[A], target, "hi", sio_text_of("[1]"),
                         NULL);
}

static sio_target to(const char *const *rooms, size_t count) {
    sio_target target = SIO_TARGET_INIT;
    target.rooms = rooms;
    target.room_count = count;
    return target;
}

static const char *const red[] = {"red"};
static const char *const blue[] = {"blue"};
static const char *const both[] = {"red", "blue"};
static const char *const twice[] = {"red", "red"};
static const char *const nowhere[] = {"nowhere"};

static void broadcasts(void) {
    house it;
    sio_target target = SIO_TARGET_INIT;
    sio_socket_id_text id;
    const char *own[1];
    open_house(&it);
    CHECK_STATUS(emit_to(&it, NULL), SIO_OK);
    CHECK(reached(&it, "abc"));
    CHECK_STATUS(emit_to(&it, &target), SIO_OK);
    CHECK(reached(&it, "abc"));
    target = to(red, 1);
    CHECK_STATUS(emit_to(&it, &target), SIO_OK);
    CHECK(reached(&it, "ab"));
    target = to(both, 2);
    CHECK_STATUS(emit_to(&it, &target), SIO_OK);
    CHECK(reached(&it, "abc"));
    target = to(twice, 2);
    CHECK_STATUS(emit_to(&it, &target), SIO_OK);
    CHECK(reached(&it, "ab"));
    target = to(nowhere, 1);
    CHECK_STATUS(emit_to(&it, &target), SIO_OK);
    CHECK(reached(&it, ""));
    target = to(NULL, 0);
    target.except = blue;
    target.except_count = 1;
    CHECK_STATUS(emit_to(&it, &target), SIO_OK);
    CHECK(reached(&it, "a"));
    target.rooms = red;
    target.room_count = 1;
    CHECK_STATUS(emit_to(&it, &target), SIO_OK);
    CHECK(reached(&it, "a"));
    target.except_socket = it.sockets[A];
    CHECK_STATUS(emit_to(&it, &target), SIO_OK);
    CHECK(reached(&it, ""));
    target = to(both, 2);
    target.except_socket = it.sockets[B];
    CHECK_STATUS(emit_to(&it, &target), SIO_OK);
    CHECK(reached(&it, "ac"));
    CHECK_STATUS(sio_socket_id(it.sockets[C], &id), SIO_OK);
    own[0] = id.text;
    target = to(own, 1);
    CHECK_STATUS(emit_to(&it, &target), SIO_OK);
    CHECK(reached(&it, "c"));
    target = to(NULL, 0);
    target.except = own;
    target.except_count = 1;
    CHECK_STATUS(emit_to(&it, &target), SIO_OK);
    CHECK(reached(&it, "ab"));
    close_house(&it);
}

static void from_a_socket(void) {
    house it;
    sio_target target = to(both, 2);
    open_house(&it);
    CHECK_STATUS(broadcast(&it, NULL), SIO_OK);
    CHECK(reached(&it, "bc"));
    CHECK_STATUS(broadcast(&it, &target), SIO_OK);
    CHECK(reached(&it, "bc"));
    target = to(red, 1);
    CHECK_STATUS(broadcast(&it, &target), SIO_OK);
    CHECK(reached(&it, "b"));
    target.except = blue;
    target.except_count = 1;
    CHECK_STATUS(broadcast(&it, &target), SIO_OK);
    CHECK(reached(&it, ""));
    close_house(&it);
}

static void leaving(void) {
    house it;
    sio_target target = to(red, 1);
    open_house(&it);
    CHECK_STATUS(sio_socket_join(it.sockets[A], "red"), SIO_OK);
    CHECK_STATUS(sio_socket_leave(it.sockets[A], "red"), SIO_OK);
    CHECK_STATUS(sio_socket_leave(it.sockets[A], "red"), SIO_OK);
    CHECK_STATUS(sio_socket_leave(it.sockets[A], "never joined"), SIO_OK);
    CHECK_STATUS(emit_to(&it, &target), SIO_OK);
    CHECK(reached(&it, "b"));
    CHECK_STATUS(sio_server_close_room(it.server, "/", "red"), SIO_OK);
    CHECK_STATUS(sio_server_close_room(it.server, "/", "red"), SIO_OK);
    CHECK_STATUS(emit_to(&it, &target), SIO_OK);
    CHECK(reached(&it, ""));
    CHECK_STATUS(emit_to(&it, NULL), SIO_OK);
    CHECK(reached(&it, "abc"));
    close_house(&it);
}

/* Who gets it is decided at the call. */
static void leaving_right_after(void) {
    house it;
    sio_target target = to(red, 1);
    open_house(&it);
    CHECK_STATUS(emit_to(&it, &target), SIO_OK);
    CHECK_STATUS(sio_socket_leave(it.sockets[A], "red"), SIO_OK);
    CHECK_STATUS(sio_socket_join(it.sockets[C], "red"), SIO_OK);
    CHECK(reached(&it, "ab"));
    close_house(&it);
}

/* The rooms of a socket but its own, joined with spaces in order of name. */
static const char *rooms_of(sio_socket socket, char *list, size_t capacity) {
    static const char *const known[] = {"blue", "red"};
    sio_socket_id_text id;
    sio_text *rooms = NULL;
    size_t count = 0, i, k, own = 0;
    list[0] = '\0';
    CHECK_STATUS(sio_socket_id(socket, &id), SIO_OK);
    CHECK_STATUS(sio_socket_rooms(socket, &rooms, &count), SIO_OK);
    for (k = 0; k < 2; k++)
        for (i = 0; i < count; i++)
            if (strcmp(rooms[i].data, known[k]) == 0)
                snprintf(list + strlen(list), capacity - strlen(list), "%s ",
                         known[k]);
    for (i = 0; i < count; i++) {
        own += strcmp(rooms[i].data, id.text) == 0;
        CHECK_NUMBER(rooms[i].data[rooms[i].length], 0);
    }
    CHECK_NUMBER(own, 1);
    sio_free(rooms);
    return list;
}

static int contains(const sio_socket *sockets, size_t count, sio_socket one) {
    size_t i;
    for (i = 0; i < count; i++)
        if (sockets[i].id == one.id) return 1;
    return 0;
}

static void lists(void) {
    house it;
    char list[64];
    sio_socket *sockets = NULL, other;
    size_t count = 99;
    open_house(&it);
    CHECK_TEXT(rooms_of(it.sockets[A], list, sizeof list), "red ");
    CHECK_TEXT(rooms_of(it.sockets[B], list, sizeof list), "blue red ");
    CHECK_STATUS(sio_server_sockets(it.server, "/", NULL, &sockets, &count),
                 SIO_OK);
    CHECK_NUMBER(count, 3);
    CHECK(contains(sockets, count, it.sockets[A]) &&
          contains(sockets, count, it.sockets[B]) &&
          contains(sockets, count, it.sockets[C]));
    sio_free(sockets);
    CHECK_STATUS(sio_server_sockets(it.server, "/", "red", &sockets, &count),
                 SIO_OK);
    CHECK_NUMBER(count, 2);
    CHECK(contains(sockets, count, it.sockets[A]) &&
          contains(sockets, count, it.sockets[B]));
    sio_free(sockets);
    CHECK_STATUS(
        sio_server_sockets(it.server, "/", "nowhere", &sockets, &count),
        SIO_OK);
    CHECK_NUMBER(count, 0);
    CHECK(sockets == NULL);
    CHECK_STATUS(sio_server_socket(it.server, "/", it.clients[B].id, &other),
                 SIO_OK);
    CHECK_NUMBER(other.id, it.sockets[B].id);
    CHECK_NUMBER(serve_counts(it.server).sockets, 3);
    CHECK_NUMBER(serve_counts(it.server).room_entries, 3 + 4);
    close_house(&it);
}

static void disconnecting_a_room(void) {
    house it;
    sio_target target = to(red, 1);
    open_house(&it);
    CHECK_STATUS(sio_server_disconnect(it.server, "/", &target, 0), SIO_OK);
    CHECK(raw_expect(&it.clients[A], "41"));
    CHECK(raw_expect(&it.clients[B], "41"));
    CHECK(raw_echo(&it.clients[C], "still here"));
    CHECK_STATUS(sio_emit(it.sockets[A], "hi", no_args(), NULL), SIO_E_HANDLE);
    CHECK_STATUS(sio_server_disconnect(it.server, "/", NULL, 1), SIO_OK);
    CHECK(raw_expect_end(&it.clients[C]));
    close_house(&it);
}

/* The same room in another namespace is another room. */
static void per_namespace(void) {
    house it;
    sio_target target = to(red, 1);
    open_house(&it);
    CHECK_STATUS(sio_server_namespace(it.server, "/chat"), SIO_OK);
    CHECK_STATUS(sio_server_emit(it.server, "/chat", &target, "hi",
                                 sio_text_of("[1]"), NULL),
                 SIO_OK);
    CHECK(reached(&it, ""));
    CHECK(raw_join(&it.clients[A], "/chat", NULL));
    CHECK_STATUS(sio_server_emit(it.server, "/chat", NULL, "hi",
                                 sio_text_of("[1]"), NULL),
                 SIO_OK);
    CHECK(raw_expect(&it.clients[A], "42/chat,[\"hi\",1]"));
    CHECK(reached(&it, ""));
    close_house(&it);
}

/* Volatile: dropped for a client that cannot take it at this moment. */
static void volatile_and_local(void) {
    sio_server server = serve_new(NULL);
    sio_emit_options options = SIO_EMIT_OPTIONS_INIT;
    long long limit = raw_now_ms() + RAW_PATIENCE_MS;
    raw_client poller;
    sio_totals totals;
    probe joined;
    probe_init(&joined);
    sio_server_on_connection(server, "/", probe_see, &joined, NULL);
    CHECK(raw_join_polling(&poller, serve_listen(server)));
    options.flags = SIO_EMIT_VOLATILE;
    CHECK_STATUS(
        sio_server_emit(server, "/", NULL, "lost", no_args(), &options),
        SIO_OK);
    do {
        CHECK_STATUS(sio_server_totals(server, sizeof totals, &totals), SIO_OK);
    } while (totals.dropped_volatile == 0 && raw_now_ms() < limit);
    CHECK_NUMBER(totals.dropped_volatile, 1);
    CHECK(raw_silent(&poller, 100)); /* leaves a poll open */
    CHECK(serve_writable(probe_at(&joined, 0)->socket));
    CHECK_STATUS(
        sio_server_emit(server, "/", NULL, "kept", no_args(), &options),
        SIO_OK);
    CHECK(raw_expect(&poller, "42[\"kept\"]"));
    options.flags = SIO_EMIT_LOCAL;
    CHECK_STATUS(
        sio_server_emit(server, "/", NULL, "local", no_args(), &options),
        SIO_OK);
    CHECK(raw_expect(&poller, "42[\"local\"]"));
    raw_leave(&poller);
    serve_destroy(server);
}

/* Rooms are left when a client goes. */
static void left_with_the_socket(void) {
    house it;
    sio_target target = to(red, 1);
    open_house(&it);
    raw_abort(&it.clients[A]);
    while (serve_counts(it.server).sockets == 3 ||
           serve_counts(it.server).room_entries == 3 + 4)
        raw_sleep_ms(5);
    CHECK_NUMBER(serve_counts(it.server).room_entries, 2 + 3);
    CHECK_STATUS(emit_to(&it, &target), SIO_OK);
    CHECK(raw_expect(&it.clients[B], "42[\"hi\",1]"));
    close_house(&it);
}

int main(void) {
    broadcasts();
    from_a_socket();
    leaving();
    leaving_right_after();
    lists();
    disconnecting_a_room();
    per_namespace();
    volatile_and_local();
    left_with_the_socket();
    return check_total();
}
