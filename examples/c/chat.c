/*
 * chat.c - a chat for browsers: this program serves a page and the official
 * JavaScript client, and passes on what people say in the rooms they are in.
 *
 *   chat [--port 3000] [--page chat.html] [--client socket.io.min.js]
 *
 * All callbacks run on the main thread, because it uses queued dispatch: so the
 * list of people needs no lock. JSON is passed on as it comes: a name is kept as
 * the JSON string that the client sent, quotes included, and put into what the
 * others get.
 *
 * From a client        To clients
 *   join(name, room)     people([{id, name}...])   who is here
 *   say(text)            joined(name), left(name)
 *   typing(yes)          said(id, name, text)
 *                        typing(id, name, yes)
 * join and say are acknowledged: with null, or with what is wrong.
 */
#define _POSIX_C_SOURCE 200809L
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <socketio.h>

enum {
    NAME_MAX_BYTES = 120,
    TEXT_MAX_BYTES = 8000
};

typedef struct person {
    struct person *next;
    sio_socket socket;
    sio_socket_id_text id;
    char name[NAME_MAX_BYTES]; /* JSON strings */
    char room[NAME_MAX_BYTES];
} person;

static person *people;

/* JSON */

/* The value at a place of a JSON array, as it stands there; none if there are
 * fewer. The array is valid: the library has seen to that. */
static sio_text item(sio_text array, int place) {
    const char *next = array.data + 1, *start = next;
    int depth = 0, quoted = 0;
    for (;; next++) {
        if (depth == 0 && !quoted && (*next == ',' || *next == ']')) {
            if (place-- == 0) {
                sio_text found = {NULL, 0};
                while (*start == ' ') start++;
                found.data = start;
                found.length = (size_t)(next - start);
                return found;
            }
            if (*next == ']') return sio_text_of(NULL);
            start = next + 1;
        } else if (*next == '"') {
            quoted = !quoted;
        } else if (quoted) {
            if (*next == '\\') next++;
        } else if (*next == '[' || *next == '{') {
            depth++;
        } else if (*next == ']' || *next == '}') {
            depth--;
        }
    }
}

/* Copies a JSON string that is neither empty nor too long: 1, or 0. */
static int copy_string(sio_text value, char *to, size_t capacity) {
    if (value.length <= 2 || value.length >= capacity || value.data[0] != '"')
        return 0;
    memcpy(to, value.data, value.length);
    to[value.length] = '\0';
    return 1;
}

/* What the server says. `format` makes the JSON text of the arguments. */

static char *formatted(const char *format, va_list values) {
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    if (out == NULL) return NULL;
    vfprintf(out, format, values);
    return fclose(out) == 0 ? text : NULL;
}

/* To everyone in a room, but not to `except` (NULL: to all). */
static void tell_room(sio_server io, const char *room, const person *except,
                      uint32_t flags, const char *event, const char *format,
                      ...) {
    sio_target target = SIO_TARGET_INIT;
    sio_emit_options options = SIO_EMIT_OPTIONS_INIT;
    va_list values;
    char *args;
    va_start(values, format);
    args = formatted(format, values);
    va_end(values);
    if (args == NULL) return;
    target.rooms = &room;
    target.room_count = 1;
    if (except != NULL) target.except_socket = except->socket;
    options.flags = flags;
    sio_server_emit(io, "/", &target, event, sio_text_of(args), &options);
    free(args);
}

/* Everyone in a room learns who is there. */
static void tell_people(sio_server io, const char *room) {
    char *list = NULL;
    size_t length;
    const person *it;
    const char *comma = "";
    FILE *out = open_memstream(&list, &length);
    if (out == NULL) return;
    for (it = people; it != NULL; it = it->next) {
        if (strcmp(it->room, room) != 0) continue;
        fprintf(out, "%s{\"id\":\"%s\",\"name\":%s}", comma, it->id.text,
                it->name);
        comma = ",";
    }
    if (fclose(out) == 0)
        tell_room(io, room, NULL, 0, "people", "[[%s]]", list);
    free(list);
}

static void answer(const sio_event *event, const char *args) {
    if (event->ack.id != 0) sio_reply(event->ack, sio_text_of(args), NULL);
}

/* What clients say */

