/*
 * hooks.c - functions that are asked about Socket.IO's own requests: all ways
 * in, all answers, now and later, inline and queued.
 */
#include <stdio.h>
#include <stdlib.h>

#include "serve.h"

static const char polling[] = "/socket.io/?EIO=4&transport=polling";
static const char websocket[] = "/socket.io/?EIO=4&transport=websocket";
static const char foreign[] = "Origin: http://evil.example\r\n";
static const char upgrade[] =
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
static const char bad_request[] = "{\"code\":3,\"message\":\"Bad request\"}";

typedef sio_status (*registration)(sio_server, sio_event_fn, void *,
                                   sio_release_fn);

static sio_server begin(registration function, sio_event_fn fn, void *context) {
    sio_server server = serve_new(NULL);
    CHECK_STATUS(function(server, fn, context, probe_release), SIO_OK);
    serve_listen(server);
    return server;
}

static void end(sio_server server, probe *seen) {
    serve_destroy(server);
    serve_released_once(seen);
}

/* The status of a request on a connection of its own, and its body. */
static void answered(sio_server server, const char *method, const char *target,
                     const char *headers, int status, const char *body) {
    raw_stream stream;
    raw_response response;
    CHECK(raw_connect(&stream, NULL, serve_port(server)));
    if (CHECK(raw_http(&stream, method, target, headers, NULL, 0, &response))) {
        CHECK_NUMBER(response.status, status);
        if (body != NULL) CHECK_TEXT(response.body, body);
        raw_response_free(&response);
    }
    raw_close(&stream);
}

static void refuse(const sio_event *event, void *context) {
    /* Before the answer, which the test waits for. */
    probe_see(event, context);
    CHECK_STATUS(sio_http_refuse(event->http, "not you"), SIO_OK);
    CHECK_STATUS(sio_http_next(event->http), SIO_E_HANDLE);
}

static void refused(void) {
    sio_server server;
    probe seen;
    probe_init(&seen);
    server = begin(sio_server_use_engine, refuse, &seen);
    answered(server, "GET", polling, NULL, 400, bad_request);
    answered(server, "GET", "/socket.io/", NULL, 400, bad_request);
    answered(server, "GET", websocket, upgrade, 400, "Bad request");
    answered(server, "GET", "/elsewhere", NULL, 404, NULL);
    CHECK_NUMBER(probe_calls(&seen), 3);
    CHECK_NUMBER(probe_at(&seen, 0)->kind, SIO_EVENT_ENGINE_REQUEST);
    CHECK_TEXT(probe_at(&seen, 0)->method, "GET");
    CHECK_TEXT(probe_at(&seen, 0)->target, polling);
    end(server, &seen);

    probe_init(&seen);
    server = begin(sio_server_on_handshake, refuse, &seen);
    answered(server, "GET", polling, NULL, 403,
             "{\"code\":4,\"message\":\"not you\"}");
    answered(server, "GET", websocket, upgrade, 400, "not you");
    answered(server, "GET", "/socket.io/", NULL, 400, NULL);
    CHECK_NUMBER(probe_calls(&seen), 2);
    CHECK_NUMBER(probe_at(&seen, 0)->kind, SIO_EVENT_HANDSHAKE_REQUEST);
    end(server, &seen);

    probe_init(&seen);
    server = begin(sio_server_on_origin, refuse, &seen);
    answered(server, "GET", polling, foreign, 403,
             "{\"code\":4,\"message\":\"Forbidden\"}");
    answered(server, "GET", polling, NULL, 200, NULL);
    CHECK_NUMBER(probe_calls(&seen), 1);
    CHECK_NUMBER(probe_at(&seen, 0)->kind, SIO_EVENT_ORIGIN_REQUEST);
    end(server, &seen);
}

