/*
 * vocabulary.h - what the test server understands. Each function registers the
 * events of one subject in a namespace; the source files list them.
 */
#ifndef VOCABULARY_H
#define VOCABULARY_H

#include <socketio.h>

/* An event that belongs to a subject, and its handler. */
typedef struct word {
    const char *event;
    sio_event_fn fn;
} word;

/* Registers `count` words; a failure ends the program. */
void vocabulary_teach(sio_server server, const char *nsp, const word *words,
                      size_t count);

void vocabulary_admission(sio_server server, const char *nsp); /* admission.c */
void vocabulary_asking(sio_server server, const char *nsp);    /* asking.c */
void vocabulary_ending(sio_server server, const char *nsp);    /* ending.c */
void vocabulary_looking(sio_server server, const char *nsp);   /* looking.c */
void vocabulary_mirror(sio_server server, const char *nsp);    /* mirror.c */
void vocabulary_rooms(sio_server server, const char *nsp);     /* rooms.c */
void vocabulary_talking(sio_server server, const char *nsp);   /* talking.c */

/* Serves a page with the JavaScript client; pages.c. */
void vocabulary_pages(sio_server server, const char *client_file);

/* Hooks; door.c. */
void vocabulary_door(sio_server server);

/* The namespace in which observers hear of what happens to others. */
#define WATCH "/watch"

/* The program is at its end if a call that must succeed does not. */
void must(sio_status status, const char *what);

/* Runs `fn` with `argument` on a thread of its own, 50 ms later: as long as a
 * question to a database takes. */
void later(void (*fn)(void *argument), void *argument);

#endif
