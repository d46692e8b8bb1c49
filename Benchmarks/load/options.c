/* options.c - the command line. */
#include "options.h"

#include "report.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options options = {
    .host = "127.0.0.1",
    .port = 3000,
    .clients = 100,
    .in_flight = 1,
    .size = 32,
    .seconds = 3,
    .warmup = 0.5,
    .timeout = 10,
    .rooms = 1,
};

static const char *const works[] = {
    [WORK_CONNECT] = "connect",     [WORK_IDLE] = "idle",
    [WORK_ECHO] = "echo",           [WORK_JSON] = "json",
    [WORK_BINARY] = "binary",       [WORK_ACK] = "ack",
    [WORK_BROADCAST] = "broadcast", [WORK_ROOM] = "room",
    [WORK_STALL] = "stall",         [WORK_PLAIN] = "plain",
};

static const char help[] =
    "load WORK [options]: puts work on a Socket.IO server and reports, as one\n"
    "line of JSON, what came back and how fast. Exit status 1: something was\n"
    "lost, wrong or late; stderr says what.\n"
    "\n"
    "  connect    opens and closes connections\n"
    "  idle       what idle connections cost in memory; needs --pid\n"
    "  echo       a string, sent back\n"
    "  json       an object, sent back\n"
    "  binary     an attachment, sent back\n"
    "  ack        a string, acknowledged\n"
    "  broadcast  a string, to all clients\n"
    "  room       a string, to a room after the other\n"
    "  stall      an echo at a fixed rate, while others get broadcasts\n"
    "  plain      an echo over WebSocket without Socket.IO\n"
    "\n"
    "  --host ADDRESS     of the server: IPv4 [127.0.0.1]\n"
    "  --port N           [3000]\n"
    "  --transport NAME   websocket or polling [websocket]\n"
    "  --clients N        [100]\n"
    "  --in-flight K      messages outstanding, of each client; broadcast and\n"
    "                     room: in all [1]\n"
    "  --size BYTES       of the string, object or attachment [32]\n"
    "  --seconds S        of measuring [3]\n"
    "  --warmup S         before measuring [0.5]\n"
    "  --rate R           open loop: R messages a second in all, at equal\n"
    "                     distances; latency counts from when a message was "
    "due\n"
    "                     [closed loop; stall: 200]\n"
    "  --timeout S        how long anything may take [10]\n"
    "  --pid PID          the server: its memory and CPU time are reported\n"
    "  --counters FILE    idle: of a server with counters/hook.c preloaded:\n"
    "                     reports the bytes that are allocated as well\n"
    "  --rooms N          rooms there are [1]\n"
    "  --join N           rooms each client joins [all clients fill all "
    "rooms]\n"
    "  --namespaces N     clients are spread over /n0 to /n<N-1> [all in /]\n";

static double number(const char *name, const char *text, double least,
                     double most) {
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !(value >= least && value <= most))
        usage_error("--%s %s: must be a number from %g to %g", name, text,
                    least, most);
    return value;
}

static unsigned whole(const char *name, const char *text, double least,
                      double most) {
    double value = number(name, text, least, most);
    if (value != (double)(unsigned)value)
        usage_error("--%s %s: must be a whole number", name, text);
    return (unsigned)value;
}

static void parse_work(const char *name) {
    for (unsigned i = 0; i < sizeof works / sizeof *works; i++)
        if (strcmp(name, works[i]) == 0) {
            options.work = (enum work)i;
            options.work_name = works[i];
            return;
        }
    usage_error("there is no work called %s; -h lists them", name);
}

