"""Section 26: transcripts of the reference, replayed."""

import json

from wire.client import id_of, target
from wire.http import exchange, read_response
from wire.websocket import handshake

CREDENTIALS = 4  # SIO_SERVER_CORS_CREDENTIALS
HOLDER = '{"_placeholder":true,"num":0}'


def test_26_1_polling_session(net):
    session = net.polling(extra="greet=1")
    assert session.start_post("40").response().body == b"ok"
    connect, hello = session.get()
    id_of(connect)
    assert hello == '42["hello","world"]'
    session.post('420["q",{"a":1}]')
    assert session.get() == ['430["got",{"a":1}]']
    session.post(f'451-["bin",{HOLDER}]', "bAQID")
    assert session.get() == [f'451-["bin",{HOLDER}]', "bAQID"]
    session.post('42["bye"]')
    assert session.get() == ["41"]
    assert session.get() == ["6", "1"]
    gone = session.request("GET")
    assert gone.status == 400
    assert gone.header("content-type") == "application/json"
    assert gone.text == '{"code":1,"message":"Session ID unknown"}'


def fields_of(response):
    """Header fields, without those that HTTP servers add as they like."""
    ours = {"date", "connection", "keep-alive"}
    return {name.lower(): value for name, value in response.headers if name.lower() not in ours}


CORS = {
    "access-control-allow-origin": "http://example.com",
    "access-control-allow-credentials": "true",
    "vary": "Origin",
}


def test_26_1_header_fields(networks):
    """With cors and cookie configured: handshake, POST, GET."""
    net = networks(origin="http://example.com", flags=CREDENTIALS, cookie="io")
    origin = {"Origin": "http://example.com"}
    connection = net.connect()
    opened = exchange(connection, "GET", target("polling"), origin)
    sid = opened.text.split('"')[3]
    assert opened.body == (
        f'0{{"sid":"{sid}","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,'
        '"maxPayload":1000000}'.encode()
    )
    assert fields_of(opened) == CORS | {
        "content-type": "text/plain; charset=UTF-8",
        "content-length": "118",
        "cache-control": "no-store",
        "set-cookie": f"io={sid}; Path=/; HttpOnly; SameSite=Lax",
    }
    posted = exchange(connection, "POST", target("polling", sid), origin, b"40")
    assert fields_of(posted) == CORS | {
        "content-type": "text/html",
        "content-length": "2",
        "cache-control": "no-store",
    }
    polled = exchange(connection, "GET", target("polling", sid), origin)
    id_of(polled.text)
    assert fields_of(polled) == CORS | {
        "content-type": "text/plain; charset=UTF-8",
        "content-length": str(len(polled.body)),
        "cache-control": "no-store",
    }
    exchange(connection, "POST", target("polling", sid), origin, b"1")


def test_26_2_preflight_and_errors(networks):
    net = networks(origin="http://example.com", flags=CREDENTIALS)
    asked = {
        "Origin": "http://example.com",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-foo",
    }
    allowed = net.exchange("OPTIONS", target("polling"), asked)
    assert (allowed.status, allowed.body) == (204, b"")
    assert fields_of(allowed) == CORS | {
        "vary": "Origin, Access-Control-Request-Headers",
        "access-control-allow-methods": "GET,HEAD,PUT,PATCH,POST,DELETE",
        "access-control-allow-headers": "x-foo",
    }  # but for Content-Length: 0, which RFC 9110 forbids with 204
    unknown = net.exchange("GET", "/socket.io/?EIO=4&transport=abc")
    assert (unknown.status, unknown.text) == (400, '{"code":0,"message":"Transport unknown"}')
    assert unknown.header("content-type") == "application/json"
    connection = net.connect()
    connection.send(handshake("/socket.io/?EIO=4&transport=websocket&sid=nope"))
    refused = read_response(connection)
    assert (refused.status, refused.reason, refused.text) == (
        400,
        "Bad Request",
        "Session ID unknown",
    )
    assert refused.header("connection") == "close"
    assert refused.header("content-type") == "text/html"
    assert refused.header("content-length") == "18"
    connection.read_to_end()


def test_26_2_upgrade_with_subprotocols(networks):
    net = networks(origin="http://example.com", flags=CREDENTIALS, cookie="io")
    client = net.open_websocket(
        target("websocket"),
        {"Origin": "http://example.com", "Sec-WebSocket-Protocol": "a, b"},
    )
    fields = fields_of(client.response)
    assert fields["sec-websocket-protocol"] == "a"
    assert CORS.items() <= fields.items()
    assert "set-cookie" not in fields
    assert '"upgrades":[]' in client.receive()


def test_26_1_over_websocket(net):
    client = net.websocket(extra="greet=1")
    client.join()
    client.expect('42["hello","world"]')
    client.send('420["q",{"a":1}]')
    client.expect('430["got",{"a":1}]')
    client.send(f'451-["bin",{HOLDER}]', b"\1\2\3")
    client.expect(f'451-["bin",{HOLDER}]', b"\1\2\3")
    client.send('42["bye"]')
    client.expect("41")
    client.expect_close()
    client.expect_end()


def test_26_3_upgrade_with_traffic(net):
    session = net.polling(extra="greet=1")
    session.post("40")
    assert session.get()[1] == '42["hello","world"]'
    poll = session.start_get()
    probe = net.probe(session)
    probe.send("2probe")
    probe.expect("3probe")
    assert poll.packets() == ["6"]
    session.post('42["queued",1]', '42["queued",2]')
    probe.send("5", '42["queued",3]')
    probe.expect(*(f'42["echo","queued",{i}]' for i in (1, 2, 3)))
    assert session.request("GET").text == '{"code":3,"message":"Bad request"}'


def test_26_4_connection_state_recovery(networks):
    net = networks(recovery=60_000)
    first = net.websocket(extra="greet=1")
    first.send("40")
    welcome = first.receive()
    opened = json.loads(welcome.removeprefix("40"))
    assert list(opened) == ["sid", "pid"]
    *hello, offset = json.loads(first.receive().removeprefix("42"))
    assert hello == ["hello", "world"]
    first.connection.close()
    assert net.server.reason_of(opened["sid"]) == "transport close"
    net.server.control("/missed")

    second = net.websocket(extra="greet=1")
    auth = {"pid": opened["pid"], "offset": offset, "token": "t"}
    second.send("40" + json.dumps(auth))
    *missed, offset_of_text = json.loads(second.receive().removeprefix("42"))
    assert missed == ["missed", 1]
    packet = second.receive()
    *missed, offset_of_binary = json.loads(packet.removeprefix("451-"))
    assert missed == ["missed", {"b": json.loads(HOLDER)}]
    second.expect(b"\1", welcome)
    # The handler for connections ran again.
    *hello, offset_behind = json.loads(second.receive().removeprefix("42"))
    assert hello == ["hello", "world"]
    assert len({offset, offset_of_text, offset_of_binary, offset_behind}) == 4
    second.barrier()
