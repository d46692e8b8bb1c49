import contextlib

import pytest
from peers import KINDS, ThreadPeer

pytest_plugins = ["serving"]


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def peer(kind):
    """Makes clients of the kind under test: peer(reconnection=False)."""
    with contextlib.ExitStack() as peers:

        def make(**options):
            made = KINDS[kind](**{"reconnection": False, **options})
            peers.callback(made.close)
            return made

        yield make


@pytest.fixture
def watcher(server):
    """A client that hears of what happens to the others."""
    made = ThreadPeer(reconnection=False)
    yield made.connect(server, namespaces=["/watch"])
    made.close()
