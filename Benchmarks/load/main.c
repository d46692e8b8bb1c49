/*
 * main.c - a load generator for Socket.IO servers: the client side of Engine.IO
 * 4 and Socket.IO 5 on one thread, light enough to leave the server the slower
 * of the two. `load -h` says what it can do.
 */
#include "conn.h"
#include "loop.h"
#include "options.h"
#include "report.h"
#include "works.h"

#include <stdlib.h>

int main(int argc, char **argv) {
    options_parse(argc, argv);
    conn_raise_limit();
    loop_start();
    switch (options.work) {
    case WORK_CONNECT:
        work_connect();
        break;
    case WORK_IDLE:
        work_idle();
        break;
    case WORK_BROADCAST:
    case WORK_ROOM:
        work_broadcast();
        break;
    case WORK_STALL:
        work_stall();
        break;
    default:
        work_echo();
    }
    report_print(0);
    return EXIT_SUCCESS;
}
