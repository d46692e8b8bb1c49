#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: server [--port N] [--transport polling|websocket] [--no-upgrades]\n"
    "  [--ping-interval MS] [--ping-timeout MS] [--upgrade-timeout MS]\n"
    "  [--connect-timeout MS] [--max-size BYTES] [--max-attachments N]\n"
    "  [--max-packets N] [--path PATH] [--origin ORIGIN]... [--credentials]\n"
    "  [--client FILE] [--parser default|msgpack] [--tls PEM]\n"
    "  [--cookie NAME] [--door] [--no-trailing-slash] [--no-eio3]\n"
    "  [--deflate] [--deflate-threshold BYTES] [--server-window BITS]\n"
    "  [--client-window BITS] [--server-no-takeover] [--client-no-takeover]\n";

static void refuse(const char *argument) {
    fprintf(stderr, "server: what is '%s'?\n%s", argument, usage);
    exit(2);
}

static uint32_t transport(const char *name) {
    if (strcmp(name, "polling") == 0) return SIO_TRANSPORT_POLLING;
    if (strcmp(name, "websocket") == 0) return SIO_TRANSPORT_WEBSOCKET;
    refuse(name);
    return 0;
}

static uint32_t parser(const char *name) {
    if (strcmp(name, "default") == 0) return SIO_PARSER_DEFAULT;
    if (strcmp(name, "msgpack") == 0) return SIO_PARSER_MSGPACK;
    refuse(name);
    return 0;
}

/* Where an option with a number is kept, or NULL. */
static uint32_t *number(options *o, const char *name) {
    sio_server_options *s = &o->server;
    sio_deflate_options *d = &o->deflate;
    if (strcmp(name, "--deflate-threshold") == 0) return &d->threshold;
    if (strcmp(name, "--server-window") == 0) return &d->server_max_window_bits;
    if (strcmp(name, "--client-window") == 0) return &d->client_max_window_bits;
    if (strcmp(name, "--ping-interval") == 0) return &s->ping_interval_ms;
    if (strcmp(name, "--ping-timeout") == 0) return &s->ping_timeout_ms;
    if (strcmp(name, "--upgrade-timeout") == 0) return &s->upgrade_timeout_ms;
    if (strcmp(name, "--connect-timeout") == 0) return &s->connect_timeout_ms;
    if (strcmp(name, "--max-size") == 0) return &s->max_http_buffer_size;
    if (strcmp(name, "--max-attachments") == 0) return &s->max_attachments;
    if (strcmp(name, "--max-packets") == 0) return &s->max_packets_per_poll;
    return NULL;
}

static int flag(options *o, const char *name) {
    sio_server_options *s = &o->server;
    sio_deflate_options *d = &o->deflate;
    if (strcmp(name, "--no-upgrades") == 0)
        s->flags |= SIO_SERVER_NO_UPGRADES;
    else if (strcmp(name, "--no-trailing-slash") == 0)
        s->flags |= SIO_SERVER_NO_TRAILING_SLASH;
    else if (strcmp(name, "--no-eio3") == 0)
        s->flags |= SIO_SERVER_NO_EIO3;
    else if (strcmp(name, "--door") == 0)
        o->door = 1;
    else if (strcmp(name, "--credentials") == 0)
        s->flags |= SIO_SERVER_CORS_CREDENTIALS;
    else if (strcmp(name, "--deflate") == 0)
        s->per_message_deflate = d;
    else if (strcmp(name, "--server-no-takeover") == 0)
        d->flags |= SIO_DEFLATE_SERVER_NO_CONTEXT_TAKEOVER;
    else if (strcmp(name, "--client-no-takeover") == 0)
        d->flags |= SIO_DEFLATE_CLIENT_NO_CONTEXT_TAKEOVER;
    else
        return 0;
    return 1;
}

void options_read(options *o, int argc, char **argv) {
    const sio_server_options defaults = SIO_SERVER_OPTIONS_INIT;
    const sio_deflate_options deflate = SIO_DEFLATE_OPTIONS_INIT;
    const sio_listen_options listen = SIO_LISTEN_OPTIONS_INIT;
    const sio_tls_options tls = SIO_TLS_OPTIONS_INIT;
    const sio_cookie_options cookie = SIO_COOKIE_OPTIONS_INIT;
    int i;
    memset(o, 0, sizeof *o);
    o->server = defaults;
    o->deflate = deflate;
    o->listen = listen;
    o->tls = tls;
    o->cookie = cookie;
    for (i = 1; i < argc; i++) {
        const char *name = argv[i];
        const char *value = argv[i + 1];
        uint32_t *field = number(o, name);
        if (flag(o, name)) continue;
        if (value == NULL) refuse(name);
        i++;
        if (field != NULL)
            *field = (uint32_t)strtoul(value, NULL, 10);
        else if (strcmp(name, "--port") == 0)
            o->port = atoi(value);
        else if (strcmp(name, "--path") == 0)
            o->server.path = value;
        else if (strcmp(name, "--client") == 0)
            o->client = value;
        else if (strcmp(name, "--cookie") == 0)
            o->cookie.name = value;
        else if (strcmp(name, "--tls") == 0) {
            o->tls.certificate_file = value;
            o->listen.tls = &o->tls;
        } else if (strcmp(name, "--parser") == 0)
            o->server.parser = parser(value);
        else if (strcmp(name, "--transport") == 0)
            o->server.transports |= transport(value);
        else if (strcmp(name, "--origin") == 0 &&
                 o->server.cors_origin_count < OPTIONS_ORIGINS)
            o->origins[o->server.cors_origin_count++] = value;
        else
            refuse(name);
    }
    if (o->cookie.name != NULL) o->server.cookie = &o->cookie;
    o->server.cors_origins = o->origins;
}
