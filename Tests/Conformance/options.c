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

/* "Name: value". */
static int add_header(sio_header *headers, size_t *count, const char *line) {
    const char *colon = strstr(line, ": ");
    if (colon == NULL || *count == OPTIONS_HEADERS) return 0;
    headers[*count].name.data = line;
    headers[*count].name.length = (size_t)(colon - line);
    headers[(*count)++].value = sio_text_of(colon + 2);
    return 1;
}

typedef struct text_option {
    const char *name;
    const char **value;
} text_option;

static int set_text(options *o, const char *name, const char *value) {
    const text_option texts[] = {
        {"--path", &o->server.path},
        {"--cors-methods", &o->server.cors_methods},
        {"--cors-allowed-headers", &o->server.cors_allowed_headers},
        {"--cors-exposed-headers", &o->server.cors_exposed_headers},
        {"--cookie", &o->cookie.name},
        {"--cookie-path", &o->cookie.path},
        {"--cookie-domain", &o->cookie.domain},
        {"--cookie-expires", &o->cookie.expires},
        {"--cookie-priority", &o->cookie.priority},
        {"--client", &o->client},
        {"--certificate", &o->tls.certificate_file},
        {"--key", &o->tls.key_file},
    };
    size_t i;
    for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (strcmp(name, texts[i].name) != 0) continue;
        *texts[i].value = value;
        if (texts[i].value == &o->cookie.name) o->server.cookie = &o->cookie;
        return 1;
    }
    return 0;
}

static int add_files(options *o, const char *files) {
    if (o->file_count == OPTIONS_FILES) return 0;
    o->files[o->file_count++] = files;
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
        {"--parser", &o->server.parser},
        {"--hooks", &o->hooks},
        {"--bare", &o->bare},
        {"--cookie-flags", &o->cookie.flags},
        {"--cookie-same-site", &o->cookie.same_site},
        {"--cors-max-age", &o->server.cors_max_age_s},
        {"--destroy-upgrade-timeout", &o->server.destroy_upgrade_timeout_ms},
        {"--compression-threshold", &o->server.http_compression_threshold},
        {"--deflate-threshold", &o->deflate.threshold},
        {"--server-window", &o->deflate.server_max_window_bits},
        {"--client-window", &o->deflate.client_max_window_bits},
    };
    size_t i;
    for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (strcmp(name, numbers[i].name) != 0) continue;
        *numbers[i].value = (uint32_t)strtoul(value, NULL, 10);
        return 1;
    }
    if (strcmp(name, "--deflate") == 0) {
        o->deflate.flags = (uint32_t)strtoul(value, NULL, 10);
        o->server.per_message_deflate = &o->deflate;
        return 1;
    }
    if (strcmp(name, "--recovery") == 0) {
        o->recovery.max_disconnection_ms = (uint32_t)strtoul(value, NULL, 10);
        o->server.connection_state_recovery = &o->recovery;
        return 1;
    }
    if (strcmp(name, "--cookie-max-age") == 0) {
        o->cookie.max_age_s = strtoll(value, NULL, 10);
        return 1;
    }
    if (strcmp(name, "--origin") == 0) return add_origin(o, value);
    if (strcmp(name, "--header") == 0)
        return add_header(o->headers, &o->server.header_count, value);
    if (strcmp(name, "--initial-header") == 0)
        return add_header(o->initial_headers, &o->server.initial_header_count,
                          value);
    if (strcmp(name, "--files") == 0) return add_files(o, value);
    return set_text(o, name, value);
}

int options_read(options *o, int argc, char **argv) {
    static const sio_runtime_options runtime = SIO_RUNTIME_OPTIONS_INIT;
    static const sio_server_options server = SIO_SERVER_OPTIONS_INIT;
    static const sio_cookie_options cookie = SIO_COOKIE_OPTIONS_INIT;
    static const sio_deflate_options deflate = SIO_DEFLATE_OPTIONS_INIT;
    static const sio_recovery_options recovery = SIO_RECOVERY_OPTIONS_INIT;
    static const sio_tls_options tls = SIO_TLS_OPTIONS_INIT;
    int i;
    o->runtime = runtime;
    o->server = server;
    o->cookie = cookie;
    o->deflate = deflate;
    o->recovery = recovery;
    o->tls = tls;
    o->server.cors_origins = o->origins;
    o->server.headers = o->headers;
    o->server.initial_headers = o->initial_headers;
    o->file_count = 0;
    o->client = NULL;
    o->hooks = 0;
    o->bare = 0;
    for (i = 1; i < argc; i += 2) {
        if (i + 1 < argc && set(o, argv[i], argv[i + 1])) continue;
        fprintf(stderr, "server: bad option %s\n", argv[i]);
        return 0;
    }
    return 1;
}

sio_status options_serve_files(const options *o, sio_server io) {
    static const char hidden[] = "hidden:";
    size_t i;
    for (i = 0; i < o->file_count; i++) {
        sio_files_options files = SIO_FILES_OPTIONS_INIT;
        const char *prefix = o->files[i], *path = strchr(prefix, '=');
        char copy[256];
        sio_status status;
        if (strncmp(prefix, hidden, sizeof hidden - 1) == 0) {
            files.flags = SIO_FILES_HIDDEN;
            prefix += sizeof hidden - 1;
        }
        if (path == NULL) return SIO_E_ARGUMENT;
        snprintf(copy, sizeof copy, "%.*s", (int)(path - prefix), prefix);
        status = sio_server_serve_files(io, copy, path + 1, &files);
        if (status != SIO_OK) return status;
    }
    return sio_server_serve_client(io, o->client);
}
