#include "raw_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "raw_base64.h"
#include "raw_sha1.h"
#include "raw_ws.h"

int raw_server_open(raw_server *server) {
    return raw_server_refuse(server) && listen(server->fd, 16) == 0;
}

int raw_server_refuse(raw_server *server) {
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server->fd < 0 ||
        bind(server->fd, (struct sockaddr *)&address, length) != 0 ||
        getsockname(server->fd, (struct sockaddr *)&address, &length) != 0)
        return 0;
    server->port = ntohs(address.sin_port);
    return 1;
}

void raw_server_close(raw_server *server) {
    if (server->fd >= 0) close(server->fd);
    server->fd = -1;
}

void raw_server_narrow(raw_server *server) {
    listen(server->fd, 0);
}

static int comes(raw_server *server, int timeout_ms) {
    struct pollfd waiting;
    waiting.fd = server->fd;
    waiting.events = POLLIN;
    waiting.revents = 0;
    return poll(&waiting, 1, timeout_ms) == 1;
}

int raw_accept_within(raw_server *server, raw_peer *peer, int timeout_ms) {
    int on = 1;
    memset(peer, 0, sizeof *peer);
    peer->stream.fd = -1;
    peer->stream.timeout_ms = RAW_PATIENCE_MS;
    if (!comes(server, timeout_ms)) return 0;
    peer->stream.fd = accept(server->fd, NULL, NULL);
    if (peer->stream.fd < 0) return 0;
    setsockopt(peer->stream.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return 1;
}

int raw_accept(raw_server *server, raw_peer *peer) {
    return raw_accept_within(server, peer, RAW_PATIENCE_MS);
}

int raw_nobody(raw_server *server, int for_ms) {
    return !comes(server, for_ms);
}

int raw_receive_request(raw_peer *peer) {
    raw_request *request = &peer->request;
    char line[1024], value[32];
    memset(request, 0, sizeof *request);
    if (!raw_read_line(&peer->stream, line, sizeof line) ||
        sscanf(line, "%15s %511s", request->method, request->target) != 2)
        return 0;
    for (;;) {
        if (!raw_read_line(&peer->stream, line, sizeof line)) return 0;
        if (line[0] == '\0') break;
        if (strlen(request->head) + strlen(line) + 2 > sizeof request->head)
            return 0;
        strcat(request->head, line);
        strcat(request->head, "\n");
    }
    raw_request_header(request, "content-length", value, sizeof value);
    request->length = (size_t)atoi(value);
    if (request->length >= sizeof request->body) return 0;
    return raw_read(&peer->stream, request->body, request->length);
}

const char *raw_request_header(const raw_request *request, const char *name,
                               char *value, size_t capacity) {
    size_t length = strlen(name);
    const char *line = request->head;
    value[0] = '\0';
    while (line != NULL && *line != '\0') {
        const char *end = strchr(line, '\n');
        if (strncasecmp(line, name, length) == 0 && line[length] == ':') {
            snprintf(value, capacity, "%.*s", (int)(end - line - length - 2),
                     line + length + 2);
            break;
        }
        line = end == NULL ? NULL : end + 1;
    }
    return value;
}

int raw_respond(raw_peer *peer, int status, const char *headers,
                const char *body) {
    char head[1024];
    snprintf(head, sizeof head,
             "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n%s\r\n", status,
             strlen(body), headers == NULL ? "" : headers);
    return raw_write(&peer->stream, head, strlen(head)) &&
           raw_write(&peer->stream, body, strlen(body));
}

int raw_accept_upgrade(raw_peer *peer) {
    char key[100], answer[32], head[256];
    unsigned char digest[20];
    raw_request_header(&peer->request, "sec-websocket-key", key, 64);
    if (key[0] == '\0') return 0;
    strcat(key, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    raw_sha1(key, strlen(key), digest);
    raw_base64_encode(digest, sizeof digest, answer);
    snprintf(head, sizeof head,
             "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
             "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
             answer);
    return raw_write(&peer->stream, head, strlen(head));
}

int raw_tell_frame(raw_peer *peer, int first, const void *data, size_t length) {
    unsigned char head[10];
    size_t used = 2, i;
    head[0] = (unsigned char)first;
    if (length < 126) {
        head[1] = (unsigned char)length;
    } else {
        size_t width = length < 65536 ? 2 : 8;
        head[1] = width == 2 ? 126 : 127;
        for (i = 0; i < width; i++)
            head[used++] = (unsigned char)((unsigned long long)length >>
                                           (8 * (width - 1 - i)));
    }
    return raw_write(&peer->stream, head, used) &&
           raw_write(&peer->stream, data, length);
}

int raw_tell(raw_peer *peer, const char *packet) {
    return raw_tell_frame(peer, RAW_WS_FIN | RAW_WS_TEXT, packet,
                          strlen(packet));
}

int raw_tell_bytes(raw_peer *peer, const void *data, size_t length) {
    return raw_tell_frame(peer, RAW_WS_FIN | RAW_WS_BINARY, data, length);
}

int raw_hear(raw_peer *peer) {
    raw_message message;
    int whole;
    do {
        if (!raw_ws_receive(&peer->stream, &message)) return 0;
        if (message.opcode == RAW_WS_CLOSE) {
            free(message.data);
            return 0;
        }
        whole = message.opcode == RAW_WS_TEXT ? strcmp(message.data, "3") != 0
                                              : message.opcode == RAW_WS_BINARY;
        peer->binary = message.opcode == RAW_WS_BINARY;
        peer->length = message.length < sizeof peer->packet
                           ? message.length
                           : sizeof peer->packet - 1;
        memcpy(peer->packet, message.data, peer->length);
        peer->packet[peer->length] = '\0';
        free(message.data);
    } while (!whole);
    return 1;
}

int raw_heard(raw_peer *peer, const char *packet) {
    if (!raw_hear(peer)) {
        printf("  expected \"%s\", but the client is gone or silent\n", packet);
        return 0;
    }
    if (!peer->binary && strcmp(peer->packet, packet) == 0) return 1;
    printf("  expected \"%s\", got \"%s\"\n", packet, peer->packet);
    return 0;
}

int raw_heard_bytes(raw_peer *peer, const void *data, size_t length) {
    return raw_hear(peer) && peer->binary && peer->length == length &&
           memcmp(peer->packet, data, length) == 0;
}

int raw_session(raw_server *server, raw_peer *peer) {
    return raw_accept(server, peer) && raw_receive_request(peer) &&
           raw_accept_upgrade(peer) &&
           raw_tell(peer, "0{\"sid\":\"0123456789abcdefghij\",\"upgrades\":[],"
                          "\"pingInterval\":60000,\"pingTimeout\":60000,"
                          "\"maxPayload\":1000000}");
}

int raw_let_in(raw_peer *peer, const char *nsp) {
    char start[128], answer[192];
    int is_main = strcmp(nsp, "/") == 0;
    snprintf(start, sizeof start, "40%s%s", is_main ? "" : nsp,
             is_main ? "" : ",");
    if (!raw_hear(peer)) return 0;
    if (strncmp(peer->packet, start, strlen(start)) != 0) {
        printf("  expected \"%s...\", got \"%s\"\n", start, peer->packet);
        return 0;
    }
    snprintf(answer, sizeof answer, "%s{\"sid\":\"id\"}", start);
    return raw_tell(peer, answer);
}

int raw_welcome(raw_server *server, raw_peer *peer) {
    return raw_session(server, peer) && raw_let_in(peer, "/");
}

void raw_part(raw_peer *peer) {
    raw_close(&peer->stream);
}

void raw_cut(raw_peer *peer) {
    raw_reset(&peer->stream);
}
