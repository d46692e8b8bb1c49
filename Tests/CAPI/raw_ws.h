/*
 * raw_ws.h - WebSocket messages over a stream, the client's side.
 */
#ifndef RAW_WS_H
#define RAW_WS_H

#include "raw_net.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    RAW_WS_CONTINUATION = 0,
    RAW_WS_TEXT = 1,
    RAW_WS_BINARY = 2,
    RAW_WS_CLOSE = 8,
    RAW_WS_PING = 9,
    RAW_WS_PONG = 10,
    RAW_WS_FIN = 0x80
};

typedef struct raw_message {
    int opcode;
    char *data; /* with a NUL behind it; release it with free() */
    size_t length;
} raw_message;

/* Upgrades the connection: the status of the response, 101 if it is right in
 * everything; 0 if none came. */
int raw_ws_upgrade(raw_stream *stream, const char *target, const char *headers);

/* Sends a whole message or control frame: 1, or 0 if the peer is gone. */
int raw_ws_send(raw_stream *stream, int opcode, const void *data,
                size_t length);

/* Sends one frame; `first` is the first byte, RAW_WS_FIN included or not. */
int raw_ws_send_frame(raw_stream *stream, int first, const void *data,
                      size_t length);

/* Receives a frame, masked or not (nobody sends fragments): 1, or 0 at the
 * end. */
int raw_ws_receive(raw_stream *stream, raw_message *message);

#ifdef __cplusplus
}
#endif

#endif
