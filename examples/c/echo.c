/*
 * echo.c - sends every event back, binary values and all; an event that asks
 * for a reply gets its own arguments as the reply.
 *
 *   cc echo.c $(pkg-config --cflags --libs libsocketio) -o echo && ./echo 3000
 */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <socketio.h>

static void on_event(const sio_event *event, void *context) {
    sio_emit_options options = SIO_EMIT_OPTIONS_INIT;
    options.attachments = event->attachments;
    options.attachment_count = event->attachment_count;
    if (event->ack.id != 0)
        sio_reply(event->ack, event->args, &options);
    else
        sio_emit(event->socket, event->name.data, event->args, &options);
    (void)context;
}

int main(int argc, char **argv) {
    int port = argc > 1 ? atoi(argv[1]) : 3000, signal_number;
    sio_server io;
    sio_address address;
    sigset_t stop; /* Ctrl-C; blocked here, so that main can wait for it */
    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    sigaddset(&stop, SIGTERM);
    sigprocmask(SIG_BLOCK, &stop, NULL);

    if (sio_server_new(NULL, &io) != SIO_OK ||
        sio_server_on_any(io, "/", on_event, NULL, NULL) != SIO_OK ||
        sio_server_listen(io, NULL, port, NULL) != SIO_OK ||
        sio_server_address(io, 0, &address) != SIO_OK) {
        fprintf(stderr, "%s\n", sio_last_error());
        return EXIT_FAILURE;
    }
    printf("Echoing on %s; Ctrl-C stops.\n", address.text);
    fflush(stdout);
    sigwait(&stop, &signal_number);
    return sio_server_destroy(io) == SIO_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
