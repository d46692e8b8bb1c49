/*
 * socket_options.c - what sio_listen_options make of sockets, by the system's
 * word: of the one that listens, and of one that was accepted. What the other
 * end sees of them is in socket_effects.c.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "serve.h"

/* Everything that the system tells of a listening socket (the first ones) and
 * of a connection of it. */
enum {
    BACKLOG,
    IPV6_ONLY,
    REUSE_ADDRESS,
    REUSE_PORT,
    DEVICE,
    NO_DELAY,
    KEEP_ALIVE,
    IDLE,
    INTERVAL,
    COUNT,
    LINGERS,
    LINGER_S,
    RECEIVE_BUFFER,
    SEND_BUFFER,
    READINGS
};

static const char *const names[READINGS] = {
    "backlog",   "IPV6_V6ONLY", "SO_REUSEADDR", "SO_REUSEPORT",  "device",
    "no delay",  "keep-alive",  "TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT",
    "SO_LINGER", "linger's s",  "SO_RCVBUF",    "SO_SNDBUF",
};

typedef struct readings {
    int of[READINGS];
} readings;

static int option(int fd, int level, int name) {
    int value = -1;
    socklen_t length = sizeof value;
    return getsockopt(fd, level, name, &value, &length) == 0 ? value : -1;
}

static int port_of(int fd, int (*ask)(int, struct sockaddr *, socklen_t *)) {
    struct sockaddr_in6 address;
    socklen_t length = sizeof address;
    memset(&address, 0, sizeof address);
    if (ask(fd, (struct sockaddr *)&address, &length) != 0) return -1;
    return address.sin6_family == AF_INET || address.sin6_family == AF_INET6
               ? ntohs(address.sin6_port) /* at the same place in both */
               : -1;
}

static int own_port(int fd) {
    return port_of(fd, getsockname);
}

/* The server's descriptors are this process's: the one that listens on a port,
 * and the one whose peer has a port; -1 for none. */
static int listening_on(int port) {
    int fd;
    for (fd = 0; fd < 1024; fd++)
        if (option(fd, SOL_SOCKET, SO_ACCEPTCONN) == 1 && own_port(fd) == port)
            return fd;
    return -1;
}

static int accepted_from(const raw_stream *client) {
    int fd, port = own_port(client->fd);
    for (fd = 0; fd < 1024; fd++)
        if (port > 0 && port_of(fd, getpeername) == port) return fd;
    return -1;
}

static void read_listening(readings *seen, int fd) {
    struct tcp_info info;
    socklen_t length = sizeof info;
    char device[IFNAMSIZ] = "";
    memset(&info, 0, sizeof info);
    CHECK(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0);
    seen->of[BACKLOG] = (int)info.tcpi_sacked;
    seen->of[IPV6_ONLY] = option(fd, IPPROTO_IPV6, IPV6_V6ONLY);
    seen->of[REUSE_ADDRESS] = option(fd, SOL_SOCKET, SO_REUSEADDR);
    seen->of[REUSE_PORT] = option(fd, SOL_SOCKET, SO_REUSEPORT);
    length = sizeof device;
    CHECK(getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, &length) == 0);
    seen->of[DEVICE] = (int)if_nametoindex(device);
}

static void read_accepted(readings *seen, int fd) {
    struct linger linger = {-1, -1};
    socklen_t length = sizeof linger;
    CHECK(getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &length) == 0);
    seen->of[LINGERS] = linger.l_onoff;
    seen->of[LINGER_S] = linger.l_onoff ? linger.l_linger : 0;
    seen->of[NO_DELAY] = option(fd, IPPROTO_TCP, TCP_NODELAY) != 0;
    seen->of[KEEP_ALIVE] = option(fd, SOL_SOCKET, SO_KEEPALIVE);
    seen->of[IDLE] = option(fd, IPPROTO_TCP, TCP_KEEPIDLE);
    seen->of[INTERVAL] = option(fd, IPPROTO_TCP, TCP_KEEPINTVL);
    seen->of[COUNT] = option(fd, IPPROTO_TCP, TCP_KEEPCNT);
    seen->of[RECEIVE_BUFFER] = option(fd, SOL_SOCKET, SO_RCVBUF);
    seen->of[SEND_BUFFER] = option(fd, SOL_SOCKET, SO_SNDBUF);
}

