/*
 * listen.c - where a server can listen, and what it says where it cannot.
 */
#include <errno.h>
#include <grp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "serve.h"

/* That a client at `host` is served. */
static int served(const char *host, int port) {
    raw_client client;
    int done = raw_open(&client, host, port, 1, NULL, NULL) &&
               raw_join(&client, "/", NULL) && raw_echo(&client, "hi");
    raw_leave(&client);
    return done;
}

static int refused(const char *host, int port) {
    raw_stream stream;
    int connected = raw_connect(&stream, host, port);
    raw_close(&stream);
    return !connected;
}

static sio_server new_echo(void) {
    sio_server server = serve_new(NULL);
    serve_echo_on(server);
    return server;
}

static void ipv4(void) {
    sio_server server = new_echo();
    sio_address address;
    char text[64];
    CHECK_STATUS(sio_server_address(server, 0, &address), SIO_E_ARGUMENT);
    CHECK_STATUS(sio_server_listen(server, "127.0.0.1", 0, NULL), SIO_OK);
    CHECK_STATUS(sio_server_address(server, 0, &address), SIO_OK);
    CHECK(address.port > 0 && address.port < 65536);
    CHECK_TEXT(address.host, "127.0.0.1");
    snprintf(text, sizeof text, "127.0.0.1:%d", (int)address.port);
    CHECK_TEXT(address.text, text);
    CHECK(served("127.0.0.1", address.port));
    serve_destroy(server);
    CHECK(refused("127.0.0.1", address.port));
}

static void ipv6(void) {
    sio_server server = new_echo();
    sio_address address;
    char text[64];
    CHECK_STATUS(sio_server_listen(server, "::1", 0, NULL), SIO_OK);
    CHECK_STATUS(sio_server_address(server, 0, &address), SIO_OK);
    CHECK_TEXT(address.host, "::1");
    snprintf(text, sizeof text, "[::1]:%d", (int)address.port);
    CHECK_TEXT(address.text, text);
    CHECK(served("::1", address.port));
    CHECK(refused("127.0.0.1", address.port));
    serve_destroy(server);
}

static void dual_stack(const char *host) {
    sio_server server = new_echo();
    sio_address address;
    CHECK_STATUS(sio_server_listen(server, host, 0, NULL), SIO_OK);
    CHECK_STATUS(sio_server_address(server, 0, &address), SIO_OK);
    CHECK(served("::1", address.port));
    CHECK(served("127.0.0.1", address.port));
    serve_destroy(server);
}

static void ipv6_only(void) {
    sio_listen_options options = SIO_LISTEN_OPTIONS_INIT;
    sio_server server = new_echo();
    options.flags = SIO_LISTEN_IPV6_ONLY;
    CHECK_STATUS(sio_server_listen(server, "::", 0, &options), SIO_OK);
    CHECK(served("::1", serve_port(server)));
    CHECK(refused("127.0.0.1", serve_port(server)));
    serve_destroy(server);
}

static void by_name(void) {
    sio_server server = new_echo();
    CHECK_STATUS(sio_server_listen(server, "localhost", 0, NULL), SIO_OK);
    CHECK(served("127.0.0.1", serve_port(server)) ||
          served("::1", serve_port(server)));
    serve_destroy(server);
}

static void several_addresses(void) {
    sio_server server = new_echo();
    sio_address address;
    CHECK_STATUS(sio_server_listen(server, "127.0.0.1", 0, NULL), SIO_OK);
    CHECK_STATUS(sio_server_listen(server, "::1", 0, NULL), SIO_OK);
    CHECK(served("127.0.0.1", serve_port(server)));
    CHECK_STATUS(sio_server_address(server, 1, &address), SIO_OK);
    CHECK(served("::1", address.port));
    CHECK_STATUS(sio_server_address(server, 2, &address), SIO_E_ARGUMENT);
    serve_destroy(server);
}

/* Unix sockets */

static char directory[] = "/tmp/sio-listen-XXXXXX";

static const char *path_of(const char *name) {
    static char path[100];
    snprintf(path, sizeof path, "unix:%s/%s", directory, name);
    return path;
}

static void unix_socket(void) {
    sio_listen_options options = SIO_LISTEN_OPTIONS_INIT;
    sio_server server = new_echo(), second = new_echo();
    const char *path = path_of("io.sock");
    sio_address address;
    struct stat status;
    options.unix_mode = 0600;
    CHECK_STATUS(sio_server_listen(server, path, 99, &options), SIO_OK);
    CHECK_STATUS(sio_server_address(server, 0, &address), SIO_OK);
    CHECK_TEXT(address.text, path);
    CHECK_TEXT(address.host, path + 5);
    CHECK_NUMBER(address.port, 0);
    CHECK(stat(path + 5, &status) == 0);
    CHECK_NUMBER(status.st_mode & 0777, 0600);
    CHECK(served(path, 0));
    CHECK_STATUS(sio_server_listen(second, path, 0, NULL),
                 SIO_E_ADDRESS_IN_USE);
    CHECK(served(path, 0));
    serve_destroy(server);
    CHECK_STATUS(sio_server_listen(second, path, 0, NULL), SIO_OK);
    CHECK(served(path, 0));
    serve_destroy(second);
}