static person *person_of(sio_socket socket) {
    void *data = NULL;
    sio_socket_data(socket, &data);
    return (person *)data;
}

/* Takes a person out of the list, and tells the room. */
static void leave(sio_server io, person *gone) {
    person **place = &people;
    while (*place != gone) place = &(*place)->next;
    *place = gone->next;
    tell_room(io, gone->room, gone, 0, "left", "[%s]", gone->name);
    tell_people(io, gone->room);
    free(gone);
}

static void on_join(const sio_event *event, void *context) {
    person *old = person_of(event->socket);
    person *it = (person *)calloc(1, sizeof *it);
    (void)context;
    if (it == NULL ||
        !copy_string(item(event->args, 0), it->name, sizeof it->name) ||
        !copy_string(item(event->args, 1), it->room, sizeof it->room)) {
        free(it);
        answer(event, "[\"Please choose a shorter name, and a room.\"]");
        return;
    }
    if (old != NULL) {
        sio_socket_leave(event->socket, old->room);
        sio_socket_set_data(event->socket, NULL, NULL);
        leave(event->server, old);
    }
    it->socket = event->socket;
    if (sio_socket_id(it->socket, &it->id) != SIO_OK ||
        sio_socket_join(it->socket, it->room) != SIO_OK ||
        sio_socket_set_data(it->socket, it, NULL) != SIO_OK) {
        free(it); /* gone already */
        return;
    }
    it->next = people;
    people = it;
    answer(event, "[null]");
    tell_room(event->server, it->room, it, 0, "joined", "[%s]", it->name);
    tell_people(event->server, it->room);
}

static void on_say(const sio_event *event, void *context) {
    const person *it = person_of(event->socket);
    sio_text text = item(event->args, 0);
    (void)context;
    if (it == NULL || text.length == 0 || text.data[0] != '"' ||
        text.length > TEXT_MAX_BYTES) {
        answer(event, "[\"That is too long to say.\"]");
        return;
    }
    tell_room(event->server, it->room, it, 0, "said", "[\"%s\",%s,%.*s]",
              it->id.text, it->name, (int)text.length, text.data);
    answer(event, "[null]");
}

/* Volatile: of no use to a client that could not take it at once. */
static void on_typing(const sio_event *event, void *context) {
    const person *it = person_of(event->socket);
    sio_text yes = item(event->args, 0);
    (void)context;
    if (it == NULL || yes.length == 0) return;
    tell_room(event->server, it->room, it, SIO_EMIT_VOLATILE, "typing",
              "[\"%s\",%s,%s]", it->id.text, it->name,
              yes.data[0] == 't' ? "true" : "false");
}

static void on_disconnect(const sio_event *event, void *context) {
    person *it = person_of(event->socket);
    (void)context;
    if (it != NULL) leave(event->server, it);
}

/* The page */

static const char *page, *client;

/* Where the files are, if the command line does not say: as seen from here,
 * from the top of the repository, or from beside this program. */
static const char *find(const char *const *places) {
    static char found[2][4200];
    static int used;
    char program[4096];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length < 0) length = 0;
    program[length] = '\0';
    while (length > 0 && program[length - 1] != '/') program[--length] = '\0';
    for (; *places != NULL; places++) {
        char *path = found[used];
        snprintf(path, sizeof found[0], "%s", *places);
        if (access(path, R_OK) != 0)
            snprintf(path, sizeof found[0], "%s%s", program, *places);
        if (access(path, R_OK) == 0) {
            used++;
            return path;
        }
    }
    return NULL;
}

static void find_files(void) {
    static const char *const pages[] = {"chat.html", "examples/c/chat.html",
                                        "../examples/c/chat.html", NULL};
    static const char *const clients[] = {
        "socket.io.min.js", ".build-tests/client/socket.io.min.js",
        "../.build-tests/client/socket.io.min.js", NULL};
    if (page == NULL) page = find(pages);
    if (client == NULL) client = find(clients);
    if (page == NULL)
        errx(EXIT_FAILURE, "No page: say with --page where chat.html is.");
    if (client == NULL)
        errx(EXIT_FAILURE,
             "No client: say with --client where "
             "socket.io.min.js is; scripts/fetch-client fetches it.");
}

