/*
 * client.c - the client whose allocations and system calls are counted: one
 * event loop, and a handler that costs nothing itself.
 *
 *   client PORT
 *
 *   echo    sent back, binary values and all; a reply if one is asked for
 *
 * Writes the port and its process id, and ends when its standard input does.
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
        sio_client_emit(event->client, "/", event->name.data, event->args,
                        &options);
    (void)context;
}

int main(int argc, char **argv) {
    sio_runtime_options loop = SIO_RUNTIME_OPTIONS_INIT;
    sio_client_options options = SIO_CLIENT_OPTIONS_INIT;
    sio_client client;
    char url[64], byte;

    if (argc != 2) {
        fprintf(stderr, "usage: client PORT\n");
        return 2;
    }
    snprintf(url, sizeof url, "http://127.0.0.1:%s", argv[1]);
    options.url = url;
    options.transports = SIO_TRANSPORT_WEBSOCKET;
    loop.threads = 1;
    if (sio_runtime_new(&loop, &options.runtime) != SIO_OK ||
        sio_client_new(&options, &client) != SIO_OK ||
        sio_client_on(client, "/", "echo", on_echo, NULL, NULL) != SIO_OK ||
        sio_client_connect(client, "/") != SIO_OK) {
        fprintf(stderr, "%s\n", sio_last_error());
        return EXIT_FAILURE;
    }
    printf("%s %d\n", argv[1], (int)getpid());
    fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    return sio_runtime_destroy(options.runtime) == SIO_OK ? EXIT_SUCCESS
                                                          : EXIT_FAILURE;
}
