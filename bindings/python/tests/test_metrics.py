"""What a server tells those who watch over it; the text is read with Prometheus's own parser."""

import http.client
import time

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

import libsocketio
from conftest import TIMEOUT, until

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def samples(text):
    """Every sample by its name and the values of its labels."""
    return {
        (sample.name.removeprefix("socketio_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def request(io, path, method="GET", headers=None):
    connection = http.client.HTTPConnection(*io.address[:2], timeout=TIMEOUT)
    connection.request(method, path, headers=headers or {})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, response.headers, body


def test_nothing_has_happened(server_class, run):
    io = server_class()
    assert samples(io.metrics()) == {}
    assert io.totals() == libsocketio.Totals()
    run(io)
    assert io.totals() == libsocketio.Totals()
    found = samples(io.metrics())
    assert found["sessions", "polling", "4"] == 0
    assert found["disconnects_total", "transport close"] == 0
    assert found["ack_latency_seconds_bucket", "+Inf"] == 0
    assert found["queued_events",] >= 0
    assert found["events_dropped_total", "volatile"] == 0
    assert found["clients_overflowed_total",] == 0


def test_every_family_says_what_it_is(run):
    io = run(libsocketio.Server()).io
    families = list(text_string_to_metric_families(io.metrics()))
    assert len(families) > 20
    for family in families:
        assert family.name.startswith("socketio_")
        assert family.type in ("counter", "gauge", "histogram")
        assert family.documentation.endswith(".")
        assert family.samples
        if family.unit:
            assert family.name.endswith(family.unit)
    assert {family.unit for family in families} == {"", "bytes", "seconds"}


def test_a_client(server_class, run, connect, transports):
    io = server_class()
    io.on("echo", lambda sid, data: data)
    running = run(io)
    client = connect(running, transports=transports)
    assert client.call("echo", "x" * 1000, timeout=TIMEOUT) == "x" * 1000
    assert client.call("echo", b"12345", timeout=TIMEOUT) == b"12345"
    transport = client.transport()
    began = (transports or ["polling"])[0]
    found = samples(io.metrics())
    assert found["connections",] >= 1
    assert found["sockets",] == 1
    assert found["sessions", transport, "4"] == 1
    assert found["sessions_opened_total", began, "4"] == 1
    assert found["upgrades_total", "done"] == (1 if transport != began else 0)
    assert found["upgrades_total", "failed"] == 0
    assert found["packets_received_total", "connect"] == 1
    assert found["packets_received_total", "event"] == 1
    assert found["packets_received_total", "binary_event"] == 1
    assert found["packets_sent_total", "connect"] == 1
    assert found["packets_sent_total", "ack"] == 1
    assert found["packets_sent_total", "binary_ack"] == 1
    assert found["engine_packets_sent_total", "open"] == 1
    assert found["engine_packets_received_total", "message"] == 3
    assert found["engine_packets_received_total", "binary"] == 1
    assert found["engine_packets_sent_total", "message"] == 3
    assert found["received_bytes_total", "binary"] == 5
    assert found["sent_bytes_total", "binary"] == 5
    assert 1000 < found["received_bytes_total", "message"] < 1300
    assert 1000 < found["sent_bytes_total", "message"] < 1300
    counts, totals = io.counts(), io.totals()
    assert counts.polling_sessions == (transport == "polling")
    assert counts.websocket_sessions == (transport == "websocket")
    assert counts.revision3_sessions == 0
    assert totals.sessions == 1
    assert totals.upgrades == found["upgrades_total", "done"]
    assert totals.packets_sent[0] == 1
    assert totals.packets_received[4] == 3
    assert totals.bytes_sent[7] == 5
    assert (totals.events_received, totals.acks_sent) == (2, 2)
    client.disconnect()
    # A session is over before its clients are.
    until(lambda: io.counts().sessions == 0 and io.totals().disconnects == 1)
    found = samples(io.metrics())
    assert found["sessions", transport, "4"] == 0
    assert found["sessions_opened_total", began, "4"] == 1
    # python-engineio may forget the client's goodbye.
    reasons = ("client namespace disconnect", "transport close", "transport error")
    assert sum(found["disconnects_total", reason] for reason in reasons) == 1
    assert io.totals().disconnects == 1
    running.shutdown()
    assert io.totals().disconnects == 1
    assert io.counts() == libsocketio.Counts()


def test_replies(server_class, run, connect):
    io = server_class()
    running = run(io)
    client = connect(running, handlers={("ask", "/"): lambda: 1, ("silent", "/"): lambda: None})
    client.on("slow", lambda: time.sleep(0.1))
    got = []
    io.emit("ask", to=client.get_sid(), callback=lambda *args: got.append(args))
    io.emit("slow", to=client.get_sid(), callback=lambda *args: got.append(args))
    until(lambda: len(got) == 2)
    found = samples(io.metrics())
    assert found["ack_latency_seconds_count",] == 2
    assert found["ack_latency_seconds_bucket", "+Inf"] == 2
    # The kernel's tick is 10 ms at the most.
    assert found["ack_latency_seconds_bucket", "0.05"] <= 1
    assert found["ack_latency_seconds_sum",] >= 0.08
    assert found["acks_pending",] == 0
    assert (io.totals().events_sent, io.totals().acks_received) == (2, 2)
    client.on("never", lambda: client.eio.disconnect(abort=True))
    io.emit("never", to=client.get_sid(), callback=lambda *args: None)
    until(lambda: samples(io.metrics())["acks_failed_total", "disconnected"] == 1)
    assert io.totals().acks_failed == 1


def test_broadcasts_count_for_each(server_class, run, connect):
    io = server_class()
    running = run(io)
    for _ in range(3):
        connect(running)
    until(lambda: io.counts().sockets == 3)
    io.emit("news", 1)
    until(lambda: samples(io.metrics())["packets_sent_total", "event"] == 3)


@pytest.mark.parametrize(
    ("code", "path", "headers"),
    [
        (0, "/socket.io/?EIO=4&transport=none", {}),
        (1, "/socket.io/?EIO=4&transport=polling&sid=none", {}),
        (2, "/socket.io/?EIO=4&transport=polling", {"method": "POST"}),
        (3, "/socket.io/?EIO=4&transport=websocket", {}),
        (4, "/socket.io/?EIO=4&transport=polling", {"Origin": "http://evil.example"}),
        (5, "/socket.io/?EIO=3&transport=websocket", UPGRADE),
    ],
)
def test_refusals_by_code(run, code, path, headers):
    io = run(libsocketio.Server(allow_eio3=False)).io
    headers = dict(headers)
    method = headers.pop("method", "GET")
    assert request(io, path, method, headers)[0] in (400, 403)
    errors = [
        value for key, value in samples(io.metrics()).items() if key[0].startswith("connection_err")
    ]
    assert errors == [int(other == code) for other in range(6)]
    assert io.totals().connection_errors == tuple(int(other == code) for other in range(6))


def test_what_clients_bring_about(run):
    io = run(libsocketio.Server(max_handshakes_per_second=1, logger=True, threads=1)).io
    for _ in range(40):
        request(io, "/socket.io/?EIO=4&transport=polling")
    found = samples(io.metrics())
    put_off = found["troubles_total", "busy"]
    assert put_off >= 30
    assert io.totals().rate_limited == put_off
    assert found["log_lines_suppressed_total",] == put_off - 20
    assert io.totals().log_lines_suppressed == put_off - 20
    assert found["troubles_total", "slow_reader"] == 0


def test_loops_say_how_late_they_are(run):
    io = run(libsocketio.Server(threads=2)).io

    def measured():
        found = samples(io.metrics())
        return all(found["event_loop_lag_seconds_count", loop] > 0 for loop in "01")

    until(measured)
    found = samples(io.metrics())
    assert 0 <= found["event_loop_last_lag_seconds", "0"] < TIMEOUT
    # One for each question, and one for each second.
    before = found["event_loop_lag_seconds_count", "0"]
    started = time.monotonic()
    until(lambda: time.monotonic() > started + 1.2)
    assert samples(io.metrics())["event_loop_lag_seconds_count", "0"] > before


def test_metrics_path(server_class, run):
    io = run(server_class(metrics_path="/metrics")).io
    status, headers, body = request(io, "/metrics")
    assert (status, headers["content-type"]) == (200, CONTENT_TYPE)
    assert headers["cache-control"] == "no-store"
    assert samples(body.decode())["connections",] == 1
    assert request(io, "/metrics?x=1")[0] == 200
    status, headers, body = request(io, "/metrics", "HEAD")
    assert (status, body) == (200, b"")
    assert request(io, "/metrics", "POST")[0] == 404
    assert request(io, "/metrics/")[0] == 404
    headers = request(io, "/metrics", headers={"Accept-Encoding": "gzip"})[1]
    assert headers["content-encoding"] == "gzip"
    assert request(run(server_class()).io, "/metrics")[0] == 404


@pytest.mark.parametrize("path", ["metrics", "/socket.io/metrics", "/a b", "/ready"])
def test_paths_that_are_none(run, path):
    with pytest.raises(libsocketio.exceptions.ArgumentError, match="metrics_path"):
        run(libsocketio.Server(metrics_path=path, ready_path="/ready"))
