"""Binary values at any depth, both ways, in events and in replies."""

ALL = bytes(range(256))
DEEP = {"a": [{"b": [ALL, "text", {"c": b""}]}, 1], "d": {"e": b"\x1e\x00b4"}}


def test_bytes_come_back(server, peer, mode):
    client = peer().connect(server, mode)
    client.emit("echo", ALL)
    assert client.expect("echo") == (ALL,)


def test_bytes_come_back_from_any_depth(server, peer, mode):
    client = peer().connect(server, mode)
    client.emit("echo", DEEP, "between", b"last")
    assert client.expect("echo") == (DEEP, "between", b"last")


def test_bytes_come_back_in_replies(server, peer, mode):
    client = peer().connect(server, mode)
    assert client.call("echo", DEEP, ALL) == (DEEP, ALL)


def test_the_servers_own_bytes(server, peer, mode):
    client = peer().connect(server, mode)
    client.emit("binary")
    assert client.expect("binary") == (
        {"all": ALL, "deep": [[{"empty": b""}], b"\x1e"]},
        b"\x1e",
    )


def test_the_client_replies_with_bytes(server, peer, mode):
    client = peer()
    client.replies["question"] = [b"\x00\xff", {"x": ALL}]
    client.connect(server, mode)
    client.emit("ask", 15000, b"which")
    assert client.expect("question") == (15000, b"which")
    assert client.expect("answered") == ("SIO_OK", [[b"\x00\xff", {"x": ALL}]])


def test_in_a_namespace(server, peer, mode):
    client = peer().connect(server, mode, namespaces=["/", "/chat"])
    client.emit("echo", DEEP, nsp="/chat")
    assert client.expect("echo", "/chat") == (DEEP,)
    assert client.call("echo", DEEP) == DEEP


def test_bytes_and_text_in_turn_keep_their_order(server, peer, mode):
    client = peer().connect(server, mode)
    sent = [bytes([i]) if i % 2 else i for i in range(100)]
    for value in sent:
        client.emit("echo", value)
    assert [client.expect("echo")[0] for _ in sent] == sent


def test_ten_attachments_are_the_limit(server, watcher, peer, mode):
    client = peer().connect(server, mode)
    sid = client.sid()
    ten = [bytes([i]) for i in range(10)]
    assert client.call("echo", ten) == ten
    client.emit("echo", [*ten, b"one too many"])
    assert watcher.expect("gone", "/watch")[:2] == ("/", sid)
    client.expect("disconnect")


def test_the_limit_can_be_moved(serve, peer, mode):
    client = peer().connect(serve("--max-attachments", 100), mode)
    hundred = [bytes([i]) for i in range(100)]
    assert client.call("echo", hundred) == hundred
