/* report.c - the line of JSON, and the failures. */
#include "report.h"

#include "bytes.h"
#include "options.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static struct buffer fields;

void report_text(const char *name, const char *value) {
    buffer_append_format(&fields, "%s\"%s\":\"%s\"",
                         fields.length > 0 ? "," : "", name, value);
}

void report_number(const char *name, double value) {
    const char *comma = fields.length > 0 ? "," : "";
    if (value == (double)(long long)value || value >= 1e6 || value <= -1e6)
        buffer_append_format(&fields, "%s\"%s\":%.0f", comma, name, value);
    else
        buffer_append_format(&fields, "%s\"%s\":%.6g", comma, name, value);
}

void report_latency(const char *prefix, const struct histogram *histogram,
                    bool tail) {
    static const struct {
        const char *name;
        double share;
    } quantiles[] = {{"p50", 0.5}, {"p99", 0.99}, {"p999", 0.999}, {"max", 1}};
    if (histogram->total == 0) return;
    for (unsigned i = 0; i < (tail ? 4 : 2); i++) {
        char name[64];
        snprintf(name, sizeof name, "%s%s_us", prefix, quantiles[i].name);
        report_number(
            name,
            (double)histogram_quantile(histogram, quantiles[i].share) / 1e3);
    }
}

void report_print(unsigned errors) {
    struct buffer rest = fields;
    fields = (struct buffer){0};
    report_text("work", options.work_name);
    report_text("transport", options.polling ? "polling" : "websocket");
    report_number("clients", options.clients);
    report_number("in_flight", options.in_flight);
    report_number("size", options.size);
    report_number("seconds", options.seconds);
    if (rest.length > 0) buffer_append_format(&fields, ",");
    buffer_append(&fields, rest.data, rest.length);
    report_number("errors", errors);
    printf("{%.*s}\n", (int)fields.length, (const char *)fields.data);
}

static void say(const char *format, va_list arguments) {
    fputs("load: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
}

void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say(format, arguments);
    va_end(arguments);
    report_print(1);
    exit(EXIT_FAILURE);
}

void fail_times(unsigned errors, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say(format, arguments);
    va_end(arguments);
    report_print(errors);
    exit(EXIT_FAILURE);
}

void usage_error(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say(format, arguments);
    va_end(arguments);
    exit(EXIT_FAILURE);
}
