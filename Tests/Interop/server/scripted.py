"""A server in Python that does what a test says, for what ../server's program has no words for.

    scripted.py OPTIONS SOURCE

OPTIONS is JSON: the options of `libsocketio.Server`, and as "listen" those of its
`listen`. SOURCE is what the server is taught, Python with these names:

    io          the server
    hear(...)   keeps something for the test
    later(f)    calls a function on a thread of its own

The first line that it prints is "PORT <number>". Then each line that it reads is a
line of JSON, a Python expression in the same names and `heard()`, which is the next
thing that was kept; it answers with a line of JSON, {"value": ...} or {"error": ...}.
It ends with its input.
"""

import json
import queue
import re
import sys
import threading
import time

import libsocketio

PATIENCE = 15


def plain(value):
    """What JSON has no word for."""
    if isinstance(value, (bytes, bytearray)):
        return list(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)


def answer(expression, names):
    try:
        return {"value": eval(expression, names)}
    except Exception as failure:
        told = {"error": type(failure).__name__, "text": str(failure)}
        for detail in ("replies", "silent"):
            if hasattr(failure, detail):
                told[detail] = getattr(failure, detail)
        return told


def main():
    options, source = json.loads(sys.argv[1]), sys.argv[2]
    listen = {"port": 0, **options.pop("listen", {})}
    kept = queue.Queue()
    io = libsocketio.Server(**options)
    names = {
        "io": io,
        "libsocketio": libsocketio,
        "re": re,
        "time": time,
        "hear": lambda *args: kept.put(args),
        "heard": lambda: kept.get(timeout=PATIENCE),
        "later": lambda function: threading.Thread(target=function).start(),
    }
    exec(source, names)
    address = io.listen("127.0.0.1", **listen)
    print(f"PORT {address.port}", flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line), names), default=plain), flush=True)
    io.shutdown()


main()
