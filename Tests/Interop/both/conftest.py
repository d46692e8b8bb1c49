"""Tests with python-socketio of either generation: the one that is installed.

Peers of both are told the same way: peer().connect(server, mode, namespaces=[...]),
expect, emit, call, and `sid_of`.
"""

import contextlib
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

FOLDERS = Path(__file__).parents[1]
sys.path += [str(FOLDERS / "python"), str(FOLDERS / "python_v2")]

from clients import TRANSPORTS  # noqa: E402

pytest_plugins = ["serving"]

#: 5, or 4: that of Socket.IO 2.
GENERATION = int(version("python-socketio").split(".")[0])

if GENERATION == 5:
    from peers import KINDS
else:
    from peers_v2 import Peer

    KINDS = {"v2": Peer}


#: Every way of transport with one kind of client, and the others with one way.
CASES = [
    (kind, mode)
    for number, kind in enumerate(KINDS)
    for mode in (TRANSPORTS if number == 0 else ["upgrade"])
]


@pytest.fixture(params=CASES, ids="-".join)
def case(request):
    return request.param


@pytest.fixture
def kind(case):
    return case[0]


@pytest.fixture
def mode(case):
    return case[1]


@pytest.fixture
def peer(kind):
    """Makes clients of the kind under test."""
    with contextlib.ExitStack() as peers:

        def make():
            made = KINDS[kind]() if GENERATION == 4 else KINDS[kind](reconnection=False)
            peers.callback(made.close)
            return made

        yield make


@pytest.fixture
def generation():
    """5, or 4: that of Socket.IO 2."""
    return GENERATION


@pytest.fixture
def sid_of():
    """The id of a peer in a namespace."""

    def sid(peer, nsp="/"):
        if GENERATION == 5:
            return peer.sid(nsp)
        return peer.sid if nsp == "/" else f"{nsp}#{peer.sid}"

    return sid


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A key and its certificate, which nobody trusts."""
    folder = tmp_path_factory.mktemp("tls")
    key, pem = folder / "key.pem", folder / "certificate.pem"
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
    about = ["-subj", "/CN=localhost", "-days", "2", "-keyout", key, "-out", pem]
    subprocess.run([*make.split(), *about], check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_bytes(pem.read_bytes() + key.read_bytes())
    return str(both)
