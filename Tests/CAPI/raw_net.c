#include "raw_net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

typedef union any_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un local;
} any_address;

static socklen_t make_address(any_address *address, const char *host,
                              int port) {
    memset(address, 0, sizeof *address);
    if (strncmp(host, "unix:", 5) == 0) {
        address->local.sun_family = AF_UNIX;
        strncpy(address->local.sun_path, host + 5,
                sizeof address->local.sun_path - 1);
        return sizeof address->local;
    }
    if (strchr(host, ':') != NULL) {
        address->v6.sin6_family = AF_INET6;
        address->v6.sin6_port = htons((uint16_t)port);
        inet_pton(AF_INET6, host, &address->v6.sin6_addr);
        return sizeof address->v6;
    }
    address->v4.sin_family = AF_INET;
    address->v4.sin_port = htons((uint16_t)port);
    inet_pton(AF_INET, host, &address->v4.sin_addr);
    return sizeof address->v4;
}

int raw_connect(raw_stream *stream, const char *host, int port) {
    any_address address;
    socklen_t length =
        make_address(&address, host != NULL ? host : "127.0.0.1", port);
    int on = 1;
    stream->start = stream->end = 0;
    stream->timeout_ms = RAW_PATIENCE_MS;
    stream->fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (stream->fd < 0) return 0;
    if (connect(stream->fd, &address.any, length) != 0) {
        int cause = errno;
        raw_close(stream);
        errno = cause;
        return 0;
    }
    if (address.any.sa_family != AF_UNIX)
        setsockopt(stream->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return 1;
}

int raw_pair(raw_stream *stream) {
    int ends[2] = {-1, -1};
    stream->start = stream->end = 0;
    stream->timeout_ms = RAW_PATIENCE_MS;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return -1;
    stream->fd = ends[1];
    return ends[0];
}

static int wait_for(const raw_stream *stream, short what, int timeout_ms) {
    struct pollfd waiting;
    int ready;
    waiting.fd = stream->fd;
    waiting.events = what;
    waiting.revents = 0;
    do {
        ready = poll(&waiting, 1, timeout_ms);
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

int raw_write(raw_stream *stream, const void *data, size_t length) {
    const char *next = (const char *)data;
    if (stream->fd < 0) return 0;
    while (length > 0) {
        ssize_t sent =
            send(stream->fd, next, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) {
            next += sent;
            length -= (size_t)sent;
        } else if (errno == EAGAIN) {
            if (!wait_for(stream, POLLOUT, stream->timeout_ms)) return 0;
        } else if (errno != EINTR) {
            return 0;
        }
    }
    return 1;
}

/* More bytes into the empty buffer: 1, or 0 at the end or too late. */
static int fill(raw_stream *stream) {
    ssize_t count;
    if (stream->fd < 0) return 0;
    if (!wait_for(stream, POLLIN, stream->timeout_ms)) return 0;
    do {
        count = recv(stream->fd, stream->buffer, sizeof stream->buffer, 0);
    } while (count < 0 && errno == EINTR);
    if (count <= 0) return 0;
    stream->start = 0;
    stream->end = (size_t)count;
    return 1;
}

int raw_read(raw_stream *stream, void *data, size_t length) {
    char *next = (char *)data;
    while (length > 0) {
        size_t some = stream->end - stream->start;
        if (some == 0) {
            if (!fill(stream)) return 0;
            continue;
        }
        if (some > length) some = length;
        memcpy(next, stream->buffer + stream->start, some);
        stream->start += some;
        next += some;
        length -= some;
    }
    return 1;
}

int raw_read_line(raw_stream *stream, char *line, size_t capacity) {
    size_t length = 0;
    while (length + 1 < capacity) {
        if (!raw_read(stream, line + length, 1)) return 0;
        if (line[length] == '\n') {
            if (length > 0 && line[length - 1] == '\r') length--;
            line[length] = '\0';
            return 1;
        }
        length++;
    }
    return 0;
}

int raw_readable(raw_stream *stream, int timeout_ms) {
    if (stream->end > stream->start) return 1;
    return stream->fd >= 0 && wait_for(stream, POLLIN, timeout_ms);
}

int raw_ended(raw_stream *stream, int timeout_ms) {
    long long limit = raw_now_ms() + timeout_ms;
    char skipped[4096];
    stream->start = stream->end = 0;
    for (;;) {
        long long left = limit - raw_now_ms();
        ssize_t count;
        if (left < 0 || !wait_for(stream, POLLIN, (int)left)) return 0;
        count = recv(stream->fd, skipped, sizeof skipped, 0);
        if (count == 0 || (count < 0 && errno != EINTR)) return 1;
    }
}

void raw_close(raw_stream *stream) {
    if (stream->fd >= 0) close(stream->fd);
    stream->fd = -1;
}

void raw_reset(raw_stream *stream) {
    struct linger now;
    now.l_onoff = 1;
    now.l_linger = 0;
    if (stream->fd >= 0)
        setsockopt(stream->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    raw_close(stream);
}

long long raw_now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void raw_sleep_ms(int ms) {
    struct timespec time;
    time.tv_sec = ms / 1000;
    time.tv_nsec = (long)(ms % 1000) * 1000000;
    nanosleep(&time, NULL);
}
