/*
 * client_auth.c - what a client shows the server: a value, or what a function
 * says before every attempt, now or later; and what the server says.
 */
#include <stdio.h>

#include "dial.h"

/* A server that lets in who shows {"token":"good"}. */
static void judge(const sio_event *event, void *context) {
    (void)context;
    if (strcmp(event->args.data, "{\"token\":\"good\"}") == 0)
        sio_accept(event->request);
    else
        sio_reject(event->request, "wrong token", sio_text_of("{\"code\":7}"));
}

static sio_server strict_server(int *port) {
    sio_server server = serve_new(NULL);
    serve_echo_on(server);
    CHECK_STATUS(sio_server_use(server, "/", judge, NULL, NULL), SIO_OK);
    *port = serve_listen(server);
    return server;
}

static void refused(const dial *it, int index) {
    const probe_event *seen = probe_at((probe *)&it->failed, index);
    CHECK_NUMBER(seen->kind, SIO_EVENT_CONNECT_ERROR);
    CHECK_TEXT(seen->nsp, "/");
    CHECK_TEXT(seen->reason, "wrong token");
    CHECK_TEXT(seen->args, "{\"code\":7}");
    CHECK_NUMBER(seen->code, SIO_FAILURE_REFUSED);
    CHECK_NUMBER(dial_state(it).active, 0);
}

static void values(void) {
    int port;
    sio_server server = strict_server(&port);
    sio_client_options options = dial_options(port);
    dial it;
    dial_new(&it, &options);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    refused(&it, 0);
    CHECK_STATUS(sio_client_set_auth(it.client, "/", sio_text_of("[1]")),
                 SIO_E_JSON);
    CHECK_STATUS(
        sio_client_set_auth(it.client, "/", sio_text_of("{\"token\":\"bad\"}")),
        SIO_OK);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    refused(&it, 1);
    CHECK_STATUS(sio_client_set_auth(it.client, "/",
                                     sio_text_of("{\"token\":\"good\"}")),
                 SIO_OK);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    CHECK(probe_wait(&it.joined, 1));
    CHECK(dial_echo(&it, "[1]"));
    dial_end(&it);
    options.auth = sio_text_of("{\"token\":\"good\"}");
    CHECK(dial_join(&it, &options));
    CHECK_STATUS(sio_client_set_auth(it.client, "/", sio_text_of(NULL)),
                 SIO_OK);
    dial_end(&it);
    options.auth = sio_text_of("{\"token\"");
    CHECK_STATUS(sio_client_new(&options, &it.client), SIO_E_JSON);
    serve_destroy(server);
}

/* Answers with the number of the attempt in the token, or the good one. */
typedef struct tokens {
    probe asked;
    int good_from; /* the question, counted from 0 */
} tokens;

static void show_token(const sio_event *event, void *context) {
    tokens *it = (tokens *)context;
    int number = probe_calls(&it->asked);
    char auth[64];
    snprintf(auth, sizeof auth, "{\"token\":\"%s\"}",
             number >= it->good_from ? "good" : "bad");
    CHECK_STATUS(sio_client_authenticate(event->request, sio_text_of("1")),
                 SIO_E_JSON);
    CHECK_STATUS(sio_client_authenticate(event->request, sio_text_of(auth)),
                 SIO_OK);
    CHECK_STATUS(sio_client_authenticate(event->request, sio_text_of(auth)),
                 SIO_E_HANDLE);
    CHECK_STATUS(sio_reject(event->request, "no", sio_text_of(NULL)),
                 SIO_E_HANDLE);
    probe_see(event, &it->asked);
}

static void release_tokens(void *context) {
    probe_release(&((tokens *)context)->asked);
}

