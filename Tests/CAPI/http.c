/*
 * http.c - requests outside the Socket.IO path, and the handler that responds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "serve.h"

static sio_bytes bytes_of(const char *string) {
    sio_bytes bytes;
    bytes.data = string;
    bytes.length = strlen(string);
    return bytes;
}

static sio_header header(const char *name, const char *value) {
    sio_header it;
    it.name = sio_text_of(name);
    it.value = sio_text_of(value);
    return it;
}

/* Responds with the target and the body as they came. */
static void respond(const sio_event *event, void *context) {
    char body[4096];
    sio_header type = header("Content-Type", "text/plain");
    if (context != NULL) probe_see(event, context);
    snprintf(body, sizeof body, "%s %s %.*s", event->method.data,
             event->target.data, (int)event->body.length,
             event->body.length > 0 ? (const char *)event->body.data : "");
    CHECK_STATUS(sio_http_respond(event->http, 200, &type, 1, bytes_of(body)),
                 SIO_OK);
}

static int port;

static sio_server begin(const sio_server_options *options, sio_event_fn fn,
                        void *context) {
    sio_server server = serve_new(options);
    if (fn != NULL)
        CHECK_STATUS(sio_server_on_http(server, fn, context, NULL), SIO_OK);
    port = serve_listen(server);
    return server;
}

static void end(sio_server server, raw_stream *stream) {
    raw_close(stream);
    CHECK(serve_idle(server));
    serve_destroy(server);
}

static void responds(void) {
    sio_server server = begin(NULL, respond, NULL);
    raw_response response;
    raw_stream stream;
    char value[64];
    CHECK(raw_connect(&stream, NULL, port));
    CHECK(raw_http(&stream, "GET", "/a%20b?c=1", NULL, NULL, 0, &response));
    CHECK_NUMBER(response.status, 200);
    CHECK_TEXT(response.body, "GET /a%20b?c=1 ");
    CHECK_TEXT(raw_http_header(&response, "content-type", value, 64),
               "text/plain");
    CHECK(raw_http_header(&response, "date", value, 64)[0] != '\0');
    raw_response_free(&response);
    /* On the same connection: */
    CHECK(raw_http(&stream, "POST", "/p", NULL, "body", 4, &response));
    CHECK_TEXT(response.body, "POST /p body");
    raw_response_free(&response);
    CHECK(raw_http(&stream, "DELETE", "/d", NULL, NULL, 0, &response));
    CHECK_TEXT(response.body, "DELETE /d ");
    raw_response_free(&response);
    end(server, &stream);
}

static void chunked_body(void) {
    sio_server server = begin(NULL, respond, NULL);
    static const char request[] =
        "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    raw_response response;
    raw_stream stream;
    CHECK(raw_connect(&stream, NULL, port));
    CHECK(raw_write(&stream, request, sizeof request - 1));
    CHECK(raw_http_receive(&stream, 0, &response));
    CHECK_TEXT(response.body, "POST /c abcde");
    raw_response_free(&response);
    end(server, &stream);
}

static void head(void) {
    sio_server server = begin(NULL, respond, NULL);
    raw_response response;
    raw_stream stream;
    char value[64];
    CHECK(raw_connect(&stream, NULL, port));
    CHECK(raw_http(&stream, "HEAD", "/h", NULL, NULL, 0, &response));
    CHECK_NUMBER(response.status, 200);
    CHECK_TEXT(raw_http_header(&response, "content-length", value, 64), "8");
    raw_response_free(&response);
    CHECK(raw_http(&stream, "GET", "/g", NULL, NULL, 0, &response));
    CHECK_TEXT(response.body, "GET /g "); /* nothing came in between */
    raw_response_free(&response);
    end(server, &stream);
}

static void nobody_responds(void) {
    sio_server server = begin(NULL, NULL, NULL);
    raw_response response;
    raw_stream stream;
    CHECK(raw_connect(&stream, NULL, port));
    CHECK(raw_http(&stream, "GET", "/", NULL, NULL, 0, &response));
    CHECK_NUMBER(response.status, 404);
    raw_response_free(&response);
    CHECK(raw_http(&stream, "GET", "/socket.io", NULL, NULL, 0, &response));
    CHECK_NUMBER(response.status, 404);
    raw_response_free(&response);
    CHECK(raw_http(&stream, "GET", "/socket.io/?EIO=4&transport=nope", NULL,
                   NULL, 0, &response));
    CHECK_NUMBER(response.status, 400);
    CHECK_TEXT(response.body, "{\"code\":0,\"message\":\"Transport unknown\"}");
    raw_response_free(&response);
    end(server, &stream);
}

static void replaced(void) {
    sio_server server = begin(NULL, NULL, NULL);
    raw_response response;
    raw_stream stream;
    probe first;
    probe_init(&first);
    CHECK_STATUS(sio_server_on_http(server, probe_see, &first, probe_release),
                 SIO_OK);
    CHECK_STATUS(sio_server_on_http(server, respond, NULL, NULL), SIO_OK);
    serve_released_once(&first);
    CHECK(raw_connect(&stream, NULL, port));
    CHECK(raw_http(&stream, "GET", "/", NULL, NULL, 0, &response));
    CHECK_NUMBER(response.status, 200);
    raw_response_free(&response);
    end(server, &stream);
    CHECK_NUMBER(probe_calls(&first), 0);
    CHECK_NUMBER(probe_releases(&first), 1);
}

