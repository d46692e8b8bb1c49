"""What python-socketio's clients of both generations have in common."""

import sys

from server import until

TRANSPORTS = {"polling": ["polling"], "websocket": ["websocket"], "upgrade": None}


def await_writer(engine):
    """Waits until an engineio.Client has sent everything, and its thread that
    writes waits for more. Told to disconnect before that, it ends without having
    sent what is queued, its own goodbye included."""
    writer = engine.write_loop_task
    until(lambda: not writer.is_alive() or is_waiting(writer))


def is_waiting(writer):
    frame = sys._current_frames().get(writer.ident)
    calls = []
    while frame is not None and len(calls) < 3:
        calls.append(frame.f_code.co_name)
        frame = frame.f_back
    return calls == ["wait", "get", "_write_loop"]
