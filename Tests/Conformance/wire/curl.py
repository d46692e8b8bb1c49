"""curl: a peer that others wrote."""

import shutil
import subprocess
from dataclasses import dataclass

from .client import Network, target

CURL = shutil.which("curl")
UPGRADE = [
    *("-H", "Connection: Upgrade"),
    *("-H", "Upgrade: websocket"),
    *("-H", "Sec-WebSocket-Version: 13"),
    *("-H", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="),
]


@dataclass
class Answer:
    status: int
    fields: list[tuple[str, str]]
    body: str

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key.lower() == name]

    def one(self, name: str) -> str:
        (value,) = self.all(name)
        return value


def run(net: Network, path: str, *arguments) -> subprocess.CompletedProcess:
    assert CURL, "there is no curl: run scripts/setup test"
    url = f"http://127.0.0.1:{net.server.port}{path}"
    command = [CURL, "-sS", "--max-time", "30", *map(str, arguments), url]
    return subprocess.run(command, capture_output=True, check=False)


def content(net: Network, path: str, *arguments) -> bytes:
    """What it prints; it has to be content with what came."""
    done = run(net, path, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def curl(net: Network, path: str, *arguments) -> Answer:
    """The answer to one request; curl has to be content with how it came."""
    head, _, body = content(net, path, "-i", *arguments).decode().partition("\r\n\r\n")
    status, *lines = head.split("\r\n")
    fields = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    return Answer(int(status.split()[1]), fields, body)


def opened(net: Network, answer: Answer) -> str:
    """Ends the session that an answer opened; its id."""
    assert answer.status == 200
    sid = answer.body.split('"')[3]
    assert curl(net, target("polling", sid), "-d", "1").body == "ok"
    return sid