static void headers_of_the_request(const sio_event *event, void *context) {
    size_t i;
    char found[64] = "";
    (void)context;
    for (i = 0; i < event->header_count; i++)
        if (strcasecmp(event->headers[i].name.data, "x-thing") == 0)
            snprintf(found, sizeof found, "%s", event->headers[i].value.data);
    sio_http_respond(event->http, 201, NULL, 0, bytes_of(found));
}

static void request_headers(void) {
    sio_server server = begin(NULL, headers_of_the_request, NULL);
    raw_response response;
    raw_stream stream;
    CHECK(raw_connect(&stream, NULL, port));
    CHECK(
        raw_http(&stream, "GET", "/", "X-Thing: one\r\n", NULL, 0, &response));
    CHECK_NUMBER(response.status, 201);
    CHECK_TEXT(response.body, "one");
    raw_response_free(&response);
    end(server, &stream);
}

static void too_large(int chunked) {
    static char body[3000];
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_server server;
    raw_response response;
    raw_stream stream;
    probe seen;
    probe_init(&seen);
    options.max_http_buffer_size = 2000;
    server = begin(&options, respond, &seen);
    memset(body, 'x', sizeof body);
    CHECK(raw_connect(&stream, NULL, port));
    CHECK(raw_http(&stream, "POST", "/", NULL, body, 2000, &response));
    CHECK_NUMBER(response.status, 200);
    raw_response_free(&response);
    if (chunked) {
        static const char request[] =
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            "bb8\r\n";
        CHECK(raw_write(&stream, request, sizeof request - 1));
        raw_write(&stream, body, 3000);
        raw_write(&stream, "\r\n0\r\n\r\n", 7);
        CHECK(raw_http_receive(&stream, 0, &response));
    } else {
        CHECK(raw_http(&stream, "POST", "/", NULL, body, 2001, &response));
    }
    CHECK_NUMBER(response.status, 413);
    raw_response_free(&response);
    end(server, &stream);
    CHECK_NUMBER(probe_calls(&seen), 1);
}

/* Header fields that would write another response are refused, and the request
 * stays open. */
static void inject(const sio_event *event, void *context) {
    static const char with_nul[] = "a\0b";
    sio_header fields[8];
    size_t i;
    fields[0] = header("X-A\r\nX-B", "1");
    fields[1] = header("X-A", "1\r\nX-B: 2");
    fields[2] = header("X-A", "1\nX-B: 2");
    fields[3] = header("X-A", "1\r");
    fields[4] = header("X A", "1");
    fields[5] = header("", "1");
    fields[6] = header("X-A:", "1");
    fields[7] = header("X-A", "");
    fields[7].value.data = with_nul;
    fields[7].value.length = sizeof with_nul - 1;
    for (i = 0; i < 8; i++)
        CHECK_STATUS(
            sio_http_respond(event->http, 200, &fields[i], 1, bytes_of("x")),
            SIO_E_ARGUMENT);
    CHECK_STATUS(sio_http_respond(event->http, 200, NULL, 0, bytes_of("ok")),
                 SIO_OK);
    CHECK_STATUS(sio_http_respond(event->http, 200, NULL, 0, bytes_of("no")),
                 SIO_E_HANDLE);
    probe_see(event, context);
}

static void injected(void) {
    probe seen;
    raw_response response;
    raw_stream stream;
    sio_server server;
    char value[64];
    probe_init(&seen);
    server = begin(NULL, inject, &seen);
    CHECK(raw_connect(&stream, NULL, port));
    CHECK(raw_http(&stream, "GET", "/", NULL, NULL, 0, &response));
    CHECK_TEXT(response.body, "ok");
    CHECK_TEXT(raw_http_header(&response, "x-b", value, 64), "");
    raw_response_free(&response);
    end(server, &stream);
}

/* Three requests in one write; the first is responded to last, from another
 * thread. The responses come in the order of the requests. */
static void pipelined(void) {
    static const char three[] =
        "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n"
        "GET /3 HTTP/1.1\r\nHost: x\r\n\r\n";
    sio_server server;
    raw_stream stream;
    raw_response response;
    probe seen;
    int i;
    probe_init(&seen);
    server = begin(NULL, probe_see, &seen);
    CHECK(raw_connect(&stream, NULL, port));
    CHECK(raw_write(&stream, three, sizeof three - 1));
    for (i = 0; i < 3; i++) {
        char target[8];
        const probe_event *event = probe_at(&seen, i);
        snprintf(target, sizeof target, "/%d", i + 1);
        CHECK_TEXT(event->target, target);
        raw_sleep_ms(20);
        CHECK_STATUS(sio_http_respond(event->http, 200, NULL, 0,
                                      bytes_of(event->target)),
                     SIO_OK);
    }
    for (i = 0; i < 3; i++) {
        char target[8];
        snprintf(target, sizeof target, "/%d", i + 1);
        CHECK(raw_http_receive(&stream, 0, &response));
        CHECK_TEXT(response.body, target);
        raw_response_free(&response);
    }
    end(server, &stream);
}

