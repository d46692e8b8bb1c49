/* works.h - what the load generator can do: each opens clients, puts its load
 * on the server, and reports. */
#ifndef LOAD_WORKS_H
#define LOAD_WORKS_H

/* echo, json, binary, ack, plain */
void work_echo(void);
/* broadcast, room */
void work_broadcast(void);
void work_stall(void);
void work_connect(void);
void work_idle(void);

#endif
