/*
 * talk.c - talks to a running example, as its clients would.
 *
 *   talk echo|chat|chat-async PORT
 */
#include "talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
    const char *kind = argc == 3 ? argv[1] : "";
    int port = argc == 3 ? atoi(argv[2]) : 0;
    if (strcmp(kind, "echo") == 0) {
        talk_echo(port, 0);
        talk_echo(port, 1);
    } else if (strcmp(kind, "chat") == 0) {
        talk_chat(port);
    } else if (strcmp(kind, "chat-async") == 0) {
        talk_chat_async(port);
    } else {
        fprintf(stderr, "usage: talk echo|chat|chat-async PORT\n");
        return EXIT_FAILURE;
    }
    return check_total();
}
