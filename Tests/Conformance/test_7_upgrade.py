"""Section 7: from polling to WebSocket. Behind TLS, too: there a WebSocket that meets its session
on another loop is relayed."""

import time

import pytest
from wire.client import target
from wire.http import read_response
from wire.websocket import BINARY, TEXT, WebSocket, frame, handshake

NOT_A_PROBE = ["40", "2", "2prob", "2probe2", "3probe", "3", "6", "1", "0", "", "abc", "b", "55"]


@pytest.fixture(params=[False, True], ids=["ws", "wss"])
def secure(request):
    return request.param


def probing(net, *, joined=True):
    """A session, and a WebSocket that has said `2probe`."""
    session = net.polling()
    if joined:
        session.join()
    probe = net.probe(session)
    probe.send("2probe")
    probe.expect("3probe")
    return session, probe


def test_26_3_upgrade(net):
    session = net.polling()
    session.join()
    poll = session.start_get()
    probe = net.probe(session)
    probe.send("2probe")
    probe.expect("3probe")
    assert poll.packets() == ["6"]
    session.post('42["queued",1]')
    probe.send("5")
    probe.expect('42["echo","queued",1]')
    probe.barrier()
    for method, body in (("GET", None), ("POST", b"40")):
        response = session.request(method, body=body)
        assert (response.status, response.text) == (400, '{"code":3,"message":"Bad request"}')


def test_7_1_noops_every_100_ms(net):
    """The first about 100 ms behind the probe, the next ones 100 ms apart."""
    session = net.polling()
    session.join()
    poll = session.start_get()
    assert poll.is_pending(0.05)
    start = time.monotonic()
    probe = net.probe(session)
    probe.send("2probe")
    probe.expect("3probe")
    times = []
    for _ in range(3):
        assert poll.packets() == ["6"]
        times.append(time.monotonic() - start)
        poll = session.start_get()
    assert times[0] >= 0.08
    assert times[2] >= 0.26
    assert times[2] < 10
    probe.send("5")
    assert poll.packets()[0] in ("1", "6")


def test_7_1_no_noop_before_the_probe(net):
    session = net.polling()
    session.join()
    poll = session.start_get()
    probe = net.probe(session)
    assert poll.is_pending(0.4)
    session.post('420["a"]')
    assert poll.packets() == ["430[]"]
    probe.send("2probe")
    probe.expect("3probe")


def test_28_5_switch_completes_a_pending_poll_with_a_close(net):
    session = net.polling()
    session.join()
    probe = net.probe(session)
    poll = session.start_get()
    assert poll.is_pending(0.05)
    probe.send("5")
    assert poll.packets() == ["1"]
    probe.barrier()


def test_7_1_polling_goes_on_until_the_switch(net):
    session, probe = probing(net)
    for i in range(5):
        session.post(f'42{i}["a"]')
        packets = session.get()
        while packets == ["6"]:
            packets = session.get()
        assert packets == [f"43{i}[]"]
    probe.send("5")
    probe.barrier()


def test_7_1_what_waits_is_flushed_behind_the_switch(net):
    session, probe = probing(net)
    session.post('42["do:emit",30]')
    probe.send("5", '420["a"]')
    probe.expect(*(f'42["n",{i}]' for i in range(30)), "430[]")


def test_7_1_packets_in_the_segment_of_the_switch(net):
    session = net.polling()
    session.join()
    probe = net.probe(session)
    probe.send("2probe", "5", '420["a"]', '421["b"]')
    probe.expect("3probe", "430[]", "431[]")


def test_7_1_packets_in_the_segment_of_the_request(net):
    """A client that does not even wait for the 101."""
    session = net.polling()
    session.join()
    connection = net.connect_across()
    messages = [b"2probe", b"5", b'420["a"]']
    connection.send(
        handshake(target("websocket", session.sid))
        + b"".join(frame(TEXT, message) for message in messages)
    )
    assert read_response(connection).status == 101
    WebSocket(connection, None).expect("3probe", "430[]")


def test_29_2_as_python_socketio_does(net):
    """Right behind the handshake, with no poll; the CONNECT comes on the WebSocket."""
    _, probe = probing(net, joined=False)
    probe.send("5", "40{}")
    assert probe.receive().startswith('40{"sid":"')
    probe.barrier()


