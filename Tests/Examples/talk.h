/*
 * talk.h - what the examples are asked. One function for each kind of example.
 */
#ifndef TALK_H
#define TALK_H

#include "check.h"
#include "raw_client.h"

/* A server that sends "message" back, and replies to "echo". */
void talk_echo(int port, int polling);

/* The chat in C, and the one in Python. */
void talk_chat(int port);
void talk_chat_async(int port);

#endif
