/*
 * client_fork.c - loaded, then forked, then connected: works in parent and
 * child. Connected, then forked: the child's calls return SIO_E_FORKED. A client
 * in one process and its server in another.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dial.h"

static int port;

static void talk_to_it(void) {
    sio_client_options options = dial_options(port);
    dial it;
    REQUIRE(dial_join(&it, &options));
    CHECK(dial_echo(&it, "[1,{\"a\":2}]"));
    dial_end(&it);
}

static void ends_well(pid_t child) {
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK_NUMBER(status, 0);
}

/* Serves until it is told to end; the number of the port goes into the pipe. */
static pid_t serving(int *out) {
    int pipes[2];
    pid_t child;
    REQUIRE(pipe(pipes) == 0);
    fflush(stdout);
    child = fork();
    if (child == 0) {
        sio_server server = serve_new(NULL);
        serve_echo_on(server);
        port = serve_listen(server);
        if (write(pipes[1], &port, sizeof port) != sizeof port) _exit(1);
        for (;;) pause();
    }
    REQUIRE(read(pipes[0], &port, sizeof port) == sizeof port);
    *out = port;
    close(pipes[0]);
    close(pipes[1]);
    return child;
}

static void forked_then_connected(void) {
    pid_t children[3];
    int i;
    fflush(stdout);
    for (i = 0; i < 3; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            talk_to_it();
            fflush(stdout);
            _exit(check_failed());
        }
    }
    talk_to_it();
    for (i = 0; i < 3; i++) ends_well(children[i]);
}

static void calls_of_the_child(const dial *it) {
    sio_client_options options = dial_options(port);
    sio_client client;
    sio_connection state;
    CHECK_STATUS(sio_client_new(&options, &client), SIO_E_FORKED);
    CHECK_STATUS(sio_client_connect(it->client, "/"), SIO_E_FORKED);
    CHECK_STATUS(sio_client_emit(it->client, "/", "a", no_args(), NULL),
                 SIO_E_FORKED);
    CHECK_STATUS(sio_client_on_any(it->client, "/", serve_echo, NULL, NULL),
                 SIO_E_FORKED);
    CHECK_STATUS(sio_client_connection(it->client, "/", sizeof state, &state),
                 SIO_E_FORKED);
    CHECK_STATUS(sio_client_close(it->client), SIO_E_FORKED);
    CHECK_STATUS(sio_client_wait(it->client), SIO_E_FORKED);
    CHECK_STATUS(sio_client_destroy(it->client), SIO_E_FORKED);
}

static void connected_then_forked(void) {
    sio_client_options options = dial_options(port);
    pid_t child;
    dial it;
    REQUIRE(dial_join(&it, &options));
    fflush(stdout);
    child = fork();
    if (child == 0) {
        int before = check_failed();
        calls_of_the_child(&it);
        fflush(stdout);
        exit(check_failed() - before); /* in order, with destructors */
    }
    ends_well(child);
    CHECK(dial_echo(&it, "[3]")); /* the parent has not noticed */
    dial_end(&it);
}

/* The server is killed: it says nothing more, the system does. */
static void killed(pid_t server) {
    sio_client_options options = dial_options(port);
    dial it;
    REQUIRE(dial_join(&it, &options));
    CHECK(dial_connected(&it, 1));
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    CHECK(probe_wait(&it.left, 1));
    CHECK(strncmp(it.left.events[0].reason, "transport ", 10) == 0);
    CHECK(probe_wait(&it.again, 2));
    dial_end(&it);
}

int main(void) {
    pid_t server = serving(&port);
    forked_then_connected();
    connected_then_forked();
    killed(server);
    return check_total();
}
