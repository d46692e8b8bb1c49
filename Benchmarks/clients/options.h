/* options.h - what the command line of clients asks for. */
#ifndef CLIENTS_OPTIONS_H
#define CLIENTS_OPTIONS_H

enum {
    SIZE_MAX_BYTES = 1000000,
    THREADS_MAX = 64,
    /* Of each client; so many may be in flight. */
    BURST_MESSAGES = 64
};

struct options {
    const char *work, *counters;
    unsigned port, clients, in_flight, size, threads;
    double seconds, warmup, timeout;
};

extern struct options options;

/* Fills `options`, or ends the program with a line on stderr. */
void options_parse(int argc, char **argv);

#endif
