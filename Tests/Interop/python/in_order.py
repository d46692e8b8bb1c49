"""python-socketio's clients with threads, of both generations, handling messages in
the order in which they came.

engineio.Client starts a thread for each message, and these overtake each other: an
event the one before it, an attachment its own packet even. Here one thread at a time
handles them all, and only then is the end of the connection told. What is on the wire
is the same.
"""

import collections
import threading

import engineio
import socketio

#: How long the end of a connection waits for a handler that waits itself, in seconds.
PATIENCE = 5


class Engine(engineio.Client):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._messages = collections.deque()
        self._handling = None  # the thread that handles messages, while there are any
        self._handled = threading.Condition()

    def _trigger_event(self, event, *args, **kwargs):
        if event == "message":
            self._put_message(args)
            return None
        if event == "disconnect":
            self._await_messages()
        return super()._trigger_event(event, *args, **kwargs)

    def _put_message(self, args):
        with self._handled:
            self._messages.append(args)
            if self._handling is None:
                self._handling = threading.Thread(target=self._handle_messages, daemon=True)
                self._handling.start()

    def _await_messages(self):
        with self._handled:
            if self._handling is not threading.current_thread():
                self._handled.wait_for(lambda: self._handling is None, PATIENCE)

    def _handle_messages(self):
        while True:
            with self._handled:
                if not self._messages:
                    self._handling = None
                    self._handled.notify_all()
                    return
                args = self._messages.popleft()
            super()._trigger_event("message", *args)  # logs what it raises


class Client(socketio.Client):
    def _engineio_client_class(self):
        return Engine


if hasattr(socketio, "SimpleClient"):  # of generation 5

    class SimpleClient(socketio.SimpleClient):
        client_class = Client
