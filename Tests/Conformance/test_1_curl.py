"""Sections 1.4 and 1.7 to 1.9, as curl sees them: a peer that others wrote."""

import pytest
from wire.client import target
from wire.curl import UPGRADE, curl, opened

ORIGIN = "http://a.example"


@pytest.mark.parametrize(
    ("query", "arguments", "code", "message"),
    [
        ("EIO=4", [], 0, "Transport unknown"),
        ("EIO=4&transport=webtransport", [], 0, "Transport unknown"),
        ("EIO=4&transport=polling&sid=" + "A" * 20, [], 1, "Session ID unknown"),
        ("EIO=4&transport=polling", ["-d", "x"], 2, "Bad handshake method"),
        ("EIO=4&transport=polling", ["-X", "OPTIONS"], 2, "Bad handshake method"),
        ("EIO=4&transport=websocket", [], 3, "Bad request"),
        ("EIO=4&transport=polling", ["-H", "Origin: http://evil.example"], 4, "Forbidden"),
    ],
)
def test_1_4_refusals(net, query, arguments, code, message):
    answer = curl(net, f"/socket.io/?{query}", *arguments)
    assert answer.status == (403 if code == 4 else 400)
    assert answer.one("content-type") == "application/json"
    assert answer.body == f'{{"code":{code},"message":"{message}"}}'


@pytest.mark.parametrize(
    ("flags", "path", "status"),
    [(0, "/socket.io", 404), (2, "/socket.io", 200), (2, "/socket.io/", 200)],
)
def test_1_1_trailing_slash(networks, flags, path, status):
    net = networks(flags=flags)  # SIO_SERVER_NO_TRAILING_SLASH
    answer = curl(net, f"{path}?EIO=4&transport=polling")
    assert answer.status == status
    if status == 200:
        opened(net, answer)


@pytest.mark.parametrize("arguments", [[], UPGRADE], ids=["plain", "upgrade"])
def test_1_4_a_refused_revision_is_explained(networks, arguments):
    net = networks(flags=8)  # SIO_SERVER_NO_EIO3
    transport = "websocket" if arguments else "polling"
    answer = curl(net, f"/socket.io/?EIO=3&transport={transport}", *arguments)
    assert answer.status == 400
    assert "Unsupported protocol version" in answer.body
    assert "use a client of Socket.IO 3 or later" in answer.body


@pytest.mark.parametrize(
    ("query", "arguments", "message"),
    [
        ("EIO=4", [], "Transport unknown"),
        ("EIO=4&transport=websocket&sid=" + "A" * 20, [], "Session ID unknown"),
        ("EIO=4&transport=websocket", ["-d", "x"], "Bad handshake method"),
        ("EIO=4&transport=polling", [], "Bad request"),
        ("EIO=4&transport=websocket", ["-H", "Origin: http://evil.example"], "Forbidden"),
    ],
)
def test_1_4_refusals_of_upgrades(net, query, arguments, message):
    answer = curl(net, f"/socket.io/?{query}", *UPGRADE, *arguments)
    assert answer.status == 400
    assert answer.one("connection") == "close"
    assert answer.one("content-type") == "text/html"
    assert answer.body == message


@pytest.mark.parametrize(
    ("arguments", "coding"),
    [
        (["--compressed"], "gzip"),
        (["--compressed", "-H", "Accept-Encoding: deflate"], "deflate"),
        (["--compressed", "-H", "Accept-Encoding: gzip;q=0.1, deflate;q=0.2"], "deflate"),
        ([], None),
        (["-H", "Accept-Encoding: gzip;q=0, identity"], None),
        # Neither is any better than an error.
        (["-H", "Accept-Encoding: gzip;q=0, identity;q=0"], None),
        (["--compressed", "-H", "Accept-Encoding: identity;q=0, *"], "gzip"),
    ],
)
@pytest.mark.parametrize("size", [900, 1100, 300_000])
def test_1_10_compression(net, arguments, coding, size):
    """curl undoes it, and is content with what comes out."""
    session = net.polling()
    session.join()
    session.post(f'42["do:large",{size}]')
    answer = curl(net, session.target, *arguments)
    assert answer.body == f'42["large","{"x" * size}"]'
    is_large = size > 1024
    assert answer.all("content-encoding") == ([coding] if coding and is_large else [])
    assert answer.all("vary") == (["Accept-Encoding"] if is_large else [])
    assert (int(answer.one("content-length")) < 1000) == bool(coding or not is_large)


