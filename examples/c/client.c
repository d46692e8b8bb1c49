/* client.c - Socket.IO in the terminal: prints the events that come, and emits
 * the lines that are typed.
 *
 *   cc client.c $(pkg-config --cflags --libs libsocketio) -o client
 *   ./client [-n /namespace] [-a '{"token":"..."}'] http://localhost:3000
 *
 *   message "hello", {"a":1}   emits an event with two arguments
 *   ?message "hello"           the same, and asks for a reply
 *   !"thanks"                  replies to the latest event that asked for it
 *
 * The end of the input, Ctrl-D, leaves when everything is sent and replied to.
 * One thread does it all: it uses queued dispatch, whose file descriptor it polls
 * together with the terminal.
 */
#define _POSIX_C_SOURCE 200809L
#include <err.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <socketio.h>

/* How long a reply may take, in milliseconds. */
#define PATIENCE 10000u

typedef struct session {
    sio_client client;
    const char *nsp;
    sio_ack asked;  /* the latest event that asked for a reply */
    int awaited;    /* replies */
    int has_joined; /* at least once */
    int input_ended;
    int failed;
    int closed;
} session;

/* What comes */

static void show(const char *what, const sio_event *event) {
    size_t i;
    printf("%s %s", what, event->args.length > 0 ? event->args.data : "[]");
    for (i = 0; i < event->attachment_count; i++)
        printf(" + %zu bytes", event->attachments[i].length);
    printf("\n");
}

static void on_event(const sio_event *event, void *context) {
    session *it = (session *)context;
    show(event->name.data, event);
    if (event->ack.id != 0) it->asked = event->ack;
}

static void on_reply(const sio_event *event, void *context) {
    session *it = (session *)context;
    it->awaited--;
    if (event->status == SIO_OK)
        show("reply", event);
    else
        warnx("no reply: %s", sio_status_name(event->status));
}

static void on_connect(const sio_event *event, void *context) {
    session *it = (session *)context;
    it->has_joined = 1;
    warnx("connected as %s", event->id.data);
}

static void on_disconnect(const sio_event *event, void *context) {
    (void)context;
    warnx("disconnected: %s", event->reason.data);
}

static void on_connect_error(const sio_event *event, void *context) {
    session *it = (session *)context;
    warnx("%s %s", event->reason.data,
          event->args.length ? event->args.data : "");
    if (event->code != SIO_FAILURE_REFUSED) return; /* it goes on trying */
    it->failed = 1;
    sio_client_close(it->client);
}

static void on_close(const sio_event *event, void *context) {
    (void)event;
    ((session *)context)->closed = 1;
}

/* What is typed */

/* The JSON text of an array: what stands between its brackets is given. */
static char *array_of(const char *items) {
    char *text = (char *)malloc(strlen(items) + 3);
    if (text == NULL) err(1, NULL);
    sprintf(text, "[%s]", items);
    return text;
}

static void emit(session *it, char *event, int asks) {
    char *items = event + strcspn(event, " \t");
    sio_status status;
    char *args;
    if (*items != '\0') *items++ = '\0';
    args = array_of(items);
    if (asks)
        status = sio_client_emit_with_ack(it->client, it->nsp, event,
                                          sio_text_of(args), NULL, PATIENCE,
                                          on_reply, it, NULL);
    else
        status = sio_client_emit(it->client, it->nsp, event, sio_text_of(args),
                                 NULL);
    if (status != SIO_OK)
        warnx("%s", sio_last_error());
    else if (asks)
        it->awaited++;
    free(args);
}

static void reply(session *it, const char *items) {
    char *args = array_of(items);
    if (sio_reply(it->asked, sio_text_of(args), NULL) != SIO_OK)
        warnx("%s", sio_last_error());
    free(args);
}

/* One read, so that poll() knows of what is left; lines are put together. */
static void read_input(session *it) {
    static char text[65536];
    static size_t length;
    char *line = text, *end;
    ssize_t count = read(STDIN_FILENO, text + length, sizeof text - 1 - length);
    if (count <= 0) it->input_ended = 1;
    if (count > 0) length += (size_t)count;
    text[length] = '\0';
    while ((end = strchr(line, '\n')) != NULL) {
        *end = '\0';
        if (*line == '!')
            reply(it, line + 1);
        else if (*line == '?')
            emit(it, line + 1, 1);
        else if (*line != '\0')
            emit(it, line, 0);
        line = end + 1;
    }
    length -= (size_t)(line - text);
    memmove(text, line, length);
    if (length == sizeof text - 1) errx(1, "A line is too long.");
}

static sio_runtime new_queue(void) {
    sio_runtime_options options = SIO_RUNTIME_OPTIONS_INIT;
    sio_runtime runtime;
    options.dispatch = SIO_DISPATCH_QUEUED;
    options.threads = 1;
    if (sio_runtime_new(&options, &runtime) != SIO_OK)
        errx(1, "%s", sio_last_error());
    return runtime;
}

static void run(session *it, sio_runtime runtime) {
    struct pollfd waiting[2];
    waiting[0].events = waiting[1].events = POLLIN;
    if (sio_runtime_fd(runtime, &waiting[0].fd) != SIO_OK)
        errx(1, "%s", sio_last_error());
    while (!it->closed) {
        waiting[1].fd = it->input_ended ? -1 : STDIN_FILENO;
        if (poll(waiting, 2, -1) < 0) err(1, "poll");
        if (waiting[0].revents != 0) sio_runtime_dispatch(runtime, 0, 0, NULL);
        if (waiting[1].revents != 0 && !it->input_ended) read_input(it);
        if (it->input_ended && it->has_joined && it->awaited == 0)
            sio_client_close(it->client);
        fflush(stdout);
    }
}

int main(int argc, char **argv) {
    sio_client_options options = SIO_CLIENT_OPTIONS_INIT;
    session it = {{0}, "/", {0}, 0, 0, 0, 0, 0};
    int option;
    while ((option = getopt(argc, argv, "n:a:")) != -1) {
        if (option == 'n') it.nsp = optarg;
        if (option == 'a') options.auth = sio_text_of(optarg);
        if (option == '?') return 1;
    }
    if (optind != argc - 1)
        errx(1, "usage: client [-n NAMESPACE] [-a AUTH] URL");
    options.url = argv[optind];
    options.runtime = new_queue();
    if (sio_client_new(&options, &it.client) != SIO_OK ||
        sio_client_on_any(it.client, it.nsp, on_event, &it, NULL) != SIO_OK)
        errx(1, "%s", sio_last_error());
    sio_client_on_connect(it.client, it.nsp, on_connect, &it, NULL);
    sio_client_on_disconnect(it.client, it.nsp, on_disconnect, &it, NULL);
    sio_client_on_connect_error(it.client, it.nsp, on_connect_error, &it, NULL);
    sio_client_on_close(it.client, on_close, &it, NULL);
    if (sio_client_connect(it.client, it.nsp) != SIO_OK)
        errx(1, "%s", sio_last_error());
    run(&it, options.runtime);
    sio_runtime_destroy(options.runtime); /* and the client */
    return it.failed;
}
