/*
 * linger.c - what stays behind when clients come and go, in every way: memory
 * after 10,000 of them is where it was after the first 1,000, within 5 %, and
 * nothing is alive.
 *
 * Each way has a server process of its own, and that has a process of its own
 * for the clients, so that only the library's memory is measured.
 *
 *   linger            all ways
 *   linger NAME...    these
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "serve.h"

enum {
    FIRST = 1000,
    ALL = 10000,
    BATCH = 250,
    TRIES = 5,
    TIME_LIMIT_MS = 180000
};

/* The ways. Each is one client: 1 if all went as meant. `number` counts. */

/* Joins and gets the question that the server asks everyone. */
static int join(raw_client *client, int port, int polling) {
    const char *packet;
    if (!(polling ? raw_join_polling(client, port)
                  : raw_join_websocket(client, port)))
        return 0;
    packet = raw_receive(client);
    return packet != NULL && strstr(packet, "[\"never answered\"]") != NULL;
}

static int websocket_orderly(int port, int number) {
    raw_client client;
    int done = join(&client, port, 0) && raw_echo(&client, "hi");
    (void)number;
    raw_leave(&client);
    return done;
}

static int websocket_aborted(int port, int number) {
    raw_client client;
    int done = join(&client, port, 0) && raw_echo(&client, "hi");
    (void)number;
    raw_abort(&client);
    return done;
}

static int polling_orderly(int port, int number) {
    raw_client client;
    int done = join(&client, port, 1) && raw_echo(&client, "hi");
    (void)number;
    raw_leave(&client);
    return done;
}

static int polling_abandoned(int port, int number) {
    raw_client client;
    int done = join(&client, port, 1) && raw_poll(&client);
    (void)number;
    raw_abort(&client); /* in the middle of the poll */
    return done;
}

static int upgrade_aborted(int port, int number) {
    raw_client client;
    raw_stream probe_stream;
    int done = join(&client, port, 1);
    (void)number;
    probe_stream.fd = -1;
    done = done && raw_probe(&client, &probe_stream);
    raw_reset(&probe_stream);
    raw_abort(&client);
    return done;
}

static int upgraded_orderly(int port, int number) {
    raw_client client;
    int done = join(&client, port, 1) && raw_upgrade(&client) &&
               raw_echo(&client, "hi");
    (void)number;
    raw_leave(&client);
    return done;
}

static int upgraded_aborted(int port, int number) {
    raw_client client;
    int done = join(&client, port, 1) && raw_upgrade(&client) &&
               raw_echo(&client, "hi");
    (void)number;
    raw_abort(&client);
    return done;
}

static int refused_by_middleware(int port, int number) {
    raw_client client;
    int opened = number % 2 ? raw_open_polling(&client, port)
                            : raw_open_websocket(&client, port);
    int done = opened && !raw_join(&client, "/closed", "{\"token\":1}") &&
               client.packet != NULL &&
               strncmp(client.packet, "44/closed,", 10) == 0;
    raw_leave(&client);
    return done;
}

