"""Sections 8, 15.1, 15.2 and 15.4: leaving, and being thrown out."""

import json

import pytest
from wire.client import Network
from wire.websocket import CLOSE, CloseFrame


def test_15_1_leaving_a_namespace(net):
    """It alone ends, without an answer."""
    client = net.websocket()
    root, chat = client.join(), client.join("/chat")
    client.send("41/chat,")
    assert net.server.reason_of(chat) == "client namespace disconnect"
    client.barrier()
    assert net.server.is_connected(root)


@pytest.mark.parametrize("packet", ["41/chat,", "41/chat"])
def test_29_4_comma_may_be_missing(net, packet):
    client = net.websocket()
    chat = client.join("/chat")
    client.send(packet)
    assert net.server.reason_of(chat) == "client namespace disconnect"


def test_15_1_connection_stays_behind_the_last_namespace(net):
    client = net.websocket()
    client.join()
    client.send("41")
    assert client.is_open()
    client.join()


def test_15_1_disconnect_by_the_server(net):
    client = net.websocket()
    root, chat = client.join(), client.join("/chat")
    client.send('42/chat,["do:disconnect"]')
    client.expect("41/chat,")
    assert net.server.reason_of(chat) == "server namespace disconnect"
    client.barrier()
    assert net.server.is_connected(root)


def test_15_1_disconnect_of_the_connection(net):
    """Every namespace gets a `1`, and the same reason."""
    client = net.websocket()
    sockets = [client.join(), client.join("/chat")]
    client.send('42/chat,["do:close"]')
    assert {client.receive(), client.receive()} == {"41", "41/chat,"}
    client.expect_close()
    client.expect_end()
    for socket_id in sockets:
        assert net.server.reason_of(socket_id) == "server namespace disconnect"


VIOLATIONS = {
    "event for a namespace not joined": ['42/chat,["a"]'],
    "event for a namespace that does not exist": ['42/nope,["a"]'],
    "ack for a namespace not joined": ["43/chat,1[]"],
    "disconnect of a namespace not joined": ["41/chat,"],
    "second connect": ["40"],
    "second connect with auth": ['40{"a":1}'],
    "connect error": ['44{"message":"x"}'],
    "connect error for another namespace": ['44/chat,{"message":"x"}'],
    "binary event for a namespace not joined": ['451-/chat,["a",{"_placeholder":true,"num":0}]'],
    "text among attachments": ['451-["a",{"_placeholder":true,"num":0}]', '42["b"]'],
    "packet that does not parse": ['42["a"'],
    "reserved name (28.22)": ['42["disconnect"]'],
}


@pytest.mark.parametrize("packets", VIOLATIONS.values(), ids=VIOLATIONS)
def test_15_4_over_websocket(net, packets):
    client = net.websocket()
    other, socket_id = client.join("/guarded", '{"token":"open"}'), client.join()
    client.send(*packets)
    client.expect_close()
    client.expect_end()
    assert net.server.reason_of(socket_id) == "forced close"
    assert net.server.reason_of(other) == "forced close"


@pytest.mark.parametrize("packets", VIOLATIONS.values(), ids=VIOLATIONS)
def test_15_4_over_polling_with_a_poll(net, packets):
    session = net.polling()
    socket_id = session.join()
    poll = session.start_get()
    assert poll.is_pending(0.05)
    session.post(*packets)
    assert poll.packets() == ["1"]
    assert net.server.reason_of(socket_id) == "forced close"
    session.expect_gone()


@pytest.mark.parametrize(("name", "packets"), VIOLATIONS.items(), ids=VIOLATIONS)
def test_15_4_over_polling_without_a_poll(net, name, packets):
    session = net.polling()
    socket_id = session.join()
    session.post(*packets)
    # Invalid states have a reason of their own (15.2); what does not parse has not.
    unparsed = name.startswith(("packet", "reserved", "text"))
    wanted = "forced close" if unparsed else "forced server close"
    assert net.server.reason_of(socket_id) == wanted
    assert session.get() == ["6", "1"]
    session.expect_gone()


def test_15_4_event_behind_the_own_disconnect(net):
    client = net.websocket()
    socket_id = client.join()
    client.send("41", '42["a"]')
    client.expect_close()
    assert net.server.reason_of(socket_id) == "client namespace disconnect"


@pytest.mark.parametrize("packet", ['42["a"]', "430[]", "41", '42/chat,["a"]', '44{"message":"x"}'])
def test_15_4_before_any_connect(net, packet):
    client = net.websocket()
    client.send(packet)
    client.expect_close()
    client.expect_end()


def test_15_4_packets_behind_a_violation_are_not_delivered(net):
    client = net.websocket()
    socket_id = client.join()
    client.send("40", "41")
    client.expect_close()
    assert net.server.reason_of(socket_id) == "forced close"


# --- the server ends -------------------------------------------------------------------------


def test_28_27_shutdown(servers):
    """No DISCONNECT: polls get `1`, WebSockets a Close; everything is given back."""
    net = Network(servers.start())
    client = net.websocket()
    session = net.polling()
    sockets = [client.join(), session.join()]
    poll = session.start_get()
    assert poll.is_pending()
    net.server.ask_to_end()
    assert poll.packets() == ["1"]
    assert isinstance(client.receive(), CloseFrame)
    client.send_frame(CLOSE)
    assert net.server.shut_down() == 0
    for socket_id in sockets:
        assert net.server.reason_of(socket_id) == "server shutting down"
    counts = net.server.wait_for(lambda report: report.kind == "counts").detail
    assert set(json.loads(counts).values()) == {0}
    net.close()


def test_8_client_that_does_not_read(networks):
    """Bounded: what waits for it is not more than the option says."""
    net = networks(max_buffered_bytes=1_000_000)
    client = net.websocket()
    socket_id = client.join()
    client.send(*['42["do:large",500000]'] * 40)
    assert net.server.reason_of(socket_id) == "transport error"


def test_8_polling_client_that_does_not_poll(networks):
    net = networks(max_buffered_bytes=1_000_000)
    session = net.polling()
    socket_id = session.join()
    session.start_post(*['42["do:large",500000]'] * 5)
    assert net.server.reason_of(socket_id) == "transport error"
    session.expect_gone()
