/*
 * The server of the tests with foreign clients. It prints "PORT n" when it
 * listens on 127.0.0.1, and closes in good order when its standard input ends,
 * so that it never outlives the test that started it.
 *
 * Namespaces: "/" and "/chat" with the whole vocabulary, "/watch" for those
 * who observe what happens to others, "/mirror" for the comparison of parsers.
 */
#include "options.h"
#include "vocabulary.h"

#include <stdio.h>

static void teach(sio_server server, const char *nsp) {
    vocabulary_admission(server, nsp);
    vocabulary_asking(server, nsp);
    vocabulary_ending(server, nsp);
    vocabulary_looking(server, nsp);
    vocabulary_rooms(server, nsp);
    vocabulary_talking(server, nsp);
}

int main(int argc, char **argv) {
    options o;
    sio_server server;
    sio_address address;
    options_read(&o, argc, argv);
    must(sio_server_new(&o.server, &server), "new");
    teach(server, "/");
    teach(server, "/chat");
    must(sio_server_namespace(server, WATCH), "namespace");
    vocabulary_mirror(server, "/mirror");
    if (o.door) vocabulary_door(server);
    if (o.client != NULL) vocabulary_pages(server, o.client);
    must(sio_server_listen(server, "127.0.0.1", o.port, &o.listen), "listen");
    must(sio_server_address(server, 0, &address), "address");
    printf("PORT %d\n", (int)address.port);
    fflush(stdout);
    while (getchar() != EOF) continue;
    must(sio_server_destroy(server), "destroy");
    return 0;
}
