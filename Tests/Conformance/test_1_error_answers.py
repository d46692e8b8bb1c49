"""Every answer that is an error, as curl sees it: status, type, body, and who may read it."""

import threading

import pytest
from wire.client import target
from wire.curl import UPGRADE, Answer, content, curl

ORIGIN = "http://a.example"
JSON = ["application/json"]
HTML = ["text/html"]
TEXT = ["text/plain; charset=utf-8"]
UNKNOWN = "A" * 20
NO_EIO3 = 8
MISMATCH = (
    ", and this server is set to revision 4 alone: use a client of Socket.IO 3 or later, which "
    "asks with EIO=4, or let the server allow EIO3"
)
REVISIONS = {
    "EIO=3&": "the request asks for revision 3 of Engine.IO, as clients of Socket.IO 1 and 2 do",
    "EIO=5&": "the request asks for a revision of Engine.IO that does not exist (EIO is neither 3 "
    "nor 4), which counts as revision 3, that of Socket.IO 1 and 2",
    "": "the request names no revision of Engine.IO, which means revision 3, that of Socket.IO 1 "
    "and 2",
}


@pytest.fixture
def net(networks):
    return networks(origin=ORIGIN, flags=NO_EIO3)


@pytest.fixture
def large(tmp_path):
    file = tmp_path / "large"
    file.write_bytes(b"4" * 1_000_001)
    return f"@{file}"


def ask(net, path, *arguments):
    return curl(net, path, "-H", f"Origin: {ORIGIN}", *arguments)


def check(answer: Answer, status, kind, body, *, cors=True, keeps=True):
    seen = (answer.status, answer.all("content-type"), answer.body)
    assert seen == (status, kind, body)
    assert answer.one("content-length") == str(len(body.encode()))
    assert answer.all("access-control-allow-origin") == ([ORIGIN] if cors else [])
    if cors:
        assert answer.one("vary") == "Origin"
    assert answer.one("connection").startswith("keep-alive" if keeps else "close")


def refusal(code, message):
    return f'{{"code":{code},"message":"{message}"}}'


def test_400_code_0(net):
    body = refusal(0, "Transport unknown")
    check(ask(net, target("none")), 400, JSON, body)
    check(ask(net, "/socket.io/"), 400, JSON, body)


def test_400_code_1(net):
    body = refusal(1, "Session ID unknown")
    check(ask(net, target("polling", UNKNOWN)), 400, JSON, body)
    check(ask(net, target("polling", UNKNOWN), "-d", "x"), 400, JSON, body)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_400_code_2(net, method):
    body = refusal(2, "Bad handshake method")
    check(ask(net, target("polling"), "-X", method), 400, JSON, body)


def test_400_code_3(net):
    body = refusal(3, "Bad request")
    check(ask(net, target("websocket")), 400, JSON, body)
    check(ask(net, target("websocket", net.polling().sid)), 400, JSON, body)


def test_403_code_4(net):
    answer = curl(net, target("polling"), "-H", "Origin: http://evil.example")
    check(answer, 403, JSON, refusal(4, "Forbidden"), cors=False)


@pytest.mark.parametrize("revision", list(REVISIONS))
def test_400_code_5(net, revision):
    answer = ask(net, f"/socket.io/?{revision}transport=polling")
    explained = refusal(5, "Unsupported protocol version").removesuffix("}")
    check(answer, 400, JSON, f'{explained},"context":"{REVISIONS[revision]}{MISMATCH}"}}')


UPGRADES = [
    (0, target("none"), "Transport unknown"),
    (1, target("websocket", UNKNOWN), "Session ID unknown"),
    (2, target("websocket"), "Bad handshake method"),
    (3, target("polling"), "Bad request"),
    (4, target("websocket"), "Forbidden"),
    *(
        (5, f"/socket.io/?{revision}transport=websocket", f"Unsupported protocol version: {why}.")
        for revision, why in ((name, text + MISMATCH) for name, text in REVISIONS.items())
    ),
]


