"""HTTP/1.1 messages."""

from dataclasses import dataclass

from .connection import PATIENCE, Connection


@dataclass(frozen=True)
class Response:
    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name: str) -> str | None:
        """The value of a header that may come once."""
        values = self.all(name)
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None


Headers = dict[str, str] | list[tuple[str, str]]


def request(method: str, target: str, headers: Headers = (), body: bytes | None = None) -> bytes:
    """A request. `Host` and `Content-Length` are added unless given."""
    fields = list(headers.items() if isinstance(headers, dict) else headers)
    names = {name.lower() for name, _ in fields}
    if "host" not in names:
        fields.insert(0, ("Host", "localhost"))
    if body is not None and not names & {"content-length", "transfer-encoding"}:
        fields.append(("Content-Length", str(len(body))))
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")


def read_response(connection: Connection, patience: float = PATIENCE, *, head: bool = False):
    """The next response. `head`: it answers a HEAD request and has no body."""
    text = connection.read_until(b"\r\n\r\n", patience).decode("latin-1")
    status_line, *fields = text[:-4].split("\r\n")
    version, status, reason = status_line.split(" ", 2)
    assert version == "HTTP/1.1"
    headers = []
    for field in fields:
        name, colon, value = field.partition(":")
        assert colon, f"no header field: {field!r}"
        assert name == name.strip(), f"whitespace in a header name: {field!r}"
        headers.append((name, value.strip()))
    response = Response(int(status), reason, headers, b"")
    if response.status in (101, 204, 304) or response.status < 200 or head:
        return response
    length = response.header("content-length")
    body = (
        connection.read_to_end(patience)
        if length is None
        else connection.read_exactly(int(length), patience)
    )
    return Response(response.status, reason, headers, body)


def exchange(
    connection: Connection,
    method: str,
    target: str,
    headers: Headers = (),
    body: bytes | None = None,
    patience: float = PATIENCE,
) -> Response:
    connection.send(request(method, target, headers, body))
    return read_response(connection, patience, head=method == "HEAD")
