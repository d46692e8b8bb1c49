/*
 * client_hostile.c - servers that say what no server should. The client says
 * what was wrong, and lives on.
 */
#include <stdio.h>
#include <stdlib.h>

#include "dial.h"
#include "raw_server.h"
#include "raw_ws.h"

#define OPEN(sid, upgrades)                                               \
    "0{\"sid\":\"" sid "\",\"upgrades\":[" upgrades "],\"pingInterval\":" \
    "60000,\"pingTimeout\":60000}"

typedef struct trick {
    const char *name;
    int polls;
    int (*play)(raw_peer *peer); /* after the request was received */
    int code;                    /* SIO_FAILURE_...; -1: any */
} trick;

static int random_bytes(raw_peer *peer) {
    char bytes[512];
    size_t i;
    for (i = 0; i < sizeof bytes; i++) bytes[i] = (char)(rand() >> 7);
    return raw_write(&peer->stream, bytes, sizeof bytes);
}

static int no_bytes(raw_peer *peer) {
    raw_part(peer);
    return 1;
}

static int not_found(raw_peer *peer) {
    return raw_respond(peer, 404, NULL, "none of that here");
}

static int elsewhere(raw_peer *peer) {
    return raw_respond(peer, 302, "Location: http://127.0.0.1:1/\r\n", "");
}

static int wrong_accept(raw_peer *peer) {
    static const char head[] =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    return raw_write(&peer->stream, head, sizeof head - 1);
}

static int unwanted_extension(raw_peer *peer) {
    static const char head[] =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Extensions: x-unheard-of\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    return raw_write(&peer->stream, head, sizeof head - 1);
}

/* Lines: more bytes than the system takes for a client that does not read. */
enum {
    ENDLESS = 1000000
};

static int endless_head(raw_peer *peer) {
    int i;
    if (!raw_write(&peer->stream, "HTTP/1.1 200 OK\r\n", 17)) return 0;
    for (i = 0; i < ENDLESS; i++)
        if (!raw_write(&peer->stream, "X-More: and more, and more\r\n", 28))
            return 1;
    return 0;
}

static int endless_line(raw_peer *peer) {
    int i;
    for (i = 0; i < ENDLESS; i++)
        if (!raw_write(&peer->stream, "HTTP/1.1HTTP/1.1HTTP/1.1", 24)) return 1;
    return 0;
}

static int endless_body(raw_peer *peer) {
    static const char head[] =
        "HTTP/1.1 200 OK\r\nContent-Length: 9000000000000000000\r\n\r\n";
    return raw_write(&peer->stream, head, sizeof head - 1);
}

static int negative_body(raw_peer *peer) {
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n";
    return raw_write(&peer->stream, head, sizeof head - 1);
}

static int bad_chunks(raw_peer *peer) {
    static const char head[] =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        "ffffffffffffffffff\r\n";
    return raw_write(&peer->stream, head, sizeof head - 1);
}

static int no_open_packet(raw_peer *peer) {
    return raw_respond(peer, 200, NULL, "4hello");
}

static int bad_open_packet(raw_peer *peer) {
    return raw_respond(peer, 200, NULL, "0{\"sid\":");
}

static int with_frame(raw_peer *peer, const void *frame, size_t length) {
    return raw_accept_upgrade(peer) && raw_write(&peer->stream, frame, length);
}

static int giant_frame(raw_peer *peer) {
    return with_frame(peer, "\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", 10);
}

static int negative_frame(raw_peer *peer) {
    return with_frame(peer, "\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff", 10);
}

static int reserved_bits(raw_peer *peer) {
    return with_frame(peer,
                      "\xf1\x01"
                      "0",
                      3);
}

static int masked_frame(raw_peer *peer) {
    return with_frame(peer,
                      "\x81\x81\0\0\0\0"
                      "0",
                      7);
}

static int bad_utf8(raw_peer *peer) {
    return with_frame(peer, "\x81\x02\x30\xff", 4);
}

