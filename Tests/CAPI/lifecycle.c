/*
 * lifecycle.c - the life of servers and runtimes: new, close, wait, destroy, in
 * every order and from every place.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>

#include "serve.h"

static int entries_of(const char *path) {
    DIR *directory = opendir(path);
    int count = 0;
    if (directory == NULL) return -1;
    while (readdir(directory) != NULL) count++;
    closedir(directory);
    return count - 2;
}

static int open_fds(void) {
    return entries_of("/proc/self/fd");
}

static int all_close_on_exec(void) {
    DIR *directory = opendir("/proc/self/fd");
    struct dirent *entry;
    int all = 1;
    if (directory == NULL) return 0;
    while ((entry = readdir(directory)) != NULL) {
        int flags, fd = atoi(entry->d_name);
        if (entry->d_name[0] == '.' || fd <= 2) continue;
        flags = fcntl(fd, F_GETFD);
        if (flags >= 0 && (flags & FD_CLOEXEC) == 0) all = 0;
    }
    closedir(directory);
    return all;
}

static void no_thread_before_listen(void) {
    sio_server server = serve_new(NULL);
    serve_echo_on(server);
    CHECK_NUMBER(entries_of("/proc/self/task"), 1);
    serve_destroy(server);
    CHECK_NUMBER(entries_of("/proc/self/task"), 1);
}

static void close_wait_destroy(void) {
    sio_server server = serve_new(NULL);
    probe closed;
    probe_init(&closed);
    CHECK_STATUS(sio_server_on_close(server, probe_see, &closed, probe_release),
                 SIO_OK);
    serve_listen(server);
    CHECK_NUMBER(probe_calls(&closed), 0);
    CHECK_STATUS(sio_server_close(server), SIO_OK);
    CHECK_STATUS(sio_server_wait(server), SIO_OK);
    CHECK_NUMBER(probe_at(&closed, 0)->kind, SIO_EVENT_SERVER_CLOSED);
    CHECK_NUMBER(probe_at(&closed, 0)->server.id, server.id);
    CHECK_STATUS(sio_server_wait(server), SIO_OK);
    CHECK_STATUS(sio_server_close(server), SIO_OK);
    CHECK_STATUS(sio_server_listen(server, "127.0.0.1", 0, NULL), SIO_E_STATE);
    serve_destroy(server);
    CHECK_NUMBER(probe_calls(&closed), 1);
    CHECK_NUMBER(probe_releases(&closed), 1);
    CHECK_STATUS(sio_server_destroy(server), SIO_E_HANDLE);
    CHECK_STATUS(sio_server_close(server), SIO_E_HANDLE);
    CHECK_STATUS(sio_server_wait(server), SIO_E_HANDLE);
}

static void never_listened(void) {
    sio_server server = serve_new(NULL);
    probe closed;
    probe_init(&closed);
    CHECK_STATUS(sio_server_on_close(server, probe_see, &closed, probe_release),
                 SIO_OK);
    CHECK_STATUS(sio_server_close(server), SIO_OK);
    CHECK_STATUS(sio_server_wait(server), SIO_OK);
    serve_destroy(server);
    CHECK_NUMBER(probe_calls(&closed), 1);
    CHECK_NUMBER(probe_releases(&closed), 1);
}

static void *close_soon(void *context) {
    raw_sleep_ms(100);
    sio_server_close(*(sio_server *)context);
    return NULL;
}

static void wait_ends_with_close(void) {
    sio_server server = serve_new(NULL);
    pthread_t closer;
    serve_listen(server);
    pthread_create(&closer, NULL, close_soon, &server);
    CHECK_STATUS(sio_server_wait(server), SIO_OK);
    pthread_join(closer, NULL);
    serve_destroy(server);
}

static void *destroy_too(void *context) {
    sio_status status = sio_server_destroy(*(sio_server *)context);
    CHECK(status == SIO_OK || status == SIO_E_HANDLE);
    return NULL;
}

static void destroyed_twice_at_once(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    pthread_t other;
    probe closed;
    probe_init(&closed);
    sio_server_on_close(server, probe_see, &closed, probe_release);
    serve_echo_on(server);
    CHECK(raw_join_websocket(&client, serve_listen(server)));
    pthread_create(&other, NULL, destroy_too, &server);
    destroy_too(&server);
    pthread_join(other, NULL);
    CHECK_NUMBER(probe_calls(&closed), 1);
    CHECK_NUMBER(probe_releases(&closed), 1);
    CHECK(raw_expect_end(&client));
    raw_abort(&client);
}

/* What a callback got when it tried to end its own server. */
typedef struct attempt {
    sio_runtime runtime;
    sio_status destroy, wait, destroy_runtime, close, close_again;
    probe done;
} attempt;

