/*
 * options.c - the options of a server that clients see in its responses:
 * cookie, CORS, header fields; and those that are refused, with a sentence.
 */
#include "serve.h"

#include <stdio.h>

static const char handshake[] = "/socket.io/?EIO=4&transport=polling";

static sio_header header(const char *name, const char *value) {
    sio_header field;
    field.name = sio_text_of(name);
    field.value = sio_text_of(value);
    return field;
}

/* One field of the response to a request on a connection of its own. */
static const char *field_of(sio_server server, const char *method,
                            const char *target, const char *headers,
                            const char *name, char *value, size_t capacity) {
    raw_stream stream;
    raw_response response;
    CHECK(raw_connect(&stream, NULL, serve_port(server)));
    if (!CHECK(raw_http(&stream, method, target, headers, NULL, 0, &response)))
        return "";
    raw_http_header(&response, name, value, capacity);
    raw_response_free(&response);
    raw_close(&stream);
    return value;
}

static sio_server listening(const sio_server_options *options) {
    sio_server server = serve_new(options);
    serve_listen(server);
    return server;
}

/* What is behind the id in the cookie of a handshake. */
static void attributes(const sio_cookie_options *cookie, const char *name,
                       const char *expected) {
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_server server;
    char value[256];
    size_t length = strlen(name);
    options.cookie = cookie;
    server = listening(&options);
    field_of(server, "GET", handshake, NULL, "set-cookie", value, sizeof value);
    if (CHECK(strlen(value) > length + 21)) {
        CHECK(strncmp(value, name, length) == 0 && value[length] == '=');
        CHECK_TEXT(value + length + 21, expected);
    }
    serve_destroy(server);
}

static void cookies(void) {
    sio_cookie_options cookie = SIO_COOKIE_OPTIONS_INIT;
    attributes(&cookie, "io", "; Path=/; HttpOnly; SameSite=Lax");
    cookie.flags = SIO_COOKIE_NOT_HTTP_ONLY;
    cookie.same_site = SIO_SAME_SITE_UNSET;
    attributes(&cookie, "io", "; Path=/");
    cookie.name = "lb";
    cookie.path = "/chat";
    cookie.domain = "example.com";
    cookie.expires = "Wed, 21 Oct 2026 07:28:00 GMT";
    cookie.priority = "high";
    cookie.flags =
        SIO_COOKIE_SECURE | SIO_COOKIE_PARTITIONED | SIO_COOKIE_HAS_MAX_AGE;
    cookie.same_site = SIO_SAME_SITE_NONE;
    cookie.max_age_s = 3600;
    attributes(&cookie, "lb",
               "; Max-Age=3600; Domain=example.com; Path=/chat; Expires=Wed, "
               "21 Oct 2026 07:28:00 GMT; HttpOnly; Secure; Partitioned; "
               "Priority=High; SameSite=None");
}

/* `word` is in the sentence about options that are refused. */
static void refused(const sio_server_options *options, const char *word) {
    sio_server server;
    CHECK_STATUS(sio_server_new(options, &server), SIO_E_ARGUMENT);
    if (!CHECK(strstr(sio_last_error(), word) != NULL))
        printf("    %s\n", sio_last_error());
}

static void refused_cookie(const sio_cookie_options *cookie, const char *word) {
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    options.cookie = cookie;
    refused(&options, word);
}

/* CVE-2024-47764: names, paths and domains that write other attributes. */
static void cve_2024_47764(void) {
    static const sio_cookie_options none = SIO_COOKIE_OPTIONS_INIT;
    sio_cookie_options cookie = none;
    cookie.name = "a;b";
    refused_cookie(&cookie, "name");
    cookie.name = "a\r\nSet-Cookie: b";
    refused_cookie(&cookie, "name");
    cookie.name = "";
    refused_cookie(&cookie, "name");
    cookie = none;
    cookie.path = "/; Domain=evil.example";
    refused_cookie(&cookie, "path");
    cookie.path = "/\r\nX: y";
    refused_cookie(&cookie, "path");
    cookie = none;
    cookie.domain = "a; Secure";
    refused_cookie(&cookie, "domain");
    cookie = none;
    cookie.expires = "never; Secure";
    refused_cookie(&cookie, "expires");
    cookie = none;
    cookie.priority = "urgent";
    refused_cookie(&cookie, "priority");
    cookie = none;
    cookie.same_site = 4;
    refused_cookie(&cookie, "same_site");
    cookie = none;
    cookie.flags = 1u << 31;
    refused_cookie(&cookie, "flags");
    cookie = none;
    cookie.same_site = SIO_SAME_SITE_NONE;
    refused_cookie(&cookie, "SameSite=None");
    cookie = none;
    cookie.struct_size = 0;
    refused_cookie(&cookie, "struct_size of cookie");
}

