#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first character of the element `index`, or NULL. Knows arrays of
 * scalars, which is what the vocabulary's arguments begin with. */
static const char *element(sio_text args, size_t index) {
    const char *at = args.data;
    const char *end = at + args.length;
    int quoted = 0;
    if (args.length < 2 || *at != '[') return NULL;
    for (at++; index > 0 && at < end; at++) {
        if (*at == '"') quoted = !quoted;
        if (*at == ',' && !quoted) index--;
    }
    while (at < end && *at == ' ') at++;
    return at < end && *at != ']' ? at : NULL;
}

int text_string_at(sio_text args, size_t index, char *out, size_t size) {
    const char *at = element(args, index);
    const char *close;
    size_t length;
    out[0] = '\0';
    if (at == NULL || *at != '"') return 0;
    at++;
    close = memchr(at, '"', (size_t)(args.data + args.length - at));
    if (close == NULL || (length = (size_t)(close - at)) >= size) return 0;
    memcpy(out, at, length);
    out[length] = '\0';
    return 1;
}

long text_number_at(sio_text args, size_t index) {
    const char *at = element(args, index);
    return at == NULL ? 0 : strtol(at, NULL, 10);
}

int text_contains(sio_text haystack, const char *needle) {
    return haystack.data != NULL && strstr(haystack.data, needle) != NULL;
}

static void grow(text *t, size_t more) {
    size_t capacity = t->capacity ? t->capacity : 256;
    if (t->length + more <= t->capacity) return;
    while (capacity < t->length + more) capacity *= 2;
    t->data = realloc(t->data, capacity);
    if (t->data == NULL) abort();
    t->capacity = capacity;
}

static void append(text *t, const char *data, size_t length) {
    if (length == 0) return;
    grow(t, length);
    memcpy(t->data + t->length, data, length);
    t->length += length;
}

void text_add(text *t, const char *raw) {
    append(t, raw, strlen(raw));
}

void text_add_raw(text *t, sio_text raw) {
    append(t, raw.data, raw.length);
}

void text_add_string(text *t, sio_text string) {
    size_t i;
    text_add(t, "\"");
    for (i = 0; i < string.length; i++) {
        unsigned char c = (unsigned char)string.data[i];
        char escape[8];
        if (c == '"' || c == '\\' || c < 0x20) {
            snprintf(escape, sizeof escape, "\\u%04x", c);
            text_add(t, escape);
        } else {
            append(t, string.data + i, 1);
        }
    }
    text_add(t, "\"");
}

void text_add_number(text *t, long long number) {
    char digits[32];
    snprintf(digits, sizeof digits, "%lld", number);
    text_add(t, digits);
}

sio_text text_view(const text *t) {
    sio_text view;
    view.data = t->data;
    view.length = t->length;
    return view;
}

void text_free(text *t) {
    free(t->data);
    memset(t, 0, sizeof *t);
}