static void let_in(const sio_event *event, void *context) {
    CHECK_TEXT(event->address.data, "127.0.0.1");
    CHECK(event->port > 0);
    CHECK_NUMBER(event->body.length, 0);
    CHECK_STATUS(sio_http_set_header(event->http, "X-Hook", "yes"), SIO_OK);
    CHECK_STATUS(sio_http_set_header(event->http, "X-Hook", "a\r\nX: y"),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_http_set_header(event->http, "Content-Length", "1"),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_http_set_header(event->http, NULL, "1"), SIO_E_ARGUMENT);
    CHECK_STATUS(sio_http_set_header(event->http, "X", NULL), SIO_E_ARGUMENT);
    CHECK_STATUS(sio_http_set_sid(event->http, "a b"), SIO_E_ARGUMENT);
    CHECK_STATUS(sio_http_set_sid(event->http, ""), SIO_E_ARGUMENT);
    if (event->kind == SIO_EVENT_ENGINE_REQUEST)
        CHECK_STATUS(sio_http_set_sid(event->http, "id"), SIO_E_STATE);
    CHECK_STATUS(sio_http_next(event->http), SIO_OK);
    CHECK_STATUS(sio_http_set_header(event->http, "X-Late", "1"), SIO_E_HANDLE);
    CHECK_STATUS(sio_http_refuse(event->http, NULL), SIO_E_HANDLE);
    probe_see(event, context);
}

/* Clients of both transports work with a hook; the upgrade is asked about. */
static void goes_on(void) {
    sio_server server;
    raw_client client;
    raw_stream stream;
    raw_response response;
    probe seen;
    char value[16];
    probe_init(&seen);
    server = begin(sio_server_use_engine, let_in, &seen);
    serve_echo_on(server);
    CHECK(raw_join_websocket(&client, serve_port(server)));
    CHECK(raw_echo(&client, "over-websocket"));
    raw_leave(&client);
    CHECK_NUMBER(probe_calls(&seen), 1);
    CHECK(raw_join_polling(&client, serve_port(server)));
    CHECK(raw_upgrade(&client));
    CHECK(raw_echo(&client, "upgraded"));
    raw_leave(&client);
    CHECK(probe_calls(&seen) > 4);
    CHECK(raw_connect(&stream, NULL, serve_port(server)));
    CHECK(raw_http(&stream, "GET", "/socket.io/", NULL, NULL, 0, &response));
    CHECK_NUMBER(response.status, 400);
    CHECK_TEXT(raw_http_header(&response, "x-hook", value, 16), "yes");
    raw_response_free(&response);
    raw_close(&stream);
    end(server, &seen);
}

static void give_id(const sio_event *event, void *context) {
    CHECK_STATUS(sio_http_set_sid(event->http, "no-less-than-64-characters-of-"
                                               "the-alphabet-make-the-longest-"
                                               "one"),
                 SIO_OK);
    CHECK_STATUS(
        sio_http_set_sid(event->http, "018f3a5c-7b1e-7c3d-9a55-0123456789ab"),
        SIO_OK);
    CHECK_STATUS(sio_http_next(event->http), SIO_OK);
    probe_see(event, context);
}

static void ids(void) {
    sio_server server;
    raw_client client;
    probe seen;
    probe_init(&seen);
    server = begin(sio_server_on_handshake, give_id, &seen);
    serve_echo_on(server);
    CHECK(raw_join_polling(&client, serve_port(server)));
    CHECK_TEXT(client.sid, "018f3a5c-7b1e-7c3d-9a55-0123456789ab");
    CHECK_NUMBER(strlen(client.id), 20);
    answered(server, "GET", polling, NULL, 400, bad_request);
    answered(server, "GET", websocket, upgrade, 400, "Bad request");
    CHECK(raw_upgrade(&client));
    CHECK(raw_echo(&client, "still-mine"));
    raw_leave(&client);
    CHECK(serve_idle(server));
    CHECK(raw_join_websocket(&client, serve_port(server)));
    CHECK_TEXT(client.sid, "018f3a5c-7b1e-7c3d-9a55-0123456789ab");
    raw_leave(&client);
    end(server, &seen);
}

static void *let_on_later(void *context) {
    raw_sleep_ms(100);
    CHECK_STATUS(sio_http_next(*(sio_http_request *)context), SIO_OK);
    return NULL;
}

static void from_another_thread(void) {
    sio_server server;
    sio_http_request request;
    raw_stream stream;
    raw_response response;
    pthread_t thread;
    probe seen;
    probe_init(&seen);
    server = begin(sio_server_on_origin, probe_see, &seen);
    CHECK(raw_connect(&stream, NULL, serve_port(server)));
    CHECK(raw_http_send(&stream, "GET", polling, foreign, NULL, 0));
    request = probe_at(&seen, 0)->http;
    pthread_create(&thread, NULL, let_on_later, &request);
    CHECK(raw_http_receive(&stream, 0, &response));
    CHECK_NUMBER(response.status, 200);
    raw_response_free(&response);
    pthread_join(thread, NULL);
    raw_close(&stream);
    end(server, &seen);
}

