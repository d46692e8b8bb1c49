"""What python-socketio's clients of both generations have in common."""

import contextlib
import queue
import threading

import engineio

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
