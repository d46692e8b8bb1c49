import contextlib

import pytest
from peers import KINDS, TRANSPORTS, ThreadPeer
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
