/*
 * client.h - a client: a connection with Engine.IO and Socket.IO spoken on it
 * until its namespace is joined, and what the works keep about it.
 */
#ifndef LOAD_CLIENT_H
#define LOAD_CLIENT_H

#include "clock.h"
#include "conn.h"
#include "message.h"
#include "window.h"

struct client;
struct polling;

/* What differs between WebSocket and long polling. */
struct transport {
    void (*open)(struct client *client);
    /* One Engine.IO packet of text. */
    void (*send_text)(struct client *client, const char *text);
    void (*send_message)(struct client *client, const struct message *message,
                         uint32_t tag);
    /* What was sent leaves. */
    void (*flush)(struct client *client);
    /* Starts an orderly end; client_ended is called when it is done. */
    void (*say_goodbye)(struct client *client);
    /* Closes what is open. */
    void (*abandon)(struct client *client);
};

extern const struct transport websocket_transport;
extern const struct transport polling_transport;

enum client_state {
    CLIENT_IDLE,    /* not open */
    CLIENT_OPENING, /* waits for the WebSocket, or for the open packet */
    CLIENT_JOINING, /* waits for the namespace */
    CLIENT_READY,
    CLIENT_CLOSING
};

struct client {
    struct conn conn; /* polling: that of the GETs */
    struct polling *polling;
    bool upgraded; /* the WebSocket is open */
    enum client_state state;
    unsigned index;
    uint64_t since; /* when `state` began */
    char nsp[16];   /* the namespace as packets have it: "" or "/n7," */
    uint64_t opened;

    /* What follows is the works'. */
    const struct message *message;
    struct window window;
    bool attachment_due; /* the event came; its attachment is next */
    uint32_t scheduled;  /* open loop: messages that came due, */
    uint32_t sent;       /* and those of them that were sent */
    uint32_t to_send;    /* closed loop: how many are left to send */
    uint32_t last_order; /* of the broadcasts it got */
};

/* What the work does about clients; set before clients_open_all. */
struct client_handlers {
    void (*ready)(struct client *client, uint64_t now);
    /* A packet of an event or an acknowledgement; plain: any text. */
    void (*text)(struct client *client, struct bytes packet, uint64_t now);
    /* An attachment; polling: still in base64, "b" in front. */
    void (*binary)(struct client *client, struct bytes packet, uint64_t now);
    /* After client_close. */
    void (*closed)(struct client *client, uint64_t now);
};
extern struct client_handlers client_handlers;

extern struct client *clients;
extern unsigned client_count;

/* Makes `count` clients, not open. */
void clients_make(unsigned count);
/* Opens all, some at a time, and returns when all have joined. */
void clients_open_all(void);
/* Closes all in an orderly way (those that are still opening are closed by
 * the work, when they are ready), and returns when none is open. */
void clients_close_all(void);
/* Ends the program if something is late; returns when to look again. */
uint64_t clients_check(uint64_t now);

void client_open(struct client *client);
/* Of a client that is ready; does nothing to others. */
void client_close(struct client *client);

static inline const struct transport *transport_of(struct client *client) {
    return client->polling != NULL ? &polling_transport : &websocket_transport;
}

/* For the transports: what came, and what ended. */
void client_upgraded(struct client *client);
void client_packet(struct client *client, struct bytes packet, uint64_t now);
void client_binary(struct client *client, struct bytes packet, uint64_t now);
void client_ended(struct client *client);

#endif