static const trick tricks[] = {
    {"random bytes", 0, random_bytes, SIO_FAILURE_PROTOCOL},
    {"random bytes to a poll", 1, random_bytes, SIO_FAILURE_PROTOCOL},
    {"no bytes", 0, no_bytes, -1},
    {"no bytes to a poll", 1, no_bytes, -1},
    {"404", 0, not_found, SIO_FAILURE_HTTP},
    {"404 to a poll", 1, not_found, SIO_FAILURE_HTTP},
    {"302", 0, elsewhere, SIO_FAILURE_REDIRECT},
    {"302 to a poll", 1, elsewhere, SIO_FAILURE_REDIRECT},
    {"another's accept key", 0, wrong_accept, SIO_FAILURE_PROTOCOL},
    {"an extension nobody asked for", 0, unwanted_extension,
     SIO_FAILURE_PROTOCOL},
    {"an endless head", 0, endless_head, -1},
    {"an endless head to a poll", 1, endless_head, -1},
    {"an endless line", 1, endless_line, -1},
    {"an endless body", 1, endless_body, SIO_FAILURE_TOO_LARGE},
    {"a body of a negative size", 1, negative_body, SIO_FAILURE_PROTOCOL},
    {"chunks of any size", 1, bad_chunks, -1},
    {"no open packet", 1, no_open_packet, SIO_FAILURE_PROTOCOL},
    {"a bad open packet", 1, bad_open_packet, SIO_FAILURE_PROTOCOL},
    {"a giant frame", 0, giant_frame, SIO_FAILURE_TOO_LARGE},
    {"a frame of a negative size", 0, negative_frame, -1},
    {"reserved bits", 0, reserved_bits, SIO_FAILURE_PROTOCOL},
    {"a masked frame", 0, masked_frame, SIO_FAILURE_PROTOCOL},
    {"text that is none", 0, bad_utf8, SIO_FAILURE_PROTOCOL}};

static void opening(void) {
    size_t i;
    for (i = 0; i < sizeof tricks / sizeof tricks[0]; i++) {
        raw_server server;
        raw_peer peer;
        sio_client_options options;
        const probe_event *seen;
        int failed = check_failed();
        dial it;
        REQUIRE(raw_server_open(&server));
        options = dial_options(server.port);
        options.transports =
            tricks[i].polls ? SIO_TRANSPORT_POLLING : SIO_TRANSPORT_WEBSOCKET;
        options.flags = SIO_CLIENT_NO_RECONNECTION;
        dial_new(&it, &options);
        CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
        REQUIRE(raw_accept(&server, &peer));
        CHECK(raw_receive_request(&peer));
        CHECK(tricks[i].play(&peer));
        seen = probe_at(&it.failed, 0);
        CHECK_NUMBER(seen->kind, SIO_EVENT_CONNECT_ERROR);
        CHECK(seen->reason[0] != '\0');
        if (tricks[i].code >= 0) CHECK_NUMBER(seen->code, tricks[i].code);
        CHECK_NUMBER(seen->transport, tricks[i].polls
                                          ? SIO_TRANSPORT_POLLING
                                          : SIO_TRANSPORT_WEBSOCKET);
        if (tricks[i].play == not_found) CHECK_NUMBER(seen->http_status, 404);
        if (tricks[i].play == elsewhere) CHECK_NUMBER(seen->http_status, 302);
        if (check_failed() > failed)
            printf("  %s: %s\n", tricks[i].name, seen->reason);
        raw_part(&peer);
        dial_end(&it);
        raw_server_close(&server);
    }
}

/* What a server says once the client has joined; each ends the connection with
 * a reason, or is passed over. */
typedef struct saying {
    const char *packet;
    const char *reason; /* NULL: passed over */
} saying;

