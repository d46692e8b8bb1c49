"""Section 3: long polling."""

import pytest
from wire.http import exchange, read_response, request

LIMIT = 1000


def event_of(size):
    """A packet of exactly `size` bytes, to be acknowledged with nothing."""
    frame = '420["%s"]'
    return frame % ("x" * (size - len(frame) + 2))


# --- GET -------------------------------------------------------------------------------------


def test_3_1_poll_waits_for_packets(net):
    session = net.polling()
    session.join()
    poll = session.start_get()
    assert poll.is_pending()
    session.post('420["a"]')
    assert poll.packets() == ["430[]"]


def test_3_1_poll_takes_everything_that_waits(net):
    session = net.polling()
    session.join()
    session.post('42["do:emit",5]', '420["a"]')
    assert session.get() == [*(f'42["n",{i}]' for i in range(5)), "430[]"]


def test_29_2_at_most_16_packets_in_a_response(net):
    session = net.polling()
    session.join()
    session.post('42["do:emit",40]')
    bodies = [session.get() for _ in range(3)]
    assert [len(body) for body in bodies] == [16, 16, 8]
    assert [packet for body in bodies for packet in body] == [f'42["n",{i}]' for i in range(40)]


def test_3_1_overlapping_polls(net):
    """The second gets 400, the first `1`; the session is over."""
    session = net.polling()
    socket_id = session.join()
    first = session.start_get()
    assert first.is_pending()
    second = session.start_get(own_connection=True).response()
    assert (second.status, second.body) == (400, b"")
    assert first.packets() == ["1"]
    assert net.server.reason_of(socket_id) == "transport error"
    session.expect_gone()


@pytest.mark.parametrize("end", ["close", "reset"])
def test_3_1_aborted_poll(net, end):
    session = net.polling()
    socket_id = session.join()
    poll = session.start_get(own_connection=True)
    assert poll.is_pending()
    getattr(poll.connection, end)()
    assert net.server.reason_of(socket_id) == "transport error"
    session.expect_gone()


def test_3_1_poll_aborted_at_once(net):
    """A GET whose client is gone before the session has it. With two loops it has to cross."""
    for _ in range(50):
        session = net.polling()
        socket_id = session.join()
        session.start_get(own_connection=True).connection.reset()
        # Either the request was lost with the reset, and the session goes on, or it was an abort.
        poll = session.start_get()
        session.start_post('420["a"]')
        response = poll.response()
        if response.text != "430[]":
            assert response.text in ("1", "") or response.status == 400
            assert net.server.reason_of(socket_id) == "transport error"


# --- POST ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["text/plain;charset=UTF-8", "application/json", "x", None])
def test_3_2_content_type_is_ignored(net, kind):
    session = net.polling()
    response = session.request("POST", {"Content-Type": kind} if kind else {}, b"40")
    assert (response.status, response.body) == (200, b"ok")
    assert session.get()[0].startswith("40{")


def test_cve_2026_59725_octet_stream_is_refused(net):
    """3.2: 400 with an empty body, and the session is over."""
    session = net.polling()
    socket_id = session.join()
    poll = session.start_get()
    assert poll.is_pending()
    response = session.request("POST", {"Content-Type": "application/octet-stream"}, b"4x")
    assert (response.status, response.body) == (400, b"")
    assert poll.packets() == ["1"]
    assert net.server.reason_of(socket_id) == "transport error"
    session.expect_gone()


def test_3_2_exactly_the_limit_is_accepted(networks):
    session = networks(max_buffer=LIMIT).polling()
    session.join()
    session.post(event_of(LIMIT))
    assert session.get() == ["430[]"]


def test_3_2_beyond_the_limit_is_413_and_the_session_lives(networks):
    net = networks(max_buffer=LIMIT)
    session = net.polling()
    session.join()
    response = session.request("POST", body=event_of(LIMIT + 1).encode())
    assert (response.status, response.body) == (413, b"")
    session.post('420["a"]')
    assert session.get() == ["430[]"]


def chunked(*chunks):
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))


def test_3_2_chunked_body(net):
    session = net.polling()
    session.join()
    body = chunked(b'420["', b"a", b'"]')
    response = session.request("POST", {"Transfer-Encoding": "chunked"}, body)
    assert (response.status, response.body) == (200, b"ok")
    assert session.get() == ["430[]"]


def test_cve_2020_36048_chunked_body_is_counted_while_it_comes(networks):
    net = networks(max_buffer=LIMIT)
    session = net.polling()
    session.join()
    connection = net.connect()
    connection.send(request("POST", session.target, {"Transfer-Encoding": "chunked"}))
    # No end: the limit has to be noticed before it.
    connection.send_all_it_takes(b"1f4\r\n" + b"x" * 500 + b"\r\n1f5\r\n" + b"x" * 501 + b"\r\n")
    response = read_response(connection)
    assert (response.status, response.body) == (413, b"")
    session.post('420["a"]')
    assert session.get() == ["430[]"]


