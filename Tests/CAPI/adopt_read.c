/*
 * adopt_read.c - what another server has already read of a connection that it
 * hands over: requests and frames, whole and cut anywhere.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "serve.h"

/* Bytes to be sent: what the other server reads of them, and the rest. */
typedef struct script {
    char bytes[2048];
    size_t length;
} script;

static void add(script *it, const void *bytes, size_t length) {
    REQUIRE(it->length + length <= sizeof it->bytes);
    memcpy(it->bytes + it->length, bytes, length);
    it->length += length;
}

static void add_text(script *it, const char *text) {
    add(it, text, strlen(text));
}

/* A text frame of a client, masked with zeros. */
static void add_frame(script *it, const char *text) {
    unsigned char head[6] = {0x81, 0x80, 0, 0, 0, 0};
    REQUIRE(strlen(text) < 126);
    head[1] = (unsigned char)(head[1] | strlen(text));
    add(it, head, sizeof head);
    add_text(it, text);
}

static void add_upgrade(script *it, const char *target) {
    add_text(it, "GET ");
    add_text(it, target);
    add_text(it, " HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                 "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
}

/* Hands over a new connection of which `read` bytes were read already; the
 * client sends the rest. */
static void hand_over(sio_server server, const script *it, size_t read,
                      raw_stream *client) {
    int fd = raw_pair(client);
    sio_bytes bytes;
    bytes.data = it->bytes;
    bytes.length = read;
    REQUIRE(fd >= 0);
    CHECK_STATUS(sio_server_adopt(server, fd, bytes, NULL), SIO_OK);
    /* The number is not ours any more: a second time is a mistake like any. */
    CHECK(fcntl(fd, F_GETFD) < 0);
    CHECK(raw_write(client, it->bytes + read, it->length - read));
}

/* The response is one of `status`, and its body begins with `begin`. */
static void responded(raw_stream *client, int status, const char *begin) {
    raw_response response;
    if (!CHECK(raw_http_receive(client, 0, &response))) return;
    CHECK_NUMBER(response.status, status);
    if (!CHECK(strncmp(response.body, begin, strlen(begin)) == 0))
        printf("    it is %s\n", response.body);
    raw_response_free(&response);
}

static void frame_received(raw_stream *client, const char *begin) {
    raw_message message;
    if (!CHECK(raw_ws_receive(client, &message))) return;
    if (!CHECK(strncmp(message.data, begin, strlen(begin)) == 0))
        printf("    it is %s\n", message.data);
    free(message.data);
}

/* Two requests, the second with a body. */
static void requests(sio_server server) {
    script it = {"", 0};
    size_t read;
    add_text(&it,
             "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n"
             "Host: a\r\n\r\n"
             "POST /socket.io/?EIO=4&transport=polling&sid=none HTTP/1.1\r\n"
             "Host: a\r\nContent-Length: 10\r\n\r\n0123456789");
    for (read = 0; read <= it.length; read += 7) {
        raw_stream client;
        hand_over(server, &it, read, &client);
        responded(&client, 200, "0{\"sid\":\"");
        responded(&client, 400, "{\"code\":1,\"message\":\"Session ID unknown");
        raw_close(&client);
    }
}

/* A client of Socket.IO 2: it has joined without having asked. */
static void a_request_of_revision_3(sio_server server) {
    script it = {"", 0};
    char text[256], sid[64];
    size_t read;
    add_text(&it, "GET /socket.io/?EIO=3&transport=polling&b64=1 HTTP/1.1\r\n"
                  "Host: a\r\n\r\n");
    for (read = 0; read <= it.length; read += 13) {
        raw_response response;
        raw_stream client;
        hand_over(server, &it, read, &client);
        REQUIRE(raw_http_receive(&client, 0, &response));
        REQUIRE(sscanf(response.body, "%*d:0{\"sid\":\"%63[^\"]", sid) == 1);
        raw_response_free(&response);
        snprintf(text, sizeof text,
                 "/socket.io/?EIO=3&transport=polling&b64=1&sid=%s", sid);
        CHECK(raw_http(&client, "GET", text, NULL, NULL, 0, &response));
        CHECK_TEXT(response.body, "2:40");
        raw_response_free(&response);
        CHECK(raw_http(&client, "POST", text, NULL, "1:1", 3, &response));
        raw_response_free(&response);
        raw_close(&client);
    }
    it.length = 0;
    add_upgrade(&it, "/socket.io/?EIO=3&transport=websocket");
    add_frame(&it, "2");
    add_frame(&it, "42[\"hi\",1]");
    for (read = 0; read <= it.length; read += 13) {
        raw_response response;
        raw_stream client;
        hand_over(server, &it, read, &client);
        CHECK(raw_http_receive(&client, 1, &response));
        CHECK_NUMBER(response.status, 101);
        raw_response_free(&response);
        frame_received(&client, "0{\"sid\":\"");
        frame_received(&client, "40");
        frame_received(&client, "3");
        frame_received(&client, "42[\"hi\",1]");
        raw_close(&client);
    }
}

/* A client that does not wait for the 101, read up to anywhere. */
static void frames_behind_an_upgrade(sio_server server) {
    script it = {"", 0};
    size_t read;
    add_upgrade(&it, "/socket.io/?EIO=4&transport=websocket");
    add_frame(&it, "40");
    add_frame(&it, "42[\"first\"]");
    add_frame(&it, "42[\"second\"]");
    for (read = 0; read <= it.length; read++) {
        raw_response response;
        raw_stream client;
        hand_over(server, &it, read, &client);
        CHECK(raw_http_receive(&client, 1, &response));
        CHECK_NUMBER(response.status, 101);
        raw_response_free(&response);
        frame_received(&client, "0{\"sid\":\"");
        frame_received(&client, "40{\"sid\":\"");
        frame_received(&client, "42[\"first\"]");
        frame_received(&client, "42[\"second\"]");
        raw_close(&client);
    }
}

/* A POST of a session that another connection polls, read up to anywhere. */
static void a_post_that_is_half_read(sio_server server) {
    static const char body[] = "40\x1e"
                               "42[\"posted\",\"and echoed\"]";
    size_t read, length = 1;
    for (read = 0; read <= length; read += 3) {
        script open = {"", 0}, post = {"", 0};
        char text[512], sid[64];
        raw_response response;
        raw_stream polls, posts;
        add_text(&open, "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n"
                        "Host: a\r\n\r\n");
        hand_over(server, &open, open.length, &polls);
        REQUIRE(raw_http_receive(&polls, 0, &response));
        REQUIRE(sscanf(response.body, "0{\"sid\":\"%63[^\"]", sid) == 1);
        raw_response_free(&response);
        snprintf(text, sizeof text,
                 "POST /socket.io/?EIO=4&transport=polling&sid=%s HTTP/1.1\r\n"
                 "Host: a\r\nContent-Length: %d\r\n\r\n%s",
                 sid, (int)(sizeof body - 1), body);
        add_text(&post, text);
        length = post.length;
        hand_over(server, &post, read, &posts);
        responded(&posts, 200, "ok");
        snprintf(text, sizeof text,
                 "/socket.io/?EIO=4&transport=polling&sid=%s", sid);
        CHECK(raw_http(&polls, "GET", text, NULL, NULL, 0, &response));
        CHECK(strstr(response.body, "40{\"sid\":\"") != NULL);
        CHECK(strstr(response.body, "\x1e"
                                    "42[\"posted\",\"and echoed\"]") != NULL);
        raw_response_free(&response);
        CHECK(raw_http(&posts, "POST", text, NULL, "1", 1, &response));
        raw_response_free(&response);
        raw_close(&polls);
        raw_close(&posts);
    }
}

/* With a server of its own. */
static void served(void (*by)(sio_server server),
                   const sio_server_options *options) {
    sio_server server = serve_new(options);
    serve_echo_on(server);
    by(server);
    CHECK(serve_idle(server));
    serve_destroy(server);
}

int main(void) {
    sio_server_options hasty = SIO_SERVER_OPTIONS_INIT;
    /* Sessions that are left behind end by themselves. */
    hasty.ping_interval_ms = hasty.ping_timeout_ms = 1000;
    served(requests, &hasty);
    served(a_request_of_revision_3, NULL);
    served(frames_behind_an_upgrade, NULL);
    served(a_post_that_is_half_read, NULL);
    return check_total();
}
