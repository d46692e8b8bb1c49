/*
 * server.c - the server that the conformance tests talk to.
 *
 *     server [--option value]...        the options are those of options.h
 *
 * Prints "ready" with the port, and before it, with --bare 1, "bare" with that
 * of a second server; then a line for each connection and its end
 * (report.h), and ends when stdin does. What it does with events is in
 * handlers.c, what it does with other requests in control.c.
 */
#include "control.h"
#include "handlers.h"
#include "hooks.h"
#include "options.h"
#include "report.h"

#include <stdio.h>
#include <stdlib.h>

static void must(sio_status status, const char *what) {
    if (status == SIO_OK) return;
    fprintf(stderr, "server: %s: %s: %s\n", what, sio_status_name(status),
            sio_last_error());
    exit(1);
}

static void on_log(const sio_event *event, void *context) {
    (void)context;
    fprintf(stderr, "%d %.*s\n", (int)event->level, (int)event->reason.length,
            event->reason.data);
}

static int port_of(sio_server io, const sio_listen_options *listening) {
    sio_address address;
    must(sio_server_listen(io, "127.0.0.1", 0, listening), "listen");
    must(sio_server_address(io, 0, &address), "address");
    return (int)address.port;
}

/* A server beside the other one, whose program knows no requests but those for
 * files. */
static void start_bare(const options *o, sio_server *io) {
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    char port[16];
    options.runtime = o->server.runtime;
    must(sio_server_new(&options, io), "bare server");
    must(options_serve_files(o, *io), "files");
    snprintf(port, sizeof port, "%d", port_of(*io, NULL));
    report("bare", sio_text_of(""), port, sio_text_of(""));
}

int main(int argc, char **argv) {
    sio_listen_options listening = SIO_LISTEN_OPTIONS_INIT;
    options o;
    sio_server io, bare;
    char port[16];

    if (!options_read(&o, argc, argv)) return 2;
    must(sio_runtime_new(&o.runtime, &o.server.runtime), "runtime");
    must(
        sio_runtime_on_log(o.server.runtime, SIO_LOG_ERROR, on_log, NULL, NULL),
        "log");
    must(sio_server_new(&o.server, &io), "server");
    must(handlers_install(io), "handlers");
    must(control_install(io), "control");
    must(options_serve_files(&o, io), "files");
    if (o.hooks) must(hooks_install(io), "hooks");
    if (o.tls.certificate_file != NULL) listening.tls = &o.tls;
    if (o.bare) start_bare(&o, &bare);
    snprintf(port, sizeof port, "%d", port_of(io, &listening));
    report("ready", sio_text_of(""), port, sio_text_of(""));

    while (getchar() != EOF) continue;
    must(sio_server_close(io), "close");
    must(sio_server_wait(io), "wait");
    control_report_counts(io);
    must(sio_server_destroy(io), "destroy");
    if (o.bare) must(sio_server_destroy(bare), "bare destroy");
    must(sio_runtime_destroy(o.server.runtime), "runtime destroy");
    return 0;
}
