#include <string.h>

#include "talk.h"

/* That a file is served, and has some text in it. */
static void served(int port, const char *target, const char *type,
                   const char *text) {
    raw_stream stream;
    raw_response response;
    char value[128];
    CHECK(raw_connect(&stream, NULL, port));
    CHECK(raw_http(&stream, "GET", target, NULL, NULL, 0, &response));
    CHECK(response.status == 200);
    raw_http_header(&response, "content-type", value, sizeof value);
    CHECK(strncmp(value, type, strlen(type)) == 0);
    CHECK(response.body != NULL && strstr(response.body, text) != NULL);
    raw_response_free(&response);
    raw_close(&stream);
}

static void missing(int port, const char *target) {
    raw_stream stream;
    raw_response response;
    CHECK(raw_connect(&stream, NULL, port));
    CHECK(raw_http(&stream, "GET", target, NULL, NULL, 0, &response));
    CHECK(response.status == 404);
    raw_response_free(&response);
    raw_close(&stream);
}

/* The next packet of this event, over others; "" if none comes. */
static const char *next(raw_client *client, const char *event) {
    const char *packet;
    char start[64] = "42[\"";
    strncat(start, event, sizeof start - strlen(start) - 2);
    strcat(start, "\"");
    while ((packet = raw_receive(client)) != NULL)
        if (strncmp(packet, start, strlen(start)) == 0) return packet;
    return "";
}

void talk_chat(int port) {
    raw_client ann, bob;
    served(port, "/", "text/html", "<!doctype html>");
    served(port, "/socket.io.min.js", "text/javascript", "Socket.IO");
    missing(port, "/etc/passwd");
    CHECK(raw_join_websocket(&ann, port));
    CHECK(raw_send(&ann, "420[\"join\",\"Ann\",\"lobby\"]"));
    CHECK(raw_expect(&ann, "430[null]"));
    CHECK(strstr(next(&ann, "people"), "\"name\":\"Ann\"}]]") != NULL);
    CHECK(raw_join_polling(&bob, port));
    CHECK(raw_send(&bob, "420[\"say\",\"not in a room\"]"));
    CHECK(!raw_expect(&bob, "430[null]"));
    CHECK(raw_send(&bob, "421[\"join\",\"Bob \\\"quoted\\\"\",\"lobby\"]"));
    CHECK(raw_expect(&bob, "431[null]"));
    CHECK(strcmp(next(&ann, "joined"),
                 "42[\"joined\",\"Bob \\\"quoted\\\"\"]") == 0);
    CHECK(strstr(next(&bob, "people"), "\"name\":\"Ann\"}") != NULL);
    CHECK(raw_send(&bob, "422[\"say\",\"hello \\u00e4 \\\"you\\\"\"]"));
    CHECK(raw_expect(&bob, "432[null]"));
    CHECK(strstr(next(&ann, "said"), ",\"Bob \\\"quoted\\\"\","
                                     "\"hello \\u00e4 \\\"you\\\"\"]") != NULL);
    CHECK(raw_send(&bob, "42[\"typing\",true]"));
    CHECK(strstr(next(&ann, "typing"), ",true]") != NULL);
    /* What a page would not send. */
    CHECK(raw_send(&bob, "423[\"join\",{\"a\":[\"]\"]},5]"));
    CHECK(!raw_expect(&bob, "433[null]"));
    CHECK(raw_send(&bob, "424[\"join\"]"));
    CHECK(!raw_expect(&bob, "434[null]"));
    CHECK(raw_send(&bob, "425[\"say\",[]]"));
    CHECK(!raw_expect(&bob, "435[null]"));
    CHECK(raw_send(&bob, "426[\"join\",\"Bob\",\"kitchen\"]"));
    CHECK(raw_expect(&bob, "436[null]"));
    CHECK(strcmp(next(&ann, "left"), "42[\"left\",\"Bob \\\"quoted\\\"\"]") ==
          0);
    raw_leave(&bob);
    CHECK(raw_send(&ann, "427[\"say\",\"anyone?\"]"));
    CHECK(strcmp(next(&ann, "people"), "") != 0);
    raw_leave(&ann);
}

void talk_chat_async(int port) {
    raw_client ann, bob;
    served(port, "/", "text/html", "<!doctype html>");
    served(port, "/socket.io.min.js", "text/javascript", "Socket.IO");
    missing(port, "/etc/passwd");
    CHECK(raw_open_websocket(&ann, port));
    CHECK(!raw_join(&ann, "/", NULL)); /* a name is needed */
    CHECK(raw_join(&ann, "/", "{\"name\":\"Ann\"}"));
    CHECK(raw_open_websocket(&bob, port));
    CHECK(raw_join(&bob, "/", "{\"name\":\"Bob\"}"));
    CHECK(strstr(next(&ann, "joined"), "\"Bob\"") != NULL);
    CHECK(raw_send(&bob, "42[\"say\",\"hello\"]"));
    CHECK(strcmp(next(&ann, "said"), "42[\"said\",\"Bob\",\"hello\"]") == 0);
    raw_leave(&bob);
    CHECK(strstr(next(&ann, "left"), "\"Bob\"") != NULL);
    raw_leave(&ann);
}