static const saying sayings[] = {{"4", "parse error"},
                                 {"4{}", "parse error"},
                                 {"49", "parse error"},
                                 {"42", "parse error"},
                                 {"42{}", "parse error"},
                                 {"42[]", "parse error"},
                                 {"42[\"a\"", "parse error"},
                                 {"42[1", "parse error"},
                                 {"43[1]", NULL},
                                 {"43a1[1]", "parse error"},
                                 {"4351-[1]", "parse error"},
                                 {"45", "parse error"},
                                 {"4599999999999-[\"a\"]", "parse error"},
                                 {"42/elsewhere,[\"a\"]", NULL},
                                 {"4399[1]", NULL},
                                 {"6", NULL},
                                 {OPEN("second", ""), NULL},
                                 {"3probe", NULL}};

static void talking(void) {
    size_t i;
    for (i = 0; i < sizeof sayings / sizeof sayings[0]; i++) {
        raw_server server;
        raw_peer peer;
        sio_client_options options;
        int failed = check_failed();
        dial it;
        probe seen;
        probe_init(&seen);
        REQUIRE(raw_server_open(&server));
        options = dial_options(server.port);
        options.transports = SIO_TRANSPORT_WEBSOCKET;
        options.flags = SIO_CLIENT_NO_RECONNECTION;
        dial_new(&it, &options);
        sio_client_on_any(it.client, "/", probe_see, &seen, NULL);
        CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
        REQUIRE(raw_welcome(&server, &peer));
        CHECK(probe_wait(&it.joined, 1));
        CHECK(raw_tell(&peer, sayings[i].packet));
        raw_tell(&peer, "42[\"after\"]"); /* unless it is gone */
        if (sayings[i].reason != NULL) {
            CHECK_TEXT(probe_at(&it.left, 0)->reason, sayings[i].reason);
            CHECK_NUMBER(probe_calls(&seen), 0);
        } else {
            CHECK_TEXT(probe_at(&seen, 0)->name, "after");
            CHECK_NUMBER(probe_calls(&it.left), 0);
        }
        if (check_failed() > failed) printf("  %s\n", sayings[i].packet);
        raw_part(&peer);
        dial_destroy(&it);
        raw_server_close(&server);
    }
}

/* Wrong sids. A session has one connection for GETs, one for POSTs, and one for
 * the WebSocket that is to take over. */
typedef struct session {
    raw_server server;
    raw_peer polls, posts, socket;
    dial it;
} session;

static int is_of(const raw_peer *peer, const char *sid) {
    char query[64];
    const char *place;
    snprintf(query, sizeof query, "sid=%s", sid);
    place = strstr(peer->request.target, query);
    if (place != NULL && strchr("&", place[strlen(query)]) != NULL) return 1;
    printf("  expected %s, got %s\n", query, peer->request.target);
    return 0;
}

/* Opens the session "first", and receives what the client then asks. */
static void begin(session *on, int upgrades) {
    sio_client_options options;
    int i;
    memset(on, 0, sizeof *on);
    on->polls.stream.fd = on->posts.stream.fd = on->socket.stream.fd = -1;
    REQUIRE(raw_server_open(&on->server));
    options = dial_options(on->server.port);
    options.flags = SIO_CLIENT_NO_RECONNECTION;
    dial_new(&on->it, &options);
    CHECK_STATUS(sio_client_connect(on->it.client, "/"), SIO_OK);
    REQUIRE(raw_accept(&on->server, &on->polls));
    CHECK(raw_receive_request(&on->polls));
    CHECK(strstr(on->polls.request.target, "sid=") == NULL);
    CHECK(raw_respond(&on->polls, 200, NULL,
                      upgrades ? OPEN("first", "\"websocket\"")
                               : OPEN("first", "")));
    for (i = 0; i <= upgrades; i++) {
        raw_peer came;
        REQUIRE(raw_accept(&on->server, &came));
        CHECK(raw_receive_request(&came));
        CHECK(is_of(&came, "first"));
        *(strcmp(came.request.method, "POST") == 0 ? &on->posts : &on->socket) =
            came;
    }
    CHECK(raw_receive_request(&on->polls));
    CHECK(is_of(&on->polls, "first"));
    CHECK_TEXT(on->posts.request.body, "40");
}

