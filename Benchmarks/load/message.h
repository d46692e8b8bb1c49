/*
 * message.h - a message that is sent again and again, prepared: masked and
 * framed (or as it lies in a polling payload), but for its tag; and what must
 * come back.
 */
#ifndef LOAD_MESSAGE_H
#define LOAD_MESSAGE_H

#include "bytes.h"
#include "tag.h"

enum message_kind {
    MESSAGE_ECHO,
    MESSAGE_JSON,
    MESSAGE_BINARY,
    MESSAGE_ACK,
    MESSAGE_BROADCAST,
    MESSAGE_ROOM,
    MESSAGE_PLAIN
};

/* A packet that comes back: text, tag if it has one, text. */
struct reply {
    struct bytes before;
    struct bytes after;
    struct tag_format tag;
};

struct message {
    struct tag_format tag;
    /* The head is copied and gets its tag; the tail never changes. */
    struct buffer head;
    struct buffer tail;
    size_t tag_at;
    uint8_t tag_mask[TAG_WIDTH];
    struct reply replies[2]; /* binary: the event, and its attachment */
    unsigned reply_count;
    size_t room_at;
    uint8_t room_mask[7];
};

/* Rooms are called r1000000, r1000001, ...: of one length. */
#define ROOM_PREFIX "r"
enum {
    FIRST_ROOM = 1000000
};

/* `nsp` is the namespace as packets have it: "" or "/n7,". */
void message_make(struct message *message, enum message_kind kind,
                  const char *nsp, size_t size, bool polling);
void message_set_room(struct message *message, unsigned room);

/* The tag of a packet that is this reply (0 if it has none); -1 if it is not. */
static inline int64_t reply_match(const struct reply *reply,
                                  struct bytes packet) {
    size_t before = reply->before.length, width = reply->tag.width;
    if (packet.length != before + width + reply->after.length ||
        memcmp(packet.data, reply->before.data, before) != 0 ||
        memcmp(packet.data + before + width, reply->after.data,
               reply->after.length) != 0)
        return -1;
    return tag_read(reply->tag, packet.data + before);
}

#endif