/* A server with these options, and a client of it. */
static readings read_with(const sio_listen_options *options) {
    sio_server server = serve_new(NULL);
    raw_client client;
    readings seen;
    int accepted;
    memset(&seen, 0, sizeof seen);
    if (CHECK_STATUS(sio_server_listen(server, "::", 0, options), SIO_OK)) {
        CHECK(raw_open(&client, "::1", serve_port(server), 1, NULL, NULL));
        read_listening(&seen, listening_on(serve_port(server)));
        accepted = accepted_from(&client.main);
        if (CHECK(accepted >= 0)) read_accepted(&seen, accepted);
        raw_leave(&client);
    }
    serve_destroy(server);
    return seen;
}

static void same(const readings *seen, const readings *expected) {
    int i;
    for (i = 0; i < READINGS; i++)
        if (!CHECK_NUMBER(seen->of[i], expected->of[i]))
            printf("    %s\n", names[i]);
}

/* Options that leave all but one or two readings as they are by default. */
typedef struct change {
    sio_listen_options options;
    readings expected;
} change;

static void try_change(const change *it) {
    readings seen = read_with(&it->options);
    same(&seen, &it->expected);
}

static void each_option_alone(void) {
    static const sio_listen_options unset = SIO_LISTEN_OPTIONS_INIT;
    change none, it;
    none.options = unset;
    none.expected = read_with(NULL);
    CHECK_NUMBER(none.expected.of[BACKLOG], 1024);
    CHECK_NUMBER(none.expected.of[IPV6_ONLY], 0);
    CHECK_NUMBER(none.expected.of[REUSE_ADDRESS], 1);
    CHECK_NUMBER(none.expected.of[REUSE_PORT], 0);
    CHECK_NUMBER(none.expected.of[DEVICE], 0);
    CHECK_NUMBER(none.expected.of[NO_DELAY], 1);
    CHECK_NUMBER(none.expected.of[KEEP_ALIVE], 0);
    CHECK_NUMBER(none.expected.of[LINGERS], 0);
    try_change(&none);

    it = none;
    it.options.backlog = it.expected.of[BACKLOG] = 9;
    try_change(&it);
    it = none;
    it.options.flags = SIO_LISTEN_IPV6_ONLY;
    it.expected.of[IPV6_ONLY] = 1;
    try_change(&it);
    it = none;
    it.options.flags = SIO_LISTEN_NO_REUSE_ADDRESS;
    it.expected.of[REUSE_ADDRESS] = 0;
    try_change(&it);
    it = none;
    it.options.flags = SIO_LISTEN_REUSE_PORT;
    it.expected.of[REUSE_PORT] = 1;
    try_change(&it);
    it = none;
    it.options.device = "lo";
    it.expected.of[DEVICE] = (int)if_nametoindex("lo");
    CHECK(it.expected.of[DEVICE] > 0);
    try_change(&it);
    it = none;
    it.options.flags = SIO_LISTEN_DELAY;
    it.expected.of[NO_DELAY] = 0;
    try_change(&it);
    it = none;
    it.options.linger_s = -1;
    it.expected.of[LINGERS] = 1;
    try_change(&it);
    it = none;
    it.options.linger_s = it.expected.of[LINGER_S] = 3;
    it.expected.of[LINGERS] = 1;
    try_change(&it);
    it = none;
    it.options.receive_buffer_size = 20000;
    it.expected.of[RECEIVE_BUFFER] = 40000; /* the kernel doubles them */
    try_change(&it);
    it = none;
    it.options.send_buffer_size = 30000;
    it.expected.of[SEND_BUFFER] = 60000;
    try_change(&it);

    none.options.flags = SIO_LISTEN_KEEP_ALIVE;
    none.expected.of[KEEP_ALIVE] = 1;
    try_change(&none);
    it = none;
    it.options.keep_alive_idle_s = it.expected.of[IDLE] = 70;
    try_change(&it);
    it = none;
    it.options.keep_alive_interval_s = it.expected.of[INTERVAL] = 11;
    try_change(&it);
    it = none;
    it.options.keep_alive_count = it.expected.of[COUNT] = 4;
    try_change(&it);
}