/* A file that a program left behind when it was killed. */
static void dead_unix_socket(void) {
    sio_server server = new_echo();
    const char *path = path_of("dead.sock");
    struct sockaddr_un address;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path + 5);
    CHECK(bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
    close(fd);
    CHECK_STATUS(sio_server_listen(server, path, 0, NULL), SIO_OK);
    CHECK(served(path, 0));
    serve_destroy(server);
}

/* A file that is no socket must survive. */
static void file_in_the_way(void) {
    sio_server server = new_echo();
    const char *path = path_of("precious.txt");
    FILE *file = fopen(path + 5, "w");
    if (file != NULL) fclose(file);
    CHECK(sio_server_listen(server, path, 0, NULL) < 0);
    CHECK(strstr(sio_last_error(), path + 5) != NULL);
    CHECK(access(path + 5, F_OK) == 0);
    serve_destroy(server);
}

static void bad_unix_paths(void) {
    sio_server server = new_echo();
    char path[512];
    snprintf(path, sizeof path, "unix:%s/%0300d", directory, 1);
    CHECK(sio_server_listen(server, path, 0, NULL) < 0);
    CHECK(sio_last_error()[0] != '\0');
    CHECK(sio_server_listen(server, "unix:", 0, NULL) < 0);
    CHECK(sio_server_listen(server, "unix:/no/such/place/io.sock", 0, NULL) <
          0);
    CHECK(strstr(sio_last_error(), "/no/such/place/io.sock") != NULL);
    serve_destroy(server);
}

/* Errors: a status, and a sentence that names host, port and cause. */

static int sentence_names(const char *host, int port, const char *cause) {
    const char *sentence = sio_last_error();
    char number[16];
    int named;
    snprintf(number, sizeof number, "%d", port);
    named = strstr(sentence, host) != NULL &&
            strstr(sentence, number) != NULL &&
            strcasestr(sentence, cause) != NULL;
    if (!named) printf("  the sentence is: %s\n", sentence);
    return named;
}

static void port_in_use(void) {
    sio_server first = new_echo(), second = new_echo();
    int port = serve_listen(first);
    CHECK_STATUS(sio_server_listen(second, "127.0.0.1", port, NULL),
                 SIO_E_ADDRESS_IN_USE);
    CHECK(sentence_names("127.0.0.1", port, "in use") ||
          sentence_names("127.0.0.1", port, "listen"));
    CHECK_STATUS(sio_server_listen(first, "127.0.0.1", port, NULL),
                 SIO_E_ADDRESS_IN_USE);
    CHECK_STATUS(sio_server_listen(second, "127.0.0.1", 0, NULL), SIO_OK);
    CHECK(served("127.0.0.1", port));
    CHECK(served("127.0.0.1", serve_port(second)));
    serve_destroy(first);
    serve_destroy(second);
}

/* A port is free again at once, though connections of it linger. */
static void port_again(void) {
    sio_server first = new_echo(), second = new_echo();
    int port = serve_listen(first);
    CHECK(served("127.0.0.1", port));
    serve_destroy(first);
    CHECK_STATUS(sio_server_listen(second, "127.0.0.1", port, NULL), SIO_OK);
    CHECK(served("127.0.0.1", port));
    serve_destroy(second);
}

static void shared_port(void) {
    sio_listen_options options = SIO_LISTEN_OPTIONS_INIT;
    sio_server first = new_echo(), second = new_echo();
    options.flags = SIO_LISTEN_REUSE_PORT;
    CHECK_STATUS(sio_server_listen(first, "127.0.0.1", 0, &options), SIO_OK);
    CHECK_STATUS(
        sio_server_listen(second, "127.0.0.1", serve_port(first), &options),
        SIO_OK);
    CHECK(served("127.0.0.1", serve_port(first)));
    serve_destroy(first);
    serve_destroy(second);
}

static void bad_hosts(void) {
    sio_server server = new_echo();
    CHECK_STATUS(sio_server_listen(server, "192.0.2.77", 3000, NULL),
                 SIO_E_HOST);
    CHECK(sentence_names("192.0.2.77", 3000, "address"));
    CHECK_STATUS(sio_server_listen(server, "no-such-host.invalid", 3000, NULL),
                 SIO_E_HOST);
    CHECK(sentence_names("no-such-host.invalid", 3000, "n"));
    CHECK(sio_server_listen(server, "", 0, NULL) < 0);
    CHECK(sio_server_listen(server, "not a host", 0, NULL) < 0);
    serve_destroy(server);
}

