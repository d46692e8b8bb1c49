/* work_echo.c - echo, json, binary, ack and plain; closed loop or open. */
#include "works.h"

#include "echo.h"
#include "loop.h"
#include "measure.h"
#include "options.h"

static enum message_kind kind(void) {
    switch (options.work) {
    case WORK_JSON:
        return MESSAGE_JSON;
    case WORK_BINARY:
        return MESSAGE_BINARY;
    case WORK_ACK:
        return MESSAGE_ACK;
    case WORK_PLAIN:
        return MESSAGE_PLAIN;
    default:
        return MESSAGE_ECHO;
    }
}

/* Open loop: how many may be outstanding before those that are due wait, and
 * their latency grows. */
static unsigned open_loop_window(void) {
    unsigned window = (1u << 20) / options.clients;
    /* One character tells 64 messages apart. */
    if (options.size < 2) return options.size == 0 ? 1 : 16;
    return window < 16 ? 16 : window > 4096 ? 4096 : window;
}

void work_echo(void) {
    bool open_loop = options.rate > 0;
    clients_make(options.clients);
    for (unsigned i = 0; i < client_count; i++)
        echo_prepare(&clients[i], kind(),
                     open_loop ? open_loop_window() : options.in_flight);
    client_handlers.text = echo_text;
    client_handlers.binary = echo_binary;
    clients_open_all();
    if (open_loop) {
        echo_schedule(0, client_count, options.rate);
        loop_hooks.due = echo_due;
    } else {
        for (unsigned i = 0; i < client_count; i++)
            echo_start(&clients[i], ECHO_FOREVER, clock_now());
    }
    measure_run();
    echo_stop();
    loop_run(NEVER, echo_drained);
    clients_close_all();
    measure_report(measure.messages, &measure.latency);
}
