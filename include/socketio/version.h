/*
 * socketio/version.h - which version this is.
 *
 * The macros tell what a program was compiled against, the functions what it
 * runs with. The two may differ: the shared library may be newer.
 */
#ifndef SOCKETIO_VERSION_H
#define SOCKETIO_VERSION_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SIO_VERSION_MAJOR 0
#define SIO_VERSION_MINOR 1
#define SIO_VERSION_PATCH 0

/* "major.minor.patch" */
#define SIO_VERSION_STRING "0.1.0"

/* One number to compare: major * 10000 + minor * 100 + patch. */
#define SIO_VERSION_NUMBER \
    (SIO_VERSION_MAJOR * 10000 + SIO_VERSION_MINOR * 100 + SIO_VERSION_PATCH)

/* The number in the library's soname, libsocketio.so.0: it changes only when
 * a program that worked would stop working. */
#define SIO_ABI_VERSION 0

/* The loaded library's SIO_VERSION_STRING; static, never NULL. */
SIO_API const char *sio_version(void);

/* The loaded library's SIO_VERSION_NUMBER. */
SIO_API uint32_t sio_version_number(void);

/* The loaded library's SIO_ABI_VERSION. */
SIO_API uint32_t sio_abi_version(void);

/* 1 if the loaded library has a feature, 0 if it has not or `name` is NULL.
 * Names: "server", "engine.io-4", "socket.io-5", "polling", "websocket",
 * "queued-dispatch". */
SIO_API int32_t sio_has_feature(const char *name);

#ifdef __cplusplus
}
#endif

#endif /* SOCKETIO_VERSION_H */
