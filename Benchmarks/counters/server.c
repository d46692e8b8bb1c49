/*
 * server.c - the server whose allocations and system calls are counted: one
 * event loop, and handlers that cost nothing themselves.
 *
 *   echo       sent back, binary values and all; a reply if one is asked for
 *   broadcast  sent to everyone
 *
 * Writes its port and process id, and ends when its standard input does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <socketio.h>

static void on_echo(const sio_event *event, void *context) {
    sio_emit_options options = SIO_EMIT_OPTIONS_INIT;
    options.attachments = event->attachments;
    options.attachment_count = event->attachment_count;
    if (event->ack.id != 0)
        sio_reply(event->ack, event->args, &options);
    else
        sio_emit(event->socket, event->name.data, event->args, &options);
    (void)context;
}

static void on_broadcast(const sio_event *event, void *context) {
    sio_server_emit(event->server, "/", NULL, event->name.data, event->args,
                    NULL);
    (void)context;
}

int main(void) {
    sio_runtime_options loop = SIO_RUNTIME_OPTIONS_INIT;
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_server io;
    sio_address address;
    char byte;

    loop.threads = 1;
    options.ping_interval_ms = 3600000; /* no heartbeat among the messages */
    if (sio_runtime_new(&loop, &options.runtime) != SIO_OK ||
        sio_server_new(&options, &io) != SIO_OK ||
        sio_server_on(io, "/", "echo", on_echo, NULL, NULL) != SIO_OK ||
        sio_server_on(io, "/", "broadcast", on_broadcast, NULL, NULL) !=
            SIO_OK ||
        sio_server_listen(io, "127.0.0.1", 0, NULL) != SIO_OK ||
        sio_server_address(io, 0, &address) != SIO_OK) {
        fprintf(stderr, "%s\n", sio_last_error());
        return EXIT_FAILURE;
    }
    printf("%d %d\n", (int)address.port, (int)getpid());
    fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    return sio_runtime_destroy(options.runtime) == SIO_OK ? EXIT_SUCCESS
                                                          : EXIT_FAILURE;
}