static void header_fields(void) {
    static const char *const refused_names[] = {"Content-Length", "upgrade",
                                                "CONTENT-TYPE", "Date"};
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_header all[2], first[1], bad[1];
    sio_server server;
    char value[64];
    size_t i;
    all[0] = header("X-One", "1");
    all[1] = header("X-Two", "2");
    first[0] = header("X-First", "yes");
    options.headers = all;
    options.header_count = 2;
    options.initial_headers = first;
    options.initial_header_count = 1;
    server = listening(&options);
    field_of(server, "GET", handshake, NULL, "x-two", value, sizeof value);
    CHECK_TEXT(value, "2");
    field_of(server, "GET", handshake, NULL, "x-first", value, sizeof value);
    CHECK_TEXT(value, "yes");
    field_of(server, "GET", "/socket.io/", NULL, "x-one", value, sizeof value);
    CHECK_TEXT(value, "1");
    field_of(server, "GET", "/socket.io/", NULL, "x-first", value,
             sizeof value);
    CHECK_TEXT(value, "");
    serve_destroy(server);

    options.headers = bad;
    options.header_count = 1;
    bad[0] = header("X-A", "1\r\nX-B: 2");
    refused(&options, "characters");
    bad[0] = header("X A", "1");
    refused(&options, "characters");
    for (i = 0; i < sizeof refused_names / sizeof refused_names[0]; i++) {
        bad[0] = header(refused_names[i], "1");
        refused(&options, refused_names[i]);
    }
    options.header_count = 0;
    options.initial_headers = bad;
    refused(&options, "written by the library");
    options.initial_headers = NULL;
    refused(&options, "initial_headers");
}

static void cors(void) {
    static const char *const origins[] = {"http://a.example"};
    static const char ask[] =
        "Origin: http://a.example\r\nAccess-Control-Request-Method: POST\r\n"
        "Access-Control-Request-Headers: x-asked\r\n";
    static const char *const expected[][2] = {
        {"access-control-allow-origin", "http://a.example"},
        {"access-control-allow-credentials", "true"},
        {"access-control-allow-methods", "GET,POST"},
        {"access-control-allow-headers", "X-Mine"},
        {"access-control-max-age", "600"},
        {"vary", "Origin"},
    };
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_server server;
    char value[128];
    size_t i;
    options.flags = SIO_SERVER_CORS_CREDENTIALS;
    options.cors_origins = origins;
    options.cors_origin_count = 1;
    options.cors_methods = "GET,POST";
    options.cors_allowed_headers = "X-Mine";
    options.cors_exposed_headers = "X-Seen, X-Other";
    options.cors_max_age_s = 600;
    server = listening(&options);
    for (i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        field_of(server, "OPTIONS", handshake, ask, expected[i][0], value,
                 sizeof value);
        CHECK_TEXT(value, expected[i][1]);
    }
    field_of(server, "GET", handshake, "Origin: http://a.example\r\n",
             "access-control-expose-headers", value, sizeof value);
    CHECK_TEXT(value, "X-Seen, X-Other");
    serve_destroy(server);

    options.cors_methods = "GET\r\nX: y";
    refused(&options, "methods");
    options.cors_methods = NULL;
    options.cors_exposed_headers = "a b";
    refused(&options, "exposed headers");
    options.cors_exposed_headers = NULL;
    options.flags = SIO_SERVER_NO_ORIGIN_CHECK;
    refused(&options, "SIO_SERVER_NO_ORIGIN_CHECK");
    options.cors_origin_count = 0;
    server = listening(&options);
    field_of(server, "GET", handshake, "Origin: http://evil.example\r\n",
             "content-type", value, sizeof value);
    CHECK_TEXT(value, "text/plain; charset=UTF-8");
    field_of(server, "GET", handshake, "Origin: http://evil.example\r\n",
             "access-control-allow-origin", value, sizeof value);
    CHECK_TEXT(value, "");
    serve_destroy(server);
}

/* A request for a WebSocket that the program does not answer. */
static void destroy_upgrade(void) {
    static const char upgrade[] =
        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    static const sio_bytes nothing = {NULL, 0};
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_server server;
    raw_stream stream;
    probe seen;
    int off;
    for (off = 0; off < 2; off++) {
        probe_init(&seen);
        options.flags = off ? SIO_SERVER_NO_DESTROY_UPGRADE : 0;
        options.destroy_upgrade_timeout_ms = 100;
        server = listening(&options);
        sio_server_on_http(server, probe_see, &seen, probe_release);
        CHECK(raw_connect(&stream, NULL, serve_port(server)));
        CHECK(raw_http_send(&stream, "GET", "/other", upgrade, NULL, 0));
        CHECK(probe_wait(&seen, 1));
        CHECK_NUMBER(raw_ended(&stream, off ? 300 : RAW_PATIENCE_MS), !off);
        CHECK_STATUS(
            sio_http_respond(probe_at(&seen, 0)->http, 200, NULL, 0, nothing),
            off ? SIO_OK : SIO_E_HANDLE);
        raw_close(&stream);
        serve_destroy(server);
        serve_released_once(&seen);
    }
}

int main(void) {
    cookies();
    cve_2024_47764();
    header_fields();
    cors();
    destroy_upgrade();
    return check_total();
}
