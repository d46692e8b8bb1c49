/*
 * stalled.c - one client of a room stops reading while events go to all at a
 * fixed rate: the server's memory stays what it was, and so does the time that
 * the others wait. The server is a process of its own, on a Unix socket, which
 * takes less of the processor than TCP.
 *
 * What matters are ratios: the same clients are measured twice before one of
 * them is stalled, and while it is. STALLED_CLIENTS, STALLED_RATE and STALLED_MS
 * change the load and how long each is measured, STALLED_TCP=1 the transport.
 * STALLED_JSON=1 measures once, compares nothing, and prints what the benchmark
 * reads.
 */
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
    ROUNDS = 20,
    SEND_BUFFER = 64 * 1024, /* what the kernel may hold for a client */
    SAMPLED = 100,           /* of whose events the time is noted */
    BIN_US = 20,
    BINS = 1 << 17 /* of delays, up to 2.6 s */
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
static sio_socket watched; /* that of the client that will stall */

static void on_go(const sio_event *event, void *context) {
    (void)event;
    (void)context;
    __atomic_store_n(&going, 1, __ATOMIC_RELAXED);
}

static void on_join(const sio_event *event, void *context) {
    (void)context;
    sio_socket_join(event->socket, "all");
}

static void on_watch(const sio_event *event, void *context) {
    (void)context;
    watched = event->socket;
}

/* [events dropped, bytes that wait for the one, clients disconnected] */
static void on_state(const sio_event *event, void *context) {
    char args[80];
    sio_totals totals;
    uint64_t waiting = 0;
    (void)context;
    sio_server_totals(event->server, sizeof totals, &totals);
    sio_socket_buffered(watched, &waiting, NULL);
    snprintf(args, sizeof args, "[%llu,%llu,%llu]",
             (unsigned long long)totals.dropped_oldest,
             (unsigned long long)waiting,
             (unsigned long long)totals.overflowed_clients);
    sio_reply(event->ack, sio_text_of(args), NULL);
}

static void emit_at(sio_server server, int rate) {
    static char args[SIZE];
    const char *rooms[1] = {"all"};
    sio_target target = SIO_TARGET_INIT;
    long long due = now_ns();
    sio_text text;
    target.rooms = rooms;
    target.room_count = 1;
    text.data = args;
    text.length = SIZE - 6; /* 42["m", before it, instead of [ */
    memset(args, 'x', sizeof args);
    memcpy(args + text.length - 2, "\"]", 2);
    for (;;) {
        char stamp[32];
        struct timespec until;
        due += 1000000000LL / rate;
        until.tv_sec = due / 1000000000;
        until.tv_nsec = due % 1000000000;
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
        snprintf(stamp, sizeof stamp, "[\"%020lld", now_ns());
        memcpy(args, stamp, 2 + DIGITS);
        sio_server_emit(server, "/", &target, "m", text, NULL);
    }
}

/* Tells its port through `out`, that it listens. */
static void serve(int out, const char *host, int rate) {
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
    sio_server_on(server, "/", "watch", on_watch, NULL, NULL);
    sio_server_on(server, "/", "go", on_go, NULL, NULL);
    sio_server_on(server, "/", "state", on_state, NULL, NULL);
    if (sio_server_listen(server, host, 0, &listening) != SIO_OK) _exit(1);
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
    int sampled;
    size_t position; /* in the frame */
    char stamp[DIGITS + 1];
    long wrong;
} reader;

/* How late events were. */
typedef struct delays {
    long long count, bytes; /* of the sampled, of all */
    unsigned bins[BINS];
} delays;

static void note(delays *late, long long ns) {
    long long bin = ns / 1000 / BIN_US;
    late->count++;
    late->bins[bin < 0 ? 0 : bin < BINS ? bin : BINS - 1]++;
}

