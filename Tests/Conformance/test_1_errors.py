"""Sections 1.2 to 1.4: the order of the checks, and how each refusal looks."""

import json
import re

import pytest
from wire.client import target
from wire.http import read_response, request
from wire.websocket import handshake

MESSAGES = [
    "Transport unknown",
    "Session ID unknown",
    "Bad handshake method",
    "Bad request",
    "Forbidden",
    "Unsupported protocol version",
]
UNKNOWN = "A" * 20
NO_EIO3 = 8


def assert_refused(response, code, status=400):
    assert response.status == status
    assert response.header("content-type") == "application/json"
    expected = {"code": code, "message": MESSAGES[code]}
    if code == 5:
        # Ours: which versions met, and the mend, beside what clients of Node's server know.
        context = json.loads(response.text)["context"]
        assert re.fullmatch(r".*revision 3.*revision 4.*: use a client of Socket.IO 3.*", context)
        expected["context"] = context
    assert response.text == json.dumps(expected, separators=(",", ":"))


def assert_upgrade_refused(connection, code):
    response = read_response(connection)
    assert (response.status, response.reason) == (400, "Bad Request")
    assert response.header("connection") == "close"
    assert response.header("content-type") == "text/html"
    if code == 5:
        assert re.fullmatch(
            MESSAGES[5] + ": .*revision 3.*revision 4.*: use a client of Socket.IO 3.*",
            response.text,
        )
    else:
        assert response.text == MESSAGES[code]
    cors = [name for name, _ in response.headers if name.lower().startswith("access-control")]
    assert cors == []
    assert connection.read_to_end() == b""


PLAIN = [
    # What is wrong with it, method, query, code
    ("no query at all", "GET", "", 0),
    ("no transport", "GET", "?EIO=4", 0),
    ("empty transport", "GET", "?EIO=4&transport=", 0),
    ("unknown transport", "GET", "?EIO=4&transport=abc", 0),
    ("webtransport in a query", "GET", "?EIO=4&transport=webtransport", 0),
    ("transport in upper case", "GET", "?EIO=4&transport=POLLING", 0),
    ("CVE-2023-31125 __proto__", "GET", "?EIO=4&transport=__proto__", 0),
    ("CVE-2023-31125 constructor", "GET", "?EIO=4&transport=constructor", 0),
    ("last transport wins", "GET", "?EIO=4&transport=polling&transport=abc", 0),
    ("unknown session", "GET", f"?EIO=4&transport=polling&sid={UNKNOWN}", 1),
    ("unknown session, POST", "POST", f"?EIO=4&transport=polling&sid={UNKNOWN}", 1),
    ("unknown session of another form", "GET", "?EIO=4&transport=polling&sid=nope", 1),
    ("unknown session over websocket", "GET", f"?EIO=4&transport=websocket&sid={UNKNOWN}", 1),
    ("handshake by POST", "POST", "?EIO=4&transport=polling", 2),
    ("handshake by PUT", "PUT", "?EIO=4&transport=polling", 2),
    ("handshake by HEAD", "HEAD", "?EIO=4&transport=polling", 2),
    ("OPTIONS that is no preflight", "OPTIONS", "?EIO=4&transport=polling", 2),
    ("empty sid is none, POST", "POST", "?EIO=4&transport=polling&sid=", 2),
    ("websocket by plain GET", "GET", "?EIO=4&transport=websocket", 3),
    ("no revision", "GET", "?transport=polling", 5),
    ("revision 3", "GET", "?EIO=3&transport=polling", 5),
    ("revision 5", "GET", "?EIO=5&transport=polling", 5),
    ("revision 04", "GET", "?EIO=04&transport=polling", 5),
    ("last revision wins", "GET", "?EIO=4&EIO=3&transport=polling", 5),
    # The order: the first failure of the list in 1.3 decides.
    ("transport before session", "GET", f"?EIO=4&transport=abc&sid={UNKNOWN}", 0),
    ("transport before method", "POST", "?EIO=4&transport=abc", 0),
    ("transport before revision", "GET", "?EIO=3&transport=abc", 0),
    ("session before revision", "GET", f"?EIO=3&transport=polling&sid={UNKNOWN}", 1),
    ("session before method", "DELETE", f"?EIO=4&transport=polling&sid={UNKNOWN}", 1),
    ("method before revision", "POST", "?EIO=3&transport=polling", 2),
    ("method before websocket", "POST", "?EIO=4&transport=websocket", 2),
    ("websocket before revision", "GET", "?EIO=3&transport=websocket", 3),
]


