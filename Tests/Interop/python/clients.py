"""What python-socketio's clients of both generations have in common."""

import contextlib
import queue
import sys
import threading
import time

import engineio
from server import PATIENCE

TRANSPORTS = {"polling": ["polling"], "websocket": ["websocket"], "upgrade": None}


class InOrderEngine(engineio.Client):
    """engineio.Client starts a thread for each message, and these overtake each
    other, attachments their packets even. This one has a single thread for all:
    what is on the wire is the same."""

    #: What a message may raise that nobody has to know of.
    ignored: tuple[type[Exception], ...] = ()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._messages = queue.SimpleQueue()
        threading.Thread(target=self._work, daemon=True).start()

    def _trigger_event(self, event, *args, **kwargs):
        if event != "message":
            return super()._trigger_event(event, *args, **kwargs)
        self._messages.put(args)
        return None

    def _work(self):
        while True:
            with contextlib.suppress(*self.ignored):
                super()._trigger_event("message", *self._messages.get())


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
