/*
 * bytes.h - a view of bytes that somebody else owns, and a buffer that grows.
 */
#ifndef LOAD_BYTES_H
#define LOAD_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
    const uint8_t *data;
    size_t length;
};

struct buffer {
    uint8_t *data;
    size_t length;
    size_t capacity;
};

/* Memory that ran out ends the program: these never return NULL. */
void *allocate(size_t count, size_t size);
void *allocate_again(void *memory, size_t size);

/* Makes room for `more` bytes behind what is there. */
void buffer_reserve(struct buffer *buffer, size_t more);
void buffer_append(struct buffer *buffer, const void *data, size_t length);
void buffer_append_text(struct buffer *buffer, const char *text);
__attribute__((format(printf, 2, 3))) void
buffer_append_format(struct buffer *buffer, const char *format, ...);
/* Drops the first `count` bytes. */
void buffer_consume(struct buffer *buffer, size_t count);
void buffer_free(struct buffer *buffer);

static inline struct bytes bytes_of(const struct buffer *buffer) {
    return (struct bytes){buffer->data, buffer->length};
}

static inline struct bytes bytes_skip(struct bytes bytes, size_t count) {
    return (struct bytes){bytes.data + count, bytes.length - count};
}

static inline bool bytes_equal(struct bytes left, struct bytes right) {
    return left.length == right.length &&
           (left.length == 0 ||
            memcmp(left.data, right.data, left.length) == 0);
}

static inline bool bytes_start_with(struct bytes bytes, const char *text) {
    size_t length = strlen(text);
    return bytes.length >= length && memcmp(bytes.data, text, length) == 0;
}

#endif
