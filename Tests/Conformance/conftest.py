"""Servers, clients, and the check behind every test: all is alive, and all is given back."""

import os

import pytest
from wire.client import Network
from wire.process import ServerProcess


class Servers:
    """One process for each set of options, started on demand and kept."""

    def __init__(self, program: str, threads: int):
        self._program = program
        self._threads = threads
        self._running: dict[str, ServerProcess] = {}

    def get(self, **options) -> ServerProcess:
        key = repr(sorted(options.items()))
        server = self._running.get(key)
        if server is None or not server.is_alive:
            server = self._running[key] = self.start(**options)
        return server

    def start(self, **options) -> ServerProcess:
        """A process of its own, for a test that ends it."""
        return ServerProcess(self._program, threads=self._threads, **options)

    def shut_down(self) -> list[int]:
        return [server.shut_down() for server in self._running.values() if server.is_alive]


@pytest.fixture(scope="session", params=[1, 2], ids=["one-loop", "two-loops"])
def servers(request):
    """Sessions live on one loop; with two, requests of a session arrive on the other as well."""
    servers = Servers(os.environ["CONFORMANCE_SERVER"], request.param)
    yield servers
    assert set(servers.shut_down()) <= {0}


@pytest.fixture
def networks(servers):
    """Makes the network of a server with given options."""
    made: list[Network] = []

    def network(**options) -> Network:
        made.append(Network(servers.get(**options)))
        return made[-1]

    yield network
    for network in made:
        assert network.server.is_alive, "the server died"
        network.close()
        network.server.wait_until_idle()


@pytest.fixture
def net(networks) -> Network:
    """The network of a server with the default options."""
    return networks()
