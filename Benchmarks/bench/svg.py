"""Charts as SVG: bars on a logarithmic scale, and small line charts, for light and dark pages."""

import math
from dataclasses import dataclass
from xml.sax.saxutils import escape

#: An <img> does not inherit the page's colours; it does know the reader's scheme.
_STYLE = """
text { font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328 }
.title { font-size: 14px; font-weight: 600 }
.small { font-size: 11px; fill: #59636e }
.grid { stroke: #d1d9e0; stroke-width: 1 }
.bar { fill: #2f6fbf }
.missed { fill: #b35900 }
.target { stroke: #1f2328; stroke-width: 2 }
.line { stroke: #2f6fbf; stroke-width: 2; fill: none }
.dot { fill: #2f6fbf }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .small { fill: #9198a1 }
  .grid { stroke: #3d444d }
  .bar, .dot { fill: #6ea8f0 }
  .missed { fill: #e3964a }
  .target { stroke: #e6edf3 }
  .line { stroke: #6ea8f0 }
}
"""


@dataclass(frozen=True)
class Bar:
    label: str
    value: float
    text: str  #: stands behind the bar
    target: float | None = None  #: a mark where the bar should end, or beyond
    is_missed: bool = False


@dataclass(frozen=True)
class Panel:
    """One line of points, both axes logarithmic."""

    title: str
    across: str
    up: str
    points: list[tuple[float, float]]


class _Scale:
    """Maps values to positions, logarithmically; the ends are powers of ten."""

    def __init__(self, values: list[float], start: float, end: float) -> None:
        positive = [value for value in values if value > 0] or [1]
        self.low = math.floor(math.log10(min(positive)) + 1e-9)
        self.high = max(self.low + 1, math.ceil(math.log10(max(positive)) - 1e-9))
        self.start, self.end = start, end

    def __call__(self, value: float) -> float:
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    @property
    def ticks(self) -> list[float]:
        return [10.0**power for power in range(self.low, self.high + 1)]


def bars(title: str, subtitle: str, items: list[Bar], width: int = 960) -> str:
    """Horizontal bars that begin at 1."""
    left, right, top, step, thick = 430, 130, 62, 26, 16
    height = top + step * len(items) + 30
    bottom = top + step * len(items)
    values = [1.0, *(bar.value for bar in items), *(bar.target or 1 for bar in items)]
    scale = _Scale(values, left, width - right)
    out = [_text(16, 24, title, "title"), _text(16, 42, subtitle, "small")]
    for tick in scale.ticks:
        out.append(_line(scale(tick), top - 6, scale(tick), bottom, "grid"))
        out.append(_text(scale(tick), bottom + 16, f"{_tick(tick)} x", "small", "middle"))
    for index, bar in enumerate(items):
        y = top + index * step
        end = scale(max(bar.value, 1))
        kind = "missed" if bar.is_missed else "bar"
        out.append(_text(left - 8, y + 12, bar.label, anchor="end"))
        out.append(_rect(left, y, max(end - left, 1), thick, kind))
        after = end
        if bar.target:
            x = scale(bar.target)
            out.append(_line(x, y - 3, x, y + thick + 3, "target"))
            after = max(after, x)
        out.append(_text(after + 8, y + 12, bar.text))
    return _document(width, height, out)


def panels(title: str, subtitle: str, items: list[Panel], columns: int = 2) -> str:
    """Small line charts beside and below each other."""
    wide, high, top = 420, 250, 56
    lines = math.ceil(len(items) / columns)
    out = [_text(16, 24, title, "title"), _text(16, 42, subtitle, "small")]
    for index, panel in enumerate(items):
        column, line = index % columns, index // columns
        out += _panel(panel, column * wide, top + line * high, wide, high)
    return _document(wide * columns, top + lines * high, out)


def _panel(panel: Panel, left: float, top: float, wide: float, high: float) -> list[str]:
    x = _Scale([x for x, _ in panel.points], left + 64, left + wide - 24)
    y = _Scale([y for _, y in panel.points], top + high - 52, top + 44)
    out = [_text(left + 16, top + 16, panel.title), _text(left + 16, top + 32, panel.up, "small")]
    for tick in x.ticks:
        out.append(_line(x(tick), y.end, x(tick), y.start, "grid"))
        out.append(_text(x(tick), y.start + 16, _tick(tick), "small", "middle"))
    for tick in y.ticks:
        out.append(_line(x.start, y(tick), x.end, y(tick), "grid"))
        out.append(_text(x.start - 6, y(tick) + 4, _tick(tick), "small", "end"))
    out.append(_text((x.start + x.end) / 2, y.start + 32, panel.across, "small", "middle"))
    places = [(x(across), y(up)) for across, up in panel.points if up > 0]
    path = " ".join(f"{px:.1f},{py:.1f}" for px, py in places)
    out.append(f'<polyline class="line" points="{path}"/>')
    out += [f'<circle class="dot" cx="{px:.1f}" cy="{py:.1f}" r="3"/>' for px, py in places]
    return out


def _tick(value: float) -> str:
    if value >= 1_000_000:
        return f"{value / 1_000_000:g}M"
    if value >= 1000:
        return f"{value / 1000:g}k"
    return f"{value:g}"


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "") -> str:
    attributes = f' class="{kind}"' if kind else ""
    attributes += f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{attributes}>{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _rect(x: float, y: float, width: float, height: float, kind: str) -> str:
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}" rx="2"/>'
    )


def _document(width: float, height: float, elements: list[str]) -> str:
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">'
    return "\n".join([head, f"<style>{_STYLE}</style>", *elements, "</svg>", ""])
