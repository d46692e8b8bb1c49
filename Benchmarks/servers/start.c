/*
 * start.c - how long it takes a program to load the library, and then until its
 * first server listens. Not linked with the library: a program that is has
 * loaded it before main().
 *
 *   start LIBRARY                    writes {"load_us":...,"listen_us":...}
 */
#define _POSIX_C_SOURCE 200809L
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <socketio.h>

static sio_status (*server_new)(const sio_server_options *, sio_server *);
static sio_status (*server_listen)(sio_server, const char *, int32_t,
                                   const sio_listen_options *);
static sio_status (*server_destroy)(sio_server);
static const char *(*last_error)(void);

static double now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void fail(const char *what, const char *why) {
    fprintf(stderr, "start: %s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

/* `function` is the address of a pointer to a function: ISO C has no conversion
 * from what dlsym returns. */
static void find(void *library, const char *name, void *function) {
    void *address = dlsym(library, name);
    if (address == NULL) fail(name, dlerror());
    memcpy(function, &address, sizeof address);
}

int main(int argc, char **argv) {
    sio_server io;
    void *library;
    double started, loaded, listening;

    if (argc != 2) {
        fprintf(stderr, "usage: start LIBRARY\n");
        return 2;
    }
    started = now_us();
    library = dlopen(argv[1], RTLD_NOW);
    if (library == NULL) fail("dlopen", dlerror());
    find(library, "sio_server_new", &server_new);
    find(library, "sio_server_listen", &server_listen);
    find(library, "sio_server_destroy", &server_destroy);
    find(library, "sio_last_error", &last_error);
    loaded = now_us();
    if (server_new(NULL, &io) != SIO_OK) fail("server", last_error());
    if (server_listen(io, "127.0.0.1", 0, NULL) != SIO_OK)
        fail("listen", last_error());
    listening = now_us();
    printf("{\"load_us\":%.0f,\"listen_us\":%.0f}\n", loaded - started,
           listening - loaded);
    return server_destroy(io) == SIO_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
