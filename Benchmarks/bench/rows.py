"""What is measured: the rows of the table, and what the load generator is told for each."""

from dataclasses import dataclass, field
from typing import Any

#: In the order in which they take turns: ours, then the others.
SERVERS = {
    "c": "C",
    "c-before": "C, before",  # with an older library, for comparisons
    "swift": "Swift",
    "python": "Python",
    "python-async": "Python, asyncio",
    "python-socketio": "python-socketio",
    "node-ws": "node-ws (floor)",
}
#: Whom the ratios are to.
PEER = "python-socketio"
#: Speaks WebSocket only: does the work `plain` where the others echo.
FLOOR = "node-ws"


@dataclass(frozen=True)
class Metric:
    """A field of the load generator's answer, and how to show it."""

    field: str
    unit: str
    what: str = ""  #: what distinguishes it from the row's other metrics
    lower_is_better: bool = False

    def ratio(self, ours: float, theirs: float) -> float:
        """How many times better `ours` is."""
        if self.lower_is_better:
            ours, theirs = theirs, ours
        return ours / theirs if theirs else float("inf")


MESSAGES = Metric("rate", "msg/s")
DELIVERIES = Metric("rate", "deliveries/s")
CONNECTS = Metric("rate", "connects/s")


def time(name: str, what: str) -> Metric:
    return Metric(name, "us", what, lower_is_better=True)


def memory(name: str, what: str) -> Metric:
    return Metric(name, "bytes", what, lower_is_better=True)


@dataclass(frozen=True)
class Row:
    """One work for several servers. Options are the load generator's, without the dashes."""

    key: str
    title: str
    work: str
    servers: tuple[str, ...]
    options: dict[str, Any]
    metrics: tuple[Metric, ...] = (MESSAGES,)
    env: dict[str, str] = field(default_factory=dict)  #: of the server
    #: Options that differ for one server.
    but: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: Servers that take long to set up: they have a turn in the first round only.
    once: tuple[str, ...] = ()
    #: Whether the duration does not matter: the work ends by itself.
    untimed: bool = False
    #: Whether the server's allocations are counted, which makes it slower and larger.
    counted: bool = False


HEAP = (
    memory("heap_per_connection_bytes", ""),
    memory("heap_per_connection_after_burst_bytes", "after a burst"),
)

EVERYONE = ("c", "swift", "python", "python-async", PEER)
OURS_AND_PEER = ("c", "swift", "python", PEER)