/* What ends before it is answered has no handle any more. */
static void gone(void) {
    sio_server server;
    raw_stream stream;
    probe seen;
    probe_init(&seen);
    server = begin(sio_server_use_engine, probe_see, &seen);
    CHECK(raw_connect(&stream, NULL, serve_port(server)));
    CHECK(raw_http_send(&stream, "GET", polling, NULL, NULL, 0));
    CHECK(probe_wait(&seen, 1));
    raw_reset(&stream);
    CHECK(serve_idle(server));
    CHECK_STATUS(sio_http_next(probe_at(&seen, 0)->http), SIO_E_HANDLE);
    CHECK(raw_connect(&stream, NULL, serve_port(server)));
    CHECK(raw_http_send(&stream, "GET", polling, NULL, NULL, 0));
    CHECK(probe_wait(&seen, 2));
    end(server, &seen);
    CHECK_STATUS(sio_http_refuse(probe_at(&seen, 1)->http, NULL), SIO_E_HANDLE);
    raw_close(&stream);
}

static void respond(const sio_event *event, void *context) {
    static const sio_bytes body = {"slowly", 6};
    probe_see(event, context);
    CHECK_STATUS(sio_http_respond(event->http, 429, NULL, 0, body), SIO_OK);
    CHECK_STATUS(sio_http_respond(event->http, 429, NULL, 0, body),
                 SIO_E_HANDLE);
}

static void responds(void) {
    sio_server server;
    probe seen;
    probe_init(&seen);
    server = begin(sio_server_use_engine, respond, &seen);
    answered(server, "GET", polling, NULL, 429, "slowly");
    answered(server, "GET", websocket, upgrade, 429, "slowly");
    end(server, &seen);
}

/* A refused request, and what is told of it, behind the answer. */
static void refusal(sio_server server, probe *seen, const char *method,
                    const char *target, const char *headers, int code) {
    int before = probe_calls(seen);
    answered(server, method, target, headers, code == 4 ? 403 : 400, NULL);
    CHECK_NUMBER(probe_at(seen, before)->kind, SIO_EVENT_CONNECTION_ERROR);
    CHECK_NUMBER(probe_at(seen, before)->code, code);
    CHECK_TEXT(probe_at(seen, before)->method, method);
    CHECK_TEXT(probe_at(seen, before)->target, target);
    CHECK_NUMBER(probe_at(seen, before)->http.id, 0);
}

static void told(void) {
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_server server;
    const probe_event *event;
    probe seen, asked;
    probe_init(&seen);
    probe_init(&asked);
    options.flags = SIO_SERVER_NO_EIO3;
    server = serve_new(&options);
    CHECK_STATUS(
        sio_server_on_connection_error(server, probe_see, &seen, probe_release),
        SIO_OK);
    serve_listen(server);
    answered(server, "GET", polling, NULL, 200, NULL);
    answered(server, "GET", "/elsewhere", NULL, 404, NULL);
    refusal(server, &seen, "GET", "/socket.io/?EIO=4&transport=x", NULL, 0);
    event = probe_at(&seen, 0);
    CHECK_TEXT(event->reason, "Transport unknown");
    CHECK_TEXT(event->details,
               "the request names a transport that does not exist");
    refusal(server, &seen, "GET", "/socket.io/?EIO=4&transport=polling&sid=x",
            NULL, 1);
    refusal(server, &seen, "PUT", polling, NULL, 2);
    refusal(server, &seen, "POST", polling, NULL, 2);
    refusal(server, &seen, "GET", websocket, NULL, 3);
    refusal(server, &seen, "GET", polling, foreign, 4);
    refusal(server, &seen, "GET", "/socket.io/?EIO=3&transport=polling", NULL,
            5);

    /* Those that a hook refuses, with its words. */
    CHECK_STATUS(sio_server_on_handshake(server, refuse, &asked, NULL), SIO_OK);
    answered(server, "GET", websocket, upgrade, 400, "not you");
    event = probe_at(&seen, 7);
    CHECK_NUMBER(event->code, 4);
    CHECK_TEXT(event->reason, "not you");
    CHECK_TEXT(event->details, "a hook refused the handshake");
    /* Those that are put off. */
    CHECK_STATUS(sio_server_drain(server, 60000), SIO_OK);
    answered(server, "GET", polling, NULL, 503, NULL);
    event = probe_at(&seen, 8);
    CHECK_NUMBER(event->code, 4);
    CHECK(strncmp(event->reason, "The server is about to end", 26) == 0);
    CHECK_TEXT(event->details, "");
    end(server, &seen);
}

