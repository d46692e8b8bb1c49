/* conn.c - sockets, reading and gathered writing. */
#include "conn.h"

#include "loop.h"
#include "options.h"
#include "report.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    RECEIVE = 256 << 10,
    GATHER = 256 << 10,
    PARTS = 64,
    /* Below this a copy is cheaper than one more part of a write. */
    LEND_FROM = 2048,
    /* So many connections from one address, then the next of 127.0.0.0/8: an
     * address has 28,000 ports, and a port rests a minute after use. */
    PER_ADDRESS = 20000,
    ADDRESSES = 250
};

static uint8_t received[RECEIVE];

/* What is gathered belongs to one connection at a time. */
static struct {
    struct conn *owner;
    size_t used;
    int count;
    struct iovec parts[PARTS];
    uint8_t memory[GATHER];
} gathered;

void conn_raise_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

unsigned conn_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1000;
    /* The standard ones, epoll, a file in /proc. */
    return limit.rlim_cur > 1 << 30 ? 1 << 30 : (unsigned)limit.rlim_cur - 16;
}

static void choose_source(int fd, uint32_t destination) {
    static unsigned opened;
    unsigned address = opened++ / PER_ADDRESS % ADDRESSES;
    int on = 1;
    if (address == 0 || destination >> 24 != 127) return;
    struct sockaddr_in source = {.sin_family = AF_INET,
                                 .sin_addr.s_addr =
                                     htonl((127u << 24) + 1 + address)};
    /* The port is chosen by connect, which knows more ports to be free. */
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&source, sizeof source) != 0)
        fail("cannot use 127.0.0.%u as source: %s", 1 + address,
             strerror(errno));
}

static void cannot_connect(void) {
    fail("cannot connect to %s:%u: %s%s", options.host, options.port,
         strerror(errno),
         errno == ECONNREFUSED ? "; is the server running?" : "");
}

void conn_open(struct conn *conn) {
    struct sockaddr_in server = {.sin_family = AF_INET,
                                 .sin_port = htons((uint16_t)options.port)};
    int on = 1;
    if (inet_pton(AF_INET, options.host, &server.sin_addr) != 1)
        usage_error("--host %s: must be an IPv4 address", options.host);
    conn->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (conn->fd < 0)
        fail("cannot open another connection: %s%s", strerror(errno),
             errno == EMFILE ? "; raise `ulimit -Hn` or lower --clients" : "");
    setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    choose_source(conn->fd, ntohl(server.sin_addr.s_addr));
    conn->unread.length = conn->pending.length = 0;
    conn->blocked = false;
    conn->connecting = true;
    if (connect(conn->fd, (struct sockaddr *)&server, sizeof server) != 0 &&
        errno != EINPROGRESS)
        cannot_connect();
    loop_add(conn);
}

void conn_close(struct conn *conn) {
    if (conn->fd < 0) return;
    if (gathered.owner == conn) gathered.owner = NULL;
    close(conn->fd);
    conn->fd = -1;
    loop_forget(conn);
    buffer_free(&conn->unread);
    buffer_free(&conn->pending);
}

enum conn_input conn_receive(struct conn *conn, struct bytes *input) {
    uint8_t *into = received;
    size_t space = RECEIVE;
    /* The rest of a message is read to where its beginning is kept. */
    if (conn->unread.length > 0) {
        buffer_reserve(&conn->unread, conn->unread.length + (8 << 10));
        into = conn->unread.data + conn->unread.length;
        space = conn->unread.capacity - conn->unread.length;
    }
    ssize_t count = recv(conn->fd, into, space, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return CONN_NOTHING;
    if (count < 0 && conn->connecting) cannot_connect();
    if (count <= 0) return CONN_END;
    conn->connecting = false;
    if (into == received) {
        *input = (struct bytes){received, (size_t)count};
    } else {
        conn->unread.length += (size_t)count;
        *input = bytes_of(&conn->unread);
    }
    return CONN_DATA;
}

void conn_keep(struct conn *conn, struct bytes rest) {
    if (conn->fd < 0) return;
    if (conn->unread.length > 0)
        buffer_consume(&conn->unread, conn->unread.length - rest.length);
    else
        buffer_append(&conn->unread, rest.data, rest.length);
}

static void own_gathered(struct conn *conn) {
    if (gathered.owner == conn) return;
    if (gathered.owner != NULL) conn_flush(gathered.owner);
    gathered.owner = conn;
    gathered.used = 0;
    gathered.count = 0;
}

uint8_t *conn_claim(struct conn *conn, size_t length) {
    own_gathered(conn);
    if (gathered.used + length > GATHER || gathered.count == PARTS) {
        conn_flush(conn);
        own_gathered(conn);
    }
    uint8_t *space = gathered.memory + gathered.used;
    struct iovec *last =
        gathered.count > 0 ? &gathered.parts[gathered.count - 1] : NULL;
    if (last != NULL && (uint8_t *)last->iov_base + last->iov_len == space)
        last->iov_len += length;
    else
        gathered.parts[gathered.count++] = (struct iovec){space, length};
    gathered.used += length;
    return space;
}

void conn_lend(struct conn *conn, const void *data, size_t length) {
    if (length == 0) return;
    if (length < LEND_FROM) {
        memcpy(conn_claim(conn, length), data, length);
        return;
    }
    own_gathered(conn);
    if (gathered.count == PARTS) {
        conn_flush(conn);
        own_gathered(conn);
    }
    gathered.parts[gathered.count++] = (struct iovec){(void *)data, length};
}

/* Keeps what the kernel did not take. */
static void keep_unwritten(struct conn *conn, size_t written) {
    for (int i = 0; i < gathered.count; i++) {
        struct iovec part = gathered.parts[i];
        size_t skip = written < part.iov_len ? written : part.iov_len;
        written -= skip;
        buffer_append(&conn->pending, (uint8_t *)part.iov_base + skip,
                      part.iov_len - skip);
    }
    if (conn->pending.length > 0 && !conn->blocked) {
        conn->blocked = true;
        loop_watch_writable(conn, true);
    }
}

void conn_flush(struct conn *conn) {
    if (gathered.owner != conn) return;
    gathered.owner = NULL;
    if (gathered.count == 0) return;
    ssize_t written = 0;
    if (!conn->blocked) {
        struct msghdr message = {.msg_iov = gathered.parts,
                                 .msg_iovlen = (size_t)gathered.count};
        written = gathered.count == 1
                      ? send(conn->fd, gathered.parts[0].iov_base,
                             gathered.parts[0].iov_len, MSG_NOSIGNAL)
                      : sendmsg(conn->fd, &message, MSG_NOSIGNAL);
        if (written < 0 && errno != EAGAIN && errno != EINTR) {
            if (conn->connecting) cannot_connect();
            /* Reading finds out what ended the connection. */
            gathered.count = 0;
            return;
        }
        if (written < 0) written = 0;
    }
    keep_unwritten(conn, (size_t)written);
}

void conn_writable(struct conn *conn) {
    if (gathered.owner == conn) conn_flush(conn);
    ssize_t written =
        send(conn->fd, conn->pending.data, conn->pending.length, MSG_NOSIGNAL);
    if (written > 0) buffer_consume(&conn->pending, (size_t)written);
    if (written < 0 && errno != EAGAIN && errno != EINTR) {
        if (conn->connecting) cannot_connect();
        conn->pending.length = 0; /* as in conn_flush */
    }
    if (conn->pending.length == 0) {
        conn->blocked = false;
        loop_watch_writable(conn, false);
    }
}
