"""Fixtures of the tests with either generation of clients."""

import pytest
from clients import TRANSPORTS
from server import Scripted, Server


@pytest.fixture
def started():
    """Servers of a test. Each must end well."""
    servers = []
    yield servers
    assert [server.close() for server in servers] == [0] * len(servers)


@pytest.fixture
def serve(started):
    """Starts servers: serve("--ping-interval", 100)."""

    def start(*options):
        started.append(Server(*options))
        return started[-1]

    return start


@pytest.fixture
def script(started):
    """Starts servers that are taught in Python: script("...", ping_interval=0.1)."""

    def start(source="", **options):
        started.append(Scripted(source, **options))
        return started[-1]

    return start


@pytest.fixture
def server(serve):
    return serve()


@pytest.fixture(params=TRANSPORTS)
def mode(request):
    return request.param
