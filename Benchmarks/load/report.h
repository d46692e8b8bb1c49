/*
 * report.h - what the program prints: one line of JSON on stdout when the work
 * is done, and a sentence on stderr when it failed.
 */
#ifndef LOAD_REPORT_H
#define LOAD_REPORT_H

#include "histogram.h"

#include <stdbool.h>

void report_text(const char *name, const char *value);
void report_number(const char *name, double value);
/* The quantiles of `histogram` in microseconds: <prefix>p50_us, ... */
void report_latency(const char *prefix, const struct histogram *histogram,
                    bool tail);

/* The options, and then everything that was reported. */
void report_print(unsigned errors);

/* Something was lost, wrong or late: says so, prints the report and exits. */
__attribute__((noreturn, format(printf, 1, 2))) void fail(const char *format,
                                                          ...);
/* The same when it happened more than once. */
__attribute__((noreturn, format(printf, 2, 3))) void
fail_times(unsigned errors, const char *format, ...);

/* The command line asks for something that cannot be: no report. */
__attribute__((noreturn, format(printf, 1, 2))) void
usage_error(const char *format, ...);

#endif
