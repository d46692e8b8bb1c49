#!/usr/bin/env python3
"""One client, so many messages in flight: echo.py LIBRARY PORT OPTIONS, prints JSON.

LIBRARY is libsocketio or socketio (python-socketio, on uvloop): the same program with
either's AsyncClient. The server echoes; every message that comes back sends the next one.
"""

import argparse
import asyncio
import importlib
import json
import time


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("library", choices=["libsocketio", "socketio"])
    parser.add_argument("port", type=int)
    parser.add_argument("--in-flight", type=int, default=16)
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--warmup", type=float, default=0.5)
    return parser.parse_args()


async def main(args):
    client = importlib.import_module(args.library).AsyncClient()
    payload = "x" * args.size
    count = wrong = 0

    @client.on("echo")
    async def echo(data):
        nonlocal count, wrong
        count += 1
        wrong += data != payload
        await client.emit("echo", payload)

    url = f"http://127.0.0.1:{args.port}"
    await client.connect(url, transports=["websocket"], wait_timeout=10)
    for _ in range(args.in_flight):
        await client.emit("echo", payload)
    await asyncio.sleep(args.warmup)
    before, began, cpu = count, time.perf_counter(), time.process_time()
    await asyncio.sleep(args.seconds)
    done, took = count - before, time.perf_counter() - began
    cpu = time.process_time() - cpu
    await client.disconnect()
    if wrong:
        raise SystemExit(f"{wrong} messages came back changed")
    print(json.dumps({"rate": done / took, "cpu_us_per_message": 1e6 * cpu / max(1, done)}))


if __name__ == "__main__":
    parsed = arguments()
    if parsed.library == "socketio":
        import uvloop

        uvloop.run(main(parsed))
    else:
        asyncio.run(main(parsed))