/* It goes on over polling, in the session that it has. */
static void goes_on(session *on) {
    CHECK(raw_respond(&on->posts, 200, NULL, "ok"));
    CHECK(raw_respond(&on->polls, 200, NULL, "40{\"sid\":\"id\"}"));
    CHECK(probe_wait(&on->it.joined, 1));
    CHECK_NUMBER(probe_at(&on->it.joined, 0)->transport, SIO_TRANSPORT_POLLING);
    CHECK(raw_receive_request(&on->polls));
    CHECK(is_of(&on->polls, "first"));
    CHECK_NUMBER(probe_calls(&on->it.failed), 0);
}

static void end(session *on) {
    raw_part(&on->polls);
    raw_part(&on->posts);
    raw_part(&on->socket);
    dial_destroy(&on->it);
    raw_server_close(&on->server);
}

static void wrong_sids(void) {
    static const char unknown[] =
        "{\"code\":1,\"message\":\"Session ID unknown\"}";
    session on;
    const probe_event *seen;
    raw_message message;
    /* An open packet of another session, in answer to a poll. */
    begin(&on, 0);
    CHECK(raw_respond(&on.polls, 200, NULL, OPEN("second", "")));
    CHECK(raw_receive_request(&on.polls));
    CHECK(is_of(&on.polls, "first"));
    goes_on(&on);
    end(&on);
    /* A server that has forgotten the session, in answer to a GET, or a POST. */
    begin(&on, 0);
    CHECK(raw_respond(&on.polls, 400, NULL, unknown));
    seen = probe_at(&on.it.failed, 0);
    CHECK_NUMBER(seen->code, SIO_FAILURE_HTTP);
    CHECK_NUMBER(seen->http_status, 400);
    CHECK(strstr(seen->reason, "Session ID unknown") != NULL);
    end(&on);
    begin(&on, 0);
    CHECK(raw_respond(&on.posts, 400, NULL, unknown));
    CHECK_NUMBER(probe_at(&on.it.failed, 0)->http_status, 400);
    end(&on);
    /* The WebSocket is refused, or is that of another session. */
    begin(&on, 1);
    CHECK(raw_respond(&on.socket, 400, NULL, unknown));
    goes_on(&on);
    end(&on);
    begin(&on, 1);
    CHECK(raw_accept_upgrade(&on.socket));
    CHECK(raw_heard(&on.socket, "2probe"));
    CHECK(raw_tell(&on.socket, OPEN("second", "")));
    CHECK(raw_ws_receive(&on.socket.stream, &message));
    CHECK_NUMBER(message.opcode, RAW_WS_CLOSE);
    free(message.data);
    goes_on(&on);
    end(&on);
}

/* A sid that would be more than that in a request. */
static void strange_sid(void) {
    raw_server server;
    raw_peer peer;
    sio_client_options options;
    char value[16];
    dial it;
    REQUIRE(raw_server_open(&server));
    options = dial_options(server.port);
    options.transports = SIO_TRANSPORT_POLLING;
    options.flags = SIO_CLIENT_NO_RECONNECTION;
    dial_new(&it, &options);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    REQUIRE(raw_accept(&server, &peer));
    CHECK(raw_receive_request(&peer));
    CHECK(raw_respond(&peer, 200, NULL,
                      OPEN("a&sid=b HTTP/1.1\\r\\nX-Evil: 1\\r\\n", "")));
    CHECK(raw_receive_request(&peer));
    CHECK_TEXT(peer.request.method, "GET");
    CHECK(is_of(&peer, "a%26sid%3Db%20HTTP%2F1.1%0D%0AX-Evil%3A%201%0D%0A"));
    CHECK_TEXT(raw_request_header(&peer.request, "X-Evil", value, sizeof value),
               "");
    raw_part(&peer);
    dial_destroy(&it);
    raw_server_close(&server);
}

