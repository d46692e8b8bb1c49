"""The results as a table of text, and the notes below it."""

from typing import Any

from .lines import Line
from .rows import SERVERS


def table(lines: list[Line]) -> str:
    """For a terminal: columns aligned."""
    header, rows = cells(lines)
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    out = []
    for row in [header, ["-" * width for width in widths], *rows]:
        first = row[0].ljust(widths[0])
        rest = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
        out.append("  ".join([first, *rest]).rstrip())
    return "\n".join(out)


def markdown(lines: list[Line]) -> str:
    """For docs/benchmarks."""
    header, rows = cells(lines)
    out = [header, ["---", *["--:"] * (len(header) - 1)], *rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in out)


def cells(lines: list[Line]) -> tuple[list[str], list[list[str]]]:
    """Header and rows; a server has a column if it was measured at all."""
    servers = [
        name
        for name in SERVERS
        if any(name in line.values or name in line.failed for line in lines)
    ]
    compared = "c-before" in servers
    header = ["work", *(SERVERS[name] for name in servers)]
    header += ["change"] if compared else []
    header += ["spread", "ratio", "target", "met", "by CPU"]
    rows = []
    for line in lines:
        row = [line.title, *(line.value_text(name) for name in servers)]
        if compared:
            row.append(_change(line))
        row += [f"{line.spread:.0%}", line.ratio_text, line.target_text]
        row.append({None: "", True: "yes", False: "NO"}[line.is_met])
        row.append(line.cpu_ratio_text)
        rows.append(row)
    return header, rows


def notes(lines: list[Line], results: dict[str, Any]) -> list[str]:
    """What one should know about single numbers."""
    out = []
    if any(line.busy for line in lines):
        out.append("* the load generator used over 90 % of its core and may be the limit")
    for key, result in results.items():
        for name, server in result["servers"].items():
            if "failed" in server:
                out.append(f"{key}, {name}: {server['failed']}")
        clients = {
            name: server["options"]["clients"]
            for name, server in result["servers"].items()
            if "clients" in server.get("options", {})
        }
        if len(set(clients.values())) > 1:
            counts = ", ".join(f"{name} {count:,}" for name, count in clients.items())
            out.append(f"{key}: clients: {counts}")
    return out


def _change(line: Line) -> str:
    if "c" not in line.values or "c-before" not in line.values:
        return ""
    return f"{line.values['c'] / line.values['c-before'] - 1:+.1%}"
