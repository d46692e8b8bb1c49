/* options.h - what the command line asks for. */
#ifndef LOAD_OPTIONS_H
#define LOAD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum work {
    WORK_CONNECT,
    WORK_IDLE,
    WORK_ECHO,
    WORK_JSON,
    WORK_BINARY,
    WORK_ACK,
    WORK_BROADCAST,
    WORK_ROOM,
    WORK_STALL,
    WORK_PLAIN
};

struct options {
    enum work work;
    const char *work_name;
    bool polling;
    const char *host;
    unsigned port;
    unsigned clients;
    unsigned in_flight;
    unsigned size;
    double seconds;
    double warmup;
    double rate; /* messages a second in all; 0: closed loop */
    double timeout;
    int pid;              /* of the server; 0: not known */
    const char *counters; /* of the server, which has counters/hook.c */
    unsigned rooms;
    unsigned join;       /* rooms that each client joins */
    unsigned namespaces; /* 0: all in "/" */
};

extern struct options options;

/* Fills `options`, or ends the program with a line on stderr. */
void options_parse(int argc, char **argv);

#endif
