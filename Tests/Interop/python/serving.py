"""Fixtures of the tests with either generation of clients."""

import pytest
from clients import TRANSPORTS
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
