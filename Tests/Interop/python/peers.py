"""python-socketio's clients behind one face, so that each test is written once.

A peer remembers what comes, by namespace and event, and tests wait for it. The
methods block; AsyncClient runs on an event loop in a thread of its own.
"""

import asyncio
import queue
import threading

import engineio
import in_order
import socketio
from clients import TRANSPORTS, await_writer
from server import PATIENCE

REPLIES = (socketio.packet.ACK, socketio.packet.BINARY_ACK)


class EventLoop:
    """An event loop in a thread of its own."""

    def __init__(self):
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(2 * PATIENCE)

    def close(self):
        self.run(self._settle())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=PATIENCE)
        self._loop.close()

    async def _settle(self):
        """Ends what the clients left running."""
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)


class Peer:
    """What the two kinds have in common: the memory."""

    def __init__(self, **options):
        self._inbox = {}  # (namespace, event) -> a queue of what came
        self._inbox_lock = threading.Lock()
        self.replies = {}  # event -> what to reply to the server
        self.client = self._make(**options)

    def _arrivals(self, nsp, event):
        """The queue, which the test's thread and the client's may ask for first."""
        with self._inbox_lock:
            return self._inbox.setdefault((nsp, event), queue.Queue())

    def _remember(self, nsp, event, args):
        self._arrivals(nsp, event).put(args)
        return self.replies.get(event)

    def expect(self, event, nsp="/", patience=PATIENCE):
        """The arguments of the next event of that name."""
        try:
            return self._arrivals(nsp, event).get(timeout=patience)
        except queue.Empty:
            came = {key: inbox.qsize() for key, inbox in list(self._inbox.items())}
            state = "connected" if self.client.connected else "disconnected"
            raise AssertionError(f"no {event!r} in {nsp}; {state}, what waits: {came}") from None

    def has_come(self, event, nsp="/"):
        """Whether an event of that name waits to be expected."""
        return not self._arrivals(nsp, event).empty()

    def nothing(self, event, nsp="/"):
        """Nothing of that name has come before the server's reply to this."""
        self.call("echo", nsp=nsp)
        return not self.has_come(event, nsp)

    @property
    def transport(self):
        return self.client.transport()

    def sid(self, nsp="/"):
        return self.client.get_sid(nsp)

    def connect(self, server, mode="websocket", namespaces=("/",), **options):
        for nsp in namespaces:
            self._listen(nsp)
        self._run(
            self.client.connect,
            options.pop("url", server.url),
            transports=TRANSPORTS[mode],
            namespaces=list(namespaces),
            wait_timeout=PATIENCE,
            **options,
        )
        return self

    def emit(self, event, *args, nsp="/"):
        self._run(self.client.emit, event, args or None, namespace=nsp)

    def call(self, event, *args, nsp="/", timeout=PATIENCE):
        return self._run(self.client.call, event, args or None, namespace=nsp, timeout=timeout)

    def disconnect(self):
        """Disconnects, once everything is sent: python-engineio forgets what it
        has not sent when it disconnects, its own goodbye included."""
        self._flush()
        self._run(self.client.disconnect)

    def close(self):
        if self.client.connected:
            self._run(self.client.eio.disconnect, abort=True)
        else:
            self._run(self.client.shutdown)


class ThreadPeer(Peer):
    """socketio.Client, in order."""

    def _make(self, **options):
        return in_order.Client(handle_sigint=False, **options)

    def _listen(self, nsp):
        for event in ("connect", "connect_error", "disconnect"):
            self.client.on(event, lambda *args, e=event: self._remember(nsp, e, args), nsp)
        self.client.on("*", lambda event, *args: self._remember(nsp, event, args), nsp)

    def _run(self, method, *args, **options):
        return method(*args, **options)

    def _flush(self):
        await_writer(self.client.eio)

    def go_deaf(self):
        """Stops answering pings."""
        send = self.client.eio._send_packet

        def without_pong(packet):
            if packet.packet_type != engineio.packet.PONG:
                send(packet)

        self.client.eio._send_packet = without_pong

    def hold_replies(self):
        """Stops replying to the server's events."""
        send = self.client._send_packet

        def without_ack(packet):
            if packet.packet_type not in REPLIES:
                send(packet)

        self.client._send_packet = without_ack


class AsyncioPeer(Peer):
    """socketio.AsyncClient."""

    def _make(self, **options):
        self._loop = EventLoop()
        return socketio.AsyncClient(handle_sigint=False, **options)

    def _listen(self, nsp):
        for event in ("connect", "connect_error", "disconnect"):

            async def on_event(*args, e=event):
                return self._remember(nsp, e, args)

            self.client.on(event, on_event, nsp)

        async def on_any(event, *args):
            return self._remember(nsp, event, args)

        self.client.on("*", on_any, nsp)

    def _run(self, method, *args, **options):
        return self._loop.run(method(*args, **options))

    def go_deaf(self):
        send = self.client.eio._send_packet

        async def without_pong(packet):
            if packet.packet_type != engineio.packet.PONG:
                await send(packet)

        self.client.eio._send_packet = without_pong

    def hold_replies(self):
        send = self.client._send_packet

        async def without_ack(packet):
            if packet.packet_type not in REPLIES:
                await send(packet)

        self.client._send_packet = without_ack

    def _flush(self):
        self._run(self.client.eio.queue.join)

    def close(self):
        super().close()
        self._loop.close()


KINDS = {"Client": ThreadPeer, "AsyncClient": AsyncioPeer}
