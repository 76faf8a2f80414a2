"""Growth with size as a picture: peak memory and seconds of a fit and of scoring, against rows, as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

_WIDTH, _HEIGHT, _LEFT, _TOP, _INNER = 420, 300, 60, 34, 220
_COLOURS = ("#1f5fa8", "#b5482a", "#3b7f3f", "#7a4fa3")


def growth_svg(found: dict[str, Any], kinds: Sequence[str]) -> str:
    """Two panels side by side, rows on a logarithmic scale; memory from 0, seconds on a logarithmic scale."""
    sizes = sorted(int(n) for n in found["sizes"])
    memory, seconds = {}, {}
    for kind in kinds:
        for step in ("fit", "score"):
            held = [found["sizes"][str(n)][kind][step] for n in sizes]
            memory[f"{step} {kind}"] = [part["peak_mb"] for part in held]
            seconds[f"{step} {kind}"] = [part["seconds"] for part in held]
    panels = [_panel("peak memory, MB", sizes, memory, 0), _panel("seconds", sizes, seconds, 1)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * _WIDTH}" height="{_HEIGHT + 30 * 1}" '
        f'font-family="sans-serif" font-size="11">{"".join(panels)}</svg>'
    )


def _panel(title: str, sizes: list[int], lines: dict[str, list[float]], place: int) -> str:
    logarithmic = place == 1
    most = max(max(values) for values in lines.values())
    least = min(min(values) for values in lines.values())
    ticks = _powers(least, most) if logarithmic else [most * i / 4 for i in range(5)]
    low, high = ticks[0], max(ticks[-1], most)
    left, right = place * _WIDTH + _LEFT, (place + 1) * _WIDTH - 90
    bottom = _TOP + _INNER

    def x_of(n: int) -> float:
        span = math.log(sizes[-1] / sizes[0]) or 1.0
        return left + (right - left) * math.log(n / sizes[0]) / span

    def y_of(value: float) -> float:
        share = math.log(value / low) / math.log(high / low) if logarithmic else (value - low) / (high - low)
        return bottom - _INNER * share

    parts = [f'<text x="{left}" y="18" font-weight="bold">{title}</text>']
    for tick in ticks:
        y = y_of(tick)
        parts.append(f'<line x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{tick:,.0f}</text>')
    for n in sizes:
        parts.append(f'<text x="{x_of(n):.1f}" y="{bottom + 16}" text-anchor="middle">{n:,}</text>')
    parts.append(f'<text x="{(left + right) / 2:.0f}" y="{bottom + 34}" text-anchor="middle">rows</text>')
    ends = sorted((y_of(values[-1]), name) for name, values in lines.items())
    label = {name: max(y, ends[0][0] + 13 * i) for i, (y, name) in enumerate(ends)}
    for i, (name, values) in enumerate(lines.items()):
        colour = _COLOURS[i % len(_COLOURS)]
        points = " ".join(f"{x_of(n):.1f},{y_of(v):.1f}" for n, v in zip(sizes, values, strict=True))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for n, v in zip(sizes, values, strict=True):
            parts.append(f'<circle cx="{x_of(n):.1f}" cy="{y_of(v):.1f}" r="3" fill="{colour}"/>')
        parts.append(f'<text x="{right + 8}" y="{label[name] + 4:.1f}" fill="{colour}">{name}</text>')
    return "".join(parts)


def _powers(least: float, most: float) -> list[float]:
    first, last = math.floor(math.log10(max(least, 1e-3))), math.ceil(math.log10(max(most, 1e-2)))
    return [10.0**i for i in range(first, max(last, first + 1) + 1)]
