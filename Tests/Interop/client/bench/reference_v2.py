"""What a client of Socket.IO 2 has at a server, as JSON: reference_v2.py URL [polling|websocket].

It runs in the environment of python-socketio 4. The result tells the bench that its server
is right before another client is judged by it.
"""

import json
import queue
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "python"))

import in_order

PATIENCE = 15


def main():
    url, mode = sys.argv[1:]
    client = in_order.Client(reconnection=False)
    came = {}
    for nsp in ("/", "/chat"):
        for event in ("welcome", "said", "question", "answer", "binary", "connect_error"):
            inbox = came[nsp, event] = queue.Queue()
            reply = ["yes", 2] if event == "question" else None

            def handler(*args, inbox=inbox, reply=reply):
                inbox.put(args)
                return reply

            client.on(event, handler, namespace=nsp)
    transports = None if mode == "upgrade" else [mode]
    client.connect(url, namespaces=["/chat"], transports=transports)

    def expect(event, nsp="/"):
        return came[nsp, event].get(timeout=PATIENCE)

    result = {"transport": None, "welcome": expect("welcome")[0]}
    result["chat"] = expect("welcome", "/chat")[0]
    result["transport"] = client.transport()
    result["echo"] = client.call("echo", (1, "é€😀"), timeout=PATIENCE)
    data = bytes(range(256))
    result["bytes"] = client.call("echo", {"deep": [data]}, timeout=PATIENCE) == {"deep": [data]}
    client.emit("ask", "well?", namespace="/chat")
    result["question"] = expect("question", "/chat")
    result["answer"] = expect("answer", "/chat")
    client.emit("binary")
    first, second = expect("binary")
    result["binary"] = first["all"] == data and second == b"\x1e"
    result["large"] = len(client.call("large", 200_000, timeout=PATIENCE))
    print(json.dumps(result))
    client.disconnect()


if __name__ == "__main__":
    main()
