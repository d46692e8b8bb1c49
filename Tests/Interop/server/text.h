/*
 * text.h - as much JSON as the test server needs: to take a string or a number
 * out of the arguments of an event, and to write arguments.
 */
#ifndef TEXT_H
#define TEXT_H

#include <socketio.h>

/* The element `index` of a JSON array of scalars, as a string without escapes,
 * into `out`: 1, or 0 with "" if there is none, or it is too long. */
int text_string_at(sio_text args, size_t index, char *out, size_t size);

/* The same for a number; 0 if there is none. */
long text_number_at(sio_text args, size_t index);

/* 1 if `needle` stands somewhere in `haystack`. */
int text_contains(sio_text haystack, const char *needle);

/* Text that grows. Zero is empty; text_free() at the end. */
typedef struct text {
    char *data;
    size_t length;
    size_t capacity;
} text;

/* Appends text as it is, a JSON string, a number. */
void text_add(text *t, const char *raw);
void text_add_raw(text *t, sio_text raw);
void text_add_string(text *t, sio_text string);
void text_add_number(text *t, long long number);

sio_text text_view(const text *t);
void text_free(text *t);

#endif
