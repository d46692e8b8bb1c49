"""Servers, clients, and the check behind every test: all is alive, and all is given back."""

import os
import ssl
import subprocess
from pathlib import Path

import pytest
from wire.client import Network
from wire.process import ServerProcess


class Identity:
    """A certificate for localhost and its key, made by openssl."""

    def __init__(self, folder: Path):
        self.certificate, self.key = folder / "certificate.pem", folder / "key.pem"

    @property
    def trust(self) -> ssl.SSLContext:
        """For clients, who believe this one alone."""
        if not self.certificate.exists():
            command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
            command += f" -keyout {self.key} -out {self.certificate} -days 2 -subj /CN=localhost"
            command += " -addext subjectAltName=DNS:localhost"
            subprocess.run(command.split(), check=True, capture_output=True, timeout=30)
        return ssl.create_default_context(cafile=self.certificate)


class Servers:
    """One process for each set of options, started on demand and kept."""

    def __init__(self, program: str, threads: int, folder: Path):
        self._program = program
        self._threads = threads
        self._identity = Identity(folder)
        self._running: dict[str, ServerProcess] = {}

    def get(self, **options) -> ServerProcess:
        key = repr(sorted(options.items()))
        server = self._running.get(key)
        if server is None or not server.is_alive:
            server = self._running[key] = self.start(**options)
        return server

    def start(self, *, secure: bool = False, **options) -> ServerProcess:
        """A process of its own, for a test that ends it. `secure`: with TLS."""
        if secure:
            options.update(certificate=self._identity.certificate, key=self._identity.key)
            options["tls"] = self._identity.trust
        return ServerProcess(self._program, threads=self._threads, **options)

    def shut_down(self) -> list[int]:
        return [server.shut_down() for server in self._running.values() if server.is_alive]


@pytest.fixture(scope="session", params=[1, 2], ids=["one-loop", "two-loops"])
def servers(request, tmp_path_factory):
    """Sessions live on one loop; with two, requests of a session arrive on the other as well."""
    folder = tmp_path_factory.mktemp("identity")
    servers = Servers(os.environ["CONFORMANCE_SERVER"], request.param, folder)
    yield servers
    assert set(servers.shut_down()) <= {0}


@pytest.fixture
def secure():
    """Whether servers have TLS. A module that overrides it tests both."""
    return False


@pytest.fixture
def networks(servers, secure):
    """Makes the network of a server with given options."""
    made: list[Network] = []

    def network(**options) -> Network:
        made.append(Network(servers.get(**{"secure": secure, **options})))
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