def test_1_10_what_asks_not_to_be_compressed(net):
    session = net.polling()
    session.join()
    session.post('42["do:plain"]')
    assert curl(net, session.target, "--compressed").all("content-encoding") == []
    # One packet that may be is enough.
    session.post('42["do:plain"]', '42["do:large",1]')
    assert curl(net, session.target, "--compressed").one("content-encoding") == "gzip"


def test_1_10_compression_can_be_switched_off(networks):
    net = networks(flags=16)
    session = net.polling()
    session.join()
    session.post('42["do:large",2000]')
    assert curl(net, session.target, "--compressed").all("content-encoding") == []


def test_1_10_the_threshold_can_be_moved(networks):
    net = networks(compression_threshold=200)
    session = net.polling()
    session.join()
    session.post('42["do:large",300]')
    assert curl(net, session.target, "--compressed").one("content-encoding") == "gzip"


def test_1_8_cookie(networks, tmp_path):
    """curl keeps it, and sends it back."""
    net = networks(cookie="io")
    jar = tmp_path / "jar"
    answer = curl(net, target("polling"), "-c", jar)
    sid = opened(net, answer)
    assert answer.one("set-cookie") == f"io={sid}; Path=/; HttpOnly; SameSite=Lax"
    (line,) = [line for line in jar.read_text().splitlines() if sid in line]
    assert line.split("\t") == ["#HttpOnly_127.0.0.1", "FALSE", "/", "FALSE", "0", "io", sid]


def test_1_8_only_handshakes_set_a_cookie(networks):
    net = networks(cookie="io")
    session = net.polling()
    assert session.request("POST", body=b"40").header("set-cookie") is None
    assert session.request("GET").header("set-cookie") is None
    assert curl(net, "/socket.io/").all("set-cookie") == []
    assert net.websocket().response.header("set-cookie") is None


def test_1_7_fields(networks):
    net = networks(header=["X-All: 1", "X-More: 2"], initial_header="X-First: 3")
    answer = curl(net, target("polling"))
    opened(net, answer)
    assert [answer.all(name) for name in ("x-all", "x-more", "x-first")] == [["1"], ["2"], ["3"]]
    for arguments in ([], UPGRADE, ["-X", "OPTIONS"], ["-d", "x"]):
        answer = curl(net, "/socket.io/", *arguments)
        assert answer.status == 400
        assert [answer.all(name) for name in ("x-all", "x-first")] == [["1"], []]
    assert net.websocket().response.header("x-first") == "3"
    session = net.polling()
    assert session.request("POST", body=b"40").header("x-all") == "1"
    probe = net.probe(session)
    assert (probe.response.header("x-all"), probe.response.header("x-first")) == ("1", None)
    assert curl(net, "/other").all("x-all") == []


def preflight(net, *arguments):
    return curl(net, target("polling"), *("-X", "OPTIONS", "-H", f"Origin: {ORIGIN}"), *arguments)


ASKING = ["-H", "Access-Control-Request-Method: POST"]


def test_1_9_preflight_with_all_options(networks):
    net = networks(
        origin=ORIGIN,
        flags=4,
        cors_methods="GET,POST",
        cors_allowed_headers="X-Mine",
        cors_exposed_headers="X-Seen",
        cors_max_age=600,
    )
    answer = preflight(net, *ASKING, "-H", "Access-Control-Request-Headers: x-other")
    assert (answer.status, answer.body) == (204, "")
    assert {
        name: value for name, value in answer.fields if name.startswith(("Access", "Vary"))
    } == {
        "Access-Control-Allow-Origin": ORIGIN,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Allow-Methods": "GET,POST",
        "Access-Control-Allow-Headers": "X-Mine",
        "Access-Control-Max-Age": "600",
        "Vary": "Origin",
    }
    answer = curl(net, target("polling"), "-H", f"Origin: {ORIGIN}")
    opened(net, answer)
    assert answer.one("access-control-expose-headers") == "X-Seen"
    assert answer.one("access-control-allow-credentials") == "true"