ROWS = (
    Row(
        "echo-32-100x1",
        "echo, 32 bytes, 100 clients, 1 in flight",
        "echo",
        (*EVERYONE, FLOOR),
        {"size": 32, "clients": 100, "in-flight": 1},
    ),
    Row(
        "echo-32-100x16",
        "echo, 32 bytes, 100 clients, 16 in flight",
        "echo",
        (*EVERYONE, FLOOR),
        {"size": 32, "clients": 100, "in-flight": 16},
    ),
    Row(
        "echo-128-1000x1",
        "echo, 128 bytes, 1,000 clients, 1 in flight",
        "echo",
        (*OURS_AND_PEER, FLOOR),
        {"size": 128, "clients": 1000, "in-flight": 1},
    ),
    Row(
        "json-1k-100x4",
        "echo, 1 kB of JSON, 100 clients, 4 in flight",
        "json",
        OURS_AND_PEER,
        {"size": 1000, "clients": 100, "in-flight": 4},
    ),
    Row(
        "echo-64k-20x2",
        "echo, 64 kB, 20 clients, 2 in flight",
        "echo",
        (*OURS_AND_PEER, FLOOR),
        {"size": 64000, "clients": 20, "in-flight": 2},
    ),
    Row(
        "ack-32-100x4",
        "ack, 32 bytes, 100 clients, 4 in flight",
        "ack",
        OURS_AND_PEER,
        {"size": 32, "clients": 100, "in-flight": 4},
        env={"BENCH_REPLY": "1"},
    ),
    Row(
        "binary-1k-100x4",
        "binary echo, 1 kB attachment, 100 clients, 4 in flight",
        "binary",
        OURS_AND_PEER,
        {"size": 1000, "clients": 100, "in-flight": 4},
    ),
    Row(
        "broadcast-1000x1",
        "broadcast, 64 bytes, to 1,000, 1 in flight",
        "broadcast",
        OURS_AND_PEER,
        {"size": 64, "clients": 1000, "in-flight": 1},
        (DELIVERIES, time("last_p50_us", "to the last, p50")),
    ),
    Row(
        "broadcast-1000x4",
        "broadcast, 64 bytes, to 1,000, 4 in flight",
        "broadcast",
        OURS_AND_PEER,
        {"size": 64, "clients": 1000, "in-flight": 4},
        (DELIVERIES,),
    ),
    Row(
        "broadcast-10000x1",
        "broadcast, 64 bytes, to 10,000, 1 in flight",
        "broadcast",
        ("c", "swift", PEER),
        {"size": 64, "clients": 10000, "in-flight": 1},
        (
            DELIVERIES,
            time("last_p50_us", "to the last, p50"),
            time("last_p99_us", "to the last, p99"),
        ),
        but={PEER: {"seconds": 4}},  # a broadcast takes it most of a second
        once=(PEER,),
    ),
    Row(
        "polling-32-100x1",
        "long-polling echo, 32 bytes, 100 clients, 1 in flight",
        "echo",
        OURS_AND_PEER,
        {"size": 32, "clients": 100, "in-flight": 1, "transport": "polling"},
    ),
    Row(
        "connect-websocket",
        "connect and join, WebSocket",
        "connect",
        OURS_AND_PEER,
        {"transport": "websocket"},
        (CONNECTS,),
    ),
    Row(
        "connect-polling",
        "connect and join, long polling",
        "connect",
        ("c", PEER),
        {"transport": "polling"},
        (CONNECTS,),
    ),
    Row(
        "idle-websocket",
        "idle connection, WebSocket, resident memory",
        "idle",
        ("c", PEER),
        {"clients": 10000, "transport": "websocket"},
        (
            memory("per_connection_bytes", ""),
            memory("per_connection_after_burst_bytes", "after a burst"),
        ),
        but={PEER: {"clients": 2000}},  # to save time: it grows evenly
        once=(PEER,),
        untimed=True,
    ),
    Row(
        "heap-websocket",
        "of it, allocated by the library, WebSocket",
        "idle",
        ("c",),
        {"clients": 10000, "transport": "websocket"},
        HEAP,
        once=("c",),  # it is the same each time
        untimed=True,
        counted=True,
    ),
    Row(
        "idle-polling",
        "idle connection, long polling, resident memory",
        "idle",
        ("c", PEER),
        {"clients": 10000, "transport": "polling"},
        (
            memory("per_connection_bytes", ""),
            memory("per_connection_after_burst_bytes", "after a burst"),
        ),
        but={PEER: {"clients": 2000}},
        once=(PEER,),
        untimed=True,
    ),
    Row(
        "heap-polling",
        "of it, allocated by the library, long polling",
        "idle",
        ("c",),
        {"clients": 10000, "transport": "polling"},
        HEAP,
        once=("c",),  # it is the same each time
        untimed=True,
        counted=True,
    ),
    Row(
        "open-5000",
        "echo, 32 bytes, 100 clients, at a fixed 5,000 msg/s",
        "echo",
        (*OURS_AND_PEER, FLOOR),
        {"size": 32, "clients": 100, "rate": 5000},
        (
            time("p50_us", "p50"),
            time("p99_us", "p99"),
            time("p999_us", "p99.9"),
        ),
    ),
    Row(
        "stall-10000",
        "echo while broadcasts go to 10,000",
        "stall",
        ("c",),
        {"clients": 10000},
        (
            time("p50_us", "p50"),
            time("p99_us", "p99"),
            time("max_us", "longest"),
            time("quiet_max_us", "longest without broadcasts"),
        ),
    ),
    Row(
        "stalled-1000x1000",
        "1,000 events a second to 1,000, one of whom stalls",
        "stalled",
        ("c",),
        {"clients": 1000, "rate": 1000},
        (
            time("during_p99_us", "p99 of the others"),
            time("before_p99_us", "p99 before"),
            time("first_p99_us", "p99 before that"),
            memory("during_bytes", "resident"),
            memory("before_bytes", "resident before"),
        ),
    ),
    Row(
        "client-echo-32-1x16",
        "a client in Python, asyncio: echo, 32 bytes, 16 in flight",
        "client",
        ("python-async", PEER),
        {"size": 32, "in-flight": 16},
    ),
    Row(
        "client-threads-32-1x16",
        "a client in Python, threads: echo, 32 bytes, 16 in flight",
        "client-threads",
        ("python", PEER),
        {"size": 32, "in-flight": 16},
    ),
    Row(
        "client-c-echo-32-1x16",
        "a client in C: echo, 32 bytes, 16 in flight",
        "client-echo",
        ("c",),
        {"size": 32, "in-flight": 16},
        (
            MESSAGES,
            Metric("server_share", "%", "of the server's own rate"),
            time("client_cpu_us", "CPU time of the client"),
        ),
    ),
    Row(
        "client-c-idle",
        "idle client in C, WebSocket, resident memory",
        "client-idle",
        ("c",),
        {"clients": 10000},
        (
            memory("per_client_bytes", ""),
            memory("per_client_after_burst_bytes", "after a burst"),
        ),
        untimed=True,
    ),
    Row(
        "client-c-storm",
        "clients in C whose server dies and comes back",
        "client-storm",
        ("c",),
        {"clients": 10000},
        (
            time("cpu_us_per_client", "CPU time, each"),
            time("back_us", "until the last is back"),
            memory("per_client_after_storm_bytes", "resident memory, each, after it"),
        ),
        untimed=True,
    ),
    Row(
        "library-start",
        "load the library and listen",
        "start",
        ("c",),
        {},
        (
            time("start_us", "median"),
            time("best_start_us", "best"),
            time("load_us", "of it, to load"),
            time("listen_us", "of it, to listen"),
        ),
        untimed=True,
    ),
    Row(
        "library-size",
        "size of the stripped library",
        "size",
        ("c",),
        {},
        (memory("file_bytes", ""),),
        untimed=True,
    ),
)
