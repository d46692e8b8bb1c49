"""Section 13: joining."""

import time

import pytest
from wire.client import id_of


@pytest.mark.parametrize("packet", ["40", "40{}", '40{"token":"123"}', "40/,", "40/"])
def test_13_1_root(net, packet):
    client = net.websocket()
    client.send(packet)
    socket_id = id_of(client.receive())
    assert net.server.wait_for(lambda report: report.id == socket_id).nsp == "/"


@pytest.mark.parametrize("packet", ["40/chat,", "40/chat", "40/chat,{}", '40/chat,{"a":[1]}'])
def test_28_17_other_namespace_with_and_without_a_comma(net, packet):
    client = net.websocket()
    client.send(packet)
    id_of(client.receive(), "/chat,")
    client.barrier("/chat")


def test_13_1_root_is_not_joined_by_itself(net):
    client = net.joined("/chat")
    client.send('42["a"]')
    client.expect_close()


@pytest.mark.parametrize(("auth", "seen"), [("", "{}"), ("{}", "{}"), ('{"a":"é"}', '{"a":"é"}')])
def test_13_1_auth_reaches_the_application(net, auth, seen):
    client = net.websocket(extra="tell=1")
    client.join("/", auth)
    client.expect(f'42["auth",{seen}]')


def test_13_2_ids_are_distinct(net):
    client = net.websocket()
    assert len({client.join(), client.join("/chat"), client.join("/guarded", '{"t":"open"}')}) == 3


@pytest.mark.parametrize("name", ["/nope", "/chat?token=1", "/Chat", "/chat/", "/é", "/ "])
def test_13_2_invalid_namespace(net, name):
    """The connection stays open, and `?` is part of a name (12.2, 28.26)."""
    client = net.websocket()
    client.send(f"40{name},")
    client.expect(f'44{name},{{"message":"Invalid namespace"}}')
    client.join()
    client.send(f"40{name}")
    client.expect(f'44{name},{{"message":"Invalid namespace"}}')
    client.barrier()


def test_13_2_refusal_with_data(net):
    client = net.websocket()
    client.send('40/guarded,{"token":"data"}')
    client.expect('44/guarded,{"message":"no \\"entry\\"","data":{"code":1}}')


def test_13_2_refusal_and_another_try(net):
    client = net.websocket()
    for _ in range(2):
        client.send("40/guarded,")
        client.expect('44/guarded,{"message":"Forbidden"}')
    client.join("/guarded", '{"token":"open"}')
    client.barrier("/guarded")


def test_13_2_connect_precedes_what_the_handler_emits(net):
    client = net.websocket(extra="greet=1")
    client.join()
    client.expect('42["hello","world"]')


def test_13_2_decision_that_comes_later(net):
    client = net.joined()
    client.send("40/slow,")
    client.barrier()
    net.server.control("/accept")
    id_of(client.receive(), "/slow,")
    client.barrier("/slow")


def test_13_2_refusal_that_comes_later(net):
    client = net.joined()
    client.send("40/slow,")
    client.barrier()
    net.server.control("/reject")
    client.expect('44/slow,{"message":"too late"}')


def test_13_2_client_that_leaves_before_the_decision(net):
    client = net.joined()
    client.send("40/slow,")
    client.barrier()
    client.close()
    net.server.wait_for_counts(sockets=0)
    net.server.control("/accept")
    net.assert_served()


def test_13_3_event_before_the_decision(net):
    client = net.joined()
    client.send("40/slow,", '42/slow,["a"]')
    client.expect_close()
    net.server.control("/reject")


# --- time-out --------------------------------------------------------------------------------


def test_13_3_connect_timeout_over_websocket(networks):
    net = networks(connect_timeout=1000)
    start = time.monotonic()
    client = net.websocket()
    client.expect_close()
    assert 0.98 < time.monotonic() - start < 10


def test_13_3_connect_timeout_over_polling(networks):
    session = networks(connect_timeout=1000).polling()
    assert session.get() == ["1"]
    session.expect_gone()


def test_13_3_refused_clients_have_not_joined(networks):
    client = networks(connect_timeout=1000).websocket()
    client.send("40/nope,", "40/guarded,")
    client.receive()
    client.receive()
    client.expect_close()


def test_13_3_joined_clients_stay(networks):
    client = networks(connect_timeout=1000).websocket()
    client.join()
    client.send("41")
    assert client.connection.is_silent(1.3)
    client.join()


# --- misuse ----------------------------------------------------------------------------------


@pytest.mark.parametrize("namespace", ["/", "/chat"])
def test_13_3_joining_twice(net, namespace):
    client = net.websocket()
    socket_id = client.join(namespace)
    client.send("40" if namespace == "/" else f"40{namespace},")
    client.expect_close()
    assert net.server.reason_of(socket_id) == "forced close"


def test_13_3_joining_twice_before_the_decision(net):
    client = net.websocket()
    client.send("40/slow,", "40/slow,")
    client.expect_close()
    net.server.control("/accept")
    net.assert_served()


def test_13_3_joining_again_behind_a_disconnect(net):
    client = net.websocket()
    first = client.join()
    client.send("41")
    assert net.server.reason_of(first) == "client namespace disconnect"
    assert client.join() != first
    client.barrier()


def test_13_3_joining_again_behind_the_servers_disconnect(net):
    client = net.websocket()
    first = client.join()
    client.send('42["do:disconnect"]')
    client.expect("41")
    assert net.server.reason_of(first) == "server namespace disconnect"
    assert client.join() != first
