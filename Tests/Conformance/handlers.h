/*
 * handlers.h - what the server does with clients and their events.
 *
 * Namespaces
 *   /  /chat   everyone may join
 *   /guarded   clients with auth {"token":"open"}; {"token":"data"} is refused
 *              with data, others without
 *   /slow      clients wait for a decision: see control.h
 *
 * Joining with "greet" in the query emits "hello" "world", with "tell" it emits
 * "auth" and the auth object.
 *
 * Events
 *   do:disconnect, do:close   ends the namespace, the connection
 *   do:emit N                 emits "n" 0 ... "n" N-1
 *   do:binary                 emits "binary" {"a":<01>,"b":[<0203>,<>]}
 *   do:ask, do:ask-briefly    asks "question" 1 (for up to 200 ms), emits
 *                             "answer" STATUS ARGUMENTS...
 *   do:reply-twice            replies 1, then 2, and emits "second" STATUS
 *   do:volatile               emits "volatile", volatile
 *   do:large N                emits "large" and a text of N bytes
 *   q, bin, bye               as in the transcripts of protocol.md, 26.1
 *   any other                 replies with its arguments, or emits "echo" NAME
 *                             ARGUMENTS...
 */
#ifndef CONFORMANCE_HANDLERS_H
#define CONFORMANCE_HANDLERS_H

#include <socketio.h>

sio_status handlers_install(sio_server io);

/* Decides about the clients that wait for /slow. */
void handlers_decide(int accept);

#endif