def test_1_9_no_origin_check(networks):
    """Every page is admitted, nothing is said about it, and a preflight is an OPTIONS request."""
    net = networks(flags=32)
    answer = preflight(net, *ASKING)
    assert answer.body == '{"code":2,"message":"Bad handshake method"}'
    answer = curl(net, target("polling"), "-H", "Origin: http://evil.example")
    opened(net, answer)
    assert [name for name, _ in answer.fields if name.startswith(("Access", "Vary"))] == []
    upgraded = net.open_websocket(target("websocket"), {"Origin": "http://evil.example"})
    assert upgraded.response.header("access-control-allow-origin") is None


@pytest.mark.parametrize(
    ("options", "attributes", "kept"),
    [
        (
            {"cookie": "sid", "cookie_path": "/a/b"},
            "; Path=/a/b; HttpOnly; SameSite=Lax",
            ["#HttpOnly_127.0.0.1", "FALSE", "/a/b", "FALSE", "0"],
        ),
        (
            # HTTP_ONLY off; Strict
            {"cookie": "io", "cookie_flags": 1, "cookie_same_site": 1},
            "; Path=/; SameSite=Strict",
            ["127.0.0.1", "FALSE", "/", "FALSE", "0"],
        ),
        (
            {"cookie": "io", "cookie_expires": "Wed, 21 Oct 2037 07:28:00 GMT"},
            "; Path=/; Expires=Wed, 21 Oct 2037 07:28:00 GMT; HttpOnly; SameSite=Lax",
            ["#HttpOnly_127.0.0.1", "FALSE", "/", "FALSE", "2139722880"],
        ),
        (
            # NOT_HTTP_ONLY, HAS_MAX_AGE; unset
            {"cookie": "io", "cookie_flags": 9, "cookie_max_age": 60, "cookie_same_site": 3},
            "; Max-Age=60; Path=/",
            ["127.0.0.1", "FALSE", "/", "FALSE", None],
        ),
        # What curl throws away: of another domain; at once over.
        (
            {"cookie": "io", "cookie_domain": "a.example"},
            "; Domain=a.example; Path=/; HttpOnly; SameSite=Lax",
            None,
        ),
        (
            {"cookie": "io", "cookie_flags": 8, "cookie_max_age": -1},
            "; Max-Age=-1; Path=/; HttpOnly; SameSite=Lax",
            None,
        ),
        # SECURE, PARTITIONED; None. curl trusts itself: from elsewhere it would throw it away.
        (
            {"cookie": "io", "cookie_flags": 6, "cookie_same_site": 2, "cookie_priority": "high"},
            "; Path=/; HttpOnly; Secure; Partitioned; Priority=High; SameSite=None",
            ["#HttpOnly_127.0.0.1", "FALSE", "/", "TRUE", "0"],
        ),
    ],
)
def test_1_8_cookie_with_every_attribute(networks, tmp_path, options, attributes, kept):
    net = networks(**options)
    jar = tmp_path / "jar"
    answer = curl(net, target("polling"), "-c", jar)
    sid = opened(net, answer)
    assert answer.one("set-cookie") == f"{options['cookie']}={sid}{attributes}"
    lines = [line.split("\t") for line in jar.read_text().splitlines() if sid in line]
    if kept is None:
        assert lines == []
        return
    ((*fields, name, value),) = lines
    assert (name, value) == (options["cookie"], sid)
    if kept[-1] is None:
        assert int(fields.pop()) > 0
        kept = kept[:-1]
    assert fields == kept