/* A request that no hook is asked about is responded to, and nothing else. */
static void not_asked(const sio_event *event, void *context) {
    static const sio_bytes body = {"ok", 2};
    probe_see(event, context);
    CHECK_STATUS(sio_http_next(event->http), SIO_E_STATE);
    CHECK_STATUS(sio_http_refuse(event->http, NULL), SIO_E_STATE);
    CHECK_STATUS(sio_http_set_header(event->http, "X", "y"), SIO_E_STATE);
    CHECK_STATUS(sio_http_set_sid(event->http, "id"), SIO_E_STATE);
    CHECK_STATUS(sio_http_respond(event->http, 200, NULL, 0, body), SIO_OK);
}

static void only_responses_outside(void) {
    sio_server server;
    probe seen;
    probe_init(&seen);
    server = begin(sio_server_on_http, not_asked, &seen);
    answered(server, "GET", "/", NULL, 200, "ok");
    end(server, &seen);
}

static void queued(void) {
    sio_runtime_options runtime = SIO_RUNTIME_OPTIONS_INIT;
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_server server;
    raw_stream stream;
    raw_response response;
    probe seen, told;
    int calls;
    probe_init(&seen);
    probe_init(&told);
    runtime.dispatch = SIO_DISPATCH_QUEUED;
    REQUIRE(sio_runtime_new(&runtime, &options.runtime) == SIO_OK);
    server = serve_new(&options);
    CHECK_STATUS(sio_server_use_engine(server, let_in, &seen, probe_release),
                 SIO_OK);
    CHECK_STATUS(sio_server_on_handshake(server, refuse, &seen, NULL), SIO_OK);
    CHECK_STATUS(sio_server_on_connection_error(server, probe_see, &told, NULL),
                 SIO_OK);
    serve_listen(server);
    CHECK(raw_connect(&stream, NULL, serve_port(server)));
    CHECK(raw_http_send(&stream, "GET", polling, NULL, NULL, 0));
    for (calls = 0; calls < 3; calls = probe_calls(&seen) + probe_calls(&told))
        CHECK_STATUS(sio_runtime_dispatch(options.runtime, 1, 2000, NULL),
                     SIO_OK);
    CHECK(raw_http_receive(&stream, 0, &response));
    CHECK_NUMBER(response.status, 403);
    CHECK_TEXT(response.body, "{\"code\":4,\"message\":\"not you\"}");
    CHECK_TEXT(probe_at(&told, 0)->reason, "not you");
    CHECK_TEXT(probe_at(&told, 0)->details, "a hook refused the handshake");
    CHECK_TEXT(probe_at(&told, 0)->target, polling);
    raw_response_free(&response);
    raw_close(&stream);
    end(server, &seen);
    CHECK_STATUS(sio_runtime_destroy(options.runtime), SIO_OK);
}

static void bad_arguments(void) {
    static const registration functions[] = {
        sio_server_use_engine, sio_server_on_origin, sio_server_on_handshake,
        sio_server_on_connection_error};
    static const sio_http_request none = {0};
    static const sio_server nobody = {0};
    sio_server server = serve_new(NULL);
    size_t i;
    for (i = 0; i < 4; i++) {
        CHECK_STATUS(functions[i](server, NULL, NULL, NULL), SIO_E_ARGUMENT);
        CHECK_STATUS(functions[i](nobody, refuse, NULL, NULL), SIO_E_HANDLE);
    }
    CHECK_STATUS(sio_http_next(none), SIO_E_HANDLE);
    CHECK_STATUS(sio_http_refuse(none, NULL), SIO_E_HANDLE);
    CHECK_STATUS(sio_http_refuse(none, "\xff"), SIO_E_ARGUMENT);
    CHECK_STATUS(sio_http_set_header(none, "a", "b"), SIO_E_HANDLE);
    CHECK_STATUS(sio_http_set_sid(none, "a"), SIO_E_HANDLE);
    CHECK_STATUS(sio_http_set_sid(none, NULL), SIO_E_ARGUMENT);
    CHECK_STATUS(sio_server_destroy(server), SIO_OK);
}

int main(void) {
    refused();
    goes_on();
    ids();
    from_another_thread();
    gone();
    responds();
    only_responses_outside();
    told();
    queued();
    bad_arguments();
    return check_total();
}