@pytest.mark.parametrize(
    ("method", "query", "code"), [row[1:] for row in PLAIN], ids=[row[0] for row in PLAIN]
)
def test_1_4_plain_request(networks, method, query, code):
    net = networks(flags=NO_EIO3)
    response = net.exchange(method, "/socket.io/" + query)
    if method == "HEAD":
        assert (response.status, response.header("content-type")) == (400, "application/json")
    else:
        assert_refused(response, code)


UPGRADES = [
    ("no query at all", "", 0),
    ("no transport", "?EIO=4", 0),
    ("empty transport", "?EIO=4&transport=", 0),
    ("CVE-2023-31125 foo", "?EIO=4&transport=foo", 0),
    ("CVE-2023-31125 __proto__", "?EIO=4&transport=__proto__", 0),
    ("CVE-2023-31125 constructor", "?EIO=4&transport=constructor", 0),
    ("CVE-2023-31125 repeated", "?EIO=4&transport=websocket&transport=x", 0),
    ("webtransport", "?EIO=4&transport=webtransport", 0),
    ("unknown session", f"?EIO=4&transport=websocket&sid={UNKNOWN}", 1),
    ("26.2 sid=nope", "?EIO=4&transport=websocket&sid=nope", 1),
    ("transport=polling", "?EIO=4&transport=polling", 3),
    ("no revision (28.9)", "?transport=websocket", 5),
    ("revision 3", "?EIO=3&transport=websocket", 5),
]


@pytest.mark.parametrize(
    ("query", "code"), [row[1:] for row in UPGRADES], ids=[row[0] for row in UPGRADES]
)
def test_1_4_upgrade_request(networks, query, code):
    net = networks(flags=NO_EIO3)
    connection = net.connect()
    connection.send(handshake("/socket.io/" + query))
    assert_upgrade_refused(connection, code)


def test_1_3_repeated_keys_take_the_last(net):
    response = net.exchange(
        "GET", "/socket.io/?EIO=3&EIO=4&transport=abc&transport=polling&sid=x&sid="
    )
    assert response.status == 200
    session = net.polling()
    session.post("1")
    net.server.wait_for_counts(sessions=1)
    sid = response.text.split('"')[3]
    assert net.exchange("POST", target("polling", sid), body=b"1").status == 200


def test_1_2_names_and_values_are_decoded(net):
    response = net.exchange("GET", "/socket.io/?%45IO=%34&transport=poll%69ng&sid=%41")
    assert_refused(response, 1)


def test_1_2_revision_of_later_polls_is_ignored(net):
    session = net.polling()
    later = session.target.replace("EIO=4", "EIO=3")
    assert net.exchange("POST", later, body=b"40").text == "ok"
    assert session.get()[0].startswith('40{"sid"')


def test_1_3_poll_of_an_upgraded_session(net):
    """TRANSPORT_MISMATCH: code 3, for GET and POST."""
    session = net.polling()
    probe = net.probe(session)
    probe.send("2probe", "5")
    probe.expect("3probe")
    probe.join()
    assert_refused(session.request("GET"), 3)
    assert_refused(session.request("POST", body=b"40"), 3)
    assert_refused(net.exchange("GET", target("websocket", session.sid)), 3)
    probe.barrier()


def test_1_3_websocket_transport_of_a_polling_session_without_upgrade(net):
    session = net.polling()
    assert_refused(net.exchange("GET", target("websocket", session.sid)), 3)
    session.join()


def test_1_4_upgrade_with_the_sid_on_polling_leaves_the_session_alone(net):
    """Ours: an upgrade request with transport=polling is refused."""
    session = net.polling()
    connection = net.connect()
    connection.send(handshake(session.target))
    assert_upgrade_refused(connection, 3)
    session.join()


@pytest.mark.parametrize("byte", [b"\x01", b"\x7f"], ids=["control", "DEL"])
def test_1_3_origin_with_an_illegal_byte(net, byte):
    """Code 3, or a refusal of the HTTP parser: never a session."""
    connection = net.connect()
    connection.send(
        request("GET", target("polling"), {"Origin": "http://localhost"}).replace(
            b"//localhost\r", b"//local" + byte + b"host\r"
        )
    )
    response = read_response(connection)
    assert response.status in (400, 403)


def test_1_4_disabled_websocket_is_code_0_in_json(networks):
    net = networks(transports=1)
    connection = net.connect()
    connection.send(handshake(target("websocket")))
    response = read_response(connection)
    assert response.status == 400
    assert "Transport unknown" in response.text
    assert net.polling().opened["upgrades"] == []


def test_1_4_disabled_polling_is_code_0(networks):
    net = networks(transports=2)
    assert_refused(net.exchange("GET", target("polling")), 0)
    net.joined().barrier()
