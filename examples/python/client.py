"""A terminal client of Socket.IO: what comes is printed, what is typed is sent.

    python client.py http://localhost:3000 [NAMESPACE [AUTH]]

A line is the name of an event and its arguments, `message "hello", {"a": 1}`; one that
begins with "?" waits for the reply, `?echo 1, 2`. AUTH is what the server is shown, a JSON
object. The end of the input, or Ctrl-C, is the end. examples/c/client.c is the same in C.
"""

import json
import sys

import libsocketio


def show(event, *args):
    print(event, json.dumps(args), flush=True)


def note(*words):
    print("client:", *words, file=sys.stderr, flush=True)


def say(client, namespace, line):
    name, _, rest = line.lstrip("?").partition(" ")
    args = tuple(json.loads(f"[{rest}]"))
    if not line.startswith("?"):
        client.emit(name, args, namespace)
        return
    reply = client.call(name, args, namespace, timeout=10)
    show("reply", *(reply if isinstance(reply, tuple) else (reply,)))


def talk(client, namespace):
    for line in filter(None, map(str.strip, sys.stdin)):
        try:
            say(client, namespace, line)
        except (ValueError, libsocketio.SocketIOError) as error:
            note(error)


def main(url, namespace="/", auth=None):
    client = libsocketio.Client()
    client.on("connect", lambda: note("connected as", client.get_sid(namespace)), namespace)
    client.on("connect_error", lambda why: note("not connected:", why), namespace)
    client.on("disconnect", lambda reason: note("disconnected:", reason), namespace)
    client.on("*", show, namespace)
    try:
        client.connect(url, auth=json.loads(auth) if auth else None, namespaces=namespace)
        talk(client, namespace)
    except KeyboardInterrupt:
        pass
    except (ValueError, libsocketio.SocketIOError) as error:
        sys.exit(f"client: {error}")
    finally:
        client.disconnect()


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
