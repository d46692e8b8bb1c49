/*
 * stalled.c - one client of a room stops reading while events go to all at a
 * fixed rate: the server's memory stays what it was, and so does the time that
 * the others wait. The server is a process of its own.
 *
 * STALLED_CLIENTS, STALLED_RATE and STALLED_SECONDS change the load; at 1000 and
 * 1000 a release library and two cores are busy. What matters are ratios: the
 * same clients are measured before and while one of them is stalled.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "serve.h"

enum {
    SIZE = 1000,      /* of a packet */
    FRAME = 4 + SIZE, /* and of its frame */
    STAMP = 4 + 8,    /* where the time stands in it: 42["m"," */
    DIGITS = 20,
    QUEUE = 256 * 1024, /* max_buffered_bytes */
    ROUNDS = 4,
    SEND_BUFFER = 64 * 1024 /* what the kernel may hold for a client */
};

static long long now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int setting(const char *name, int otherwise) {
    const char *text = getenv(name);
    return text != NULL ? atoi(text) : otherwise;
}

/* --- the server */

static int going;

static void on_go(const sio_event *event, void *context) {
    (void)event;
    (void)context;
    __atomic_store_n(&going, 1, __ATOMIC_RELAXED);
}

static void on_join(const sio_event *event, void *context) {
    (void)context;
    sio_socket_join(event->socket, "all");
}

/* [events dropped, bytes that wait, clients disconnected] */
static void on_state(const sio_event *event, void *context) {
    char args[80];
    sio_totals totals;
    (void)context;
    sio_server_totals(event->server, sizeof totals, &totals);
    snprintf(args, sizeof args, "[%llu,%llu,%llu]",
             (unsigned long long)totals.dropped_oldest,
             (unsigned long long)serve_counts(event->server).buffered_bytes,
             (unsigned long long)totals.overflowed_clients);
    sio_reply(event->ack, sio_text_of(args), NULL);
}

static void emit_at(sio_server server, int rate) {
    static char args[SIZE];
    const char *rooms[1] = {"all"};
    sio_target target = SIO_TARGET_INIT;
    long long due = now_ns(), gap = 1000000000LL / rate;
    sio_text text;
    target.rooms = rooms;
    target.room_count = 1;
    text.data = args;
    text.length = SIZE - 6; /* 42["m", before it, instead of [ */
    memset(args, 'x', sizeof args);
    memcpy(args + text.length - 2, "\"]", 2);
    for (;;) {
        char stamp[32];
        while (due > now_ns()) usleep(200);
        due += gap;
        snprintf(stamp, sizeof stamp, "[\"%020lld", now_ns());
        memcpy(args, stamp, 2 + DIGITS);
        sio_server_emit(server, "/", &target, "m", text, NULL);
    }
}

static void serve(int out, int rate) {
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_runtime_options one = SIO_RUNTIME_OPTIONS_INIT;
    sio_listen_options listening = SIO_LISTEN_OPTIONS_INIT;
    sio_server server;
    int port;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    one.threads = 1;
    options.overflow = SIO_OVERFLOW_DROP_OLDEST;
    options.max_buffered_bytes = QUEUE;
    options.ping_interval_ms = 600000; /* frames are of one size */
    listening.send_buffer_size = SEND_BUFFER;
    if (sio_runtime_new(&one, &options.runtime) != SIO_OK) _exit(1);
    server = serve_new(&options);
    sio_server_on(server, "/", "join", on_join, NULL, NULL);
    sio_server_on(server, "/", "go", on_go, NULL, NULL);
    sio_server_on(server, "/", "state", on_state, NULL, NULL);
    if (sio_server_listen(server, "127.0.0.1", 0, &listening) != SIO_OK)
        _exit(1);
    port = serve_port(server);
    if (write(out, &port, sizeof port) != (ssize_t)sizeof port) _exit(1);
    while (!__atomic_load_n(&going, __ATOMIC_RELAXED)) usleep(1000);
    emit_at(server, rate);
}

