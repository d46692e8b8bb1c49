/*
 * raw_base64.h - base64, for the binary packets of long polling.
 */
#ifndef RAW_BASE64_H
#define RAW_BASE64_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* `text` has room for 4 * ((length + 2) / 3) + 1 characters. */
void raw_base64_encode(const void *data, size_t length, char *text);

/* In place; the number of bytes. */
size_t raw_base64_decode(char *text);

#ifdef __cplusplus
}
#endif

#endif
