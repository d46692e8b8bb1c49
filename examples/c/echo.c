/* echo.c - sends every event back, binary values and all; an event that asks
 * for a reply gets its own arguments as the reply.
 *
 *   cc echo.c $(pkg-config --cflags --libs libsocketio) -o echo && ./echo 3000
 */
#define _POSIX_C_SOURCE 200809L
#include <err.h>
#include <signal.h>
#include <socketio.h>
#include <stdlib.h>

static void on_event(const sio_event *event, void *context) {
    sio_emit_options options = SIO_EMIT_OPTIONS_INIT;
    (void)context;
    options.attachments = event->attachments;
    options.attachment_count = event->attachment_count;
    if (event->ack.id != 0)
        sio_reply(event->ack, event->args, &options);
    else
        sio_emit(event->socket, event->name.data, event->args, &options);
}

int main(int argc, char **argv) {
    char *end = "";
    long port = argc > 1 ? strtol(argv[1], &end, 10) : 3000;
    int caught;
    sigset_t stop; /* Ctrl-C; blocked here, so that main can wait for it */
    sio_server io;
    if (*end != '\0' || port < 1 || port > 65535)
        errx(1, "\"%s\" is not a port: use 1 to 65535.", argv[1]);
    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    sigprocmask(SIG_BLOCK, &stop, NULL);
    if (sio_server_new(NULL, &io) != SIO_OK ||
        sio_server_on_any(io, "/", on_event, NULL, NULL) != SIO_OK ||
        sio_server_listen(io, NULL, (int32_t)port, NULL) != SIO_OK)
        errx(1, "%s", sio_last_error());
    warnx("listening on port %ld of every address; Ctrl-C stops", port);
    sigwait(&stop, &caught);
    return sio_server_destroy(io) != SIO_OK;
}