static void bad_ports(void) {
    sio_server server = new_echo();
    CHECK_STATUS(sio_server_listen(server, "127.0.0.1", -1, NULL),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_server_listen(server, "127.0.0.1", 65536, NULL),
                 SIO_E_ARGUMENT);
    CHECK(sio_last_error()[0] != '\0');
    serve_destroy(server);
}

static int first_unprivileged_port(void) {
    FILE *file = fopen("/proc/sys/net/ipv4/ip_unprivileged_port_start", "r");
    int port = 1024;
    if (file == NULL) return port;
    if (fscanf(file, "%d", &port) != 1) port = 1024;
    fclose(file);
    return port;
}

/* In a process of its own, because root must be given up. */
static void privileged_port(void) {
    pid_t child;
    int status = 0;
    if (first_unprivileged_port() <= 80) {
        check_skip("privileged port: this system lets everyone use port 80");
        return;
    }
    fflush(stdout);
    child = fork();
    if (child == 0) {
        sio_server server;
        if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setgid(65534) != 0 ||
                               setuid(65534) != 0))
            _exit(2);
        server = serve_new(NULL);
        CHECK_STATUS(sio_server_listen(server, "127.0.0.1", 80, NULL),
                     SIO_E_PERMISSION);
        CHECK(sentence_names("127.0.0.1", 80, "perm") ||
              sentence_names("127.0.0.1", 80, "privilege") ||
              sentence_names("127.0.0.1", 80, "1024"));
        serve_destroy(server);
        fflush(stdout);
        _exit(check_failed() != 0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK_NUMBER(status, 0);
}

/* How many connections may wait for the server to accept them, by the system's
 * word: of the one socket of this process that listens; -1 if there is none. */
static int backlog(void) {
    int descriptor;
    for (descriptor = 0; descriptor < 1024; descriptor++) {
        int listens = 0;
        struct tcp_info info;
        socklen_t length = sizeof listens;
        if (getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens,
                       &length) != 0 ||
            !listens)
            continue;
        length = sizeof info;
        REQUIRE(getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &length) ==
                0);
        return (int)info.tcpi_sacked;
    }
    return -1;
}

static void backlogs(void) {
    sio_listen_options options = SIO_LISTEN_OPTIONS_INIT;
    sio_server server = new_echo();
    sio_address address;
    CHECK_STATUS(sio_server_listen(server, "127.0.0.1", 0, NULL), SIO_OK);
    CHECK_STATUS(sio_server_address(server, 0, &address), SIO_OK);
    CHECK(served("127.0.0.1", address.port));
    CHECK_NUMBER(backlog(), 1024);
    serve_destroy(server);
    server = new_echo();
    options.backlog = 7;
    CHECK_STATUS(sio_server_listen(server, "127.0.0.1", 0, &options), SIO_OK);
    CHECK_STATUS(sio_server_address(server, 0, &address), SIO_OK);
    CHECK(served("127.0.0.1", address.port));
    CHECK_NUMBER(backlog(), 7);
    serve_destroy(server);
}

/* A socket that listens already keeps what it has, unless the options say. */
static void backlog_of_a_given_socket(uint32_t wanted, int expected) {
    sio_listen_options options = SIO_LISTEN_OPTIONS_INIT;
    sio_server server = new_echo();
    struct sockaddr_in any;
    sio_address address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    memset(&any, 0, sizeof any);
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(bind(fd, (struct sockaddr *)&any, sizeof any) == 0);
    REQUIRE(listen(fd, 5) == 0);
    options.backlog = wanted;
    CHECK_STATUS(sio_server_listen_fd(server, fd, &options), SIO_OK);
    CHECK_STATUS(sio_server_address(server, 0, &address), SIO_OK);
    CHECK(served("127.0.0.1", address.port));
    CHECK_NUMBER(backlog(), expected);
    serve_destroy(server);
}

int main(void) {
    privileged_port(); /* first: it forks */
    REQUIRE(mkdtemp(directory) != NULL);
    ipv4();
    ipv6();
    dual_stack("::");
    dual_stack(NULL);
    ipv6_only();
    by_name();
    several_addresses();
    unix_socket();
    dead_unix_socket();
    file_in_the_way();
    bad_unix_paths();
    port_in_use();
    port_again();
    shared_port();
    bad_hosts();
    bad_ports();
    backlogs();
    backlog_of_a_given_socket(0, 5);
    backlog_of_a_given_socket(7, 7);
    return check_total();
}
