/*
 * compression.c - permessage-deflate and compressed polling responses: which
 * options are refused, what is negotiated, what emits can ask for. What the
 * bytes say is for peers that others wrote (Tests/Interop).
 */
#include "serve.h"

#include <stdio.h>
#include <stdlib.h>

static const char polling[] = "/socket.io/?EIO=4&transport=polling";
static const char websocket[] = "/socket.io/?EIO=4&transport=websocket";

/* `word` is in the sentence about options that are refused. */
static void refused(const sio_deflate_options *deflate, const char *word) {
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_server server;
    options.per_message_deflate = deflate;
    CHECK_STATUS(sio_server_new(&options, &server), SIO_E_ARGUMENT);
    if (!CHECK(strstr(sio_last_error(), word) != NULL))
        printf("    %s\n", sio_last_error());
}

static void refused_options(void) {
    static const sio_deflate_options none = SIO_DEFLATE_OPTIONS_INIT;
    sio_deflate_options deflate = none;
    deflate.server_max_window_bits = 8;
    refused(&deflate, "9 to 15");
    deflate.server_max_window_bits = 16;
    refused(&deflate, "9 to 15");
    deflate = none;
    deflate.client_max_window_bits = 0xFFFFFFFFu;
    refused(&deflate, "9 to 15");
    deflate = none;
    deflate.level = 10;
    refused(&deflate, "level");
    deflate = none;
    deflate.mem_level = 10;
    refused(&deflate, "memory level");
    deflate = none;
    deflate.flags = 4;
    refused(&deflate, "flags of per_message_deflate");
    deflate = none;
    deflate.struct_size = 0;
    refused(&deflate, "struct_size of per_message_deflate");
}

static sio_server listening(const sio_server_options *options) {
    sio_server server = serve_new(options);
    serve_echo_on(server);
    serve_listen(server);
    return server;
}

/* The extensions in the response to `offer`. */
static void negotiated(const sio_deflate_options *deflate, const char *offer,
                       const char *expected) {
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_server server;
    raw_stream stream;
    raw_response response;
    char headers[512], value[256];
    options.per_message_deflate = deflate;
    server = listening(&options);
    snprintf(headers, sizeof headers,
             "Upgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
             "Sec-WebSocket-Extensions: %s\r\n",
             offer);
    CHECK(raw_connect(&stream, NULL, serve_port(server)));
    CHECK(raw_http_send(&stream, "GET", websocket, headers, NULL, 0));
    if (CHECK(raw_http_receive(&stream, 1, &response))) {
        CHECK_NUMBER(response.status, 101);
        raw_http_header(&response, "sec-websocket-extensions", value,
                        sizeof value);
        CHECK_TEXT(value, expected);
        raw_response_free(&response);
    }
    raw_close(&stream);
    serve_destroy(server);
}

static void negotiation(void) {
    sio_deflate_options deflate = SIO_DEFLATE_OPTIONS_INIT;
    negotiated(NULL, "permessage-deflate", "");
    negotiated(&deflate, "permessage-deflate", "permessage-deflate");
    negotiated(&deflate, "permessage-deflate; x", "");
    deflate.flags = SIO_DEFLATE_SERVER_NO_CONTEXT_TAKEOVER |
                    SIO_DEFLATE_CLIENT_NO_CONTEXT_TAKEOVER;
    deflate.server_max_window_bits = 9;
    deflate.client_max_window_bits = 10;
    deflate.level = 1;
    deflate.mem_level = 9;
    negotiated(&deflate, "permessage-deflate; client_max_window_bits",
               "permessage-deflate; server_no_context_takeover; "
               "client_no_context_takeover; server_max_window_bits=9; "
               "client_max_window_bits=10");
    negotiated(&deflate, "permessage-deflate", "");
}

/* An event of 2 kB with `flags`, to everyone. */
static void emit(sio_server server, uint32_t flags) {
    sio_emit_options options = SIO_EMIT_OPTIONS_INIT;
    char args[2048];
    memset(args, 'x', sizeof args);
    memcpy(args, "[\"", 2);
    memcpy(args + sizeof args - 3, "\"]", 3);
    options.flags = flags;
    CHECK_STATUS(sio_server_emit(server, "/", NULL, "large", sio_text_of(args),
                                 &options),
                 SIO_OK);
}

/* Waits for a frame; whether it is compressed. */
static int compressed_frame(raw_stream *stream) {
    raw_message message;
    int compressed;
    if (!CHECK(raw_ws_receive(stream, &message))) return -1;
    compressed = message.length < 1000;
    free(message.data);
    return compressed;
}

static void emits_over_websocket(void) {
    sio_deflate_options deflate = SIO_DEFLATE_OPTIONS_INIT;
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_server server;
    raw_stream stream;
    raw_message message;
    int i;
    options.per_message_deflate = &deflate;
    server = listening(&options);
    CHECK(raw_connect(&stream, NULL, serve_port(server)));
    CHECK_NUMBER(
        raw_ws_upgrade(&stream, websocket,
                       "Sec-WebSocket-Extensions: permessage-deflate\r\n"),
        101);
    for (i = 0; i < 2; i++) {
        if (i == 1) CHECK(raw_ws_send(&stream, RAW_WS_TEXT, "40", 2));
        CHECK(raw_ws_receive(&stream, &message));
        free(message.data);
    }
    emit(server, 0);
    CHECK_NUMBER(compressed_frame(&stream), 1);
    emit(server, SIO_EMIT_NO_COMPRESS);
    CHECK_NUMBER(compressed_frame(&stream), 0);
    raw_close(&stream);
    serve_destroy(server);
}

/* The coding of a poll that `flags` were emitted for. */
static void poll_coding(uint32_t server_flags, const char *accepted,
                        uint32_t flags, const char *expected) {
    sio_server_options options = SIO_SERVER_OPTIONS_INIT;
    sio_server server;
    raw_stream stream;
    raw_response response;
    char target[128], value[64];
    options.flags = server_flags;
    server = listening(&options);
    CHECK(raw_connect(&stream, NULL, serve_port(server)));
    if (!CHECK(raw_http(&stream, "GET", polling, NULL, NULL, 0, &response)))
        return;
    snprintf(target, sizeof target, "%s&sid=%.20s", polling,
             response.body + strlen("0{\"sid\":\""));
    raw_response_free(&response);
    CHECK(raw_http(&stream, "POST", target, NULL, "40", 2, &response));
    raw_response_free(&response);
    CHECK(raw_http(&stream, "GET", target, NULL, NULL, 0, &response));
    raw_response_free(&response);
    emit(server, flags);
    CHECK(raw_http(&stream, "GET", target, accepted, NULL, 0, &response));
    raw_http_header(&response, "content-encoding", value, sizeof value);
    CHECK_TEXT(value, expected);
    CHECK_NUMBER(response.length < 1000, *expected != '\0');
    raw_response_free(&response);
    raw_close(&stream);
    serve_destroy(server);
}

int main(void) {
    static const char gzip[] = "Accept-Encoding: gzip\r\n";
    refused_options();
    negotiation();
    emits_over_websocket();
    poll_coding(0, gzip, 0, "gzip");
    poll_coding(0, "Accept-Encoding: deflate, gzip;q=0.5\r\n", 0, "deflate");
    poll_coding(0, NULL, 0, "");
    poll_coding(0, gzip, SIO_EMIT_NO_COMPRESS, "");
    poll_coding(SIO_SERVER_NO_HTTP_COMPRESSION, gzip, 0, "");
    return check_total();
}
