/*
 * raw_sha1.h - SHA-1, which the answer to a WebSocket's handshake needs.
 */
#ifndef RAW_SHA1_H
#define RAW_SHA1_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of up to 119 bytes. */
void raw_sha1(const char *text, size_t length, unsigned char digest[20]);

#ifdef __cplusplus
}
#endif

#endif