static void try_everything(const sio_event *event, void *context) {
    attempt *tried = (attempt *)context;
    tried->destroy = sio_server_destroy(event->server);
    tried->wait = sio_server_wait(event->server);
    tried->destroy_runtime = sio_runtime_destroy(tried->runtime);
    tried->close = sio_server_close(event->server);
    tried->close_again = sio_server_close(event->server);
    probe_see(event, &tried->done);
}

static void from_a_callback(void) {
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_server server;
    raw_client client;
    attempt tried;
    probe_init(&tried.done);
    CHECK_STATUS(sio_runtime_new(NULL, &tried.runtime), SIO_OK);
    options.runtime = tried.runtime;
    server = serve_new(&options);
    sio_server_on(server, "/", "end", try_everything, &tried, NULL);
    CHECK(raw_join_websocket(&client, serve_listen(server)));
    CHECK(raw_send(&client, "42[\"end\"]"));
    CHECK(probe_wait(&tried.done, 1));
    CHECK_STATUS(tried.destroy, SIO_E_DEADLOCK);
    CHECK_STATUS(tried.wait, SIO_E_DEADLOCK);
    CHECK_STATUS(tried.destroy_runtime, SIO_E_DEADLOCK);
    CHECK_STATUS(tried.close, SIO_OK);
    CHECK_STATUS(tried.close_again, SIO_OK);
    CHECK(raw_expect_end(&client));
    CHECK_STATUS(sio_server_wait(server), SIO_OK);
    serve_destroy(server);
    CHECK_STATUS(sio_runtime_destroy(tried.runtime), SIO_OK);
    raw_abort(&client);
}

static void emit_after_close(void) {
    sio_server server = serve_new(NULL);
    sio_status status;
    sio_socket socket;
    raw_client client;
    probe joined;
    probe_init(&joined);
    sio_server_on_connection(server, "/", probe_see, &joined, NULL);
    CHECK(raw_join_websocket(&client, serve_listen(server)));
    socket = probe_at(&joined, 0)->socket;
    CHECK_STATUS(sio_emit(socket, "hi", no_args(), NULL), SIO_OK);
    CHECK_STATUS(sio_server_close(server), SIO_OK);
    CHECK(raw_expect(&client, "42[\"hi\"]"));
    CHECK(raw_expect_end(&client));
    CHECK_STATUS(sio_server_wait(server), SIO_OK);
    CHECK_STATUS(sio_emit(socket, "hi", no_args(), NULL), SIO_E_HANDLE);
    CHECK_STATUS(sio_socket_join(socket, "room"), SIO_E_HANDLE);
    status = sio_server_emit(server, "/", NULL, "hi", no_args(), NULL);
    CHECK(status == SIO_OK || status == SIO_E_STATE);
    CHECK(serve_idle(server));
    serve_destroy(server);
    CHECK_STATUS(sio_emit(socket, "hi", no_args(), NULL), SIO_E_HANDLE);
    CHECK_STATUS(sio_server_emit(server, "/", NULL, "hi", no_args(), NULL),
                 SIO_E_HANDLE);
    raw_abort(&client);
}

/* Open clients of both transports, one of them in the middle of a poll. */
static void close_ends_clients(void) {
    sio_server server = serve_new(NULL);
    raw_client socket, poller, idle;
    probe joined;
    int port;
    probe_init(&joined);
    sio_server_on_connection(server, "/", probe_see, &joined, NULL);
    port = serve_listen(server);
    CHECK(raw_join_websocket(&socket, port));
    CHECK(probe_wait(&joined, 1));
    CHECK(raw_join_polling(&poller, port));
    CHECK(probe_wait(&joined, 2));
    CHECK(raw_join_polling(&idle, port));
    CHECK(raw_poll(&poller));
    CHECK(serve_writable(probe_at(&joined, 1)->socket));
    CHECK_STATUS(sio_server_close(server), SIO_OK);
    CHECK(raw_expect_end(&socket));
    CHECK(raw_expect_end(&poller));
    CHECK_STATUS(sio_server_wait(server), SIO_OK);
    CHECK(serve_idle(server));
    serve_destroy(server);
    raw_abort(&socket);
    raw_abort(&poller);
    raw_abort(&idle);
}