@pytest.mark.parametrize(("code", "path", "body"), UPGRADES)
def test_400_of_an_upgrade(net, code, path, body):
    """28.2: always 400, with the message alone; a page cannot read it anyway."""
    origin = "http://evil.example" if code == 4 else ORIGIN
    method = ["-X", "POST"] if code == 2 else []
    answer = curl(net, path, *UPGRADE, "-H", f"Origin: {origin}", *method)
    check(answer, 400, HTML, body, cors=False, keeps=False)


def upgrade_arguments(*fields):
    """An upgrade with these fields instead of its version."""
    upgrade = [field for field in UPGRADE if not field.startswith(("-H", "Sec-WebSocket-Version"))]
    return [argument for field in (*upgrade, *fields) for argument in ("-H", field)]


@pytest.mark.parametrize("fields", [["Sec-WebSocket-Version: 8"], ["Sec-WebSocket-Version;"]])
def test_426_of_an_upgrade(net, fields):
    """RFC 6455, 4.4: another version than 13 gets ours to choose from."""
    answer = ask(net, target("websocket"), *upgrade_arguments(*fields))
    body = "Upgrade Required: the WebSocket is of another version than 13, which alone is served."
    check(answer, 426, HTML, body, cors=False, keeps=False)
    assert answer.one("sec-websocket-version") == "13"
    assert answer.one("upgrade") == "websocket"
    assert answer.one("connection") == "close, upgrade"


def test_400_of_an_upgrade_without_a_version(net):
    """As Node's ws: it is no handshake, whatever version the client speaks."""
    answer = ask(net, target("websocket"), *upgrade_arguments())
    check(answer, 400, HTML, "Bad request", cors=False, keeps=False)


def test_400_of_a_post_that_overtakes_another(net):
    session = net.polling()
    session.join()
    first = session.start_get()
    assert first.is_pending()
    check(ask(net, session.target), 400, [], "")
    assert first.packets() == ["1"]


def test_400_of_what_is_not_http(net):
    check(ask(net, "/b", "-X", "GET /a"), 400, TEXT, "Bad Request", cors=False, keeps=False)


def test_404_and_405(networks, tmp_path):
    """Those of the library itself: the program of the other tests answers such requests."""
    (tmp_path / "a.txt").write_text("a")
    net = networks(files=f"/files={tmp_path}", bare=1)
    port = net.server.wait_for(lambda report: report.kind == "bare").id
    there = ["--connect-to", f"::127.0.0.1:{port}"]
    assert content(net, "/files/a.txt", *there) == b"a"
    check(ask(net, "/", *there), 404, TEXT, "Not Found\n", cors=False)
    check(ask(net, "/files/none", *there), 404, TEXT, "Not Found\n", cors=False)
    answer = ask(net, "/files/a.txt", *there, "-d", "x")
    check(answer, 405, [], "", cors=False)
    assert answer.one("allow") == "GET, HEAD"


@pytest.mark.parametrize("coding", [[], ["-H", "Transfer-Encoding: chunked"]])
def test_413(net, large, coding):
    session = net.polling()
    answer = ask(net, session.target, "--data-binary", large, "-H", "Expect:", *coding)
    check(answer, 413, [], "", keeps=False)
    session.join()


def test_431(net):
    answer = ask(net, target("polling"), "-H", "X: " + "x" * 20_000)
    body = "Request Header Fields Too Large"
    check(answer, 431, TEXT, body, cors=False, keeps=False)


def test_500(net):
    """3.3: a method that a session does not know."""
    session = net.polling()
    check(ask(net, session.target, "-X", "PUT"), 500, [], "")
    session.join()


def test_501(net):
    coding = ["-H", "Transfer-Encoding: gzip", "--data-binary", "x"]
    answer = ask(net, target("polling"), *coding)
    check(answer, 501, TEXT, "Not Implemented", cors=False, keeps=False)


def test_503_of_a_server_that_closes(networks, servers):
    server = servers.start()
    answers = []
    net = type("net", (), {"server": server})
    waiting = threading.Thread(target=lambda: answers.append(ask(net, "/hang")))
    waiting.start()
    server.wait_for(lambda report: report.kind == "hanging")
    assert server.shut_down() == 0
    waiting.join(10)
    check(answers[0], 503, [], "", cors=False, keeps=False)
