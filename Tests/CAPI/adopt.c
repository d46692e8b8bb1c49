/*
 * adopt.c - sockets that somebody else has made: connections that another
 * server has accepted and read from, and sockets that listen already.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "serve.h"

static const sio_bytes nothing = {NULL, 0};

/* A socket of 127.0.0.1 that listens; its port. */
static int make_listener(int *port) {
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
    REQUIRE(listen(fd, 64) == 0);
    REQUIRE(getsockname(fd, (struct sockaddr *)&address, &length) == 0);
    *port = ntohs(address.sin_port);
    return fd;
}

/* Another server: accepts, reads as much as its `step`, and hands over. */
typedef struct front {
    sio_server server;
    int listener;
    size_t step;
    int refused;
} front;

static void *accept_and_hand_over(void *argument) {
    front *self = (front *)argument;
    for (;;) {
        char buffer[4096];
        sio_bytes read;
        ssize_t count = 0;
        int fd = accept(self->listener, NULL, NULL);
        if (fd < 0) return NULL;
        if (self->step > 0) count = recv(fd, buffer, self->step, 0);
        read.data = buffer;
        read.length = count > 0 ? (size_t)count : 0;
        if (sio_server_adopt(self->server, fd, read, NULL) != SIO_OK) {
            self->refused++;
            close(fd);
        }
    }
}

/* Every way to come, with what was read cut anywhere, from two threads. */
static void another_server(uint32_t threads) {
    static const size_t steps[] = {0, 1, 30, 4096};
    sio_runtime_options options = SIO_RUNTIME_OPTIONS_INIT;
    sio_server_options server_options = SIO_SERVER_OPTIONS_INIT;
    size_t i;
    options.threads = threads;
    REQUIRE(sio_runtime_new(&options, &server_options.runtime) == SIO_OK);
    for (i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        sio_server server = serve_new(&server_options);
        pthread_t accepting[2];
        raw_client client;
        front self;
        int port, n;
        serve_echo_on(server);
        self.server = server;
        self.step = steps[i];
        self.refused = 0;
        self.listener = make_listener(&port);
        for (n = 0; n < 2; n++)
            REQUIRE(pthread_create(&accepting[n], NULL, accept_and_hand_over,
                                   &self) == 0);
        for (n = 0; n < 4; n++) {
            CHECK(raw_join_websocket(&client, port) &&
                  raw_echo(&client, "websocket"));
            raw_leave(&client);
            CHECK(raw_join_polling(&client, port) &&
                  raw_echo(&client, "polling"));
            CHECK(raw_upgrade(&client) && raw_echo(&client, "upgraded"));
            raw_leave(&client);
        }
        shutdown(self.listener, SHUT_RDWR);
        for (n = 0; n < 2; n++) pthread_join(accepting[n], NULL);
        close(self.listener);
        CHECK_NUMBER(self.refused, 0);
        CHECK(serve_idle(server));
        serve_destroy(server);
    }
    CHECK_STATUS(sio_runtime_destroy(server_options.runtime), SIO_OK);
}

typedef struct seen {
    char address[64];
    int port, secure;
} seen;

static void see(const sio_event *event, void *context) {
    seen *self = (seen *)context;
    const sio_handshake *handshake;
    if (sio_socket_handshake(event->socket, &handshake) != SIO_OK) return;
    snprintf(self->address, sizeof self->address, "%s",
             handshake->address.data);
    self->secure = handshake->secure;
    sio_free(handshake);
}

static void see_client(sio_server server, seen *self,
                       const sio_adopt_options *options) {
    raw_client client;
    memset(&client, 0, sizeof client);
    memset(self, 0, sizeof *self);
    client.websocket = 1;
    CHECK_STATUS(
        sio_server_adopt(server, raw_pair(&client.main), nothing, options),
        SIO_OK);
    CHECK_NUMBER(raw_ws_upgrade(&client.main,
                                "/socket.io/?EIO=4&transport=websocket", NULL),
                 101);
    CHECK(raw_receive(&client) != NULL);
    CHECK(raw_join(&client, "/", NULL));
    raw_leave(&client);
}

static void what_the_other_server_knows(void) {
    sio_adopt_options options = SIO_ADOPT_OPTIONS_INIT;
    sio_server server = serve_new(NULL);
    seen client;
    CHECK_STATUS(sio_server_on_connection(server, "/", see, &client, NULL),
                 SIO_OK);
    see_client(server, &client, NULL);
    CHECK_TEXT(client.address, "unix");
    CHECK_NUMBER(client.secure, 0);
    options.address = "192.0.2.7";
    options.port = 99;
    options.secure = 1;
    see_client(server, &client, &options);
    CHECK_TEXT(client.address, "192.0.2.7");
    CHECK_NUMBER(client.secure, 1);
    serve_destroy(server);
}

