"""python-socketio's clients with threads, of both generations, handling messages in
the order in which they came.

engineio.Client starts a thread for each message, and these overtake each other: an
event the one before it, an attachment its own packet even. Here one thread at a time
handles them all. What is on the wire is the same.
"""

import collections
import threading

import engineio
import socketio


class Engine(engineio.Client):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._messages = collections.deque()
        self._messages_lock = threading.Lock()
        self._handling = False  # there is a thread that handles them

    def _trigger_event(self, event, *args, **kwargs):
        if event != "message":
            return super()._trigger_event(event, *args, **kwargs)
        with self._messages_lock:
            self._messages.append(args)
            if self._handling:
                return None
            self._handling = True
        return self.start_background_task(self._handle_messages)

    def _handle_messages(self):
        while True:
            with self._messages_lock:
                if not self._messages:
                    self._handling = False
                    return
                args = self._messages.popleft()
            super()._trigger_event("message", *args)  # logs what it raises


class Client(socketio.Client):
    def _engineio_client_class(self):
        return Engine


if hasattr(socketio, "SimpleClient"):  # of generation 5

    class SimpleClient(socketio.SimpleClient):
        client_class = Client
