"""Section 1.9: which pages may connect. The default is the server's own (CVE-2020-28481)."""

import pytest
from wire.client import target
from wire.http import read_response, request
from wire.websocket import handshake

FOREIGN = "http://evil.example"
FORBIDDEN = '{"code":4,"message":"Forbidden"}'
ALLOW_ORIGIN = "access-control-allow-origin"


def own(net):
    return f"http://127.0.0.1:{net.server.port}"


def headers(net, origin):
    return {"Host": f"127.0.0.1:{net.server.port}", "Origin": origin}


def get(net, origin, **more):
    return net.exchange("GET", target("polling"), headers(net, origin) | more)


def open_session(net, origin):
    """The handshake response from a page of `origin`; the session is ended."""
    response = get(net, origin)
    assert response.status == 200
    sid = response.text.split('"')[3]
    ended = net.exchange("POST", target("polling", sid), headers(net, origin), b"1")
    assert ended.header(ALLOW_ORIGIN) == response.header(ALLOW_ORIGIN)
    return response


@pytest.mark.parametrize(
    "origin",
    [
        FOREIGN,
        "null",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "http://127.0.0.1.evil.example",
        "file://",
        "",
        "garbage",
    ],
)
def test_cve_2020_28481_foreign_origin_is_refused(net, origin):
    response = get(net, origin)
    assert response.status == 403
    assert response.text == FORBIDDEN
    assert response.header(ALLOW_ORIGIN) is None


def test_cve_2019_13611_foreign_upgrade_is_refused(net):
    """1.4: an upgrade gets 400 with the bare text, whatever the code."""
    connection = net.connect()
    connection.send(handshake(target("websocket"), headers(net, FOREIGN)))
    response = read_response(connection)
    assert (response.status, response.text) == (400, "Forbidden")
    assert response.header("content-type") == "text/html"
    assert response.header(ALLOW_ORIGIN) is None
    assert connection.read_to_end() == b""


def test_1_9_foreign_origin_cannot_use_a_session(net):
    """A page that knows a sid neither polls, posts nor upgrades with it."""
    session = net.polling()
    assert session.request("GET", headers(net, FOREIGN)).status == 403
    assert session.request("POST", headers(net, FOREIGN), b"1").status == 403
    connection = net.connect()
    connection.send(handshake(target("websocket", session.sid), headers(net, FOREIGN)))
    assert read_response(connection).status == 400
    session.join()


def test_1_9_foreign_preflight_is_refused(net):
    asked = {"Access-Control-Request-Method": "POST"}
    response = net.exchange("OPTIONS", target("polling"), headers(net, FOREIGN) | asked)
    assert response.status == 403
    assert response.header(ALLOW_ORIGIN) is None


def test_1_9_own_origin_is_admitted(net):
    response = open_session(net, own(net))
    assert response.header(ALLOW_ORIGIN) == own(net)
    assert response.header("vary") == "Origin"
    upgraded = net.open_websocket(target("websocket"), headers(net, own(net)))
    assert upgraded.response.header(ALLOW_ORIGIN) == own(net)


def test_1_9_no_origin_is_no_browser(net):
    assert net.polling().handshake.header(ALLOW_ORIGIN) is None


def test_1_9_list(networks):
    net = networks(origin=["http://a.example", "https://b.example:8443"])
    for origin in ("http://a.example", "https://b.example:8443"):
        response = open_session(net, origin)
        assert response.header(ALLOW_ORIGIN) == origin
        assert response.header("vary") == "Origin"
        assert response.header("access-control-allow-credentials") is None
    for origin in (FOREIGN, "https://a.example", "http://a.example:81", "https://b.example"):
        response = get(net, origin)
        assert (response.status, response.text) == (403, FORBIDDEN)
        assert response.header(ALLOW_ORIGIN) is None


def test_1_9_list_on_errors(networks):
    """Errors have the headers as well, or pages could not read them."""
    net = networks(origin=["http://a.example", "https://b.example:8443"])
    response = net.exchange("GET", target("none"), headers(net, "http://a.example"))
    assert response.status == 400
    assert response.header(ALLOW_ORIGIN) == "http://a.example"


def test_1_9_list_on_upgrades(networks):
    net = networks(origin=["http://a.example", "https://b.example:8443"])
    upgraded = net.open_websocket(target("websocket"), headers(net, "http://a.example"))
    assert upgraded.response.header(ALLOW_ORIGIN) == "http://a.example"
    assert upgraded.response.header("vary") == "Origin"
    assert upgraded.response.header("set-cookie") is None


def test_1_9_credentials(networks):
    net = networks(origin=["http://a.example"], flags=4)
    response = open_session(net, "http://a.example")
    assert response.header("access-control-allow-credentials") == "true"


def test_1_9_any(networks):
    net = networks(origin="*")
    response = open_session(net, FOREIGN)
    assert response.header(ALLOW_ORIGIN) == "*"
    assert response.header("access-control-allow-credentials") is None
    upgraded = net.open_websocket(target("websocket"), headers(net, FOREIGN))
    assert upgraded.response.header(ALLOW_ORIGIN) == "*"


def test_1_9_any_never_with_credentials(networks):
    net = networks(origin="*", flags=4)
    response = open_session(net, FOREIGN)
    assert response.header(ALLOW_ORIGIN) == "*"
    assert response.header("access-control-allow-credentials") is None


def test_26_2_preflight(networks):
    net = networks(origin=["http://a.example"])
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-foo"}
    response = net.exchange("OPTIONS", target("polling"), headers(net, "http://a.example") | asked)
    assert (response.status, response.body) == (204, b"")
    assert response.header(ALLOW_ORIGIN) == "http://a.example"
    assert response.header("vary") == "Origin, Access-Control-Request-Headers"
    assert response.header("access-control-allow-methods") == "GET,HEAD,PUT,PATCH,POST,DELETE"
    assert response.header("access-control-allow-headers") == "x-foo"


def test_1_9_preflight_reflects_names_only(networks):
    net = networks(origin=["http://a.example"])
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x<y>"}
    response = net.exchange("OPTIONS", target("polling"), headers(net, "http://a.example") | asked)
    assert response.status == 204
    assert response.header("access-control-allow-headers") is None


def test_1_9_keep_alive_after_a_preflight(networks):
    """204 has no body: the next response must be where the client looks for it."""
    net = networks(origin=["http://a.example"])
    asked = headers(net, "http://a.example") | {"Access-Control-Request-Method": "POST"}
    connection = net.connect()
    connection.send(request("OPTIONS", target("polling"), asked) + request("GET", target("none")))
    assert read_response(connection).status == 204
    assert read_response(connection).status == 400
