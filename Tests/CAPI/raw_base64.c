#include "raw_base64.h"

#include <string.h>

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void raw_base64_encode(const void *data, size_t length, char *text) {
    const unsigned char *bytes = (const unsigned char *)data;
    size_t i;
    for (i = 0; i < length; i += 3) {
        size_t left = length - i;
        unsigned long group = (unsigned long)bytes[i] << 16;
        if (left > 1) group |= (unsigned long)bytes[i + 1] << 8;
        if (left > 2) group |= bytes[i + 2];
        *text++ = alphabet[group >> 18 & 63];
        *text++ = alphabet[group >> 12 & 63];
        *text++ = left > 1 ? alphabet[group >> 6 & 63] : '=';
        *text++ = left > 2 ? alphabet[group & 63] : '=';
    }
    *text = '\0';
}

size_t raw_base64_decode(char *text) {
    unsigned char *out = (unsigned char *)text;
    size_t used = 0;
    unsigned long group = 0;
    int bits = 0;
    for (; *text != '\0' && *text != '='; text++) {
        const char *place = strchr(alphabet, *text);
        if (place == NULL) continue;
        group = group << 6 | (unsigned long)(place - alphabet);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[used++] = (unsigned char)(group >> bits & 0xff);
        }
    }
    out[used] = '\0';
    return used;
}
