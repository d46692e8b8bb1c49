#include "talk.h"

void talk_echo(int port, int polling) {
    raw_client client;
    CHECK(polling ? raw_join_polling(&client, port)
                  : raw_join_websocket(&client, port));
    CHECK(raw_send(&client, "42[\"message\",\"hello\"]"));
    CHECK(raw_expect(&client, "42[\"message\",\"hello\"]"));
    CHECK(raw_send(&client, "42[\"message\",{\"a\":[1,null]}]"));
    CHECK(raw_expect(&client, "42[\"message\",{\"a\":[1,null]}]"));
    CHECK(raw_send(&client,
                   "451-[\"message\",{\"_placeholder\":true,\"num\":0}]"));
    CHECK(raw_send_bytes(&client, "\1\2\3", 3));
    CHECK(raw_expect(&client,
                     "451-[\"message\",{\"_placeholder\":true,\"num\":0}]"));
    CHECK(raw_expect_bytes(&client, "\1\2\3", 3));
    CHECK(raw_send(&client, "427[\"echo\",1,\"two\"]"));
    CHECK(raw_expect(&client, "437[1,\"two\"]"));
    raw_leave(&client);
}