/* Pages of memory that a process has, in bytes. */
static long long resident(pid_t pid) {
    char path[64];
    long long pages = 0;
    FILE *file;
    snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    file = fopen(path, "r");
    if (file == NULL || fscanf(file, "%*d %lld", &pages) != 1) pages = 0;
    if (file != NULL) fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}

/* --- the clients */

typedef struct reader {
    raw_client client;
    size_t position; /* in the frame */
    char stamp[DIGITS + 1];
    long frames, wrong;
} reader;

/* How late events were, in microseconds. */
typedef struct delays {
    unsigned *us;
    size_t count, capacity;
} delays;

static void note(delays *late, long long ns) {
    if (late->count < late->capacity)
        late->us[late->count++] = (unsigned)(ns < 0 ? 0 : ns / 1000);
}

/* All that has come; frames are of one size. */
static void drink(reader *it, delays *late) {
    static char chunk[64 * 1024];
    ssize_t size;
    while ((size = recv(it->client.main.fd, chunk, sizeof chunk,
                        MSG_DONTWAIT)) > 0) {
        long long now = now_ns();
        size_t at = 0;
        while (at < (size_t)size) {
            size_t wanted = it->position < STAMP            ? STAMP
                            : it->position < STAMP + DIGITS ? STAMP + DIGITS
                                                            : FRAME;
            size_t step = wanted - it->position;
            if (step > (size_t)size - at) step = (size_t)size - at;
            if (it->position == 0 && (unsigned char)chunk[at] != 0x81)
                it->wrong++;
            if (wanted == STAMP + DIGITS)
                memcpy(it->stamp + (it->position - STAMP), chunk + at, step);
            at += step;
            it->position += step;
            if (it->position == STAMP + DIGITS && wanted == STAMP + DIGITS) {
                long long sent = strtoll(it->stamp, NULL, 10);
                if (late != NULL) note(late, now - sent);
            }
            if (it->position == FRAME) {
                it->position = 0;
                it->frames++;
            }
        }
        if (size < (ssize_t)sizeof chunk) break;
    }
}

/* Reads from all for a time. */
static void run_for(int epoll, int ms, delays *late) {
    struct epoll_event ready[256];
    long long end = raw_now_ms() + ms;
    while (raw_now_ms() < end) {
        int i, count = epoll_wait(epoll, ready, 256, 20);
        for (i = 0; i < count; i++) drink((reader *)ready[i].data.ptr, late);
    }
}

static int by_size(const void *left, const void *right) {
    unsigned a = *(const unsigned *)left, b = *(const unsigned *)right;
    return a < b ? -1 : a > b;
}

static double percentile(delays *late, double share) {
    if (late->count == 0) return 0;
    qsort(late->us, late->count, sizeof *late->us, by_size);
    return late->us[(size_t)((double)(late->count - 1) * share)] / 1000.0;
}

static void state(raw_client *control, long long *out) {
    const char *reply;
    out[0] = out[1] = out[2] = -1;
    CHECK(raw_send(control, "420[\"state\"]"));
    reply = raw_receive(control);
    CHECK(reply != NULL &&
          sscanf(reply, "430[%lld,%lld,%lld]", &out[0], &out[1], &out[2]) == 3);
}

typedef struct load {
    pid_t server;
    int clients, rate, seconds, epoll;
    reader *readers;
    raw_client control;
} load;

static void watch(load *it, int index, int operation) {
    struct epoll_event interest;
    interest.events = EPOLLIN;
    interest.data.ptr = &it->readers[index];
    epoll_ctl(it->epoll, operation, it->readers[index].client.main.fd,
              &interest);
}

/* How late 99 of 100 events are, in milliseconds. */
static double measure(load *it, double *per_second) {
    delays late;
    double result;
    late.count = 0;
    late.capacity =
        (size_t)it->clients * (size_t)it->rate * (size_t)(it->seconds + 1);
    late.us = (unsigned *)malloc(late.capacity * sizeof *late.us);
    REQUIRE(late.us != NULL);
    run_for(it->epoll, it->seconds * 1000, &late);
    *per_second = (double)late.count / it->seconds;
    result = percentile(&late, 0.99);
    free(late.us);
    return result;
}