/* Half a packet with attachments, more attachments than may be, a silent one. */
static void attachments(void) {
    raw_server server;
    raw_peer peer;
    sio_client_options options;
    dial it;
    probe seen;
    probe_init(&seen);
    REQUIRE(raw_server_open(&server));
    options = dial_options(server.port);
    options.transports = SIO_TRANSPORT_WEBSOCKET;
    options.max_attachments = 2;
    options.max_http_buffer_size = 1000;
    dial_new(&it, &options);
    sio_client_on_any(it.client, "/", probe_see, &seen, NULL);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    REQUIRE(raw_welcome(&server, &peer));
    CHECK(raw_tell(&peer, "451-[\"a\",{\"_placeholder\":true,\"num\":0}]"));
    CHECK(raw_tell_bytes(&peer, "\1", 1));
    CHECK_NUMBER(probe_at(&seen, 0)->attachment_count, 1);
    CHECK(raw_tell(&peer, "451-[\"a\",{\"_placeholder\":true,\"num\":0}]"));
    CHECK(raw_tell(&peer, "42[\"b\"]")); /* in the place of the attachment */
    CHECK_TEXT(probe_at(&it.left, 0)->reason, "parse error");
    REQUIRE(raw_welcome(&server, &peer));
    CHECK(raw_tell_bytes(&peer, "\1", 1)); /* that nobody has announced */
    CHECK_TEXT(probe_at(&it.left, 1)->reason, "parse error");
    REQUIRE(raw_welcome(&server, &peer));
    CHECK(raw_tell(&peer, "453-[\"a\",{\"_placeholder\":true,\"num\":0},"
                          "{\"_placeholder\":true,\"num\":1},"
                          "{\"_placeholder\":true,\"num\":2}]"));
    CHECK(probe_wait(&it.left, 3));
    REQUIRE(raw_welcome(&server, &peer));
    CHECK(raw_tell_frame(&peer, RAW_WS_FIN | RAW_WS_TEXT, NULL, 0));
    {
        static char large[2000];
        memset(large, '4', sizeof large);
        raw_tell_bytes(&peer, large, sizeof large);
    }
    CHECK(probe_wait(&it.left, 4));
    CHECK_NUMBER(probe_calls(&seen), 1);
    raw_part(&peer);
    dial_destroy(&it);
    raw_server_close(&server);
}

/* A server that goes silent is noticed. */
static void silence(void) {
    raw_server server;
    raw_peer peer;
    sio_client_options options;
    dial it;
    int ms;
    REQUIRE(raw_server_open(&server));
    options = dial_options(server.port);
    options.transports = SIO_TRANSPORT_WEBSOCKET;
    dial_new(&it, &options);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    /* It comes again with more time if it was over before it could join. */
    for (ms = 50; probe_calls(&it.joined) == 0 && ms < 10000; ms *= 2) {
        char open[128];
        int failed = probe_calls(&it.failed);
        snprintf(open, sizeof open,
                 "0{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":%d,"
                 "\"pingTimeout\":%d}",
                 ms, ms);
        REQUIRE(raw_accept(&server, &peer));
        CHECK(raw_receive_request(&peer));
        CHECK(raw_accept_upgrade(&peer));
        CHECK(raw_tell(&peer, open));
        if (!raw_let_in(&peer, "/")) continue;
        while (probe_calls(&it.joined) == 0 &&
               probe_calls(&it.failed) == failed)
            raw_sleep_ms(1);
        if (probe_calls(&it.joined) == 0) raw_part(&peer);
    }
    CHECK_TEXT(probe_at(&it.left, 0)->reason, "ping timeout");
    CHECK_NUMBER(probe_at(&it.left, 0)->code, SIO_FAILURE_TIMEOUT);
    raw_part(&peer);
    dial_destroy(&it);
    raw_server_close(&server);
}

int main(void) {
    opening();
    talking();
    wrong_sids();
    strange_sid();
    attachments();
    silence();
    return check_total();
}