/* The caller keeps what the library does not take. */
static void what_is_not_adopted(void) {
    sio_adopt_options options = SIO_ADOPT_OPTIONS_INIT;
    sio_server server = serve_new(NULL);
    raw_stream stream;
    int port, listener = make_listener(&port), fd = raw_pair(&stream);
    int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    sio_bytes wrong = {NULL, 5};
    CHECK_STATUS(sio_server_adopt(server, -1, nothing, NULL), SIO_E_ARGUMENT);
    CHECK_STATUS(sio_server_adopt(server, file, nothing, NULL), SIO_E_ARGUMENT);
    CHECK_STATUS(sio_server_adopt(server, listener, nothing, NULL),
                 SIO_E_ARGUMENT);
    CHECK(strstr(sio_last_error(), "listens") != NULL);
    CHECK_STATUS(sio_server_adopt(server, fd, wrong, NULL), SIO_E_ARGUMENT);
    options.address = "example.com";
    CHECK_STATUS(sio_server_adopt(server, fd, nothing, &options),
                 SIO_E_ARGUMENT);
    options.address = NULL;
    options.port = 65536;
    CHECK_STATUS(sio_server_adopt(server, fd, nothing, &options),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_server_close(server), SIO_OK);
    CHECK_STATUS(sio_server_adopt(server, fd, nothing, NULL), SIO_E_STATE);
    CHECK_STATUS(sio_server_listen_fd(server, listener, NULL), SIO_E_STATE);
    CHECK(close(file) == 0);
    CHECK(close(listener) == 0);
    CHECK(close(fd) == 0);
    raw_close(&stream);
    serve_destroy(server);
    CHECK_STATUS(sio_server_adopt(server, 0, nothing, NULL), SIO_E_HANDLE);
}

/* A server that closes in the middle of it all ends, and so do they. */
static void a_closing_server(void) {
    int round;
    for (round = 0; round < 20; round++) {
        sio_server server = serve_new(NULL);
        raw_stream streams[8];
        int i;
        for (i = 0; i < 8; i++)
            CHECK_STATUS(
                sio_server_adopt(server, raw_pair(&streams[i]), nothing, NULL),
                SIO_OK);
        serve_destroy(server);
        for (i = 0; i < 8; i++) {
            CHECK(raw_ended(&streams[i], RAW_PATIENCE_MS));
            raw_close(&streams[i]);
        }
    }
}

/* Sockets that listen already. */

static void a_listener(void) {
    sio_server server = serve_new(NULL);
    sio_listen_options options = SIO_LISTEN_OPTIONS_INIT;
    sio_address address;
    raw_client client;
    int port, fd = make_listener(&port);
    serve_echo_on(server);
    options.flags = SIO_LISTEN_REUSE_PORT;
    CHECK_STATUS(sio_server_listen_fd(server, fd, &options), SIO_E_ARGUMENT);
    options.flags = 1u << 31;
    CHECK_STATUS(sio_server_listen_fd(server, fd, &options), SIO_E_ARGUMENT);
    CHECK_STATUS(sio_server_listen_fd(server, fd, NULL), SIO_OK);
    CHECK_STATUS(sio_server_address(server, 0, &address), SIO_OK);
    CHECK_NUMBER(address.port, port);
    CHECK_TEXT(address.host, "127.0.0.1");
    CHECK(raw_join_websocket(&client, port) && raw_echo(&client, "hi"));
    raw_leave(&client);
    serve_destroy(server);
    CHECK(fcntl(fd, F_GETFD) < 0);
}

/* The file is the one's who made it. */
static void a_unix_listener(void) {
    sio_server server = serve_new(NULL);
    struct sockaddr_un address;
    char path[64], name[80];
    sio_address where;
    raw_client client;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(path, sizeof path, "/tmp/sio-adopt-%d", (int)getpid());
    snprintf(name, sizeof name, "unix:%s", path);
    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    memcpy(address.sun_path, path, strlen(path));
    serve_echo_on(server);
    REQUIRE(bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK_STATUS(sio_server_listen_fd(server, fd, NULL), SIO_E_ARGUMENT);
    REQUIRE(listen(fd, 5) == 0);
    CHECK_STATUS(sio_server_listen_fd(server, fd, NULL), SIO_OK);
    CHECK_STATUS(sio_server_address(server, 0, &where), SIO_OK);
    CHECK_TEXT(where.text, name);
    CHECK(raw_open(&client, name, 0, 1, NULL, NULL));
    raw_leave(&client);
    serve_destroy(server);
    CHECK(access(path, F_OK) == 0);
    unlink(path);
}

static void nothing_of_systemd(void) {
    sio_server server = serve_new(NULL);
    size_t count = 77;
    unsetenv("LISTEN_PID");
    CHECK_STATUS(sio_server_listen_systemd(server, NULL, NULL, &count),
                 SIO_E_STATE);
    CHECK(strstr(sio_last_error(), "LISTEN_FDS") != NULL);
    CHECK_NUMBER(count, 77);
    serve_destroy(server);
}

/* What the system makes of them is in socket_options.c. */
static void options_that_contradict(void) {
    sio_server server = serve_new(NULL);
    sio_listen_options options = SIO_LISTEN_OPTIONS_INIT;
    options.keep_alive_idle_s = 5;
    CHECK_STATUS(sio_server_listen(server, "127.0.0.1", 0, &options),
                 SIO_E_ARGUMENT);
    options.flags = SIO_LISTEN_KEEP_ALIVE;
    CHECK_STATUS(sio_server_listen(server, "127.0.0.1", 0, &options), SIO_OK);
    options.linger_s = -2;
    CHECK_STATUS(sio_server_listen(server, "127.0.0.1", 0, &options),
                 SIO_E_ARGUMENT);
    options.linger_s = -1;
    options.flags |= SIO_LISTEN_PROXY_PROTOCOL;
    CHECK_STATUS(sio_server_listen(server, "127.0.0.1", 0, &options),
                 SIO_E_ARGUMENT);
    CHECK(strstr(sio_last_error(), "trusted_proxies") != NULL);
    serve_destroy(server);
}

int main(void) {
    nothing_of_systemd();
    options_that_contradict();
    what_the_other_server_knows();
    what_is_not_adopted();
    a_closing_server();
    another_server(1);
    another_server(2);
    a_listener();
    a_unix_listener();
    return check_total();
}