/* Measures with all clients, then while the first does not read. 1 if those who
 * do had no longer to wait. */
static int stalls(load *it) {
    long long memory[2], before[3], during[3], limit;
    double late[2], rate[2];
    run_for(it->epoll, 1000, NULL);
    late[0] = measure(it, &rate[0]);
    memory[0] = resident(it->server);
    state(&it->control, before);

    watch(it, 0, EPOLL_CTL_DEL);
    limit = raw_now_ms() + 30000;
    do {
        run_for(it->epoll, 250, NULL);
        state(&it->control, during);
    } while (during[0] == before[0] && raw_now_ms() < limit);
    late[1] = measure(it, &rate[1]);
    memory[1] = resident(it->server);
    state(&it->control, during);
    CHECK(during[0] > before[0]);
    CHECK(during[1] <= QUEUE + FRAME);
    CHECK_NUMBER(during[2], 0);
    watch(it, 0, EPOLL_CTL_ADD);

    printf("%d clients, %d events a second: p99 %.2f ms, then %.2f ms; "
           "%.0f deliveries a second, then %.0f; resident %.1f MB, then "
           "%.1f MB; %lld dropped\n",
           it->clients, it->rate, late[0], late[1], rate[0], rate[1],
           (double)memory[0] / 1e6, (double)memory[1] / 1e6,
           during[0] - before[0]);
    /* The queue, and what a loop may have taken for something else. */
    CHECK(memory[1] <= memory[0] + QUEUE + (4 << 20));
    return late[1] <= 1.5 * late[0] + 2 && rate[1] >= 0.9 * rate[0];
}

static void run_load(load *it, int port) {
    int small = 4096, i, round;
    it->epoll = epoll_create1(EPOLL_CLOEXEC);
    it->readers = (reader *)calloc((size_t)it->clients, sizeof *it->readers);
    REQUIRE(it->readers != NULL);
    REQUIRE(raw_join_websocket(&it->control, port));
    for (i = 0; i < it->clients; i++) {
        raw_client *client = &it->readers[i].client;
        REQUIRE(raw_join_websocket(client, port));
        REQUIRE(raw_send(client, "42[\"join\"]"));
        watch(it, i, EPOLL_CTL_ADD);
    }
    setsockopt(it->readers[0].client.main.fd, SOL_SOCKET, SO_RCVBUF, &small,
               sizeof small);
    CHECK(raw_send(&it->control, "42[\"go\"]"));
    /* Other processes may take the processors for a while; what is wrong here
     * would be wrong each time. */
    for (round = 0; round < ROUNDS; round++)
        if (stalls(it)) break;
    CHECK(round < ROUNDS);
    for (i = 0; i < it->clients; i++) {
        CHECK_NUMBER(it->readers[i].wrong, 0);
        raw_close(&it->readers[i].client.main);
    }
    raw_close(&it->control.main);
    close(it->epoll);
    free(it->readers);
}

/* As many descriptors as may be, for both processes. */
static void raise_limit(void) {
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

int main(void) {
    static load it;
    int ends[2], port = 0, status;
    it.clients = setting("STALLED_CLIENTS", 100);
    it.rate = setting("STALLED_RATE", 200);
    it.seconds = setting("STALLED_SECONDS", 2);
    raise_limit();
    REQUIRE(pipe(ends) == 0);
    fflush(stdout);
    it.server = fork();
    if (it.server == 0) {
        close(ends[0]);
        serve(ends[1], it.rate);
        _exit(0);
    }
    close(ends[1]);
    REQUIRE(read(ends[0], &port, sizeof port) == (ssize_t)sizeof port);
    run_load(&it, port);
    kill(it.server, SIGKILL);
    CHECK(waitpid(it.server, &status, 0) == it.server);
    return check_total();
}