/* The times in what has come; frames are of one size. */
static void sample(reader *it, const char *chunk, size_t size, delays *late) {
    long long now = now_ns();
    size_t at = 0, position = it->position;
    while (at < size) {
        size_t wanted = position < STAMP            ? STAMP
                        : position < STAMP + DIGITS ? STAMP + DIGITS
                                                    : FRAME;
        size_t step = wanted - position;
        if (step > size - at) step = size - at;
        if (wanted == STAMP + DIGITS)
            memcpy(it->stamp + (position - STAMP), chunk + at, step);
        at += step;
        position += step;
        if (position == wanted && wanted == STAMP + DIGITS)
            note(late, now - strtoll(it->stamp, NULL, 10));
        if (position == FRAME) position = 0;
    }
}

/* All that has come. */
static void drink(reader *it, delays *late) {
    static char chunk[256 * 1024];
    ssize_t size;
    while ((size = recv(it->client.main.fd, chunk, sizeof chunk,
                        MSG_DONTWAIT)) > 0) {
        size_t first = (FRAME - it->position) % FRAME;
        if (first < (size_t)size && (unsigned char)chunk[first] != 0x81)
            it->wrong++;
        if (it->sampled) sample(it, chunk, (size_t)size, late);
        it->position = (it->position + (size_t)size) % FRAME;
        late->bytes += size;
        if (size < (ssize_t)sizeof chunk) break;
    }
}

static double percentile(const delays *late, double share) {
    long long left = (long long)((double)late->count * (1 - share));
    int bin = BINS - 1;
    while (bin > 0 && (left -= late->bins[bin]) >= 0) bin--;
    return bin * BIN_US / 1000.0;
}

typedef struct load {
    pid_t server;
    int clients, rate, ms, json, epoll;
    reader *readers;
    raw_client control;
    delays late;
} load;

/* Reads from all for a time. */
static void run_for(load *it, int ms) {
    struct epoll_event ready[256];
    long long end = raw_now_ms() + ms;
    while (raw_now_ms() < end) {
        int i, count = epoll_wait(it->epoll, ready, 256, 5);
        for (i = 0; i < count; i++)
            drink((reader *)ready[i].data.ptr, &it->late);
    }
}

/* See on_state(). The others read on meanwhile. */
static void state(load *it, long long *out) {
    const char *reply;
    long long limit = raw_now_ms() + RAW_PATIENCE_MS;
    out[0] = out[1] = out[2] = -1;
    CHECK(raw_send(&it->control, "420[\"state\"]"));
    while (!raw_readable(&it->control.main, 0) && raw_now_ms() < limit)
        run_for(it, 1);
    reply = raw_receive(&it->control);
    CHECK(reply != NULL &&
          sscanf(reply, "430[%lld,%lld,%lld]", &out[0], &out[1], &out[2]) == 3);
}

static void watch(load *it, int index, int operation) {
    struct epoll_event interest;
    interest.events = EPOLLIN;
    interest.data.ptr = &it->readers[index];
    epoll_ctl(it->epoll, operation, it->readers[index].client.main.fd,
              &interest);
}

typedef struct window {
    double p50, p99;   /* ms */
    double deliveries; /* a second */
    double resident;   /* MB, at its end */
} window;

static window measure(load *it) {
    window result;
    double start = (double)now_ns(), seconds;
    it->late.count = it->late.bytes = 0;
    memset(it->late.bins, 0, sizeof it->late.bins);
    run_for(it, it->ms);
    seconds = ((double)now_ns() - start) / 1e9;
    result.p50 = percentile(&it->late, 0.5);
    result.p99 = percentile(&it->late, 0.99);
    result.deliveries = (double)it->late.bytes / FRAME / seconds;
    result.resident = (double)resident(it->server) / 1e6;
    return result;
}

static void show(const char *when, window it) {
    printf("%s: p50 %.2f, p99 %.2f ms; %.0f deliveries a second; %.1f MB\n",
           when, it.p50, it.p99, it.deliveries, it.resident);
}

