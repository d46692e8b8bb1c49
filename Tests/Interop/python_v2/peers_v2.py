"""python-socketio 4.6.1, a client of Socket.IO 2; and a client of today beside it.

A peer remembers what comes, by namespace and event, and tests wait for it."""

import json
import queue
import threading

import in_order
import websocket
from clients import TRANSPORTS, await_writer
from server import PATIENCE, until


class Client(in_order.Client):
    """Tells its peer of every event: this version has no handler for all."""

    def __init__(self, remember):
        super().__init__(reconnection=False)
        self._remember = remember

    def _trigger_event(self, event, namespace, *args):
        return self._remember(event, namespace or "/", args)


class Peer:
    def __init__(self):
        self._inbox = {}
        self._lock = threading.Lock()
        self.replies = {}  # event -> what to reply to the server
        self.client = Client(self._remember)

    def _arrivals(self, event, nsp):
        with self._lock:
            return self._inbox.setdefault((nsp, event), queue.Queue())

    def _remember(self, event, nsp, args):
        self._arrivals(event, nsp).put(args)
        return self.replies.get(event)

    def connect(self, server, mode="websocket", namespaces=(), query="", headers=None):
        self.client.connect(
            server.url + query,
            headers=headers or {},
            transports=TRANSPORTS[mode],
            namespaces=list(namespaces),
        )
        self.expect("connect")
        # A thread for pings that starts later than the end does not hear of it.
        until(lambda: self.client.eio.ping_loop_event is not None)
        for nsp in namespaces:
            self.expect("connect", nsp.partition("?")[0])
        return self

    @property
    def sid(self):
        return self.client.eio.sid

    @property
    def transport(self):
        return self.client.transport()

    def expect(self, event, nsp="/", patience=PATIENCE):
        """The arguments of the next event of that name."""
        try:
            return self._arrivals(event, nsp).get(timeout=patience)
        except queue.Empty:
            came = {key: inbox.qsize() for key, inbox in list(self._inbox.items())}
            raise AssertionError(f"no {event!r} in {nsp}; what waits: {came}") from None

    def nothing(self, event, nsp="/"):
        """Nothing of that name has come before the server's reply to this."""
        self.call("echo", nsp=nsp)
        return self._arrivals(event, nsp).empty()

    def emit(self, event, *args, nsp="/"):
        self.client.emit(event, args or None, namespace=nsp)

    def call(self, event, *args, nsp="/"):
        return self.client.call(event, args or None, namespace=nsp, timeout=PATIENCE)

    def disconnect(self):
        await_writer(self.client.eio)
        self.client.disconnect()

    def close(self):
        self.client.eio.disconnect(abort=True)


class Modern:
    """A client of revision 4, on websocket-client alone."""

    def __init__(self, server):
        url = f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket"
        self._socket = websocket.create_connection(url, timeout=PATIENCE)
        self._socket.recv()
        self._socket.send("40")
        assert self._socket.recv().startswith('40{"sid"')
        self.receive_event("welcome")

    def emit(self, *event, attachment=None):
        kind = "42" if attachment is None else "451-"
        self._socket.send(kind + json.dumps(event))
        if attachment is not None:
            self._socket.send_binary(attachment)

    def receive(self):
        return self._socket.recv()

    def receive_event(self, name):
        """The packet of the next event of that name."""
        while True:
            packet = self.receive()
            if isinstance(packet, str) and f'["{name}"' in packet:
                return packet

    def close(self):
        self._socket.close()
