/* report.h - what the server tells the tests: one line of stdout for each. */
#ifndef CONFORMANCE_REPORT_H
#define CONFORMANCE_REPORT_H

#include <socketio.h>

/* Writes the fields, separated by tabs. Thread-safe. */
void report(const char *kind, sio_text nsp, const char *id, sio_text detail);

/* `text` as a JSON string, in memory that free() releases. */
char *quoted(sio_text text);

/* The array `args` with `first`, a JSON value, in front. Same memory. */
char *prepended(const char *first, sio_text args);

#endif
