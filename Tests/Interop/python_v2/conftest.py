import contextlib
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "python"))

from peers_v2 import Modern, Peer

pytest_plugins = ["serving"]


@pytest.fixture
def peer():
    """Makes clients of Socket.IO 2."""
    with contextlib.ExitStack() as peers:

        def make():
            made = Peer()
            peers.callback(made.close)
            return made

        yield make


@pytest.fixture
def modern(server):
    """A client of revision 4 on the same server."""
    made = Modern(server)
    yield made
    made.close()


@pytest.fixture
def watcher(server, peer):
    """A client that hears of what happens to the others."""
    return peer().connect(server, namespaces=["/watch"])
