/* frame.c - writing frames. */
#include "frame.h"

const uint8_t frame_mask[4] = {0x37, 0xfa, 0x21, 0x3d};

void frame_append(struct buffer *buffer, enum frame_opcode opcode,
                  struct bytes payload) {
    uint8_t header[10] = {0x80 | (uint8_t)opcode};
    size_t length = 2;
    if (payload.length < 126) {
        header[1] = 0x80 | (uint8_t)payload.length;
    } else if (payload.length < 1 << 16) {
        header[1] = 0x80 | 126;
        header[2] = (uint8_t)(payload.length >> 8);
        header[3] = (uint8_t)payload.length;
        length = 4;
    } else {
        header[1] = 0x80 | 127;
        for (int i = 0; i < 8; i++)
            header[2 + i] = (uint8_t)((uint64_t)payload.length >> (56 - 8 * i));
        length = 10;
    }
    buffer_append(buffer, header, length);
    buffer_append(buffer, frame_mask, sizeof frame_mask);
    buffer_reserve(buffer, payload.length);
    for (size_t i = 0; i < payload.length; i++)
        buffer->data[buffer->length++] = payload.data[i] ^ frame_mask[i % 4];
}
