/*
 * socket_effects.c - what sio_listen_options change for the other end of a
 * connection, and for other programs of the machine.
 */
#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "serve.h"

static void count(const sio_event *event, void *context) {
    (void)event;
    __atomic_add_fetch((int *)context, 1, __ATOMIC_SEQ_CST);
}

/* The system spreads the connections of one port over both servers. */
static void two_servers_on_one_port(void) {
    sio_listen_options options = SIO_LISTEN_OPTIONS_INIT;
    sio_server servers[2];
    int i, served[2] = {0, 0};
    options.flags = SIO_LISTEN_REUSE_PORT;
    for (i = 0; i < 2; i++) {
        servers[i] = serve_new(NULL);
        CHECK_STATUS(
            sio_server_on_connection(servers[i], "/", count, &served[i], NULL),
            SIO_OK);
        CHECK_STATUS(sio_server_listen(servers[i], "127.0.0.1",
                                       i == 0 ? 0 : serve_port(servers[0]),
                                       &options),
                     SIO_OK);
    }
    for (i = 0; i < 64; i++) {
        raw_client client;
        CHECK(raw_join_websocket(&client, serve_port(servers[0])));
        raw_leave(&client);
    }
    for (i = 0; i < 2; i++) serve_destroy(servers[i]);
    CHECK(served[0] > 0 && served[1] > 0);
    CHECK_NUMBER(served[0] + served[1], 64);
}

/* A connection that the server has closed keeps its port for a minute, unless
 * addresses are reused. */
static void an_address_in_time_wait(void) {
    sio_listen_options options = SIO_LISTEN_OPTIONS_INIT;
    sio_server server = serve_new(NULL);
    raw_response response;
    raw_stream stream;
    int port = serve_listen(server);
    CHECK(raw_connect(&stream, NULL, port));
    CHECK(raw_http(&stream, "GET", "/", "Connection: close\r\n", NULL, 0,
                   &response));
    raw_response_free(&response);
    CHECK(raw_ended(&stream, RAW_PATIENCE_MS));
    raw_close(&stream);
    serve_destroy(server);

    server = serve_new(NULL);
    options.flags = SIO_LISTEN_NO_REUSE_ADDRESS;
    CHECK_STATUS(sio_server_listen(server, "127.0.0.1", port, &options),
                 SIO_E_ADDRESS_IN_USE);
    options.flags = 0;
    CHECK_STATUS(sio_server_listen(server, "127.0.0.1", port, &options),
                 SIO_OK);
    serve_destroy(server);
}

/* How a connection that the server closes ends for the client: 0 for an end in
 * order, or the error. */
static int end_of_a_connection(int32_t linger_s) {
    sio_listen_options options = SIO_LISTEN_OPTIONS_INIT;
    sio_server server = serve_new(NULL);
    raw_response response;
    raw_stream stream;
    struct pollfd waiting;
    char byte;
    options.linger_s = linger_s;
    CHECK_STATUS(sio_server_listen(server, "127.0.0.1", 0, &options), SIO_OK);
    CHECK(raw_connect(&stream, NULL, serve_port(server)));
    /* It is accepted once it is served. */
    CHECK(raw_http(&stream, "GET", "/", NULL, NULL, 0, &response));
    raw_response_free(&response);
    serve_destroy(server);
    waiting.fd = stream.fd;
    waiting.events = POLLIN;
    CHECK(poll(&waiting, 1, RAW_PATIENCE_MS) == 1);
    errno = 0;
    CHECK(recv(stream.fd, &byte, 1, 0) <= 0);
    raw_close(&stream);
    return errno;
}

static void lingering(void) {
    CHECK_NUMBER(end_of_a_connection(0), 0);
    CHECK_NUMBER(end_of_a_connection(-1), ECONNRESET);
    CHECK_NUMBER(end_of_a_connection(1), 0);
}

/* Unix sockets: to whom their files belong, and who may connect. */

static char directory[] = "/tmp/sio-options-XXXXXX";

/* The file of a server that listens with these options. */
static struct stat file_of(const sio_listen_options *options) {
    sio_server server = serve_new(NULL);
    struct stat status;
    char path[64];
    memset(&status, 0, sizeof status);
    snprintf(path, sizeof path, "unix:%s/s", directory);
    CHECK_STATUS(sio_server_listen(server, path, 0, options), SIO_OK);
    CHECK(stat(path + 5, &status) == 0);
    serve_destroy(server);
    CHECK(access(path + 5, F_OK) != 0);
    return status;
}

static void files_of_unix_sockets(void) {
    sio_listen_options options = SIO_LISTEN_OPTIONS_INIT;
    struct stat status;
    mode_t mask = umask(027);
    REQUIRE(mkdtemp(directory) != NULL);
    CHECK_NUMBER(file_of(&options).st_mode & 0777, 0750);
    options.unix_mode = 0606;
    CHECK_NUMBER(file_of(&options).st_mode & 0777, 0606);
    umask(mask);
    options.unix_mode = 0;
    if (geteuid() == 0) {
        const struct passwd *nobody = getpwnam("nobody");
        options.unix_owner = "nobody";
        status = file_of(&options);
        REQUIRE(nobody != NULL);
        CHECK_NUMBER(status.st_uid, nobody->pw_uid);
        CHECK_NUMBER(status.st_gid, getegid());
        options.unix_owner = NULL;
        options.unix_group = "12345";
        status = file_of(&options);
        CHECK_NUMBER(status.st_uid, 0);
        CHECK_NUMBER(status.st_gid, 12345);
    } else {
        check_skip("owner and group of a Unix socket: only root gives away");
    }
    rmdir(directory);
}

int main(void) {
    two_servers_on_one_port();
    an_address_in_time_wait();
    lingering();
    files_of_unix_sockets();
    return check_total();
}
