/*
 * cluster.c - what servers of a cluster say to each other: as yet each is alone
 * in its own, and nobody hears it.
 */
#include "serve.h"

typedef struct alone {
    sio_server server;
    sio_runtime runtime;
    raw_client client;
    probe heard, replies;
} alone;

static void begin(alone *it, int32_t dispatch) {
    sio_runtime_options runtime = SIO_RUNTIME_OPTIONS_INIT;
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    probe_init(&it->heard);
    probe_init(&it->replies);
    runtime.dispatch = dispatch;
    REQUIRE(sio_runtime_new(&runtime, &options.runtime) == SIO_OK);
    it->runtime = options.runtime;
    it->server = serve_new(&options);
    CHECK_STATUS(sio_server_on_server_side(it->server, "/", "hello", probe_see,
                                           &it->heard, probe_release),
                 SIO_OK);
}

static void end(alone *it) {
    serve_destroy(it->server);
    serve_released_once(&it->heard);
    CHECK_STATUS(sio_runtime_destroy(it->runtime), SIO_OK);
}

/* Neither the server itself nor its clients hear of it. */
static void nobody_hears(void) {
    sio_emit_options options = SIO_EMIT_OPTIONS_INIT;
    sio_bytes attachment = {"x", 1};
    alone it;
    begin(&it, SIO_DISPATCH_INLINE);
    serve_echo_on(it.server);
    CHECK(raw_join_websocket(&it.client, serve_listen(it.server)));
    options.attachments = &attachment;
    options.attachment_count = 1;
    CHECK_STATUS(
        sio_server_side_emit(it.server, "/", "hello", sio_text_of("[1]"), NULL),
        SIO_OK);
    CHECK_STATUS(
        sio_server_side_emit(it.server, "/", "hello",
                             sio_text_of("[{\"_placeholder\":true,\"num\":0}]"),
                             &options),
        SIO_OK);
    CHECK(raw_echo(&it.client, "nothing-before"));
    CHECK_NUMBER(probe_calls(&it.heard), 0);
    raw_leave(&it.client);
    end(&it);
}

/* The replies of nobody are none: at once, or behind the queue. */
static void no_replies(int32_t dispatch) {
    alone it;
    begin(&it, dispatch);
    CHECK_STATUS(sio_server_side_emit_with_ack(it.server, "/", "hello",
                                               no_args(), NULL, 1000, probe_see,
                                               &it.replies, probe_release),
                 SIO_OK);
    if (dispatch == SIO_DISPATCH_QUEUED) {
        CHECK_NUMBER(probe_calls(&it.replies), 0);
        CHECK_STATUS(sio_runtime_dispatch(it.runtime, 1, RAW_PATIENCE_MS, NULL),
                     SIO_OK);
    }
    CHECK_NUMBER(probe_calls(&it.replies), 1);
    CHECK_NUMBER(probe_at(&it.replies, 0)->kind, SIO_EVENT_ACKS);
    CHECK_STATUS(probe_at(&it.replies, 0)->status, SIO_OK);
    CHECK_TEXT(probe_at(&it.replies, 0)->args, "[]");
    CHECK_NUMBER(probe_at(&it.replies, 0)->socket_count, 0);
    CHECK(probe_wait_released(&it.replies, 1));
    CHECK_NUMBER(probe_calls(&it.heard), 0);
    end(&it);
}

static void errors(void) {
    static const char *const own[] = {"connect", "connection", "new_namespace"};
    sio_text bad = sio_text_of("{}");
    alone it;
    size_t i;
    begin(&it, SIO_DISPATCH_INLINE);
    for (i = 0; i < 3; i++) {
        CHECK_STATUS(
            sio_server_side_emit(it.server, "/", own[i], no_args(), NULL),
            SIO_E_RESERVED);
        CHECK_STATUS(sio_server_side_emit_with_ack(
                         it.server, "/", own[i], no_args(), NULL, 0, probe_see,
                         &it.replies, probe_release),
                     SIO_E_RESERVED);
        CHECK_STATUS(sio_server_on_server_side(it.server, "/", own[i],
                                               probe_see, &it.replies,
                                               probe_release),
                     SIO_E_RESERVED);
    }
    CHECK_STATUS(sio_server_side_emit(it.server, "/", "x", bad, NULL),
                 SIO_E_JSON);
    CHECK_STATUS(sio_server_side_emit(it.server, "/none", "x", no_args(), NULL),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_server_side_emit(it.server, "/", NULL, no_args(), NULL),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_server_side_emit_with_ack(it.server, "/", "x", bad, NULL,
                                               0, probe_see, &it.replies,
                                               probe_release),
                 SIO_E_JSON);
    CHECK_STATUS(sio_server_side_emit_with_ack(it.server, "/", "x", no_args(),
                                               NULL, 0, NULL, &it.replies,
                                               probe_release),
                 SIO_E_ARGUMENT);
    CHECK_NUMBER(probe_calls(&it.replies), 0);
    CHECK_NUMBER(probe_releases(&it.replies), 0);
    CHECK_STATUS(sio_server_off(it.server, "/", NULL, probe_see, &it.heard),
                 SIO_OK);
    CHECK_STATUS(sio_server_off(it.server, "/", NULL, probe_see, &it.heard),
                 SIO_E_ARGUMENT);
    end(&it);
    CHECK_STATUS(sio_server_side_emit(it.server, "/", "x", no_args(), NULL),
                 SIO_E_HANDLE);
}

int main(void) {
    nobody_hears();
    no_replies(SIO_DISPATCH_INLINE);
    no_replies(SIO_DISPATCH_QUEUED);
    errors();
    return check_total();
}