/* The program */

static int signal_pipe[2];
static int closed;

static void on_signal(int number) {
    int cause = errno;
    if (write(signal_pipe[1], "", 1) < 0) (void)number;
    errno = cause;
}

static void on_close(const sio_event *event, void *context) {
    (void)event;
    (void)context;
    closed = 1;
}

static int prepare(sio_runtime *runtime, sio_server *io, int port) {
    sio_runtime_options of_runtime = SIO_RUNTIME_OPTIONS_INIT;
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    of_runtime.dispatch = SIO_DISPATCH_QUEUED;
    if (sio_runtime_new(&of_runtime, runtime) != SIO_OK) return 0;
    options.runtime = *runtime;
    return sio_server_new(&options, io) == SIO_OK &&
           sio_server_on(*io, "/", "join", on_join, NULL, NULL) == SIO_OK &&
           sio_server_on(*io, "/", "say", on_say, NULL, NULL) == SIO_OK &&
           sio_server_on(*io, "/", "typing", on_typing, NULL, NULL) == SIO_OK &&
           sio_server_on_disconnect(*io, "/", on_disconnect, NULL, NULL) ==
               SIO_OK &&
           sio_server_serve_files(*io, "/", page, NULL) == SIO_OK &&
           sio_server_serve_files(*io, "/socket.io.min.js", client, NULL) ==
               SIO_OK &&
           sio_server_on_close(*io, on_close, NULL, NULL) == SIO_OK &&
           sio_server_listen(*io, NULL, port, NULL) == SIO_OK;
}

/* Takes events until the server is closed; Ctrl-C closes it. */
static void run(sio_runtime runtime, sio_server io) {
    struct pollfd waiting[2];
    memset(waiting, 0, sizeof waiting);
    waiting[1].fd = signal_pipe[0];
    waiting[0].events = waiting[1].events = POLLIN;
    if (sio_runtime_fd(runtime, &waiting[0].fd) != SIO_OK) return;
    while (!closed) {
        char byte;
        if (poll(waiting, 2, -1) < 0 && errno != EINTR) return;
        if ((waiting[1].revents & POLLIN) != 0 &&
            read(signal_pipe[0], &byte, 1) == 1)
            sio_server_close(io);
        sio_runtime_dispatch(runtime, 0, 0, NULL);
    }
}

/* A port of the command line; ends the program if it is none. */
static int port_of(const char *text) {
    char *end;
    long port = strtol(text, &end, 10);
    if (end == text || *end != '\0' || port < 0 || port > 65535)
        errx(EXIT_FAILURE,
             "\"%s\" is not a port: use 1 to 65535, or 0 for a free one.",
             text);
    return (int)port;
}

/* Returns the port. */
static int read_arguments(int argc, char **argv) {
    int port = 3000, i;
    for (i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--port") == 0)
            port = port_of(argv[i + 1]);
        else if (strcmp(argv[i], "--page") == 0)
            page = argv[i + 1];
        else if (strcmp(argv[i], "--client") == 0)
            client = argv[i + 1];
        else
            break;
    }
    if (i != argc)
        errx(EXIT_FAILURE, "usage: [--port PORT] [--page chat.html] "
                           "[--client socket.io.min.js]");
    return port;
}

int main(int argc, char **argv) {
    struct sigaction stop;
    sio_runtime runtime;
    sio_server io;
    sio_address address;
    int port = read_arguments(argc, argv);
    find_files();
    memset(&stop, 0, sizeof stop);
    stop.sa_handler = on_signal;
    if (pipe(signal_pipe) != 0 || sigaction(SIGINT, &stop, NULL) != 0 ||
        sigaction(SIGTERM, &stop, NULL) != 0)
        err(EXIT_FAILURE, "no signals");
    if (!prepare(&runtime, &io, port) ||
        sio_server_address(io, 0, &address) != SIO_OK)
        errx(EXIT_FAILURE, "%s", sio_last_error());
    printf("The chat is on http://localhost:%d and every other address.\n"
           "Open it in two tabs; Ctrl-C stops it.\n",
           (int)address.port);
    fflush(stdout);
    run(runtime, io);
    printf("\nGoodbye.\n");
    return sio_runtime_destroy(runtime) == SIO_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