static void check(void) {
    bool to_many = options.work == WORK_BROADCAST ||
                   options.work == WORK_ROOM || options.work == WORK_STALL;
    if (options.polling && options.work == WORK_PLAIN)
        usage_error("plain is WebSocket only: leave --transport out");
    if (options.namespaces > 0 && (to_many || options.work == WORK_PLAIN))
        usage_error("%s uses the namespace / only: leave --namespaces out",
                    options.work_name);
    if (to_many && options.in_flight > 64)
        usage_error("%s: at most --in-flight 64", options.work_name);
    if (to_many && options.size < 4)
        usage_error("%s needs --size 4 or more, to number its messages",
                    options.work_name);
    if (options.work == WORK_IDLE && options.pid == 0)
        usage_error("idle measures the server's memory: give --pid");
    if (options.work != WORK_IDLE && options.counters != NULL)
        usage_error("%s does not measure memory: leave --counters out",
                    options.work_name);
    if (options.work == WORK_STALL && options.rate == 0) options.rate = 200;
    if (options.rate > 0 &&
        (options.work == WORK_CONNECT || options.work == WORK_IDLE ||
         options.work == WORK_BROADCAST || options.work == WORK_ROOM))
        usage_error("%s has no open loop: leave --rate out", options.work_name);
    if (options.join > options.rooms)
        usage_error("--join %u of --rooms %u: there are not that many",
                    options.join, options.rooms);
}

enum {
    HOST,
    PORT,
    TRANSPORT,
    CLIENTS,
    IN_FLIGHT,
    SIZE,
    SECONDS,
    WARMUP
};
enum {
    RATE = WARMUP + 1,
    TIMEOUT,
    PID,
    COUNTERS,
    ROOMS,
    JOIN,
    NAMESPACES
};

static const struct option names[] = {
    {"host", required_argument, NULL, HOST},
    {"port", required_argument, NULL, PORT},
    {"transport", required_argument, NULL, TRANSPORT},
    {"clients", required_argument, NULL, CLIENTS},
    {"in-flight", required_argument, NULL, IN_FLIGHT},
    {"size", required_argument, NULL, SIZE},
    {"seconds", required_argument, NULL, SECONDS},
    {"warmup", required_argument, NULL, WARMUP},
    {"rate", required_argument, NULL, RATE},
    {"timeout", required_argument, NULL, TIMEOUT},
    {"pid", required_argument, NULL, PID},
    {"counters", required_argument, NULL, COUNTERS},
    {"rooms", required_argument, NULL, ROOMS},
    {"join", required_argument, NULL, JOIN},
    {"namespaces", required_argument, NULL, NAMESPACES},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static void parse_option(int option, const char *name, const char *text) {
    switch (option) {
    case HOST:
        options.host = text;
        break;
    case PORT:
        options.port = whole(name, text, 1, 65535);
        break;
    case TRANSPORT:
        options.polling = strcmp(text, "polling") == 0;
        if (!options.polling && strcmp(text, "websocket") != 0)
            usage_error("--transport %s: websocket or polling", text);
        break;
    case CLIENTS:
        options.clients = whole(name, text, 1, 1e6);
        break;
    case IN_FLIGHT:
        options.in_flight = whole(name, text, 1, 4096);
        break;
    case SIZE:
        options.size = whole(name, text, 0, 64 << 20);
        break;
    case SECONDS:
        options.seconds = number(name, text, 0.01, 86400);
        break;
    case WARMUP:
        options.warmup = number(name, text, 0, 3600);
        break;
    case RATE:
        options.rate = number(name, text, 0.1, 1e8);
        break;
    case TIMEOUT:
        options.timeout = number(name, text, 0.1, 3600);
        break;
    case PID:
        options.pid = (int)whole(name, text, 1, 1 << 30);
        break;
    case COUNTERS:
        options.counters = text;
        break;
    case ROOMS:
        options.rooms = whole(name, text, 1, 1e6);
        break;
    case JOIN:
        options.join = whole(name, text, 1, 1e6);
        break;
    case NAMESPACES:
        options.namespaces = whole(name, text, 1, 1000);
        break;
    }
}

void options_parse(int argc, char **argv) {
    int option, index = 0;
    while ((option = getopt_long(argc, argv, "h", names, &index)) != -1) {
        if (option == 'h') {
            fputs(help, stdout);
            exit(EXIT_SUCCESS);
        }
        if (option == '?') usage_error("-h lists the options");
        parse_option(option, names[index].name, optarg);
    }
    if (argc - optind != 1) usage_error("one work is needed; -h lists them");
    parse_work(argv[optind]);
    check();
}
