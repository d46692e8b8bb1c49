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
    buffer_reserve(&draft->text, format.width);
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

/* What is sent: `first` without a tag if it is not NULL, then `draft`. */
static void prepare(struct message *message, const struct draft *first,
                    const struct draft *draft, bool binary, bool polling) {
    static const uint8_t no_mask[4];
    struct buffer *head = &message->head;
    struct bytes text = bytes_of(&draft->text);
    size_t start;
    if (first != NULL && polling) {
        buffer_append(head, first->text.data, first->text.length);
        buffer_append_text(head, "\x1e");
    } else if (first != NULL) {
        frame_append(head, FRAME_TEXT, bytes_of(&first->text));
    }
    start = head->length;
    if (polling)
        buffer_append(head, text.data, text.length);
    else
        frame_append(head, binary ? FRAME_BINARY : FRAME_TEXT, text);
    start = head->length - text.length;
    const uint8_t *mask = polling ? no_mask : frame_mask;
    for (size_t i = 0; i < TAG_WIDTH; i++)
        message->tag_mask[i] = mask[(draft->tag_at + i) % 4];
    for (size_t i = 0; i < sizeof message->room_mask; i++)
        message->room_mask[i] = mask[(draft->room_at + i) % 4];
    message->tag_at = start + draft->tag_at;
    message->room_at = start + draft->room_at;
    /* The head ends behind the tag. */
    size_t end = message->tag_at + message->tag.width;
    buffer_append(&message->tail, head->data + end, head->length - end);
    head->length = end;
}

static struct tag_format tag_format(enum message_kind kind, size_t size) {
    size_t width = size;
    if (kind == MESSAGE_ACK) return (struct tag_format){TAG_WIDTH, 3};
    if (kind == MESSAGE_BINARY) width = size * 8 / 6;
    if (kind == MESSAGE_JSON) width = 5;
    return (struct tag_format){width < 5 ? (unsigned)width : 5, 6};
}

void message_make(struct message *message, enum message_kind kind,
                  const char *nsp, size_t size, bool polling) {
    static const char *const names[] = {
        [MESSAGE_ECHO] = "echo",
        [MESSAGE_JSON] = "echo",
        [MESSAGE_ACK] = "echo",
        [MESSAGE_BINARY] = "echo",
        [MESSAGE_BROADCAST] = "broadcast",
        [MESSAGE_ROOM] = "room",
    };
    struct draft out = {0}, event = {0}, back = {0};
    struct draft *first = NULL, *returned = &out;
    *message = (struct message){.reply_count = 1};
    struct tag_format format = message->tag = tag_format(kind, size);

    if (kind == MESSAGE_PLAIN) {
        add_string(&out, format, size);
    } else if (kind == MESSAGE_BINARY) {
        add(&event, "451-");
        add(&event, nsp);
        add(&event, "[\"echo\",{\"_placeholder\":true,\"num\":0}]");
        first = &event;
        message->reply_count = 2;
        if (polling) {
            add(&out, "b");
            add_base64(&out, format, size);
        } else {
            add_string(&out, format, size);
        }
    } else {
        add(&out, "42");
        add(&out, nsp);
        if (kind == MESSAGE_ACK) {
            add(&out, "1");
            add_tag(&out, format);
        }
        add(&out, "[\"");
        add(&out, names[kind]);
        add(&out, "\",");
        if (kind == MESSAGE_ROOM) {
            add(&out, "\"" ROOM_PREFIX);
            out.room_at = out.text.length;
            buffer_append_format(&out.text, "%u\",", (unsigned)FIRST_ROOM);
        }
        if (kind == MESSAGE_JSON) {
            add_object(&out, format, size);
        } else {
            add(&out, "\"");
            if (kind == MESSAGE_ACK)
                add_fill(&out.text, size);
            else
                add_string(&out, format, size);
            add(&out, "\"");
        }
        add(&out, "]");
    }

    if (kind == MESSAGE_ACK) {
        add(&back, "43");
        add(&back, nsp);
        add(&back, "1");
        add_tag(&back, format);
        add(&back, "[\"");
        add_fill(&back.text, size);
        add(&back, "\"]");
        returned = &back;
    } else if (kind == MESSAGE_ROOM) {
        add(&back, "42[\"room\",\"");
        add_string(&back, format, size);
        add(&back, "\"]");
        returned = &back;
    }
    if (first != NULL)
        split(&message->replies[0], first, (struct tag_format){0, 0});
    split(&message->replies[first != NULL], returned, format);
    prepare(message, first, &out, kind == MESSAGE_BINARY, polling);
}

void message_set_room(struct message *message, unsigned room) {
    unsigned number = FIRST_ROOM + room;
    for (size_t i = sizeof message->room_mask; i-- > 0; number /= 10)
        message->head.data[message->room_at + i] =
            (uint8_t)('0' + number % 10) ^ message->room_mask[i];
}
