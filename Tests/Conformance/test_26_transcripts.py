"""Section 26: transcripts of the reference, replayed. 26.2 is in test_1_cors and test_1_errors."""

from wire.client import id_of

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