def test_7_1_socket_survives_the_switch(net):
    session, probe = probing(net)
    probe.send("5")
    probe.barrier()
    assert net.server.is_connected(session.socket_id)


def test_7_2_probe_twice(net):
    session = net.polling()
    session.join()
    probe = net.probe(session)
    probe.send("2probe", "2probe")
    probe.expect("3probe", "3probe")
    probe.send("2probe")
    probe.expect("3probe")
    probe.send("5")
    probe.barrier()


@pytest.mark.parametrize("packet", NOT_A_PROBE)
def test_7_2_other_packets_abort(net, packet):
    session = net.polling()
    session.join()
    probe = net.probe(session)
    probe.send(packet)
    probe.expect_close()
    session.post('420["a"]')
    assert session.get() == ["430[]"]


@pytest.mark.parametrize("packet", ["40", "2"])
def test_7_2_other_packets_abort_behind_a_probe(net, packet):
    session, probe = probing(net)
    probe.send(packet)
    probe.expect_close()
    session.post('420["a"]')
    assert session.get() == ["430[]"]


def test_7_2_binary_aborts(net):
    session = net.polling()
    session.join()
    probe = net.probe(session)
    probe.send_frame(BINARY, b"2probe")  # A message, whatever is in it.
    probe.expect_close()
    session.post('420["a"]')
    assert session.get() == ["430[]"]


def test_7_2_timeout(networks):
    net = networks(upgrade_timeout=1000)
    session, probe = probing(net)
    probe.expect_close()
    session.post('420["a"]')
    assert session.get() == ["430[]"]
    # The session may try again.
    again = net.probe(session)
    again.send("2probe", "5")
    again.expect("3probe")
    again.barrier()
    # And the time-out of the switched one has no effect.
    assert again.connection.is_silent(1.2)
    again.barrier()


@pytest.mark.parametrize("end", ["close", "reset", "finish_sending"])
def test_7_2_probe_that_goes_away(net, end):
    session, probe = probing(net)
    getattr(probe.connection, end)()
    session.post('420["a"]')
    packets = session.get()
    assert (session.get() if packets == ["6"] else packets) == ["430[]"]


def test_7_2_probe_again_behind_a_failure(net):
    session, probe = probing(net)
    probe.send("40")
    probe.expect_close()
    again = net.probe(session)
    again.send("2probe", "5")
    again.expect("3probe")
    again.barrier()


def test_1_4_second_upgrade_during_one(net):
    """d5095fe: 101, then an empty Close; the first goes on."""
    session, probe = probing(net)
    second = net.probe(session)
    second.expect_close()
    probe.send("5")
    probe.barrier()


def test_1_4_second_upgrade_behind_one(net):
    session, probe = probing(net)
    probe.send("5")
    probe.barrier()
    second = net.probe(session)
    second.expect_close()
    probe.barrier()


def test_7_2_session_that_closes_meanwhile(net):
    session, probe = probing(net)
    session.post("1")
    probe.expect_close()
    assert net.server.reason_of(session.socket_id) == "transport close"
    session.expect_gone()


def test_7_2_session_that_is_closed_meanwhile(net):
    """The server closes: the next polls are told, then the probe's WebSocket is closed."""
    session, probe = probing(net)
    session.post('42["do:close"]')
    packets = session.get()
    assert packets in (["41"], ["6"])
    if packets == ["6"]:
        assert session.get() == ["41"]
    assert session.get() == ["6", "1"]
    probe.expect_close()
    session.expect_gone()


def test_7_2_upgrade_of_a_session_that_is_closing(net):
    """A client that has stopped polling to upgrade is told on its WebSocket."""
    session, probe = probing(net)
    session.post('42["do:close"]')
    probe.send("5")
    assert probe.receive() == "41"
    probe.expect_close()
    session.expect_gone()


def test_7_2_violation_on_a_probe_leaves_the_session(net):
    session, probe = probing(net)
    probe.send_frame(1, b"5", masked=False)
    probe.expect_close(1002)
    session.post('420["a"]')
    packets = session.get()
    assert (session.get() if packets == ["6"] else packets) == ["430[]"]


def test_7_upgrades_cross_loops(net):
    """From each loop to each."""
    for i in range(12):
        for _ in range(i % 4):
            net.connect()
        _, probe = probing(net)
        probe.send("5")
        probe.barrier()
