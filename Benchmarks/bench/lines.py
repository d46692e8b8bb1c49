"""The lines of the table: results next to each other, their ratios, and the targets."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .rows import PEER, ROWS, SERVERS, Metric, Row

#: The generator's share of its core above which it may be what limits a number.
BUSY = 0.9

TARGETS = json.loads(Path(__file__).with_name("targets.json").read_text())


@dataclass
class Line:
    """One work, one metric, one of our servers as the subject, and the peers."""

    row: Row
    metric: Metric
    subject: str
    values: dict[str, float]  #: medians, by server
    ratio: float | None  #: the subject's, to the peer
    cpu_ratio: float | None  #: the same of the server's CPU time for each message
    target: dict[str, Any] | None
    busy: set[str] = field(default_factory=set)  #: servers whose generator had no time left
    failed: set[str] = field(default_factory=set)
    spread: float = 0.0  #: the subject's, largest less smallest, as a share of the median

    @property
    def title(self) -> str:
        what = f", {self.metric.what}" if self.metric.what else ""
        # Of a server in C: what is measured of it, with the handlers of another language.
        of_another = self.subject != "c" and "c" in self.row.servers
        handlers = f"; handlers in {SERVERS[self.subject]}" if of_another else ""
        return f"{self.row.title}{what}{handlers}"

    @property
    def is_met(self) -> bool | None:
        """None if there is no target, or nothing to compare with it."""
        if self.target is None:
            return None
        if self.subject in self.failed:
            return False
        value = self.values.get(self.subject)
        if "at_most" in self.target:
            return None if value is None else value <= self.target["at_most"]
        if "at_least" in self.target:
            return None if value is None else value >= self.target["at_least"]
        return None if self.ratio is None else self.ratio >= self.target["ratio"]

    @property
    def target_text(self) -> str:
        if self.target is None:
            return ""
        if "at_most" in self.target:
            return f"<= {number(self.target['at_most'], self.metric)}"
        if "at_least" in self.target:
            return f">= {number(self.target['at_least'], self.metric)}"
        return f"{self.target['ratio']} x"

    @property
    def ratio_text(self) -> str:
        return times(self.ratio)

    @property
    def cpu_ratio_text(self) -> str:
        return times(self.cpu_ratio)

    def value_text(self, server: str) -> str:
        if server in self.failed:
            return "failed"
        if server not in self.values:
            return ""
        return number(self.values[server], self.metric) + ("*" if server in self.busy else "")


def lines(results: dict[str, Any]) -> list[Line]:
    """The table's lines, for the rows that were measured."""
    table = []
    for row in ROWS:
        if row.key not in results:
            continue
        servers = results[row.key]["servers"]
        if "c" in row.servers:
            table += [_line(row, metric, "c", servers) for metric in row.metrics]
        for target in TARGETS:
            if target["row"] == row.key and target["server"] != "c":
                if target["server"] in servers:
                    table.append(_line(row, row.metrics[0], target["server"], servers))
    return table


def _line(row: Row, metric: Metric, subject: str, servers: dict[str, Any]) -> Line:
    shown = {
        name: result
        for name, result in servers.items()
        # The line of another subject is about that one and the peer.
        if subject == "c" or name in (subject, PEER)
    }
    values = {
        name: result["median"][metric.field]
        for name, result in shown.items()
        if metric.field in result.get("median", {})
    }
    ratio = None
    if subject in values and PEER in values:
        ratio = metric.ratio(values[subject], values[PEER])
    cpu = {name: it.get("median", {}).get("cpu_us_per_message") for name, it in shown.items()}
    cpu_ratio = None
    if metric is row.metrics[0] and cpu.get(subject) and cpu.get(PEER):
        cpu_ratio = cpu[PEER] / cpu[subject]
    spread = 0.0
    if values.get(subject):
        result = servers[subject]
        spread = (result["max"][metric.field] - result["min"][metric.field]) / values[subject]
    return Line(
        row,
        metric,
        subject,
        values,
        ratio,
        cpu_ratio,
        _target(row, metric, subject),
        busy={name for name, it in shown.items() if it.get("median", {}).get("load_cpu", 0) > BUSY},
        failed={name for name, it in shown.items() if "failed" in it},
        spread=spread,
    )


def _target(row: Row, metric: Metric, subject: str) -> dict[str, Any] | None:
    for target in TARGETS:
        if (target["row"], target["server"]) != (row.key, subject):
            continue
        if target.get("field", row.metrics[0].field) == metric.field:
            return target
    return None


def times(ratio: float | None) -> str:
    if ratio is None:
        return ""
    return f"{ratio:.1f} x" if ratio < 100 else f"{ratio:.0f} x"


def number(value: float, metric: Metric) -> str:
    """A value with its unit, unless that is a rate, which the title implies."""
    if metric.unit == "bytes" and value >= 1e6:
        return f"{value / 1e6:.1f} MB"
    if metric.unit == "bytes":
        return f"{value / 1000:.1f} kB"
    text = f"{value:.1f}" if value < 100 else f"{float(f'{value:.3g}'):,.0f}"
    return f"{text} {metric.unit}" if metric.unit in ("us", "%") else text