static int http_aborted(int port, int number) {
    static const char *const requests[] = {
        "GET /page HT",
        "GET /page HTTP/1.1\r\nHost: x\r\nX-Half: ",
        "POST /page HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf",
        "POST /page HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhal",
        "GET /never HTTP/1.1\r\nHost: x\r\n\r\n", /* gets no response */
        "POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n"
        "Content-Length: 100\r\n\r\nhalf",
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\n"};
    const char *request =
        requests[number % (int)(sizeof requests / sizeof requests[0])];
    raw_stream stream;
    int done = raw_connect(&stream, NULL, port) &&
               raw_write(&stream, request, strlen(request));
    if (number % 3 == 0) raw_readable(&stream, 1);
    raw_reset(&stream);
    return done;
}

static int binary_unfinished(int port, int number) {
    raw_client client;
    int polling = number % 4 == 0;
    int done = join(&client, port, polling) &&
               raw_send(&client, "452-[\"b\",{\"_placeholder\":true,\"num\":0},"
                                 "{\"_placeholder\":true,\"num\":1}]") &&
               raw_send_bytes(&client, "half of it", 10);
    raw_abort(&client);
    return done;
}

/* Connections that stay open until the next batch. */
static void keep_open(int place, int fd) {
    static int kept[BATCH];
    if (kept[place] > 0) close(kept[place]);
    kept[place] = fd;
}

/* Only the first packet; the server lets it go when its time is over. */
static int handshake_only(int port, int number) {
    raw_client client;
    int done = number % 2 ? raw_open_polling(&client, port)
                          : raw_open_websocket(&client, port);
    keep_open(number % BATCH, client.main.fd);
    client.main.fd = -1;
    raw_abort(&client);
    return done;
}

typedef struct way {
    const char *name;
    int (*come_and_go)(int port, int number);
    int pause_ms; /* after each batch: clients end by the server's timers */
} way;

static const way ways[] = {{"websocket-orderly", websocket_orderly, 0},
                           {"websocket-aborted", websocket_aborted, 0},
                           {"polling-orderly", polling_orderly, 0},
                           {"polling-abandoned", polling_abandoned, 400},
                           {"upgrade-aborted", upgrade_aborted, 400},
                           {"upgraded-orderly", upgraded_orderly, 0},
                           {"upgraded-aborted", upgraded_aborted, 0},
                           {"refused-by-middleware", refused_by_middleware, 0},
                           {"http-aborted", http_aborted, 0},
                           {"binary-unfinished", binary_unfinished, 100},
                           {"handshake-only", handshake_only, 400}};

enum {
    WAYS = sizeof ways / sizeof ways[0]
};

/* The process of the clients: gets a port, does FIRST, reports how many went
 * wrong, waits for a byte, does the rest, reports again. */

static int come_and_go(const way *it, int port, int from, int to) {
    int i, wrong = 0;
    for (i = from; i < to; i++) {
        /* Where the server has little patience, a client that the machine keeps
         * from being in time comes again. */
        int tries = it->pause_ms > 0 ? TRIES : 1;
        while (!it->come_and_go(port, i))
            if (--tries == 0) {
                wrong++;
                break;
            }
        if (it->pause_ms > 0 && i % BATCH == BATCH - 1)
            raw_sleep_ms(it->pause_ms);
    }
    for (i = 0; i < BATCH; i++) keep_open(i, -1);
    return wrong;
}

static int exchange(int out, int in, int value) {
    int answer = -1;
    if (write(out, &value, sizeof value) != (ssize_t)sizeof value) return -1;
    if (read(in, &answer, sizeof answer) != (ssize_t)sizeof answer) return -1;
    return answer;
}

static void run_clients(const way *it, int in, int out) {
    int port, wrong;
    if (read(in, &port, sizeof port) != (ssize_t)sizeof port) _exit(1);
    wrong = come_and_go(it, port, 0, FIRST);
    exchange(out, in, wrong);
    wrong = come_and_go(it, port, FIRST, ALL);
    exchange(out, in, wrong);
    _exit(0);
}

/* The process of the server */

static void refuse(const sio_event *event, void *context) {
    (void)context;
    sio_reject(event->request, "closed", sio_text_of("{\"code\":1}"));
}

static void respond_sometimes(const sio_event *event, void *context) {
    sio_bytes body;
    (void)context;
    if (strcmp(event->target.data, "/never") == 0) return;
    body.data = "page";
    body.length = 4;
    sio_http_respond(event->http, 200, NULL, 0, body);
}

static void ignore(const sio_event *event, void *context) {
    (void)event;
    (void)context;
}

/* Every socket has what a socket can have: data, a room, a pending ack. */
static void welcome(const sio_event *event, void *context) {
    void *data = malloc(100);
    (void)context;
    if (data != NULL && sio_socket_set_data(event->socket, data, free))
        free(data);
    sio_socket_join(event->socket, "everyone");
    sio_emit_with_ack(event->socket, "never answered", no_args(), NULL, 60000,
                      ignore, NULL, NULL);
}

static sio_server make_server(const way *it) {
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_server server;
    if (it->pause_ms > 0) {
        options.ping_interval_ms = 150;
        options.ping_timeout_ms = 150;
        options.upgrade_timeout_ms = 300;
    }
    server = serve_new(&options);
    serve_echo_on(server);
    sio_server_on_connection(server, "/", welcome, NULL, NULL);
    sio_server_on_disconnect(server, "/", ignore, NULL, NULL);
    sio_server_use(server, "/closed", refuse, NULL, NULL);
    sio_server_on_http(server, respond_sometimes, NULL, NULL);
    return server;
}

/* Resident memory in kB. */
static long resident(void) {
    char line[256];
    long size = 0;
    FILE *file = fopen("/proc/self/status", "r");
    if (file == NULL) return 0;
    while (fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "VmRSS: %ld", &size) == 1) break;
    fclose(file);
    return size;
}

