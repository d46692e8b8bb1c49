/*
 * raw_net.h - blocking streams with a time limit, for the tests' own clients.
 */
#ifndef RAW_NET_H
#define RAW_NET_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    RAW_PATIENCE_MS =
        30000 /* for what must come, however busy the machine is */
};

/* A connection and what was read from it ahead. */
typedef struct raw_stream {
    int fd; /* -1: not connected */
    int timeout_ms;
    size_t start, end;
    char buffer[4096];
} raw_stream;

/* Connects to "127.0.0.1" (also for NULL), "::1" or "unix:/path".
 * 1, or 0 with errno. */
int raw_connect(raw_stream *stream, const char *host, int port);

/* Makes a pair of sockets, of which `stream` is one end: the other end, or -1
 * with errno. */
int raw_pair(raw_stream *stream);

/* 1, or 0 if the peer is gone or does not read for the time limit. */
int raw_write(raw_stream *stream, const void *data, size_t length);

/* Exactly `length` bytes: 1, or 0 at the end or after the time limit. */
int raw_read(raw_stream *stream, void *data, size_t length);

/* A line without its CRLF: 1, or 0 as above or if it is too long. */
int raw_read_line(raw_stream *stream, char *line, size_t capacity);

/* 1 if there is something to read (or the end) within `timeout_ms`. */
int raw_readable(raw_stream *stream, int timeout_ms);

/* 1 if the peer has closed the connection within `timeout_ms`; skips data. */
int raw_ended(raw_stream *stream, int timeout_ms);

void raw_close(raw_stream *stream);

/* Closes with RST: the peer sees ECONNRESET. */
void raw_reset(raw_stream *stream);

/* Milliseconds of a clock that only goes forward. */
long long raw_now_ms(void);
void raw_sleep_ms(int ms);

#ifdef __cplusplus
}
#endif

#endif
