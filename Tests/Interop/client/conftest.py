"""The bench for clients: servers that others wrote, servers that die, servers that mean harm."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SOURCE = HERE.parents[2] / "bindings" / "python" / "src"
sys.path[:0] = [str(HERE / "bench"), str(HERE.parent / "python"), str(SOURCE)]

import hosts  # noqa: E402
import ours  # noqa: E402
from hostile import HostileServer  # noqa: E402
from papers import Papers  # noqa: E402

#: How a client comes: the argument `transports` of connect.
MODES = {"polling": ["polling"], "websocket": ["websocket"], "upgrade": None}


@pytest.fixture(params=MODES)
def mode(request):
    return request.param


@pytest.fixture(params=hosts.KINDS)
def host_kind(request):
    return request.param


@pytest.fixture(params=ours.KINDS)
def kind(request):
    return request.param


@pytest.fixture
def client(kind):
    """Makes clients of this package: client(reconnection=False)."""
    made = []

    def make(**options):
        made.append(ours.KINDS[kind](**options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def host():
    """Starts servers: host("uvicorn", ping_interval=1)."""
    started = []

    def start(kind, **options):
        made = hosts.Host(kind, **options)
        started.append(made)
        return made

    yield start
    for made in started:
        made.close()


@pytest.fixture(scope="session")
def shared_hosts():
    started = {}
    yield started
    for made in started.values():
        made.close()


@pytest.fixture
def shared(shared_hosts):
    """A server of a kind that many tests use; none of them may harm it."""

    def get(kind):
        if kind not in shared_hosts:
            shared_hosts[kind] = hosts.Host(kind)
        return shared_hosts[kind]

    return get


@pytest.fixture
def hostile():
    """Starts servers that mean harm: hostile(behaviour)."""
    started = []

    def start(behaviour):
        made = HostileServer(behaviour)
        started.append(made)
        return made

    yield start
    for made in started:
        made.close()
        assert not made.complaints


@pytest.fixture(scope="session")
def papers(tmp_path_factory):
    return Papers(tmp_path_factory.mktemp("papers"))
