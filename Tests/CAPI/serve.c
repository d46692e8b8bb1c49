#include "serve.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

sio_server serve_new(const sio_server_options *options) {
    sio_server server;
    server.id = 0;
    REQUIRE(sio_server_new(options, &server) == SIO_OK);
    return server;
}

int serve_listen(sio_server server) {
    sio_status status = sio_server_listen(server, "127.0.0.1", 0, NULL);
    if (!CHECK_STATUS(status, SIO_OK)) check_give_up();
    return serve_port(server);
}

int serve_port(sio_server server) {
    sio_address address;
    REQUIRE(sio_server_address(server, 0, &address) == SIO_OK);
    return address.port;
}

void serve_echo(const sio_event *event, void *context) {
    sio_emit_options options = SIO_EMIT_OPTIONS_INIT;
    (void)context;
    options.attachments = event->attachments;
    options.attachment_count = event->attachment_count;
    if (event->ack.id != 0)
        sio_reply(event->ack, event->args, &options);
    else
        sio_emit(event->socket, event->name.data, event->args, &options);
}

void serve_echo_on(sio_server server) {
    CHECK_STATUS(sio_server_on_any(server, "/", serve_echo, NULL, NULL),
                 SIO_OK);
}

int serve_settled(sio_socket socket, raw_client *client) {
    return sio_emit(socket, "settled", no_args(), NULL) == SIO_OK &&
           raw_expect(client, "42[\"settled\"]");
}

int serve_writable(sio_socket socket) {
    long long limit = raw_now_ms() + RAW_PATIENCE_MS;
    int32_t writable = 0;
    while (sio_socket_writable(socket, &writable) == SIO_OK && !writable &&
           raw_now_ms() < limit)
        raw_sleep_ms(1);
    return writable;
}

sio_counts serve_counts(sio_server server) {
    sio_counts counts;
    memset(&counts, 0xff, sizeof counts);
    sio_server_counts(server, sizeof counts, &counts);
    return counts;
}

int serve_idle(sio_server server) {
    static sio_counts zero;
    long long limit = raw_now_ms() + RAW_PATIENCE_MS;
    sio_counts counts = serve_counts(server);
    while (memcmp(&counts, &zero, sizeof zero) != 0 && raw_now_ms() < limit) {
        raw_sleep_ms(5);
        counts = serve_counts(server);
    }
    if (memcmp(&counts, &zero, sizeof zero) == 0) return 1;
    printf("  alive: %llu connections, %llu sessions, %llu sockets, %llu room "
           "entries,\n  %llu pending acks, %llu pending replies, %llu buffered "
           "bytes, %llu queued events\n",
           (unsigned long long)counts.connections,
           (unsigned long long)counts.sessions,
           (unsigned long long)counts.sockets,
           (unsigned long long)counts.room_entries,
           (unsigned long long)counts.pending_acks,
           (unsigned long long)counts.pending_replies,
           (unsigned long long)counts.buffered_bytes,
           (unsigned long long)counts.queued_events);
    return 0;
}

void serve_destroy(sio_server server) {
    CHECK_STATUS(sio_server_destroy(server), SIO_OK);
}

void serve_released_once(probe *p) {
    probe_wait_released(p, 1);
    CHECK_NUMBER(probe_releases(p), 1);
}

void serve_hide_inherited(void) {
    int fd;
    for (fd = 3; fd < 1024; fd++) fcntl(fd, F_SETFD, FD_CLOEXEC);
}
