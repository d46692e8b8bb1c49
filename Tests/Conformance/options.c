#include "options.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct number_option {
    const char *name;
    uint32_t *value;
} number_option;

static int add_origin(options *o, const char *origin) {
    if (o->server.cors_origin_count == OPTIONS_ORIGINS) return 0;
    o->origins[o->server.cors_origin_count++] = origin;
    return 1;
}

static int set(options *o, const char *name, const char *value) {
    const number_option numbers[] = {
        {"--threads", &o->runtime.threads},
        {"--flags", &o->server.flags},
        {"--transports", &o->server.transports},
        {"--ping-interval", &o->server.ping_interval_ms},
        {"--ping-timeout", &o->server.ping_timeout_ms},
        {"--upgrade-timeout", &o->server.upgrade_timeout_ms},
        {"--connect-timeout", &o->server.connect_timeout_ms},
        {"--max-buffer", &o->server.max_http_buffer_size},
        {"--max-buffered-bytes", &o->server.max_buffered_bytes},
        {"--max-attachments", &o->server.max_attachments},
    };
    size_t i;
    for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (strcmp(name, numbers[i].name) != 0) continue;
        *numbers[i].value = (uint32_t)strtoul(value, NULL, 10);
        return 1;
    }
    if (strcmp(name, "--path") == 0) return (o->server.path = value) != NULL;
    if (strcmp(name, "--origin") == 0) return add_origin(o, value);
    return 0;
}

int options_read(options *o, int argc, char **argv) {
    static const sio_runtime_options runtime = SIO_RUNTIME_OPTIONS_INIT;
    static const sio_server_options server = SIO_SERVER_OPTIONS_INIT;
    int i;
    o->runtime = runtime;
    o->server = server;
    o->server.cors_origins = o->origins;
    for (i = 1; i < argc; i += 2) {
        if (i + 1 < argc && set(o, argv[i], argv[i + 1])) continue;
        fprintf(stderr, "server: bad option %s\n", argv[i]);
        return 0;
    }
    return 1;
}