/* Asked before every attempt, those of a reconnection too. */
static void functions(void) {
    int port;
    sio_server server = strict_server(&port);
    sio_client_options options = dial_options(port);
    dial it;
    tokens first, second;
    probe_init(&first.asked);
    probe_init(&second.asked);
    first.good_from = 1;
    second.good_from = 0;
    dial_new(&it, &options);
    CHECK_STATUS(
        sio_client_on_auth(it.client, "/", show_token, &first, release_tokens),
        SIO_OK);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    refused(&it, 0);
    CHECK_NUMBER(probe_at(&first.asked, 0)->kind, SIO_EVENT_AUTH_REQUEST);
    CHECK_TEXT(probe_at(&first.asked, 0)->nsp, "/");
    CHECK_NUMBER(probe_at(&first.asked, 0)->attempt, 1);
    CHECK_TEXT(probe_at(&first.asked, 0)->reason, "");
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    CHECK(probe_wait(&it.joined, 1));
    CHECK(strstr(probe_at(&first.asked, 1)->reason, "wrong token") != NULL);
    /* The server throws it out with its connection: it comes back. */
    CHECK_STATUS(
        sio_client_on_auth(it.client, "/", show_token, &second, release_tokens),
        SIO_OK);
    serve_released_once(&first.asked);
    CHECK_STATUS(sio_server_close(server), SIO_OK);
    CHECK(probe_wait(&it.left, 1));
    CHECK(probe_wait(&it.again, 1));
    dial_end(&it);
    serve_released_once(&second.asked);
    CHECK_NUMBER(probe_calls(&first.asked), 2);
    serve_destroy(server);
}

static sio_connect_request kept;

static void keep(const sio_event *event, void *context) {
    kept = event->request;
    probe_see(event, context);
}

/* The answer comes later, from another thread; or the attempt ends before. */
static void later(void) {
    int port;
    sio_server server = strict_server(&port);
    sio_client_options options = dial_options(port);
    dial it;
    probe asked;
    probe_init(&asked);
    dial_new(&it, &options);
    sio_client_on_auth(it.client, "/", keep, &asked, probe_release);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    CHECK(probe_wait(&asked, 1));
    CHECK_NUMBER(dial_state(&it).connected, 0);
    CHECK_NUMBER(dial_state(&it).active, 1);
    CHECK_STATUS(
        sio_client_authenticate(kept, sio_text_of("{\"token\":\"good\"}")),
        SIO_OK);
    CHECK(probe_wait(&it.joined, 1));
    CHECK_STATUS(sio_client_disconnect(it.client, "/"), SIO_OK);
    CHECK(probe_wait(&it.left, 1));
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    CHECK(probe_wait(&asked, 2));
    CHECK_STATUS(sio_client_disconnect(it.client, "/"), SIO_OK);
    CHECK(serve_idle(server));
    CHECK_STATUS(sio_client_authenticate(kept, sio_text_of("{}")),
                 SIO_E_HANDLE);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    CHECK(probe_wait(&asked, 3));
    dial_end(&it);
    CHECK_STATUS(sio_client_authenticate(kept, sio_text_of("{}")),
                 SIO_E_HANDLE);
    serve_released_once(&asked);
    serve_destroy(server);
}

static void refuse(const sio_event *event, void *context) {
    CHECK_STATUS(
        sio_reject(event->request, "no token to be had", sio_text_of(NULL)),
        SIO_OK);
    probe_see(event, context);
}

static void rejected(void) {
    int port;
    sio_server server = strict_server(&port);
    sio_client_options options = dial_options(port);
    dial it;
    probe asked;
    probe_init(&asked);
    dial_new(&it, &options);
    sio_client_on_auth(it.client, "/", refuse, &asked, probe_release);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    CHECK_TEXT(probe_at(&it.failed, 0)->reason, "no token to be had");
    CHECK_NUMBER(probe_at(&it.failed, 0)->code, SIO_FAILURE_AUTH);
    CHECK_NUMBER(dial_state(&it).active, 0);
    CHECK(serve_idle(server));
    CHECK_NUMBER(probe_calls(&asked), 1);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    CHECK(probe_wait(&it.failed, 2));
    dial_end(&it);
    serve_released_once(&asked);
    serve_destroy(server);
}

int main(void) {
    values();
    functions();
    later();
    rejected();
    return check_total();
}
