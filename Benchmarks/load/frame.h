/*
 * frame.h - WebSocket frames: masked ones out, unmasked ones in.
 */
#ifndef LOAD_FRAME_H
#define LOAD_FRAME_H

#include "bytes.h"

enum frame_opcode {
    FRAME_CONTINUATION = 0,
    FRAME_TEXT = 1,
    FRAME_BINARY = 2,
    FRAME_CLOSE = 8,
    FRAME_PING = 9,
    FRAME_PONG = 10
};

/* Always the same: a mask protects proxies from scripts, and there are none
 * here; the server takes it off all the same. */
extern const uint8_t frame_mask[4];

void frame_append(struct buffer *buffer, enum frame_opcode opcode,
                  struct bytes payload);

struct frame {
    enum frame_opcode opcode;
    struct bytes payload;
};

enum frame_result {
    FRAME_READ,
    FRAME_INCOMPLETE,
    FRAME_WRONG
};

/* Takes a frame from the front of `input`. One that is in pieces, compressed
 * or masked is wrong: no server sends such to a client that offers nothing. */
static inline enum frame_result frame_read(struct bytes *input,
                                           struct frame *frame) {
    const uint8_t *data = input->data;
    size_t header = 2;
    uint64_t length;
    if (input->length < 2) return FRAME_INCOMPLETE;
    if ((data[0] & 0xf0) != 0x80 || data[1] & 0x80) return FRAME_WRONG;
    length = data[1];
    if (length == 126) {
        header = 4;
        if (input->length < header) return FRAME_INCOMPLETE;
        length = (uint64_t)data[2] << 8 | data[3];
    } else if (length == 127) {
        header = 10;
        if (input->length < header) return FRAME_INCOMPLETE;
        length = 0;
        for (int i = 2; i < 10; i++) length = length << 8 | data[i];
        if (length > SIZE_MAX / 2) return FRAME_WRONG;
    }
    if (input->length - header < length) return FRAME_INCOMPLETE;
    frame->opcode = data[0] & 0x0f;
    frame->payload = (struct bytes){data + header, length};
    *input = bytes_skip(*input, header + length);
    return FRAME_READ;
}

#endif
