/* options.c - the command line, and the end of the program if it, or anything
 * else, is wrong. */
#include "options.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../load/report.h"

struct options options = {.clients = 1,
                          .in_flight = 16,
                          .size = 32,
                          .seconds = 2,
                          .warmup = 0.5,
                          .timeout = 60};

void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("clients: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(EXIT_FAILURE);
}

static double number(const char *name, const char *text, double least,
                     double most) {
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !(value >= least && value <= most))
        fail("%s %s: must be a number from %g to %g", name, text, least, most);
    return value;
}

static void parse(const char *name, const char *text) {
    static const struct {
        const char *name;
        unsigned *value, least, most;
    } whole[] = {
        {"--port", &options.port, 1, 65535},
        {"--clients", &options.clients, 1, 60000},
        {"--in-flight", &options.in_flight, 1, BURST_MESSAGES},
        {"--size", &options.size, 0, SIZE_MAX_BYTES},
        {"--threads", &options.threads, 1, THREADS_MAX},
    };
    for (unsigned i = 0; i < sizeof whole / sizeof *whole; i++)
        if (strcmp(name, whole[i].name) == 0) {
            *whole[i].value =
                (unsigned)number(name, text, whole[i].least, whole[i].most);
            return;
        }
    if (strcmp(name, "--seconds") == 0)
        options.seconds = number(name, text, 0, 3600);
    else if (strcmp(name, "--warmup") == 0)
        options.warmup = number(name, text, 0, 3600);
    else if (strcmp(name, "--timeout") == 0)
        options.timeout = number(name, text, 0, 3600);
    else if (strcmp(name, "--counters") == 0)
        options.counters = text;
    else
        fail("there is no option %s", name);
}

void options_parse(int argc, char **argv) {
    options.work = argc > 1 ? argv[1] : "";
    for (int i = 2; i < argc; i += 2)
        parse(argv[i], i + 1 < argc ? argv[i + 1] : "");
    if (options.port == 0) fail("--port is missing");
}
