"""What docs/benchmarks consists of, made from the results."""

from typing import Any

from . import curves
from .lines import Line, lines
from .rows import PEER, SERVERS
from .svg import Bar, Panel, bars, panels
from .table import markdown, notes


def ratio_chart(result: dict[str, Any]) -> str:
    versions = result["versions"]
    peer = f"python-socketio {versions.get(PEER, '')} on uvicorn and uvloop"
    items = [
        Bar(
            label=line.title,
            value=line.ratio,
            text=f"{line.ratio_text}  ({line.value_text(line.subject)})",
            target=(line.target or {}).get("ratio"),
            is_missed=line.is_met is False,
        )
        for line in lines(result["rows"])
        if line.ratio is not None and _is_main(line)
    ]
    subtitle = (
        "One event loop on one core, measured in the same run. "
        "The marks are the targets; brown bars miss theirs."
    )
    return bars(f"Times as fast, or as small, as {peer}", subtitle, items)


def curve_chart(result: dict[str, Any]) -> str:
    items = []
    for curve in curves.CURVES:
        points = [point for point in result["curves"].get(curve.key, []) if "median" in point]
        if points:
            up = f"microseconds of the server's CPU time a {curve.per}"
            places = [(point["x"], curves.cost(point)) for point in points]
            items.append(Panel(curve.title, curve.across, up, places))
    return panels("How costs grow", "The C server, one event loop on one core.", items)


def page(result: dict[str, Any], curve_result: dict[str, Any] | None) -> str:
    """README.md of docs/benchmarks."""
    table = lines(result["rows"])
    parts = [
        "# Measured",
        "Made by `Benchmarks/publish` from the last full run of `make bench`; "
        "[Benchmarks/README.md](../../Benchmarks/README.md) says how it is measured.",
        _circumstances(result),
        "![Ratios to python-socketio](ratios.svg)",
        "Messages, deliveries or connections a second, times, or bytes a connection: medians of "
        f"{result['rounds']} round(s) of {result['seconds']:g} s. `spread` is that of "
        "the row's own server, largest less smallest; `ratio` is how many times better it is "
        f"than {SERVERS[PEER]}, and `by CPU` compares the CPU time that a message takes the "
        "server.",
        markdown(table),
        "\n".join(f"- {note}" for note in notes(table, result["rows"])).replace("*", "\\*"),
        "All numbers, with minima and maxima: [results.json](results.json).",
    ]
    if curve_result:
        parts += [
            "## How costs grow",
            "![Costs](curves.svg)",
            f"```\n{curves.table(curve_result['curves'])}\n```",
            "All numbers: [curves.json](curves.json).",
        ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _circumstances(result: dict[str, Any]) -> str:
    machine, versions = result["machine"], result["versions"]
    busy = machine["load_before"]
    return "\n".join(
        [
            # A load of its own is what an idle machine has not.
            *([f"- **Others used the machine meanwhile** (load {busy:.1f})"] if busy > 0.5 else []),
            f"- {result['when'][:10]}, libsocketio {versions.get('libsocketio', '')}",
            f"- {machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']} GB; "
            f"{machine['system']}, Linux {machine['kernel']}",
            "- "
            + ", ".join(
                f"{name} {version}" for name, version in versions.items() if name != "libsocketio"
            ),
        ]
    )


def _is_main(line: Line) -> bool:
    """Whether it is the row's first metric: the others would repeat it in the chart."""
    return line.metric is line.row.metrics[0]
