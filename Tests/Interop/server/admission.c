/*
 * Who is let in, by what stands in the auth object:
 *
 *   "refuse"        refused, with a message and data
 *   "refuse-plain"  refused, with the message alone
 *   "refuse-later"  refused later, from another thread
 *   "accept-later"  let in later, from another thread
 *   anything else   let in
 *
 * Who is in gets `welcome` with its id and its auth.
 */
#include "text.h"
#include "vocabulary.h"

#include <stdlib.h>

static sio_status refuse(sio_connect_request request) {
    return sio_reject(
        request, "not you",
        sio_text_of("{\"code\":401,\"why\":[\"no ticket\",null,true]}"));
}

static void refuse_later(void *argument) {
    sio_connect_request *request = argument;
    refuse(*request);
    free(request);
}

static void accept_later(void *argument) {
    sio_connect_request *request = argument;
    sio_accept(*request);
    free(request);
}

static sio_connect_request *kept(sio_connect_request request) {
    sio_connect_request *copy = malloc(sizeof *copy);
    if (copy == NULL) abort();
    *copy = request;
    return copy;
}

static void on_request(const sio_event *event, void *context) {
    (void)context;
    if (text_contains(event->args, "\"refuse\""))
        refuse(event->request);
    else if (text_contains(event->args, "\"refuse-plain\""))
        sio_reject(event->request, "go away", sio_text_of(NULL));
    else if (text_contains(event->args, "\"refuse-later\""))
        later(refuse_later, kept(event->request));
    else if (text_contains(event->args, "\"accept-later\""))
        later(accept_later, kept(event->request));
    else
        sio_accept(event->request);
}

static void on_connection(const sio_event *event, void *context) {
    sio_socket_id_text id;
    text args = {0};
    (void)context;
    if (sio_socket_id(event->socket, &id) != SIO_OK) return;
    text_add(&args, "[");
    text_add_string(&args, sio_text_of(id.text));
    text_add(&args, ",");
    text_add_raw(&args, event->args);
    text_add(&args, "]");
    sio_emit(event->socket, "welcome", text_view(&args), NULL);
    text_free(&args);
}

void vocabulary_admission(sio_server server, const char *nsp) {
    must(sio_server_use(server, nsp, on_request, NULL, NULL), "use");
    must(sio_server_on_connection(server, nsp, on_connection, NULL, NULL),
         "on_connection");
}
