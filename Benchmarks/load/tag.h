/*
 * tag.h - the number that a message carries and its echo brings back, in
 * characters that JSON, an acknowledgement's id (the first eight are digits)
 * and base64 leave alone.
 */
#ifndef LOAD_TAG_H
#define LOAD_TAG_H

#include <stdint.h>

enum {
    TAG_WIDTH = 7
};

struct tag_format {
    unsigned width; /* characters */
    unsigned bits;  /* of each character: 6, or 3 for digits */
};

extern const uint8_t tag_characters[64];
extern const uint8_t tag_values[256]; /* 255: not one of the characters */

static inline uint32_t tag_mask(struct tag_format format) {
    return (uint32_t)((1ull << format.width * format.bits) - 1);
}

/* `mask` is what WebSocket puts over each character: zeros for none. */
static inline void tag_write(struct tag_format format, uint32_t tag,
                             const uint8_t *mask, uint8_t *text) {
    for (unsigned i = 0; i < format.width; i++) {
        text[i] = tag_characters[tag & ((1u << format.bits) - 1)] ^ mask[i];
        tag >>= format.bits;
    }
}

/* The tag, or -1. */
static inline int64_t tag_read(struct tag_format format, const uint8_t *text) {
    uint32_t tag = 0;
    unsigned wrong = 0;
    for (unsigned i = 0; i < format.width; i++) {
        uint8_t value = tag_values[text[i]];
        wrong |= value >> format.bits;
        tag |= (uint32_t)value << i * format.bits;
    }
    return wrong == 0 ? (int64_t)tag : -1;
}

#endif
