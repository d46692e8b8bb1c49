"""Section 14: events and acknowledgements."""

import json

HOLDER = '{"_placeholder":true,"num":0}'
TIMEOUT, DISCONNECTED, HANDLE = -200, -201, -2


def ask(client, event="do:ask"):
    """The id under which the server asks its question."""
    client.send(f'42["{event}"]')
    question = client.receive()
    assert question.endswith('["question",1]')
    return question[2 : question.index("[")]


def test_14_order_of_acks_and_events(net):
    client = net.joined()
    for i in range(20):
        client.send(f'42{i}["a"]', f'42["e",{i}]')
    for i in range(20):
        client.expect(f"43{i}[]", f'42["echo","e",{i}]')


def test_14_server_asks(net):
    client = net.joined()
    number = ask(client)
    client.send(f'43{number}["b",{{"c":1}}]')
    client.expect('42["answer",0,"b",{"c":1}]')


def test_14_answer_without_arguments(net):
    client = net.joined()
    client.send(f"43{ask(client)}[]")
    client.expect('42["answer",0]')


def test_14_binary_answer(net):
    client = net.joined()
    client.send(f"461-{ask(client)}[{HOLDER}]", b"x")
    client.expect(f'451-["answer",0,{HOLDER}]', b"x")


def test_14_ids_of_both_directions_are_unrelated(net):
    client = net.joined()
    number = ask(client)
    client.send(f'42{number}["a"]')
    client.expect(f"43{number}[]")
    client.send(f"43{number}[]")
    client.expect('42["answer",0]')


def test_14_answers_in_any_order(net):
    client = net.joined()
    numbers = [ask(client) for _ in range(3)]
    assert len(set(numbers)) == 3
    for i, number in reversed(list(enumerate(numbers))):
        client.send(f"43{number}[{i}]")
        client.expect(f'42["answer",0,{i}]')


def test_14_second_answer_is_ignored(net):
    client = net.joined()
    number = ask(client)
    client.send(f"43{number}[1]", f"43{number}[2]")
    client.expect('42["answer",0,1]')
    client.barrier()


def test_14_answer_from_another_namespace_is_ignored(net):
    client = net.joined()
    client.join("/chat")
    number = ask(client)
    client.send(f"43/chat,{number}[1]")
    client.barrier()
    client.send(f"43{number}[2]")
    client.expect('42["answer",0,2]')


def test_14_answer_of_another_client_is_ignored(net):
    client, other = net.joined(), net.joined()
    number = ask(client)
    other.send(f"43{number}[1]")
    other.barrier()
    client.send(f"43{number}[2]")
    client.expect('42["answer",0,2]')


def test_14_no_answer_in_time(net):
    client = net.joined()
    number = ask(client, "do:ask-briefly")
    client.expect(f'42["answer",{TIMEOUT}]')
    client.send(f"43{number}[1]")
    client.barrier()


def test_14_no_answer_at_all(net):
    client = net.websocket()
    socket_id = client.join()
    ask(client)
    client.close()
    report = net.server.wait_for(
        lambda report: report.kind == "unanswered" and report.id in (socket_id, "")
    )
    assert int(report.detail) == DISCONNECTED


def test_14_replying_twice(net):
    client = net.joined()
    client.send('425["do:reply-twice"]')
    client.expect("435[1]", f'42["second",{HANDLE}]')


def test_14_reserved_names_are_not_emitted_by_an_echo(net):
    """An event that names a reserved one in its arguments is data."""
    client = net.joined()
    client.send('42["a","disconnect"]')
    client.expect('42["echo","a","disconnect"]')


def test_14_volatile_over_polling(net):
    """Dropped without a pending poll, sent with one."""
    session = net.polling()
    session.join()
    session.post('42["do:volatile"]', '420["a"]')
    assert session.get() == ["430[]"]
    poll = session.start_get()
    assert poll.is_pending()
    session.post('42["do:volatile"]')
    assert poll.packets() == ['42["volatile"]']


def test_14_broadcast_reaches_all(net):
    clients = [net.joined() for _ in range(3)]
    session = net.polling()
    session.join()
    net.server.control("/broadcast")
    for client in clients:
        client.expect('42["news"]')
    assert session.get() == ['42["news"]']


def test_14_same_id_asked_twice(net):
    """Whatever ids a client chooses, each gets its answer."""
    client = net.joined()
    client.send('421["a",1]', '421["a",2]')
    client.expect("431[1]", "431[2]")


def test_14_large_answer(net):
    client = net.joined()
    text = json.dumps("é" * 100_000, ensure_ascii=False)
    client.send(f'421["a",{text}]')
    client.expect(f"431[{text}]")