static void show_json(const char *when, window it) {
    printf("\"%s_p50_us\": %.0f, \"%s_p99_us\": %.0f, \"%s_rate\": %.0f, "
           "\"%s_bytes\": %.0f",
           when, it.p50 * 1000, when, it.p99 * 1000, when, it.deliveries, when,
           it.resident * 1e6);
}

/* Measures with all clients, twice, then while the first does not read. 1 if
 * those who do had no longer to wait, and the server has grown by no more than
 * what waits for the one, and what a loop may have taken for something else. */
static int stalls(load *it) {
    window first, second, third;
    long long before[3], during[3], limit;
    run_for(it, 500);
    first = measure(it);
    second = measure(it);
    state(it, before);

    watch(it, 0, EPOLL_CTL_DEL);
    limit = raw_now_ms() + RAW_PATIENCE_MS;
    do {
        run_for(it, 250);
        state(it, during);
    } while (during[0] == before[0] && raw_now_ms() < limit);
    third = measure(it);
    state(it, during);
    watch(it, 0, EPOLL_CTL_ADD);
    CHECK(during[0] > before[0]);
    CHECK(during[1] <= QUEUE + FRAME);
    CHECK_NUMBER(during[2], 0);

    if (it->json) {
        printf("{");
        show_json("first", first);
        printf(", ");
        show_json("before", second);
        printf(", ");
        show_json("during", third);
        printf("}\n");
        return 1;
    }
    printf("%d clients, %d events a second; %lld dropped\n", it->clients,
           it->rate, during[0] - before[0]);
    show("  before", first);
    show("  before", second);
    show("  during", third);
    return (third.p99 <= 1.5 * first.p99 + 2 ||
            third.p99 <= 1.5 * second.p99 + 2) &&
           third.deliveries >= 0.9 * second.deliveries &&
           third.resident <= second.resident + QUEUE / 1e6 + 4;
}

static void run_load(load *it, const char *host, int port) {
    int small = 4096, i, round;
    int stride = it->clients > SAMPLED ? it->clients / SAMPLED : 1;
    it->epoll = epoll_create1(EPOLL_CLOEXEC);
    it->readers = (reader *)calloc((size_t)it->clients, sizeof *it->readers);
    REQUIRE(it->readers != NULL);
    REQUIRE(raw_open(&it->control, host, port, 1, NULL, NULL));
    REQUIRE(raw_join(&it->control, "/", NULL));
    for (i = 0; i < it->clients; i++) {
        raw_client *client = &it->readers[i].client;
        REQUIRE(raw_open(client, host, port, 1, NULL, NULL));
        REQUIRE(raw_join(client, "/", NULL));
        REQUIRE(raw_send(client, "42[\"join\"]"));
        it->readers[i].sampled = i % stride == stride - 1;
        watch(it, i, EPOLL_CTL_ADD);
    }
    CHECK(raw_send(&it->readers[0].client, "42[\"watch\"]"));
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
    char path[64];
    const char *host = "127.0.0.1";
    it.clients = setting("STALLED_CLIENTS", 100);
    it.rate = setting("STALLED_RATE", 200);
    it.ms = setting("STALLED_MS", 2000);
    it.json = setting("STALLED_JSON", 0);
    snprintf(path, sizeof path, "unix:/tmp/sio-stalled-%d", (int)getpid());
    if (!setting("STALLED_TCP", 0)) host = path;
    raise_limit();
    REQUIRE(pipe(ends) == 0);
    fflush(stdout);
    it.server = fork();
    if (it.server == 0) {
        close(ends[0]);
        serve(ends[1], host, it.rate);
        _exit(0);
    }
    close(ends[1]);
    REQUIRE(read(ends[0], &port, sizeof port) == (ssize_t)sizeof port);
    run_load(&it, host, port);
    kill(it.server, SIGKILL);
    CHECK(waitpid(it.server, &status, 0) == it.server);
    unlink(path + 5);
    return check_total();
}
