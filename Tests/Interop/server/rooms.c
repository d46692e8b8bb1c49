/*
 * Rooms, and broadcasts in every way there is. Broadcasts arrive as `news` with
 * the arguments that came:
 *
 *   join [room]   leave [room]   close-room [room]   reply: nothing
 *   rooms         reply: the rooms of the client
 *   members [room]               reply: how many are in it
 *   tell-all [...]               everyone in the namespace
 *   tell-others [...]            ... but the sender
 *   tell-room [room, ...]        everyone in the room
 *   tell-room-others [room, ...] ... but the sender
 *   tell-rooms [a, b, ...]       everyone in a or b, once
 *   tell-except [room, ...]      everyone who is not in the room
 *   tell-volatile [...]          everyone who can take it now
 */
#include "text.h"
#include "vocabulary.h"

enum {
    NAME = 64
};

/* A target of up to two rooms that are named in the arguments. */
typedef struct aim {
    char names[2][NAME];
    const char *rooms[2];
    sio_target target;
} aim;

static void aim_at(aim *a, const sio_event *event, size_t count) {
    const sio_target none = SIO_TARGET_INIT;
    size_t i;
    a->target = none;
    for (i = 0; i < count; i++) {
        text_string_at(event->args, i, a->names[i], NAME);
        a->rooms[i] = a->names[i];
    }
    a->target.rooms = a->rooms;
    a->target.room_count = count;
}

static void done(const sio_event *event) {
    if (event->ack.id != 0) sio_reply(event->ack, sio_text_of(NULL), NULL);
}

static void on_join(const sio_event *event, void *context) {
    char room[NAME];
    (void)context;
    text_string_at(event->args, 0, room, sizeof room);
    sio_socket_join(event->socket, room);
    done(event);
}

static void on_leave(const sio_event *event, void *context) {
    char room[NAME];
    (void)context;
    text_string_at(event->args, 0, room, sizeof room);
    sio_socket_leave(event->socket, room);
    done(event);
}

static void on_close_room(const sio_event *event, void *context) {
    char room[NAME];
    (void)context;
    text_string_at(event->args, 0, room, sizeof room);
    sio_server_close_room(event->server, event->nsp.data, room);
    done(event);
}

static void on_rooms(const sio_event *event, void *context) {
    sio_text *rooms = NULL;
    size_t i, count = 0;
    text reply = {0};
    (void)context;
    if (sio_socket_rooms(event->socket, &rooms, &count) != SIO_OK) return;
    text_add(&reply, "[[");
    for (i = 0; i < count; i++) {
        if (i > 0) text_add(&reply, ",");
        text_add_string(&reply, rooms[i]);
    }
    text_add(&reply, "]]");
    sio_reply(event->ack, text_view(&reply), NULL);
    text_free(&reply);
    sio_free(rooms);
}

static void on_members(const sio_event *event, void *context) {
    sio_socket *members = NULL;
    size_t count = 0;
    char room[NAME];
    text reply = {0};
    (void)context;
    text_string_at(event->args, 0, room, sizeof room);
    if (sio_server_sockets(event->server, event->nsp.data, room, &members,
                           &count) != SIO_OK)
        return;
    text_add(&reply, "[");
    text_add_number(&reply, (long long)count);
    text_add(&reply, "]");
    sio_reply(event->ack, text_view(&reply), NULL);
    text_free(&reply);
    sio_free(members);
}

static sio_emit_options same_bytes(const sio_event *event) {
    sio_emit_options with = SIO_EMIT_OPTIONS_INIT;
    with.attachments = event->attachments;
    with.attachment_count = event->attachment_count;
    return with;
}

static void on_tell_all(const sio_event *event, void *context) {
    sio_emit_options with = same_bytes(event);
    (void)context;
    sio_server_emit(event->server, event->nsp.data, NULL, "news", event->args,
                    &with);
}

static void on_tell_others(const sio_event *event, void *context) {
    sio_emit_options with = same_bytes(event);
    (void)context;
    sio_broadcast(event->socket, NULL, "news", event->args, &with);
}

static void on_tell_room(const sio_event *event, void *context) {
    sio_emit_options with = same_bytes(event);
    aim a;
    (void)context;
    aim_at(&a, event, 1);
    sio_server_emit(event->server, event->nsp.data, &a.target, "news",
                    event->args, &with);
}

static void on_tell_room_others(const sio_event *event, void *context) {
    sio_emit_options with = same_bytes(event);
    aim a;
    (void)context;
    aim_at(&a, event, 1);
    sio_broadcast(event->socket, &a.target, "news", event->args, &with);
}

static void on_tell_rooms(const sio_event *event, void *context) {
    sio_emit_options with = same_bytes(event);
    aim a;
    (void)context;
    aim_at(&a, event, 2);
    sio_server_emit(event->server, event->nsp.data, &a.target, "news",
                    event->args, &with);
}

static void on_tell_except(const sio_event *event, void *context) {
    sio_emit_options with = same_bytes(event);
    aim a;
    (void)context;
    aim_at(&a, event, 1);
    a.target.except = a.rooms;
    a.target.except_count = 1;
    a.target.rooms = NULL;
    a.target.room_count = 0;
    sio_server_emit(event->server, event->nsp.data, &a.target, "news",
                    event->args, &with);
}

static void on_tell_volatile(const sio_event *event, void *context) {
    sio_emit_options how = SIO_EMIT_OPTIONS_INIT;
    (void)context;
    how.flags = SIO_EMIT_VOLATILE;
    sio_server_emit(event->server, event->nsp.data, NULL, "news", event->args,
                    &how);
}

void vocabulary_rooms(sio_server server, const char *nsp) {
    static const word words[] = {{"join", on_join},
                                 {"leave", on_leave},
                                 {"close-room", on_close_room},
                                 {"rooms", on_rooms},
                                 {"members", on_members},
                                 {"tell-all", on_tell_all},
                                 {"tell-others", on_tell_others},
                                 {"tell-room", on_tell_room},
                                 {"tell-room-others", on_tell_room_others},
                                 {"tell-rooms", on_tell_rooms},
                                 {"tell-except", on_tell_except},
                                 {"tell-volatile", on_tell_volatile}};
    vocabulary_teach(server, nsp, words, sizeof words / sizeof words[0]);
}
