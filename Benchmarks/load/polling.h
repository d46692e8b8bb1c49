/* polling.h - what a client that polls has besides its connection. */
#ifndef LOAD_POLLING_H
#define LOAD_POLLING_H

#include <stdbool.h>

struct client;
struct polling;

struct polling *polling_make(struct client *client);
/* Resting, it keeps no connection for POSTs, but opens one for each, as a
 * browser does that has not posted for a while. */
void polling_rest(struct client *client, bool resting);

#endif