enum {
    MANY = 32
};

static void many_servers(void) {
    sio_server servers[MANY];
    raw_client clients[MANY];
    int i;
    for (i = 0; i < MANY; i++) {
        servers[i] = serve_new(NULL);
        serve_echo_on(servers[i]);
        CHECK(raw_join_websocket(&clients[i], serve_listen(servers[i])));
    }
    for (i = 0; i < MANY; i++) CHECK(raw_echo(&clients[i], "hi"));
    for (i = 0; i < MANY; i += 2) {
        CHECK_STATUS(sio_server_close(servers[i]), SIO_OK);
        CHECK(raw_expect_end(&clients[i]));
        serve_destroy(servers[i]);
        raw_abort(&clients[i]);
    }
    for (i = 1; i < MANY; i += 2) {
        CHECK(raw_echo(&clients[i], "still there"));
        raw_leave(&clients[i]);
        serve_destroy(servers[i]);
    }
}

/* The client does not answer the Close frame: that must not take for ever. */
static void runtime_ends_servers(void) {
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_server server, other;
    raw_client client;
    probe closed;
    probe_init(&closed);
    CHECK_STATUS(sio_runtime_new(NULL, &options.runtime), SIO_OK);
    server = serve_new(&options);
    other = serve_new(&options);
    sio_server_on_close(server, probe_see, &closed, probe_release);
    CHECK(raw_join_websocket(&client, serve_listen(server)));
    CHECK_STATUS(sio_runtime_destroy(options.runtime), SIO_OK);
    CHECK_NUMBER(probe_calls(&closed), 1);
    serve_released_once(&closed);
    CHECK_STATUS(sio_server_close(server), SIO_E_HANDLE);
    CHECK_STATUS(sio_server_destroy(other), SIO_E_HANDLE);
    CHECK_STATUS(sio_runtime_destroy(options.runtime), SIO_E_HANDLE);
    CHECK_STATUS(sio_server_new(&options, &server), SIO_E_HANDLE);
    CHECK(raw_expect_end(&client));
    raw_abort(&client);
}

static void default_runtime(void) {
    sio_runtime first, second;
    int fd = -1;
    CHECK_STATUS(sio_runtime_default(&first), SIO_OK);
    CHECK_STATUS(sio_runtime_default(&second), SIO_OK);
    CHECK(first.id != 0 && first.id == second.id);
    CHECK_STATUS(sio_runtime_destroy(first), SIO_E_STATE);
    CHECK_STATUS(sio_runtime_fd(first, &fd), SIO_E_STATE);
}

/* How many threads there are at least, for a while or until there are no more
 * than `enough`: the system lists those that have ended for a moment longer than
 * they are waited for. */
static int least_threads(int for_ms, int enough) {
    long long limit = raw_now_ms() + for_ms;
    int least = entries_of("/proc/self/task");
    while (least > enough && raw_now_ms() < limit) {
        int now = entries_of("/proc/self/task");
        if (now < least) least = now;
        raw_sleep_ms(1);
    }
    return least;
}

/* Runtimes come and go without leaving fds or threads behind. */
static void nothing_left(void) {
    int round, fds = 0, threads = 0;
    for (round = 0; round < 5; round++) {
        sio_server_options options = SIO_SERVER_OPTIONS_INIT;
        sio_runtime_options own = SIO_RUNTIME_OPTIONS_INIT;
        sio_server server;
        raw_client client;
        own.threads = 3;
        CHECK_STATUS(sio_runtime_new(&own, &options.runtime), SIO_OK);
        server = serve_new(&options);
        serve_echo_on(server);
        CHECK(raw_join_websocket(&client, serve_listen(server)));
        CHECK(raw_echo(&client, "hi"));
        CHECK(all_close_on_exec());
        raw_leave(&client);
        CHECK_STATUS(sio_runtime_destroy(options.runtime), SIO_OK);
        if (round == 0) {
            fds = open_fds();
            threads = least_threads(100, 0);
        }
    }
    CHECK_NUMBER(open_fds(), fds);
    CHECK(least_threads(RAW_PATIENCE_MS, threads) <= threads);
}

int main(void) {
    serve_hide_inherited();
    no_thread_before_listen();
    close_wait_destroy();
    never_listened();
    wait_ends_with_close();
    destroyed_twice_at_once();
    from_a_callback();
    emit_after_close();
    close_ends_clients();
    many_servers();
    runtime_ends_servers();
    default_runtime();
    nothing_left();
    return check_total();
}
