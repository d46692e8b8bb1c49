"""How costs grow as the work grows: one quantity varies, and the C server is measured at each."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from . import measure as measuring
from .rows import Row


@dataclass(frozen=True)
class Curve:
    """`options` makes the load generator's options for one value of what varies."""

    key: str
    title: str
    across: str  #: what varies
    work: str
    values: tuple[int, ...]
    options: Any
    per: str = "message"  #: what the server's CPU time is divided by


def _rooms(rooms: int) -> dict[str, Any]:
    """Every socket in 1,000 rooms, if there are as many, and ten sockets in each room."""
    join = min(rooms, 1000)
    return {"rooms": rooms, "join": join, "clients": 10 * rooms // join, "size": 32}


CURVES = (
    Curve(
        "clients",
        "Echo, 32 bytes, 1 in flight",
        "clients",
        "echo",
        (10, 30, 100, 300, 1000, 3000, 10000),
        lambda clients: {"clients": clients, "size": 32, "in-flight": 1},
    ),
    Curve(
        "receivers",
        "Broadcast, 64 bytes, 1 in flight",
        "receivers",
        "broadcast",
        (10, 30, 100, 300, 1000, 3000, 10000),
        lambda clients: {"clients": clients, "size": 64, "in-flight": 1},
        per="delivery",
    ),
    Curve(
        "payload",
        "Echo, 10 clients, 2 in flight",
        "bytes of payload",
        "echo",
        (1, 10, 100, 1000, 10_000, 100_000, 1_000_000),
        lambda size: {"clients": 10, "size": size, "in-flight": 2},
    ),
    Curve(
        "rooms",
        "To one room of ten, each socket in up to 1,000",
        "rooms",
        "room",
        (1, 10, 100, 1000, 10_000, 100_000),
        _rooms,
        per="delivery",
    ),
    Curve(
        "namespaces",
        "Echo, 1,000 clients spread over namespaces",
        "namespaces",
        "echo",
        (1, 10, 100, 1000),
        lambda count: {"namespaces": count, "clients": 1000, "size": 32, "in-flight": 1},
    ),
)


def measure(curves: Iterable[Curve], plan: measuring.Plan) -> dict[str, list[dict[str, Any]]]:
    """For each curve its points: `x`, and what `measuring.summary` gives, or `failed`."""
    return {curve.key: [_point(curve, x, plan) for x in curve.values] for curve in curves}


def _point(curve: Curve, x: int, plan: measuring.Plan) -> dict[str, Any]:
    options = curve.options(x)
    env = {"BENCH_NAMESPACES": str(options.get("namespaces", 0))}
    row = Row(f"{curve.key} {x:,}", curve.title, curve.work, ("c",), options, env=env)
    measured = measuring.measure([row], plan)
    return {"x": x, **measured[row.key]["servers"]["c"]}


def table(results: dict[str, list[dict[str, Any]]]) -> str:
    """Every point: its cost, and what else was measured."""
    out = []
    for curve in CURVES:
        if curve.key not in results:
            continue
        out.append(f"{curve.title} ({curve.across})")
        for point in results[curve.key]:
            if "failed" in point:
                out.append(f"{point['x']:>10,}  failed: {point['failed']}")
                continue
            median = point["median"]
            out.append(
                f"{point['x']:>10,}  {cost(point):8.2f} us of CPU a {curve.per}, "
                f"{median['rate']:>11,.0f}/s, p50 {median['p50_us']:,.0f} us, "
                f"p99 {median['p99_us']:,.0f} us"
            )
    return "\n".join(out)


def cost(point: dict[str, Any]) -> float:
    """The server's CPU time, in microseconds, for each message or delivery."""
    median = point["median"]
    return median["server_cpu"] * 1e6 / median["rate"]
