"""Charts drawn on the server as SVG: no script, no style attribute, a text for whoever cannot see them."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

from django import template
from django.utils.html import format_html, format_html_join

from apps.dashboard.words import STATE_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.utils.safestring import SafeString

    from apps.dashboard.cells import Cell
    from apps.dashboard.series import Series

register = template.Library()


@register.simple_tag
def spark(series: Series | None, width: int = 84, height: int = 26, least: int = 14) -> SafeString:
    """A word-sized line of scores; `least` is the smallest range of points that fills its height."""
    values = series.known if series else []
    if series is None or len(values) < 2:
        return format_html('<span class="muted">{}</span>', "\u2013")
    middle = (min(values) + max(values)) / 2
    span = max(least, max(values) - min(values))
    floor = middle - span / 2
    first = len(series.values) - len(values)

    def at(index: int, value: int) -> tuple[float, float]:
        x = 2 + (first + index) * (width - 7) / (len(series.values) - 1)
        return round(x, 1), round(height - 4 - (value - floor) / span * (height - 8), 1)

    points = [at(index, value) for index, value in enumerate(values)]
    change = values[-1] - values[0]
    return format_html(
        '<svg class="spark {}" viewBox="0 0 {} {}" width="{}" height="{}" role="img"'
        ' aria-label="{} days: from {} to {}"><polyline points="{}"/><circle cx="{}" cy="{}" r="2.4"/></svg>',
        "up" if change > 1 else "down" if change < -1 else "flat",
        width,
        height,
        width,
        height,
        series.days,
        values[0],
        values[-1],
        " ".join(f"{x},{y}" for x, y in points),
        *points[-1],
    )


@register.simple_tag
def stack(counts: Mapping[str, int], height: int = 10) -> SafeString:
    """One bar split by state; `counts` says how many there are of each."""
    total = sum(counts.values()) or 1
    bars, x = [], 0.0
    for state in STATE_WORDS:
        share = 100 * counts[state] / total
        if share:
            bars.append((state, f"{x:.2f}", f"{share:.2f}", height))
        x += share
    return format_html(
        '<svg class="stack" width="100%" height="{}" role="img" aria-label="{}">{}</svg>',
        height,
        ", ".join(f"{counts[state]} {word.lower()}" for state, word in STATE_WORDS.items() if counts[state]),
        format_html_join("", '<rect class="f-{}" x="{}%" width="{}%" height="{}"/>', bars),
    )


@register.simple_tag
def meter(score: int | None, state: str = "met", height: int = 6) -> SafeString:
    """A bar of 0 to 100; the figure stands beside it, so it is decorative."""
    return format_html(
        '<svg class="meter" width="100%" height="{}" aria-hidden="true"><rect class="track" width="100%" height="{}"/>'
        '<rect class="f-{}" width="{}%" height="{}"/></svg>',
        height,
        height,
        state,
        score or 0,
        height,
    )


def _sector(centre: float, inner: float, outer: float, start: float, end: float) -> str:
    """The path of a ring's sector; angles in radians, clockwise from the top."""

    def at(radius: float, angle: float) -> str:
        return f"{centre + radius * math.sin(angle):.2f} {centre - radius * math.cos(angle):.2f}"

    return (
        f"M{at(inner, start)}L{at(outer, start)}A{outer:.2f} {outer:.2f} 0 0 1 {at(outer, end)}"
        f"L{at(inner, end)}A{inner:.2f} {inner:.2f} 0 0 0 {at(inner, start)}Z"
    )


