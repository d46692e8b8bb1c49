"""This package's clients, with the face of the tests' other clients."""

import libsocketio
from hosts import PATIENCE
from peers import AsyncioPeer, EventLoop, ThreadPeer


def options_of(options):
    """What tests need is quick to come back, and patient with a slow machine."""
    return {
        "reconnection_delay": 0.05,
        "reconnection_delay_max": 0.2,
        "randomization_factor": 0,
        "request_timeout": PATIENCE,
        **options,
    }


class Ours:
    """What the two kinds have in common."""

    def connect(self, host, mode="websocket", namespaces=("/",), **options):
        return super().connect(host, mode, namespaces, **options)

    def disconnect(self):
        self._run(self.client.disconnect)

    def of(self, method, *args, **options):
        """Calls any function of the client's, or of what it gives."""
        return self._run(method, *args, **options)

    def wait(self):
        self._run(self.client.wait)


class OurThreadPeer(Ours, ThreadPeer):
    """libsocketio.Client."""

    def _make(self, **options):
        return libsocketio.Client(**options_of(options))

    def close(self):
        self.client.disconnect()


class OurAsyncioPeer(Ours, AsyncioPeer):
    """libsocketio.AsyncClient."""

    def _make(self, **options):
        self._loop = EventLoop()
        return libsocketio.AsyncClient(**options_of(options))

    def _run(self, method, *args, **options):
        async def run():
            made = method(*args, **options)
            return await made if hasattr(made, "__await__") else made

        return self._loop.run(run())

    def close(self):
        self._run(self.client.disconnect)
        self._loop.close()


KINDS = {"Client": OurThreadPeer, "AsyncClient": OurAsyncioPeer}
