/* polling.h - what a client that polls has besides its connection. */
#ifndef LOAD_POLLING_H
#define LOAD_POLLING_H

struct client;
struct polling;

struct polling *polling_make(struct client *client);
/* Closes the connection of the POSTs until the next one, as browsers do with
 * connections that are not used. */
void polling_rest(struct client *client);

#endif
