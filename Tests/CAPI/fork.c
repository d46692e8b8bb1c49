/*
 * fork.c - loaded, then forked, then started: works in parent and child.
 * Started, then forked: the child's calls return SIO_E_FORKED.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "serve.h"

static void serve_one(void) {
    sio_server server = serve_new(NULL);
    raw_client client;
    serve_echo_on(server);
    CHECK(raw_join_websocket(&client, serve_listen(server)));
    CHECK(raw_echo(&client, "hi"));
    raw_leave(&client);
    CHECK(serve_idle(server));
    serve_destroy(server);
}

/* Runs `fn` in a child: its checks count as one of ours. */
static void in_child(void (*fn)(void)) {
    int status = 0;
    pid_t child;
    fflush(stdout);
    child = fork();
    if (child == 0) {
        int before = check_failed();
        fn();
        fflush(stdout);
        _exit(check_failed() - before);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK_NUMBER(WEXITSTATUS(status), 0);
}

/* Several children and the parent at the same time. */
static void forked_then_started(void) {
    pid_t children[3];
    int i, status;
    fflush(stdout);
    for (i = 0; i < 3; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            serve_one();
            fflush(stdout);
            _exit(check_failed());
        }
    }
    serve_one();
    for (i = 0; i < 3; i++) {
        CHECK(waitpid(children[i], &status, 0) == children[i]);
        CHECK_NUMBER(status, 0);
    }
}

static sio_server started;
static sio_socket socket_;
static sio_runtime queued;

static void calls_of_the_child(void) {
    sio_server server;
    sio_runtime runtime;
    sio_counts counts;
    sio_address address;
    const sio_event *event;
    size_t count;
    int fd;
    CHECK_STATUS(sio_server_new(NULL, &server), SIO_E_FORKED);
    CHECK(sio_last_error()[0] != '\0');
    CHECK_STATUS(sio_runtime_new(NULL, &runtime), SIO_E_FORKED);
    CHECK_STATUS(sio_runtime_default(&runtime), SIO_E_FORKED);
    CHECK_STATUS(sio_runtime_fd(queued, &fd), SIO_E_FORKED);
    CHECK_STATUS(sio_runtime_dispatch(queued, 0, 100, &count), SIO_E_FORKED);
    CHECK_STATUS(sio_runtime_next(queued, 100, &event), SIO_E_FORKED);
    CHECK_STATUS(sio_runtime_wake(queued), SIO_E_FORKED);
    CHECK_STATUS(sio_runtime_cork(queued), SIO_E_FORKED);
    CHECK_STATUS(sio_runtime_uncork(queued), SIO_E_FORKED);
    CHECK_STATUS(sio_runtime_destroy(queued), SIO_E_FORKED);
    CHECK_STATUS(sio_server_listen(started, "127.0.0.1", 0, NULL),
                 SIO_E_FORKED);
    CHECK_STATUS(sio_server_address(started, 0, &address), SIO_E_FORKED);
    CHECK_STATUS(sio_server_on_any(started, "/", serve_echo, NULL, NULL),
                 SIO_E_FORKED);
    CHECK_STATUS(sio_server_emit(started, "/", NULL, "x", no_args(), NULL),
                 SIO_E_FORKED);
    CHECK_STATUS(sio_server_counts(started, sizeof counts, &counts),
                 SIO_E_FORKED);
    CHECK_STATUS(sio_emit(socket_, "x", no_args(), NULL), SIO_E_FORKED);
    CHECK_STATUS(sio_socket_join(socket_, "room"), SIO_E_FORKED);
    CHECK_STATUS(sio_server_close(started), SIO_E_FORKED);
    CHECK_STATUS(sio_server_wait(started), SIO_E_FORKED);
    CHECK_STATUS(sio_server_destroy(started), SIO_E_FORKED);
    /* What needs no server still answers. */
    CHECK_TEXT(sio_version(), SIO_VERSION_STRING);
    CHECK_TEXT(sio_status_name(SIO_E_FORKED), "SIO_E_FORKED");
    sio_free(NULL);
}

/* An ordinary exit, with destructors and all, must not hang either. */
static void exits_ordinarily(void) {
    int status = 0;
    pid_t child;
    fflush(stdout);
    child = fork();
    if (child == 0) exit(0);
    CHECK(waitpid(child, &status, 0) == child);
    CHECK_NUMBER(status, 0);
}

static void started_then_forked(void) {
    sio_runtime_options options = SIO_RUNTIME_OPTIONS_INIT;
    raw_client client;
    probe joined;
    probe_init(&joined);
    options.dispatch = SIO_DISPATCH_QUEUED;
    CHECK_STATUS(sio_runtime_new(&options, &queued), SIO_OK);
    started = serve_new(NULL);
    serve_echo_on(started);
    sio_server_on_connection(started, "/", probe_see, &joined, NULL);
    CHECK(raw_join_websocket(&client, serve_listen(started)));
    socket_ = probe_at(&joined, 0)->socket;
    in_child(calls_of_the_child);
    exits_ordinarily();
    /* The parent has not noticed. */
    CHECK(raw_echo(&client, "still here"));
    raw_leave(&client);
    serve_destroy(started);
    CHECK_STATUS(sio_runtime_destroy(queued), SIO_OK);
    serve_one();
}

/* fork and exec, as in starting another program: nothing is inherited. */
static void exec_inherits_nothing(void) {
    sio_server server = serve_new(NULL);
    int port = serve_listen(server), status = 0;
    pid_t child;
    fflush(stdout);
    child = fork();
    if (child == 0) {
        execl("/bin/sh", "sh", "-c", "test $(ls /proc/self/fd | wc -l) -le 4",
              (char *)NULL);
        _exit(127);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK_NUMBER(status, 0);
    CHECK(port > 0);
    serve_destroy(server);
}

int main(void) {
    serve_hide_inherited();
    forked_then_started();
    started_then_forked();
    exec_inherits_nothing();
    return check_total();
}
