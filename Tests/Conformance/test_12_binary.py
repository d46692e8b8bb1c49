"""Section 12.4: attachments."""

import json

import pytest


def holder(num):
    return f'{{"_placeholder":true,"num":{json.dumps(num) if not isinstance(num, str) else num}}}'


def closed(net, *messages):
    """These messages end the connection with `forced close`."""
    client = net.websocket()
    socket_id = client.join()
    client.send(*messages)
    client.expect_close()
    assert net.server.reason_of(socket_id) == "forced close"


def test_25_1_nested_attachments_one_of_them_empty(net):
    client = net.joined()
    client.join("/chat")
    data = f'{{"f":{holder(0)},"n":"x","g":[{holder(1)},{holder(2)}]}}'
    client.send(f'453-/chat,7["up",{data}]', b"\1", b"\2", b"")
    client.expect(f"463-/chat,7[{data}]", b"\1", b"\2", b"")


def test_12_4_server_counts_depth_first(net):
    client = net.joined()
    client.send('42["do:binary"]')
    client.expect(
        f'453-["binary",{{"a":{holder(0)},"b":[{holder(1)},{holder(2)}]}}]', b"\1", b"\2\3", b""
    )


def test_12_4_ten_attachments(net):
    client = net.joined()
    data = ",".join(holder(i) for i in range(10))
    attachments = [bytes([i]) * i for i in range(10)]
    client.send(f'4510-1["a",{data}]', *attachments)
    client.expect(f"4610-1[{data}]", *attachments)


@pytest.mark.parametrize(
    "data",
    [
        "1",
        f"{holder(0)},{holder(0)}",
        f"{holder(1)},{holder(0)}",
        holder(1),
    ],
    ids=["no placeholder", "the same twice", "out of order", "one is not referenced"],
)
def test_12_4_accepted(net, data):
    client = net.joined()
    client.send(f'452-["a",{data}]', b"x", b"y")
    assert '["echo","a",' in client.receive()
    assert isinstance(client.receive(), bytes)


@pytest.mark.parametrize(
    "data",
    [
        holder("-1"),
        holder("1"),
        holder("2"),
        holder("1000000000"),
        holder("1e9"),
        holder("18446744073709551616"),
        holder('"0"'),
        holder('"length"'),
        holder("null"),
        holder("true"),
        holder("[0]"),
        holder("0.5"),
        '{"_placeholder":true}',
        '{"num":5,"_placeholder":true}',
        f'{{"deep":[[{holder("7")}]]}}',
    ],
)
@pytest.mark.parametrize("head", ['51-["a",', "61-5["], ids=["event", "ack"])
def test_cve_2022_2421_placeholder_of_nothing(net, head, data):
    closed(net, f"4{head}{data}]", b"x")


def test_cve_2022_2421_placeholder_with_count_0(net):
    closed(net, f'450-["a",{holder(0)}]')


def test_12_4_placeholder_that_is_not_true_is_data(net):
    client = net.joined()
    client.send('451-["a",{"_placeholder":false,"num":9},{"_placeholder":1}]', b"x")
    assert '{"_placeholder":false,"num":9}' in client.receive()


def test_12_4_count_0_does_not_poison(net):
    """28.24: the next packet is read as usual."""
    client = net.joined()
    client.send('450-["a"]', '450-1["a"]')
    client.expect('42["echo","a"]', "431[]")
    client.barrier()


def test_12_4_text_while_attachments_are_missing(net):
    closed(net, f'452-["a",{holder(0)},{holder(1)}]', b"x", '42["b"]')


def test_12_4_second_header_while_attachments_are_missing(net):
    closed(net, f'451-["a",{holder(0)}]', f'451-["a",{holder(0)}]')


def test_12_4_binary_when_none_is_expected(net):
    closed(net, b"x")


def test_12_4_one_binary_too_many(net):
    client = net.websocket()
    socket_id = client.join()
    client.send(f'451-["a",{holder(0)}]', b"x", b"y")
    client.expect(f'451-["echo","a",{holder(0)}]', b"x")
    client.expect_close()
    assert net.server.reason_of(socket_id) == "forced close"


@pytest.mark.parametrize("packet", ["3", "6", "0"])
def test_12_4_engine_packets_may_come_between(net, packet):
    client = net.joined()
    client.send(f'451-1["a",{holder(0)}]', packet, b"x")
    client.expect(f"461-1[{holder(0)}]", b"x")


def test_12_4_attachments_in_several_posts(net):
    session = net.polling()
    session.join()
    session.post(f'452-1["a",{holder(0)},{holder(1)}]')
    session.post("bAQ==")
    session.post("bAg==")
    assert session.get() == [f"462-1[{holder(0)},{holder(1)}]", "bAQ==", "bAg=="]


def test_12_4_attachments_across_an_upgrade(net):
    session = net.polling()
    session.join()
    session.post(f'452-1["a",{holder(0)},{holder(1)}]', "bAQ==")
    probe = net.probe(session)
    probe.send("2probe", "5", b"\2")
    probe.expect("3probe", f"462-1[{holder(0)},{holder(1)}]", b"\1", b"\2")


def test_12_4_namespace_left_while_attachments_are_missing(net):
    """The server disconnects the socket; what was on its way is dropped, the rest goes on."""
    client = net.joined("/chat")
    client.join()
    client.send('42/chat,["do:disconnect"]', f'451-/chat,["a",{holder(0)}]')
    client.expect("41/chat,")
    client.expect_close()


def test_cve_2026_48804_binary_event_before_connect(net):
    client = net.websocket()
    client.send(f'451-["a",{holder(0)}]')
    client.expect_close()


def test_cve_2026_48804_binary_before_connect(net):
    client = net.websocket()
    client.send(b"x")
    client.expect_close()
