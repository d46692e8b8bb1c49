import contextlib
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "python"))

from peers_v2 import TRANSPORTS, Modern, Peer
from server import Server


@pytest.fixture
def serve():
    """Starts servers: serve("--ping-interval", 100). Each must end well."""
    servers = []

    def start(*options):
        servers.append(Server(*options))
        return servers[-1]

    yield start
    assert [server.close() for server in servers] == [0] * len(servers)


@pytest.fixture
def server(serve):
    return serve()


@pytest.fixture(params=TRANSPORTS)
def mode(request):
    return request.param


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
