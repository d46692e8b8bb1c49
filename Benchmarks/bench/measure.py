"""Measures rows: rounds in which the servers take turns, and the medians of them."""

import statistics
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import client, library, paths
from .processes import Failed, Server, allow_many_connections, load
from .rows import Row

#: Connections that a process needs files for besides the clients'.
_OTHER_FILES = 200
#: What the load generator repeats of its options, and errors, of which there are none.
_GIVEN = {"clients", "in_flight", "size", "seconds", "errors"}


@dataclass(frozen=True)
class Plan:
    """How thoroughly to measure, and which libraries."""

    rounds: int = 3
    seconds: float = 2.0
    warmup: float = 0.5
    servers: tuple[str, ...] = ()  #: only these; empty: all
    library: Path = paths.LIBRARY  #: the directory with ours
    before: Path | None = None  #: an older library, measured as "c-before"
    most_clients: int | None = None  #: rows that ask for more get so many
    most_rate: int | None = None  #: the same for messages a second


def measure(rows: Iterable[Row], plan: Plan) -> dict[str, Any]:
    """The rows' results, by key: options, and for each server medians, minima and maxima."""
    files = allow_many_connections()
    return {row.key: _measure_row(row, plan, files) for row in rows}


def _measure_row(row: Row, plan: Plan, files: int) -> dict[str, Any]:
    servers = _servers(row, plan)
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in servers}
    failures: dict[str, str] = {}
    for turn in range(plan.rounds):
        for name in servers:
            if name in failures or (turn > 0 and name in row.once):
                continue
            options = _options(row, name, plan, files)
            _say(f"{row.key}, {name}, {turn + 1} of {plan.rounds}: ")
            started = time.monotonic()
            try:
                run = _run(row, name, options, plan)
            except Failed as failure:
                failures[name] = str(failure)
                _say(f"FAILED: {failure}\n")
            else:
                runs[name].append({**run, "options": options})
                metric = row.metrics[0]
                took = time.monotonic() - started
                value = run.get(metric.field, float("nan"))
                _say(f"{value:,.0f} {metric.unit} ({took:.1f} s)\n")
    results = {
        name: {"failed": failures[name]} if name in failures else summary(runs[name])
        for name in servers
    }
    return {"title": row.title, "work": row.work, "servers": results}


def _servers(row: Row, plan: Plan) -> list[str]:
    servers = list(row.servers)
    if plan.before is not None and "c" in servers:
        servers.insert(servers.index("c") + 1, "c-before")
    return [name for name in servers if not plan.servers or name in plan.servers]


def _options(row: Row, name: str, plan: Plan, files: int) -> dict[str, Any]:
    options = {**row.options, **row.but.get(name, {})}
    if not row.untimed:
        options = {"seconds": plan.seconds, "warmup": plan.warmup, **options}
    # A client that polls has two connections.
    each = 2 if options.get("transport") == "polling" else 1
    most = (files - _OTHER_FILES) // each
    if plan.most_clients is not None:
        most = min(most, plan.most_clients)
    if options.get("clients", 0) > most:
        options["clients"] = most
    if plan.most_rate is not None and options.get("rate", 0) > plan.most_rate:
        options["rate"] = plan.most_rate
    return options


def _run(row: Row, name: str, options: dict[str, Any], plan: Plan) -> dict[str, Any]:
    directory = plan.before if name == "c-before" else plan.library
    if row.work in library.WORKS:
        return library.WORKS[row.work](directory, options)
    if row.work in client.WORKS:
        return client.WORKS[row.work](name, directory, options)
    work = "plain" if name == "node-ws" else row.work
    with Server(name, directory, row.env, row.counted) as server:
        return load(server, work, options)


def summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Of every number that all runs have: median, smallest and largest."""
    fields = [
        field
        for field, value in runs[0].items()
        if isinstance(value, int | float)
        and field not in _GIVEN
        and all(field in run for run in runs)
    ]

    def each(function: Callable[[list[float]], float]) -> dict[str, float]:
        return {field: function([run[field] for run in runs]) for field in fields}

    return {
        "options": runs[0]["options"],
        "rounds": len(runs),
        "median": each(statistics.median),
        "min": each(min),
        "max": each(max),
    }


def _say(text: str) -> None:
    print(text, end="", file=sys.stderr, flush=True)
