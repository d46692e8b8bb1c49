"""Section 17.1: Socket.IO protocol 4, of the clients of Socket.IO 1 and 2."""

import pytest
from wire.revision3 import Clients, ws_message

HOLDER = '{"_placeholder":true,"num":0}'


@pytest.fixture
def clients(net):
    return Clients(net)


def joined(client, namespace, query=""):
    client.send(f"40{namespace}{query},")
    client.expect(f"40{namespace},")
    return client


def report_of(net, sid, kind="connection"):
    return net.server.wait_for(lambda report: (report.kind, report.id) == (kind, sid))


def test_28_16_the_root_is_joined_without_a_word(net, clients):
    client = clients.websocket()
    assert report_of(net, client.socket_id).nsp == "/"
    client.barrier()


def test_ids_are_the_clients_own(net, clients):
    """For "/" that of the session, else behind the namespace and "#"."""
    client = joined(clients.websocket(), "/chat")
    assert report_of(net, client.socket_id).nsp == "/"
    assert report_of(net, f"/chat#{client.socket_id}").nsp == "/chat"


@pytest.mark.parametrize("packet", ["40", "40/,", "40{}", "40/?a=1,"])
def test_the_root_must_not_be_asked_for(net, clients, packet):
    client = clients.websocket()
    client.send(packet)
    client.expect_close()
    assert net.server.reason_of(client.socket_id) == "forced close"


@pytest.mark.parametrize("again", ["40/chat,", "40/chat", "40/chat?a=2,"])
def test_no_namespace_twice(net, clients, again):
    client = joined(clients.websocket(), "/chat", "?a=1")
    client.send(again)
    client.expect_close()
    assert net.server.reason_of(f"/chat#{client.socket_id}") == "forced close"


@pytest.mark.parametrize(
    ("query", "auth"),
    [
        ("", "{}"),
        ("?", "{}"),
        ("?token=abc", '{"token":"abc"}'),
        ("?token=abc&x=%C3%A9+1", '{"token":"abc","x":"é 1"}'),
        ("?a=1&a=2&b", '{"a":"2","b":""}'),
        ("?a=%22%5C%0A", '{"a":"\\"\\\\\\n"}'),
        ("?a=%FF", '{"a":"\ufffd"}'),
    ],
)
def test_28_26_the_query_of_a_namespace_is_its_auth(clients, query, auth):
    client = clients.net.open_websocket("/socket.io/?EIO=3&transport=websocket&tell=1")
    client.receive()
    client.expect("40", '42["auth",{}]')
    client.send(f"40/chat{query},")
    client.expect("40/chat,", f'42/chat,["auth",{auth}]')


def test_a_guarded_namespace(net, clients):
    client = clients.websocket()
    client.send("40/guarded,")
    client.expect('44/guarded,"Forbidden"')
    client.send("40/guarded?token=data,")
    client.expect('44/guarded,{"code":1}')
    joined(client, "/guarded", "?token=open")
    assert report_of(net, f"/guarded#{client.socket_id}")
    client.barrier("/guarded")


def test_a_decision_that_takes_time(net, clients):
    client = clients.websocket()
    client.send("40/slow?a=1,")
    waiting = report_of(net, f"/slow#{client.socket_id}", "waiting")
    assert waiting.detail == '{"a":"1"}'
    client.barrier()
    net.server.control("/accept")
    client.expect("40/slow,")
    client.barrier("/slow")


@pytest.mark.parametrize("name", ["/nope", "/nope?token=1", "/Chat", "/chat/"])
def test_28_18_an_unknown_namespace(clients, name):
    client = clients.websocket()
    client.send(f"40{name},")
    client.expect(f'44{name.partition("?")[0]},{{"message":"Invalid namespace"}}')
    client.barrier()


def test_a_namespace_is_left_and_joined_again(net, clients):
    client = joined(clients.websocket(), "/chat")
    client.send("41/chat,")
    assert net.server.reason_of(f"/chat#{client.socket_id}") == "client namespace disconnect"
    client.barrier()
    joined(client, "/chat")
    client.barrier("/chat")


def test_the_root_is_left(net, clients):
    client = joined(clients.websocket(), "/chat")
    client.send("41")
    assert net.server.reason_of(client.socket_id) == "client namespace disconnect"
    client.barrier("/chat")


def test_the_server_disconnects(net, clients):
    client = joined(clients.websocket(), "/chat")
    client.send('42/chat,["do:disconnect"]')
    client.expect("41/chat,")
    assert net.server.reason_of(f"/chat#{client.socket_id}") == "server namespace disconnect"
    client.barrier()
    client.send('42["do:close"]')
    client.expect("41")
    client.expect_close()


def test_events_and_acknowledgements(clients):
    client = joined(clients.websocket(), "/chat")
    client.send('420["q",{"a":1}]', '42/chat,7["x",1]', '42["x",1]', '42/chat,["x"]')
    client.expect('430["got",{"a":1}]', "43/chat,7[1]", '42["echo","x",1]', '42/chat,["echo","x"]')
    client.send('42/chat,["do:ask"]')
    question = client.receive()
    prefix, _, rest = question.partition('["question"')
    assert (prefix.startswith("42/chat,"), rest) == (True, ",1]")
    client.send(f"43/chat,{prefix.removeprefix('42/chat,')}[5]")
    client.expect('42/chat,["answer",0,5]')


def test_attachments(clients):
    client = joined(clients.websocket(), "/chat")
    text = f'451-/chat,3["x",{HOLDER}]'
    client.send(text, ws_message(b"\0\1"))
    client.expect(f"461-/chat,3[{HOLDER}]", ws_message(b"\0\1"))
    client.send('42["do:binary"]')
    assert client.receive().startswith('453-["binary",')
    client.expect(ws_message(b"\1"), ws_message(b"\2\3"), ws_message(b""))


def test_cve_2026_48804_attachments_before_the_namespace_is_joined(net, clients):
    client = clients.websocket()
    client.send(f'451-/chat,["x",{HOLDER}]')
    client.expect_close()
    assert net.server.reason_of(client.socket_id) == "forced close"


@pytest.mark.parametrize("name", ["connect", "disconnect", "connect_error", "newListener"])
def test_cve_2024_38355_names_that_are_the_servers(net, clients, name):
    client = clients.websocket()
    client.send(f'42["{name}"]')
    client.expect_close()
    assert net.server.reason_of(client.socket_id) == "forced close"


def test_cve_2026_33151_attachments_have_a_limit(net, clients):
    client = clients.websocket()
    client.send('4511-["x"]')
    client.expect_close()
    assert net.server.reason_of(client.socket_id) == "forced close"


def test_cve_2024_38355_error_is_a_name_like_others(clients):
    """A client of Socket.IO 2 does not send it; who does harms nobody."""
    client = clients.websocket()
    client.send('42["error","x"]')
    client.expect('42["echo","error","x"]')
