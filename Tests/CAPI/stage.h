/*
 * stage.h - a client that has come as far as a test wants, and a server that is
 * silent from then on.
 */
#ifndef STAGE_H
#define STAGE_H

#include "dial.h"
#include "raw_server.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct stage {
    raw_server server;
    raw_peer peer;          /* the first connection, of GETs if it polls */
    raw_peer posts, socket; /* and the others then */
    raw_stream other;       /* somebody else's */
    sio_client_options options;
    char url[64];
    dial it;
    probe asked; /* hears questions, and the reply that is awaited */
} stage;

/* A state of a client, and how it comes to it. */
typedef struct stage_state {
    const char *name;
    void (*reach)(stage *on);
    const char *url; /* with the port; NULL: http */
    int flags;       /* STAGE_... */
} stage_state;

enum {
    STAGE_POLLS = 1,    /* first; else it is WebSocket at once */
    STAGE_NARROW = 2,   /* the server accepts nobody else */
    STAGE_PROXY = 4,    /* the server is a proxy */
    STAGE_QUESTION = 8, /* a function is asked, and has not answered */
    STAGE_REPLY = 16    /* a reply is awaited */
};

/* All that there are. */
extern const stage_state stage_states[];
extern const size_t stage_count;

/* A client (in a runtime of its own, or {0}) and its server. */
void stage_begin(stage *on, const stage_state *in, sio_runtime runtime);
/* Ends the server; the client is ended by then. */
void stage_end(stage *on);

/* Before anything; with a request at the server; with a CONNECT there; in "/". */
void stage_idle(stage *on);
void stage_asked(stage *on);
void stage_joining(stage *on);
void stage_joined(stage *on);

#ifdef __cplusplus
}
#endif

#endif
