"""What python-socketio's clients of both generations have in common."""

import sys
import time

from server import PATIENCE

TRANSPORTS = {"polling": ["polling"], "websocket": ["websocket"], "upgrade": None}


def await_writer(engine):
    """Waits until an engineio.Client has sent everything, and its thread that
    writes waits for more. Told to disconnect before that, it ends without having
    sent what is queued, its own goodbye included."""
    end = time.monotonic() + PATIENCE
    writer = engine.write_loop_task
    while writer.is_alive() and not is_waiting(writer) and time.monotonic() < end:
        time.sleep(0.001)


def is_waiting(writer):
    frame = sys._current_frames().get(writer.ident)
    calls = []
    while frame is not None and len(calls) < 3:
        calls.append(frame.f_code.co_name)
        frame = frame.f_back
    return calls == ["wait", "get", "_write_loop"]
