/*
 * server.c - the C server under test: event loops, inline dispatch, handlers by
 * name, and no work beyond what the benchmark asks for.
 *
 *   server PORT [THREADS]            one event loop unless told otherwise
 *
 * Events, in "/" and, with BENCH_NAMESPACES=1000, in "/n0" to "/n999" as well:
 *
 *   echo       comes back; as the reply if the client wants one
 *   broadcast  goes to everyone in the namespace
 *   join       [prefix, first, count]: joins rooms prefix+first and following
 *   room       [room, payload]: sends "room" with the payload to that room
 */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <socketio.h>

enum {
    NAME_MAX_BYTES = 64,
    /* The payload curve goes to 1 MB; the library's default ends just there. */
    MESSAGE_MAX_BYTES = 8000000
};

static void check(sio_status status, const char *what) {
    if (status == SIO_OK) return;
    fprintf(stderr, "server: %s: %s\n", what, sio_last_error());
    exit(EXIT_FAILURE);
}

static sio_emit_options with_attachments(const sio_event *event) {
    sio_emit_options options = SIO_EMIT_OPTIONS_INIT;
    options.attachments = event->attachments;
    options.attachment_count = event->attachment_count;
    return options;
}

static void on_echo(const sio_event *event, void *context) {
    sio_emit_options options = with_attachments(event);
    if (event->ack.id != 0)
        sio_reply(event->ack, event->args, &options);
    else
        sio_emit(event->socket, "echo", event->args, &options);
    (void)context;
}

static void on_broadcast(const sio_event *event, void *context) {
    sio_emit_options options = with_attachments(event);
    sio_server_emit(event->server, event->nsp.data, NULL, "broadcast",
                    event->args, &options);
    (void)context;
}

/* Copies the string that an array begins with, and gives what follows it. The
 * load generator's names have no escapes. NULL: this is not such an array. */
static const char *first_string(sio_text args, char name[NAME_MAX_BYTES]) {
    const char *start, *end;
    size_t length;
    if (args.length < 4 || args.data[1] != '"') return NULL;
    start = args.data + 2;
    end = strchr(start, '"');
    if (end == NULL) return NULL;
    length = (size_t)(end - start);
    if (length >= NAME_MAX_BYTES || end[1] != ',') return NULL;
    memcpy(name, start, length);
    name[length] = '\0';
    return end + 2;
}

static void on_join(const sio_event *event, void *context) {
    char prefix[NAME_MAX_BYTES], room[NAME_MAX_BYTES + 24], *rest = NULL;
    const char *numbers = first_string(event->args, prefix);
    (void)context;
    if (numbers != NULL) {
        long first = strtol(numbers, &rest, 10);
        long count = *rest == ',' ? strtol(rest + 1, NULL, 10) : 0;
        long number;
        for (number = first; number < first + count; number++) {
            snprintf(room, sizeof room, "%s%ld", prefix, number);
            sio_socket_join(event->socket, room);
        }
    }
    if (event->ack.id != 0) sio_reply(event->ack, sio_text_of("[]"), NULL);
}

static void on_room(const sio_event *event, void *context) {
    char name[NAME_MAX_BYTES], small[1024], *args = small;
    const char *rooms[1];
    const char *payload = first_string(event->args, name);
    sio_target target = SIO_TARGET_INIT;
    sio_emit_options options = with_attachments(event);
    sio_text text;
    (void)context;
    if (payload == NULL) return;
    /* ["room",payload] becomes [payload]. */
    text.length = event->args.length - (size_t)(payload - event->args.data) + 1;
    if (text.length > sizeof small) args = malloc(text.length);
    if (args == NULL) return;
    args[0] = '[';
    memcpy(args + 1, payload, text.length - 1);
    text.data = args;
    rooms[0] = name;
    target.rooms = rooms;
    target.room_count = 1;
    sio_server_emit(event->server, event->nsp.data, &target, "room", text,
                    &options);
    if (args != small) free(args);
}

static void serve_namespace(sio_server io, const char *nsp) {
    check(sio_server_on(io, nsp, "echo", on_echo, NULL, NULL), nsp);
    check(sio_server_on(io, nsp, "broadcast", on_broadcast, NULL, NULL), nsp);
    check(sio_server_on(io, nsp, "join", on_join, NULL, NULL), nsp);
    check(sio_server_on(io, nsp, "room", on_room, NULL, NULL), nsp);
}

/* A number from an argument or the environment; exits if it is none. */
static long number(const char *what, const char *text, long least, long most) {
    char *end = NULL;
    long value = strtol(text, &end, 10);
    if (*text != '\0' && *end == '\0' && value >= least && value <= most)
        return value;
    fprintf(stderr, "server: %s must be %ld to %ld, not \"%s\"\n", what, least,
            most, text);
    exit(EXIT_FAILURE);
}

int main(int argc, char **argv) {
    const char *namespaces = getenv("BENCH_NAMESPACES");
    sio_runtime_options loops = SIO_RUNTIME_OPTIONS_INIT;
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_listen_options listening = SIO_LISTEN_OPTIONS_INIT;
    sio_server io;
    sigset_t stop; /* blocked here, so that main can wait for it */
    long port, index, count = 0;
    int signal_number;

    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: server PORT [THREADS]\n");
        return 2;
    }
    port = number("PORT", argv[1], 0, 65535);
    loops.threads =
        (uint32_t)(argc > 2 ? number("THREADS", argv[2], 1, 64) : 1);
    if (namespaces != NULL)
        count = number("BENCH_NAMESPACES", namespaces, 0, 100000);
    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    sigaddset(&stop, SIGTERM);
    sigprocmask(SIG_BLOCK, &stop, NULL);

    listening.backlog = 4096;
    options.max_http_buffer_size = MESSAGE_MAX_BYTES;
    check(sio_runtime_new(&loops, &options.runtime), "runtime");
    check(sio_server_new(&options, &io), "server");
    serve_namespace(io, "/");
    for (index = 0; index < count; index++) {
        char nsp[NAME_MAX_BYTES];
        snprintf(nsp, sizeof nsp, "/n%ld", index);
        serve_namespace(io, nsp);
    }
    check(sio_server_listen(io, "127.0.0.1", (int32_t)port, &listening),
          "listen");
    printf("ready on 127.0.0.1:%ld\n", port);
    fflush(stdout);
    sigwait(&stop, &signal_number);
    return sio_server_destroy(io) == SIO_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
