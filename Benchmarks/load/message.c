/* message.c - preparing messages. */
#include "message.h"

#include "frame.h"

/* A packet that is being written: its text, and where the tag is in it. */
struct draft {
    struct buffer text;
    size_t tag_at;
    size_t room_at;
};

static void add(struct draft *draft, const char *text) {
    buffer_append_text(&draft->text, text);
}

static void add_tag(struct draft *draft, struct tag_format format) {
    static const uint8_t no_mask[TAG_WIDTH];
    draft->tag_at = draft->text.length;
    buffer_reserve(&draft->text, format.width + 1);
    tag_write(format, 0, no_mask, draft->text.data + draft->text.length);
    draft->text.length += format.width;
}

/* Letters that are the same in every encoding, `length` of them. */
static void add_fill(struct buffer *text, size_t length) {
    buffer_reserve(text, length);
    for (size_t i = 0; i < length; i++)
        text->data[text->length++] = (uint8_t)('a' + i % 26);
}

/* A string of `size` characters that starts with the tag. */
static void add_string(struct draft *draft, struct tag_format format,
                       size_t size) {
    add_tag(draft, format);
    add_fill(&draft->text, size - format.width);
}

/* An object of `size` bytes, or little more if that is very few. It is written
 * as every JSON encoder writes it, so that it comes back unchanged. */
static void add_object(struct draft *draft, struct tag_format format,
                       size_t size) {
    static const char user[] =
        ",\"user\":{\"name\":\"Ada \\\"Countess\\\" Lovelace\",\"age\":36,"
        "\"admin\":true,\"manager\":null,\"tags\":[\"math\",\"a\\\\b\"]}";
    static const char item[] = "{\"sku\":\"X-1093\",\"count\":12,\"price\":"
                               "19.75,\"note\":\"two\\nlines\"}";
    static const char pad[] = ",\"pad\":\"";
    struct buffer *text = &draft->text;
    /* Where the padding ends; `"}` follows. */
    size_t end = text->length + (size > 2 ? size - 2 : 0);
    add(draft, "{\"id\":\"");
    add_tag(draft, format);
    add(draft, "\"");
    end -= end < sizeof pad ? end : sizeof pad;
    if (text->length + sizeof user < end) add(draft, user);
    if (text->length + sizeof item + 12 < end) {
        add(draft, ",\"items\":[");
        add(draft, item);
        while (text->length + sizeof item + 1 < end) {
            add(draft, ",");
            add(draft, item);
        }
        add(draft, "]");
    }
    if (text->length < end) {
        add(draft, pad);
        add_fill(text, end + sizeof pad - text->length);
        add(draft, "\"");
    }
    add(draft, "}");
}

/* As base64 it starts with the tag as well. */
static void add_base64(struct draft *draft, struct tag_format format,
                       size_t size) {
    size_t digits = (size * 8 + 5) / 6;
    add_string(draft, format, digits);
    /* The bits behind the last byte are zero. */
    if (size % 3 != 0 && digits > format.width)
        draft->text.data[draft->text.length - 1] = 'A';
    while (digits++ % 4 != 0) add(draft, "=");
}

static void split(struct reply *reply, const struct draft *draft,
                  struct tag_format format) {
    struct bytes text = bytes_of(&draft->text);
    reply->tag = format;
    reply->before = (struct bytes){text.data, draft->tag_at};
    reply->after = bytes_skip(text, draft->tag_at + format.width);
}

/* Appends what is sent to the head, and cuts it behind the tag. */
static void prepare(struct message *message, const struct draft *draft,
                    enum frame_opcode opcode, bool polling) {
    static const uint8_t no_mask[4];
    struct buffer *head = &message->head;
    struct bytes text = bytes_of(&draft->text);
    if (polling)
        buffer_append(head, text.data, text.length);
    else
        frame_append(head, opcode, text);
    size_t start = head->length - text.length;
    const uint8_t *mask = polling ? no_mask : frame_mask;
    for (size_t i = 0; i < TAG_WIDTH; i++)
        message->tag_mask[i] = mask[(draft->tag_at + i) % 4];
    for (size_t i = 0; i < sizeof message->room_mask; i++)
        message->room_mask[i] = mask[(draft->room_at + i) % 4];
    message->tag_at = start + draft->tag_at;
    message->room_at = start + draft->room_at;
    size_t end = message->tag_at + message->tag.width;
    buffer_append(&message->tail, head->data + end, head->length - end);
    head->length = end;
}

