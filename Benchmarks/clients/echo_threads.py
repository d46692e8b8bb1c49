#!/usr/bin/env python3
"""The same as echo.py with the clients for threads: echo_threads.py LIBRARY PORT OPTIONS.

LIBRARY is libsocketio or socketio (python-socketio, on websocket-client).
"""

import importlib
import json
import time

from echo import arguments


def main(args):
    client = importlib.import_module(args.library).Client()
    payload = "x" * args.size
    count = wrong = 0

    @client.on("echo")
    def echo(data):
        nonlocal count, wrong
        count += 1
        wrong += data != payload
        client.emit("echo", payload)

    url = f"http://127.0.0.1:{args.port}"
    client.connect(url, transports=["websocket"], wait_timeout=10)
    for _ in range(args.in_flight):
        client.emit("echo", payload)
    time.sleep(args.warmup)
    before, began, cpu = count, time.perf_counter(), time.process_time()
    time.sleep(args.seconds)
    done, took = count - before, time.perf_counter() - began
    cpu = time.process_time() - cpu
    client.disconnect()
    if wrong:
        raise SystemExit(f"{wrong} messages came back changed")
    print(json.dumps({"rate": done / took, "cpu_us_per_message": 1e6 * cpu / max(1, done)}))


if __name__ == "__main__":
    main(arguments())