@register.simple_tag
def dial(cells: Sequence[Cell], size: int = 196) -> SafeString:
    """Twelve radial bars, one per factor, clockwise from the top. Length is the score, colour the state."""
    centre, gap = size / 2, 0.036
    outer = centre - 15
    inner = outer / 2
    step = 2 * math.pi / len(cells)
    tracks, bars, numerals = [], [], []
    for index, cell in enumerate(cells):
        start, end, middle = index * step + gap / 2, (index + 1) * step - gap / 2, (index + 0.5) * step
        tracks.append((cell.state, _sector(centre, inner, outer, start, end)))
        if cell.score is not None:
            reach = inner + (outer - inner) * max(cell.score, 6) / 100
            bars.append((cell.state, _sector(centre, inner, reach, start, end)))
        x, y = centre + (outer + 8.5) * math.sin(middle), centre - (outer + 8.5) * math.cos(middle) + 3.4
        numerals.append((f"{x:.1f}", f"{y:.1f}", cell.factor.number))
    return format_html(
        '<svg class="dial" viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}">{}{}{}</svg>',
        size,
        size,
        size,
        size,
        f"{sum(cell.state == 'met' for cell in cells)} of {len(cells)} factors met",
        format_html_join("", '<path class="seg-track t-{}" d="{}"/>', tracks),
        format_html_join("", '<path class="f-{}" d="{}"/>', bars),
        format_html_join("", '<text class="num" x="{}" y="{}">{}</text>', numerals),
    )


# The plot of a line chart ends at this share of its width; the figures of the scale stand beyond it.
PLOT = 91.5
TOP, BOTTOM = 12, 22


@register.simple_tag
def line(series: Series, height: int = 190, name: str = "score-chart", what: str = "Score") -> SafeString:
    """A fluid line chart of `series`: the plot stretches, text and dots keep their size. `name` makes its ids."""
    values = series.known
    step = 10 if max(values) - min(values) <= 30 else 20
    low = max(0, (min(values) - 4) // step * step)
    high = min(100, -(-(max(values) + 4) // step) * step)
    first = len(series.values) - len(values)

    def x(index: int) -> float:
        return round((first + index) * PLOT / (len(series.values) - 1), 2)

    def y(value: int) -> float:
        return round(TOP + (height - TOP - BOTTOM) * (1 - (value - low) / (high - low)), 1)

    points = " ".join(f"{x(index) * 10:.0f},{y(value)}" for index, value in enumerate(values))
    moves = [i for i in range(1, len(values)) if abs(values[i] - values[i - 1]) >= 2][-6:]
    begin = series.end - timedelta(days=series.days)
    return format_html(
        '<svg class="line" width="100%" height="{h}" role="img" aria-labelledby="{name}-t {name}-d">'
        '<title id="{name}-t">{what}, last {days} days</title><desc id="{name}-d">{text}</desc>{grid}'
        '<svg viewBox="0 0 1000 {h}" width="100%" height="{h}" preserveAspectRatio="none">'
        '<path class="area" d="{area}"/><polyline class="main" points="{points}"/></svg>{moves}'
        '<circle class="end" cx="{end_x}%" cy="{end_y}" r="4"/>{dates}</svg>',
        h=height,
        name=name,
        what=what,
        days=series.days,
        text=f"From {values[0]} to {values[-1]} today. Lowest {min(values)}, highest {max(values)}. "
        f"The chart begins on {begin:%-d %B %Y}.",
        grid=_grid(range(low, high + 1, step), y),
        area=f"M{x(0) * 10:.0f},{y(low)} L{' L'.join(points.split())} L{PLOT * 10:.0f},{y(low)}Z",
        points=points,
        moves=format_html_join(
            "", '<circle class="event" cx="{}%" cy="{}" r="3.2"/>', ((x(i), y(values[i])) for i in moves)
        ),
        end_x=PLOT,
        end_y=y(values[-1]),
        dates=_dates(series, height),
    )


def _grid(scores: range, y: Callable[[int], float]) -> SafeString:
    return format_html_join(
        "",
        '<line class="grid" x1="0" x2="100%" y1="{}" y2="{}"/>'
        '<text class="tick" x="100%" y="{}" text-anchor="end">{}</text>',
        ((y(value), y(value), y(value) - 4, value) for value in scores),
    )


def _dates(series: Series, height: int) -> SafeString:
    span = timedelta(days=series.days)
    begin = series.end - span
    shares = ((0, "start"), (1 / 3, "middle"), (2 / 3, "middle"), (1, "end"))
    return format_html_join(
        "",
        '<text class="tick" x="{}%" y="{}" text-anchor="{}">{}</text>',
        ((f"{share * PLOT:.1f}", height - 5, anchor, f"{begin + share * span:%-d %b}") for share, anchor in shares),
    )
