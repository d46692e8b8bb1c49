/* bytes.c - the buffer that grows. */
#include "bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void *checked(void *memory) {
    if (memory == NULL) {
        fputs("load: out of memory\n", stderr);
        exit(EXIT_FAILURE);
    }
    return memory;
}

void *allocate(size_t count, size_t size) {
    return checked(calloc(count > 0 ? count : 1, size));
}

void *allocate_again(void *memory, size_t size) {
    return checked(realloc(memory, size));
}

void buffer_reserve(struct buffer *buffer, size_t more) {
    size_t needed = buffer->length + more;
    size_t capacity = buffer->capacity > 0 ? buffer->capacity : 256;
    if (needed <= buffer->capacity) return;
    while (capacity < needed) capacity *= 2;
    buffer->data = allocate_again(buffer->data, capacity);
    buffer->capacity = capacity;
}

void buffer_append(struct buffer *buffer, const void *data, size_t length) {
    if (length == 0) return;
    buffer_reserve(buffer, length);
    memcpy(buffer->data + buffer->length, data, length);
    buffer->length += length;
}

void buffer_append_text(struct buffer *buffer, const char *text) {
    buffer_append(buffer, text, strlen(text));
}

void buffer_append_format(struct buffer *buffer, const char *format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length > 0)
        buffer_append(buffer, text,
                      (size_t)length < sizeof text ? (size_t)length
                                                   : sizeof text - 1);
}

void buffer_consume(struct buffer *buffer, size_t count) {
    buffer->length -= count;
    if (buffer->length > 0)
        memmove(buffer->data, buffer->data + count, buffer->length);
}

void buffer_free(struct buffer *buffer) {
    free(buffer->data);
    *buffer = (struct buffer){0};
}