/* A socket that listens already: what belongs to its connections. */
static void a_given_socket(void) {
    sio_listen_options options = SIO_LISTEN_OPTIONS_INIT;
    sio_server server = serve_new(NULL);
    struct sockaddr_in address;
    raw_client client;
    readings seen;
    int port, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    memset(&seen, 0, sizeof seen);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
    REQUIRE(listen(fd, 5) == 0);
    port = own_port(fd);
    options.backlog = 7;
    options.flags = SIO_LISTEN_DELAY | SIO_LISTEN_KEEP_ALIVE;
    options.keep_alive_idle_s = 70;
    options.keep_alive_interval_s = 11;
    options.keep_alive_count = 4;
    options.linger_s = 3;
    options.receive_buffer_size = 20000;
    options.send_buffer_size = 30000;
    CHECK_STATUS(sio_server_listen_fd(server, fd, &options), SIO_OK);
    CHECK(raw_open(&client, NULL, port, 1, NULL, NULL));
    read_listening(&seen, listening_on(port));
    fd = accepted_from(&client.main);
    if (CHECK(fd >= 0)) read_accepted(&seen, fd);
    CHECK_NUMBER(seen.of[BACKLOG], 7);
    CHECK_NUMBER(seen.of[NO_DELAY], 0);
    CHECK_NUMBER(seen.of[KEEP_ALIVE], 1);
    CHECK_NUMBER(seen.of[IDLE], 70);
    CHECK_NUMBER(seen.of[INTERVAL], 11);
    CHECK_NUMBER(seen.of[COUNT], 4);
    CHECK_NUMBER(seen.of[LINGER_S], 3);
    CHECK_NUMBER(seen.of[RECEIVE_BUFFER], 40000);
    CHECK_NUMBER(seen.of[SEND_BUFFER], 60000);
    raw_leave(&client);
    serve_destroy(server);
}

/* A WebSocket may find its session on another event loop, and moves there with
 * all that its socket was told. */
static void a_connection_that_moves(void) {
    sio_runtime_options runtime = SIO_RUNTIME_OPTIONS_INIT;
    sio_server_options of_server = SIO_SERVER_OPTIONS_INIT;
    sio_listen_options options = SIO_LISTEN_OPTIONS_INIT;
    sio_server server;
    int i;
    runtime.threads = 2;
    REQUIRE(sio_runtime_new(&runtime, &of_server.runtime) == SIO_OK);
    server = serve_new(&of_server);
    options.flags = SIO_LISTEN_DELAY | SIO_LISTEN_KEEP_ALIVE;
    options.linger_s = 3;
    serve_echo_on(server);
    CHECK_STATUS(sio_server_listen(server, "127.0.0.1", 0, &options), SIO_OK);
    for (i = 0; i < 8; i++) {
        raw_client client;
        raw_stream between;
        readings seen;
        int fd;
        memset(&seen, 0, sizeof seen);
        CHECK(raw_join_polling(&client, serve_port(server)));
        /* Connections go to the loops in turn: the third to the first's. */
        CHECK(raw_connect(&between, NULL, serve_port(server)));
        CHECK(raw_upgrade(&client) && raw_echo(&client, "hi"));
        fd = accepted_from(&client.main);
        if (CHECK(fd >= 0)) read_accepted(&seen, fd);
        CHECK_NUMBER(seen.of[NO_DELAY], 0);
        CHECK_NUMBER(seen.of[KEEP_ALIVE], 1);
        CHECK_NUMBER(seen.of[LINGER_S], 3);
        raw_close(&between);
        raw_leave(&client);
    }
    serve_destroy(server);
    CHECK_STATUS(sio_runtime_destroy(of_server.runtime), SIO_OK);
}

/* Unix sockets inherit nothing: each connection is told. */
static void buffers_of_a_unix_socket(void) {
    sio_listen_options options = SIO_LISTEN_OPTIONS_INIT;
    sio_server server = serve_new(NULL);
    struct sockaddr_un address;
    raw_client client;
    char path[64];
    int fd, found = 0;
    snprintf(path, sizeof path, "unix:/tmp/sio-options-%d", (int)getpid());
    options.receive_buffer_size = 20000;
    options.send_buffer_size = 30000;
    CHECK_STATUS(sio_server_listen(server, path, 0, &options), SIO_OK);
    CHECK(raw_open(&client, path, 0, 1, NULL, NULL));
    for (fd = 0; fd < 1024; fd++) {
        socklen_t length = sizeof address;
        memset(&address, 0, sizeof address);
        if (option(fd, SOL_SOCKET, SO_ACCEPTCONN) != 0 ||
            getsockname(fd, (struct sockaddr *)&address, &length) != 0 ||
            address.sun_family != AF_UNIX ||
            strcmp(address.sun_path, path + 5) != 0)
            continue;
        found++;
        CHECK_NUMBER(option(fd, SOL_SOCKET, SO_RCVBUF), 40000);
        CHECK_NUMBER(option(fd, SOL_SOCKET, SO_SNDBUF), 60000);
    }
    CHECK_NUMBER(found, 1);
    raw_leave(&client);
    serve_destroy(server);
}

int main(void) {
    each_option_alone();
    a_given_socket();
    a_connection_that_moves();
    buffers_of_a_unix_socket();
    return check_total();
}