static void *respond_later(void *context) {
    raw_sleep_ms(100);
    CHECK_STATUS(sio_http_respond(*(sio_http_request *)context, 503, NULL, 0,
                                  bytes_of("later")),
                 SIO_OK);
    return NULL;
}

static void from_another_thread(void) {
    sio_server server;
    raw_stream stream;
    raw_response response;
    pthread_t thread;
    sio_http_request request;
    probe seen;
    probe_init(&seen);
    server = begin(NULL, probe_see, &seen);
    CHECK(raw_connect(&stream, NULL, port));
    CHECK(raw_http_send(&stream, "GET", "/", NULL, NULL, 0));
    request = probe_at(&seen, 0)->http;
    pthread_create(&thread, NULL, respond_later, &request);
    CHECK(raw_http_receive(&stream, 0, &response));
    CHECK_NUMBER(response.status, 503);
    CHECK_TEXT(response.body, "later");
    raw_response_free(&response);
    pthread_join(thread, NULL);
    end(server, &stream);
}

static void client_gone(void) {
    sio_server server;
    raw_stream stream;
    probe seen;
    probe_init(&seen);
    server = begin(NULL, probe_see, &seen);
    CHECK(raw_connect(&stream, NULL, port));
    CHECK(raw_http_send(&stream, "GET", "/", NULL, NULL, 0));
    CHECK(probe_wait(&seen, 1));
    raw_reset(&stream);
    CHECK(serve_idle(server));
    CHECK_STATUS(sio_http_respond(probe_at(&seen, 0)->http, 200, NULL, 0,
                                  bytes_of("late")),
                 SIO_E_HANDLE);
    end(server, &stream);
}

/* Never responded to, when the server ends. */
static void never_responded(void) {
    sio_server server;
    raw_stream stream;
    probe seen;
    probe_init(&seen);
    server = begin(NULL, probe_see, &seen);
    CHECK(raw_connect(&stream, NULL, port));
    CHECK(raw_http_send(&stream, "GET", "/", NULL, NULL, 0));
    CHECK(probe_wait(&seen, 1));
    serve_destroy(server);
    CHECK_STATUS(sio_http_respond(probe_at(&seen, 0)->http, 200, NULL, 0,
                                  bytes_of("late")),
                 SIO_E_HANDLE);
    CHECK(raw_ended(&stream, RAW_PATIENCE_MS));
    raw_close(&stream);
}

static void closing_client(void) {
    sio_server server = begin(NULL, respond, NULL);
    raw_stream stream;
    raw_response response;
    CHECK(raw_connect(&stream, NULL, port));
    CHECK(raw_http(&stream, "GET", "/", "Connection: close\r\n", NULL, 0,
                   &response));
    CHECK_NUMBER(response.status, 200);
    raw_response_free(&response);
    CHECK(raw_ended(&stream, RAW_PATIENCE_MS));
    end(server, &stream);
}

enum {
    LARGE = 20000000
}; /* more than the system buffers */

/* Written whole, in a client's own time. */
static void large_response(const sio_event *event, void *context) {
    sio_bytes body;
    body.data = context;
    body.length = LARGE;
    CHECK_STATUS(sio_http_respond(event->http, 200, NULL, 0, body), SIO_OK);
}

/* Also when the connection ends behind it, and the client takes longer than the
 * two seconds for which the server then lingers. */
static void large(const char *headers, int pause_ms) {
    char *body = (char *)malloc(LARGE);
    sio_server server;
    raw_stream stream;
    raw_response response;
    memset(body, 'y', LARGE);
    server = begin(NULL, large_response, body);
    CHECK(raw_connect(&stream, NULL, port));
    CHECK(raw_http_send(&stream, "GET", "/", headers, NULL, 0));
    raw_sleep_ms(pause_ms);
    CHECK(raw_http_receive(&stream, 0, &response));
    CHECK_NUMBER(response.length, LARGE);
    CHECK(response.length == LARGE && memcmp(response.body, body, LARGE) == 0);
    raw_response_free(&response);
    end(server, &stream);
    free(body);
}

/* What is not HTTP gets no service, and does not stay. */
static void nonsense(const char *bytes) {
    sio_server server = begin(NULL, respond, NULL);
    raw_stream stream;
    CHECK(raw_connect(&stream, NULL, port));
    CHECK(raw_write(&stream, bytes, strlen(bytes)));
    CHECK(raw_ended(&stream, RAW_PATIENCE_MS));
    end(server, &stream);
}

int main(void) {
    responds();
    chunked_body();
    head();
    nobody_responds();
    replaced();
    request_headers();
    too_large(0);
    too_large(1);
    injected();
    pipelined();
    from_another_thread();
    client_gone();
    never_responded();
    closing_client();
    large(NULL, 50);
    large("Connection: close\r\n", 2500);
    nonsense("nonsense\r\n\r\n");
    nonsense("GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n");
    return check_total();
}
