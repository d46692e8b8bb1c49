"""Events and acknowledgements, both ways."""

import pytest

VALUES = [
    None,
    True,
    0,
    -1.5,
    2**53,
    "",
    'quotes " and \\ and /',
    "\x00\x1e\n\u2028\u2029 é 漢字 👩‍👩‍👧 \ud7ff",
    [],
    {},
    [[[[]]], {"a": {"b": [{}]}}],
    {"": 1, "a b": [None, False], "ключ": "значение", "_placeholder": True, "num": 7},
]


def test_every_value_comes_back(server, peer, mode):
    client = peer().connect(server, mode)
    for value in VALUES:
        client.emit("echo", value)
        assert client.expect("echo") == (value,)


def test_every_value_comes_back_in_a_reply(server, peer, mode):
    client = peer().connect(server, mode)
    for value in VALUES:
        assert client.call("echo", value, "and") == (value, "and")


def test_several_arguments_and_none(server, peer, mode):
    client = peer().connect(server, mode)
    client.emit("echo", 1, "two", [3], {"four": 4})
    assert client.expect("echo") == (1, "two", [3], {"four": 4})
    client.emit("echo")
    assert client.expect("echo") == ()
    assert client.call("echo") is None


def test_send_is_the_event_message(server, peer, mode):
    client = peer().connect(server, mode)
    client._run(client.client.send, "hello")
    assert client.expect("message") == ("hello",)


def test_a_reply_may_come_later(server, peer, mode):
    client = peer().connect(server, mode)
    assert client.call("echo-later", "patience") == "patience"


def test_only_the_first_reply_counts(server, peer, mode):
    client = peer().connect(server, mode)
    assert client.call("echo-twice", 1) == 1
    assert client.call("echo-twice", 2) == 2


def test_the_client_replies(server, peer, mode):
    client = peer()
    client.replies["question"] = ("because", {"n": 1})
    client.connect(server, mode)
    client.emit("ask", 15000, "why")
    assert client.expect("question") == (15000, "why")
    assert client.expect("answered") == ("SIO_OK", ["because", {"n": 1}])


def test_the_client_replies_with_nothing(server, peer, mode):
    client = peer().connect(server, mode)
    client.emit("ask", 15000)
    assert client.expect("answered") == ("SIO_OK", [])


@pytest.mark.parametrize("patience", [0, 60000])
def test_the_client_leaves_instead_of_replying(server, watcher, peer, mode, patience):
    client = peer().connect(server, mode)
    client.hold_replies()
    client.emit("ask", patience)
    client.expect("question")
    client.disconnect()
    assert watcher.expect("answered", "/watch") == ("SIO_E_DISCONNECTED", None)


def test_the_client_does_not_reply_in_time(server, peer, mode):
    client = peer().connect(server, mode)
    client.hold_replies()
    client.emit("ask", 100)
    assert client.expect("answered") == ("SIO_E_TIMEOUT", None)
    assert client.call("counts")["pending_acks"] == 0


def test_questions_do_not_get_mixed_up(server, peer, mode):
    client = peer().connect(server, mode)
    for i in range(50):
        client.emit("ask", 15000, i)
    assert [client.expect("question")[1] for _ in range(50)] == list(range(50))
    assert [client.expect("answered")[0] for _ in range(50)] == ["SIO_OK"] * 50
