/*
 * Ends:
 *
 *   leave-me          the server disconnects the client from the namespace
 *   drop-me           ... and ends its connection
 *   kick-room [room]  ... everyone in a room, from the namespace
 *
 * Observers in WATCH hear of every end: `gone` [namespace, id, reason].
 */
#include "text.h"
#include "vocabulary.h"

static void on_leave_me(const sio_event *event, void *context) {
    (void)context;
    sio_socket_disconnect(event->socket, 0);
}

static void on_drop_me(const sio_event *event, void *context) {
    (void)context;
    sio_socket_disconnect(event->socket, 1);
}

static void on_kick_room(const sio_event *event, void *context) {
    sio_target target = SIO_TARGET_INIT;
    char name[64];
    const char *rooms[1];
    (void)context;
    text_string_at(event->args, 0, name, sizeof name);
    rooms[0] = name;
    target.rooms = rooms;
    target.room_count = 1;
    sio_server_disconnect(event->server, event->nsp.data, &target, 0);
}

static void on_disconnect(const sio_event *event, void *context) {
    sio_socket_id_text id;
    text args = {0};
    (void)context;
    if (sio_socket_id(event->socket, &id) != SIO_OK) return;
    text_add(&args, "[");
    text_add_string(&args, event->nsp);
    text_add(&args, ",");
    text_add_string(&args, sio_text_of(id.text));
    text_add(&args, ",");
    text_add_string(&args, event->reason);
    text_add(&args, "]");
    sio_server_emit(event->server, WATCH, NULL, "gone", text_view(&args), NULL);
    text_free(&args);
}

void vocabulary_ending(sio_server server, const char *nsp) {
    static const word words[] = {{"leave-me", on_leave_me},
                                 {"drop-me", on_drop_me},
                                 {"kick-room", on_kick_room}};
    vocabulary_teach(server, nsp, words, sizeof words / sizeof words[0]);
    must(sio_server_on_disconnect(server, nsp, on_disconnect, NULL, NULL),
         "on_disconnect");
}