static void run_server(const way *it) {
    int to_clients[2], from_clients[2], port, wrong, status;
    long long start = raw_now_ms();
    long first, last;
    sio_server server;
    pid_t clients;
    REQUIRE(pipe(to_clients) == 0 && pipe(from_clients) == 0);
    fflush(stdout);
    clients = fork();
    if (clients == 0) run_clients(it, to_clients[0], from_clients[1]);
    server = make_server(it);
    port = serve_listen(server);
    wrong = exchange(to_clients[1], from_clients[0], port);
    CHECK_NUMBER(wrong, 0);
    CHECK(serve_idle(server));
    first = resident();
    wrong = exchange(to_clients[1], from_clients[0], 0);
    CHECK_NUMBER(wrong, 0);
    CHECK(serve_idle(server));
    last = resident();
    printf("%-22s %6ld kB after %d, %6ld kB after %d (%+.1f %%), %.1f s\n",
           it->name, first, (int)FIRST, last, (int)ALL,
           100.0 * (double)(last - first) / (double)(first > 0 ? first : 1),
           (double)(raw_now_ms() - start) / 1000);
    CHECK(last <= first + first / 20);
    CHECK(raw_now_ms() - start < TIME_LIMIT_MS);
    CHECK(write(to_clients[1], &wrong, sizeof wrong) > 0);
    CHECK(waitpid(clients, &status, 0) == clients);
    serve_destroy(server);
}

/* A way that is tried: its server's process, and where that says how it was. */
typedef struct trial {
    const way *it;
    pid_t server;
    int results;
} trial;

static trial begin(const way *it) {
    int results[2];
    trial begun;
    REQUIRE(pipe(results) == 0);
    fflush(stdout);
    begun.it = it;
    begun.results = results[0];
    begun.server = fork();
    if (begun.server == 0) {
        int before[2], counts[2];
        before[0] = check_passed();
        before[1] = check_failed();
        run_server(it);
        fflush(stdout);
        counts[0] = check_passed() - before[0];
        counts[1] = check_failed() - before[1];
        _exit(write(results[1], counts, sizeof counts) !=
              (ssize_t)sizeof counts);
    }
    close(results[1]);
    return begun;
}

static void finish(const trial *begun) {
    int counts[2] = {0, 1}, status = 0;
    if (read(begun->results, counts, sizeof counts) != (ssize_t)sizeof counts)
        printf("%s: the server's process ended early\n", begun->it->name);
    check_add(counts[0], counts[1]);
    close(begun->results);
    CHECK(waitpid(begun->server, &status, 0) == begun->server);
    CHECK_NUMBER(status, 0);
}

static int chosen(const char *name, int argc, char **argv) {
    int i;
    for (i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0) return 1;
    return argc == 1;
}

/* Those that wait for the server's timers wait at the same time, the others come
 * one after the other meanwhile. */
int main(int argc, char **argv) {
    trial waiting[WAYS];
    int i, count = 0;
    for (i = 0; i < WAYS; i++)
        if (ways[i].pause_ms > 0 && chosen(ways[i].name, argc, argv))
            waiting[count++] = begin(&ways[i]);
    for (i = 0; i < WAYS; i++) {
        if (ways[i].pause_ms == 0 && chosen(ways[i].name, argc, argv)) {
            const trial begun = begin(&ways[i]);
            finish(&begun);
        }
    }
    for (i = 0; i < count; i++) finish(&waiting[i]);
    return check_total();
}