static struct tag_format tag_format(enum message_kind kind, size_t size,
                                    bool polling) {
    size_t width = size;
    if (kind == MESSAGE_ACK) return (struct tag_format){TAG_WIDTH, 3};
    /* In base64, characters that are bits of the attachment only. */
    if (kind == MESSAGE_BINARY && polling) width = size * 8 / 6;
    if (kind == MESSAGE_JSON) width = 5;
    return (struct tag_format){width < 5 ? (unsigned)width : 5, 6};
}

/* What follows the event's name. */
static void add_arguments(struct draft *draft, enum message_kind kind,
                          struct tag_format format, size_t size) {
    switch (kind) {
    case MESSAGE_JSON:
        add_object(draft, format, size);
        return;
    case MESSAGE_ROOM:
        add(draft, "\"" ROOM_PREFIX);
        draft->room_at = draft->text.length;
        buffer_append_format(&draft->text, "%u\",", (unsigned)FIRST_ROOM);
        break;
    default:
        break;
    }
    add(draft, "\"");
    /* An acknowledgement has the tag in its id. */
    if (kind == MESSAGE_ACK)
        add_fill(&draft->text, size);
    else
        add_string(draft, format, size);
    add(draft, "\"");
}

static void add_event(struct draft *draft, enum message_kind kind,
                      const char *nsp, struct tag_format format, size_t size) {
    add(draft, "42");
    add(draft, nsp);
    if (kind == MESSAGE_ACK) {
        add(draft, "1");
        add_tag(draft, format);
    }
    add(draft, kind == MESSAGE_BROADCAST ? "[\"broadcast\","
               : kind == MESSAGE_ROOM    ? "[\"room\","
                                         : "[\"echo\",");
    add_arguments(draft, kind, format, size);
    add(draft, "]");
}

static void make_text(struct message *message, enum message_kind kind,
                      const char *nsp, size_t size, bool polling) {
    struct draft sent = {0}, reply = {0};
    struct tag_format format = message->tag;
    if (kind == MESSAGE_PLAIN)
        add_string(&sent, format, size);
    else
        add_event(&sent, kind, nsp, format, size);
    if (kind == MESSAGE_ACK) {
        add(&reply, "43");
        add(&reply, nsp);
        add(&reply, "1");
        add_tag(&reply, format);
        add(&reply, "[\"");
        add_fill(&reply.text, size);
        add(&reply, "\"]");
    } else if (kind == MESSAGE_ROOM) {
        add(&reply, "42[\"room\",\"");
        add_string(&reply, format, size);
        add(&reply, "\"]");
    }
    prepare(message, &sent, FRAME_TEXT, polling);
    /* The reply's bytes stay; what is sent was copied. */
    if (reply.text.length > 0)
        buffer_free(&sent.text);
    else
        reply = sent;
    message->reply_count = 1;
    split(&message->replies[0], &reply, format);
}

static void make_binary(struct message *message, const char *nsp, size_t size,
                        bool polling) {
    struct draft event = {0}, attachment = {0};
    struct tag_format format = message->tag;
    add(&event, "451-");
    add(&event, nsp);
    add(&event, "[\"echo\",{\"_placeholder\":true,\"num\":0}]");
    if (polling) {
        add(&attachment, "b");
        add_base64(&attachment, format, size);
        buffer_append(&message->head, event.text.data, event.text.length);
        buffer_append_text(&message->head, "\x1e");
    } else {
        add_string(&attachment, format, size);
        frame_append(&message->head, FRAME_TEXT, bytes_of(&event.text));
    }
    message->reply_count = 2;
    split(&message->replies[0], &event, (struct tag_format){0, 0});
    split(&message->replies[1], &attachment, format);
    prepare(message, &attachment, FRAME_BINARY, polling);
}

void message_make(struct message *message, enum message_kind kind,
                  const char *nsp, size_t size, bool polling) {
    *message = (struct message){.tag = tag_format(kind, size, polling)};
    if (kind == MESSAGE_BINARY)
        make_binary(message, nsp, size, polling);
    else
        make_text(message, kind, nsp, size, polling);
}

void message_set_room(struct message *message, unsigned room) {
    unsigned number = FIRST_ROOM + room;
    for (size_t i = sizeof message->room_mask; i-- > 0; number /= 10)
        message->head.data[message->room_at + i] =
            (uint8_t)('0' + number % 10) ^ message->room_mask[i];
}