def test_cve_2020_36048_declared_length_is_refused_at_once(net):
    session = net.polling()
    connection = net.connect()
    connection.send(request("POST", session.target, {"Content-Length": "1000001"}))
    assert read_response(connection).status == 413
    session.join()


def test_3_2_expect_100_continue(net):
    session = net.polling()
    connection = net.connect()
    head = request("POST", session.target, {"Content-Length": "2", "Expect": "100-continue"})
    connection.send(head)
    assert read_response(connection).status == 100
    connection.send(b"40")
    assert read_response(connection).body == b"ok"
    session.get()


def start_half_post(net, session):
    """A POST of which the last byte is missing."""
    connection = net.connect()
    connection.send(request("POST", session.target, {"Content-Length": "3"}) + b"42")
    assert connection.is_silent(0.3)
    return connection


def test_3_2_overlapping_posts(net):
    session = net.polling()
    socket_id = session.join()
    start_half_post(net, session)
    second = session.start_post('42["a"]').response()
    assert (second.status, second.body) == (400, b"")
    assert net.server.reason_of(socket_id) == "transport error"
    session.expect_gone()


@pytest.mark.parametrize("end", ["close", "reset", "finish_sending"])
def test_3_2_aborted_post(net, end):
    session = net.polling()
    socket_id = session.join()
    getattr(start_half_post(net, session), end)()
    assert net.server.reason_of(socket_id) == "transport error"
    session.expect_gone()


def test_3_4_ongoing_post_is_aborted_when_the_session_ends(net):
    session = net.polling()
    session.join()
    poll = session.start_get()
    assert poll.is_pending()
    connection = start_half_post(net, session)
    session.start_get(own_connection=True)
    assert poll.packets() == ["1"]
    assert connection.read_to_end() == b""


def test_3_2_close_packet(net):
    """`1` in a POST: the pending GET is completed with `6`."""
    session = net.polling()
    socket_id = session.join()
    poll = session.start_get()
    assert poll.is_pending()
    session.post("1")
    assert poll.packets() == ["6"]
    assert net.server.reason_of(socket_id) == "transport close"
    session.expect_gone()


def test_3_2_close_packet_without_a_poll(net):
    session = net.polling()
    socket_id = session.join()
    session.post("1")
    assert net.server.reason_of(socket_id) == "transport close"
    session.expect_gone()


def test_3_2_packets_behind_a_close_are_not_delivered(net):
    session = net.polling()
    socket_id = session.join()
    session.post("1", "41")
    assert net.server.reason_of(socket_id) == "transport close"


# --- other methods ---------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
def test_3_3_other_methods(net, method):
    session = net.polling()
    session.join()
    response = session.request(method)
    assert (response.status, response.body) == (500, b"")
    session.post('420["a"]')
    assert session.get() == ["430[]"]


# --- the server closes -----------------------------------------------------------------------


def test_3_4_close_behind_a_pending_poll(net):
    """GET gets `41`, the next one `6` and `1`, the next one code 1."""
    session = net.polling()
    session.join()
    poll = session.start_get()
    assert poll.is_pending()
    session.post('42["do:close"]')
    assert poll.packets() == ["41"]
    assert session.get() == ["6", "1"]
    session.expect_gone()


def test_3_4_close_without_a_pending_poll(net):
    session = net.polling()
    socket_id = session.join()
    session.post('42["do:emit",20]', '42["do:close"]')
    assert net.server.reason_of(socket_id) == "server namespace disconnect"
    assert len(session.get()) == 16
    assert session.get() == [*(f'42["n",{i}]' for i in range(16, 20)), "41"]
    assert session.get() == ["6", "1"]
    session.expect_gone()


# --- the connection --------------------------------------------------------------------------


def test_1_11_pipelined_requests_are_answered_in_order(net):
    session = net.polling()
    session.join()
    connection = net.connect()
    connection.send(
        request("POST", session.target, body=b'420["a"]')
        + request("POST", session.target, body=b'421["b"]')
        + request("GET", session.target)
    )
    assert read_response(connection).body == b"ok"
    assert read_response(connection).body == b"ok"
    assert read_response(connection).text == "430[]\x1e431[]"


def test_1_11_get_and_post_on_one_connection(net):
    session = net.polling()
    connection = net.connect()
    assert exchange(connection, "POST", session.target, body=b"40").body == b"ok"
    assert exchange(connection, "GET", session.target).text.startswith("40{")
