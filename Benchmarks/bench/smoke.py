"""Whether every row and curve still measures something: each once, for a moment.

Nothing is gated by time, so this is fit for `make test`, on any machine.
"""

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from . import curves
from .measure import Plan, measure
from .rows import ROWS

#: Those that need nothing but the library and a compiler for C.
SERVERS = ("c", "python", "python-async")
#: A moment, and so many clients that thousands do not take seconds to connect, with so few messages
#: a second that a busy machine keeps up.
PLAN = Plan(rounds=1, seconds=0.2, warmup=0.05, servers=SERVERS, most_clients=1000, most_rate=200)


def smoke(plan: Plan) -> bool:
    """Prints a line for each row and server, and the totals; whether all worked."""
    passed = failed = 0
    for name, problem in _checks(plan):
        print(f"FAILED  {name}\n        {problem}" if problem else f"ok      {name}", flush=True)
        passed += problem is None
        failed += problem is not None
    print(f"TOTAL {passed} {failed}")
    return failed == 0


def _checks(plan: Plan) -> Iterable[tuple[str, str | None]]:
    """What was checked, and what is wrong with it."""
    for row in ROWS:
        fields = [metric.field for metric in row.metrics]
        for server, result in measure([row], plan)[row.key]["servers"].items():
            problem = _problem(result, fields)
            if problem:
                longer = replace(_longer(plan), servers=(server,))
                again = measure([row], longer)[row.key]["servers"]
                problem = _problem(again[server], fields)
            yield f"{row.key}, {server}", problem
    for curve in curves.CURVES:
        # What lies between the ends is not different.
        for end, value in (("smallest", curve.values[0]), ("largest", curve.values[-1])):
            one = [replace(curve, values=(value,))]
            fields = ["rate", "p50_us", "p99_us", "server_cpu"]
            problem = _problem(curves.measure(one, plan)[curve.key][0], fields)
            if problem:
                problem = _problem(curves.measure(one, _longer(plan))[curve.key][0], fields)
            yield f"curve of {curve.key}, {end}", problem


def _longer(plan: Plan) -> Plan:
    """For what a busy machine did not come to in a moment."""
    return replace(plan, seconds=20 * plan.seconds, warmup=20 * plan.warmup)


def _problem(result: dict[str, Any], fields: Iterable[str]) -> str | None:
    """What is wrong with a measurement; None if it has the numbers that are shown."""
    if "failed" in result:
        return result["failed"]
    for field in fields:
        value = result["median"].get(field)
        if value is None:
            return f"{field} was not measured"
        if not (math.isfinite(value) and value > 0):
            return f"{field} is {value}"
    return None
