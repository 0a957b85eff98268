"""Charts drawn on the server as SVG: no script, no style attribute, a text for whoever cannot see them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from django import template
from django.utils.formats import date_format
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from apps.dashboard.languages import by_language
from apps.dashboard.words import STATE_WORDS, state_word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

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

    points = [at(place, values[place]) for place in bends(values)]
    change = values[-1] - values[0]
    told = escape(_spark_told() % {"days": series.days, "first": values[0], "last": values[-1]})
    way = "up" if change > 1 else "down" if change < -1 else "flat"
    return mark_safe(  # noqa: S308 - numbers and words of this module alone, and quicker by half on a long board
        f'<svg class="spark {way}" viewBox="0 0 {width:d} {height:d}" width="{width:d}" height="{height:d}" role="img"'
        f' aria-label="{told}">'
        f'<polyline points="{" ".join(f"{x},{y}" for x, y in points)}"/>'
        f'<circle cx="{points[-1][0]}" cy="{points[-1][1]}" r="2.4"/></svg>'
    )


@by_language(maxsize=1)
def _spark_told() -> str:
    return _("%(days)s days: from %(first)s to %(last)s")


def bends(values: Sequence[float]) -> list[int]:
    """The places of a line's ends and bends: without the points between two of the same height it is the same line."""
    last = len(values) - 1
    inner = (at for at in range(1, last) if not values[at - 1] == values[at] == values[at + 1])
    return [0, *inner, last] if last else [0]


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
        ", ".join(f"{counts[state]} {state_word(state).lower()}" for state in STATE_WORDS if counts[state]),
        format_html_join("", '<rect class="f-{}" x="{}%" width="{}%" height="{}"/>', bars),
    )


@register.simple_tag
@lru_cache(maxsize=2048)
def meter(
    score: int | None, state: str = "met", height: int = 6, others: int | None = None, past: int | None = None
) -> SafeString:
    """A bar of 0 to 100; the figure stands beside it, so it is decorative. `others` is a tick, `past` a ring."""
    top = 4 if others is not None or past is not None else 0
    marks = []
    if past is not None and past != score:
        marks.append(format_html('<circle class="past" cx="{}%" cy="{}" r="3.2"/>', past, top + height / 2))
    if others is not None:
        marks.append(
            format_html('<line class="median" x1="{0}%" x2="{0}%" y1="0" y2="{1}"/>', others, height + 2 * top)
        )
    return format_html(
        '<svg class="meter" width="100%" height="{}" aria-hidden="true"><rect class="track" y="{}" width="100%"'
        ' height="{}"/><rect class="f-{}" y="{}" width="{}%" height="{}"/>{}</svg>',
        height + 2 * top,
        top,
        height,
        state,
        top,
        score or 0,
        height,
        format_html_join("", "{}", ((mark,) for mark in marks)),
    )


@register.simple_tag
def columns(cells: Sequence[Cell], height: int = 26) -> SafeString:
    """Small columns in the order of the factors: the height is the score, the colour the state."""
    width, drawn = 100 / len(cells), []
    for place, cell in enumerate(cells):
        x, wide = f"{place * width + 0.7:.2f}", f"{width - 1.4:.2f}"
        drawn.append(("base", x, wide, 0, height))
        if cell.score is not None:
            tall = max(2, round(height * cell.score / 100))
            drawn.append((f"f-{cell.state}", x, wide, height - tall, tall))
        elif cell.state == "na":
            drawn.append(("none", x, wide, height - 2, 2))
        else:
            drawn.append(("f-unknown", x, wide, 0, height))
    told = "; ".join(f"{c.factor.short} {c.word.lower() if c.score is None else c.score}" for c in cells)
    return format_html(
        '<svg class="prof" width="100%" height="{}" role="img" aria-label="{}">{}</svg>',
        height,
        told,
        format_html_join("", '<rect class="{}" x="{}%" width="{}%" y="{}" height="{}" rx="1"/>', drawn),
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
        _("%(met)s of %(all)s factors met") % {"met": sum(cell.state == "met" for cell in cells), "all": len(cells)},
        format_html_join("", '<path class="seg-track t-{}" d="{}"/>', tracks),
        format_html_join("", '<path class="f-{}" d="{}"/>', bars),
        format_html_join("", '<text class="num" x="{}" y="{}">{}</text>', numerals),
    )


# The plot of a line chart ends at this share of its width; the figures of the scale stand beyond it.
PLOT = 91.5
TOP, BOTTOM = 12, 22


@register.simple_tag
def line(
    series: Series,
    height: int = 190,
    name: str = "score-chart",
    what: str = "",
    *,
    ref: Series | None = None,
    low: int | None = None,
    high: int | None = None,
    marks: bool = True,
) -> SafeString:
    """A fluid line chart of `series`: the plot stretches, text and dots keep their size. `name` makes its ids.

    `ref` is drawn dashed behind it. The scale fits both unless `low` and `high` fix it. `marks` puts dots on moves.
    """
    values = series.known
    plot = Plot.of(series, ref, height, low, high)
    first, end_y = len(series.values) - len(values), plot.y(values[-1])
    moves = [i for i in range(1, len(values)) if abs(values[i] - values[i - 1]) >= 2][-6:] if marks else []
    rings = ((plot.x(first + i), plot.y(values[i])) for i in moves)
    return format_html(
        '<svg class="line" width="100%" height="{h}" role="img" aria-labelledby="{name}-t {name}-d">'
        '<title id="{name}-t">{title}</title><desc id="{name}-d">{text}</desc>{grid}'
        '<svg viewBox="0 0 1000 {h}" width="100%" height="{h}" preserveAspectRatio="none">{lines}</svg>{breaks}{moves}'
        '<circle class="end" cx="{end_x}%" cy="{end_y}" r="4"/>{dates}{ref_text}</svg>',
        h=height,
        name=name,
        title=_("%(what)s, last %(days)s days") % {"what": what or _("Score"), "days": series.days},
        text=" ".join(_told(series, ref)),
        grid=_grid(range(plot.low, plot.high + 1, plot.step), plot.y),
        breaks=_breaks(series, plot),
        lines=_lines(series, plot, ref),
        moves=format_html_join("", '<circle class="event" cx="{}%" cy="{}" r="3.2"/>', rings),
        end_x=PLOT,
        end_y=end_y,
        dates=_dates(series, height),
        ref_text=_ref_text(ref, plot, end_y),
    )


@dataclass(frozen=True, slots=True)
class Plot:
    """Where a line chart puts days (per cent of its width) and scores (pixels from the top)."""

    height: int
    low: int
    high: int
    step: int
    last: int

    @classmethod
    def of(cls, series: Series, ref: Series | None, height: int, low: int | None, high: int | None) -> Plot:
        values = series.known + (ref.known if ref else [])
        step = 10 if max(values) - min(values) <= 30 and low is None else 20
        low = max(0, (min(values) - 4) // step * step) if low is None else low
        high = min(100, -(-(max(values) + 4) // step) * step) if high is None else high
        return cls(height, low, high, step, len(series.values) - 1)

    def x(self, place: int) -> float:
        return round(place * PLOT / self.last, 2)

    def y(self, value: int) -> float:
        held = min(max(value, self.low), self.high)
        return round(TOP + (self.height - TOP - BOTTOM) * (1 - (held - self.low) / (self.high - self.low)), 1)


def _told(series: Series, ref: Series | None) -> Iterator[str]:
    """What a chart says to whoever cannot see it, sentence by sentence."""
    values = series.known
    ends = {"first": values[0], "last": values[-1], "lowest": min(values), "highest": max(values)}
    yield _("From %(first)s to %(last)s today. Lowest %(lowest)s, highest %(highest)s.") % ends
    yield _("The chart begins on %(day)s.") % {"day": _long((series.end - timedelta(days=series.days)).date())}
    if ref and ref.known:
        yield _("All teams: %(score)s today.") % {"score": ref.known[-1]}
    shown = [day for day in series.breaks if 0 < series.place_of(day) < len(series.values)]
    if shown:
        yield _("Rules changed on %(days)s.") % {"days": ", ".join(date_format(day, "j M Y") for day in shown)}
    if series.observed_since and series.place_of(series.observed_since) > 0:
        yield _("Reconstructed from past commits before %(day)s.") % {"day": _long(series.observed_since)}


@by_language(maxsize=1024)
def _long(day: date) -> str:
    return date_format(day, "j F Y")


@by_language(maxsize=1024)
def _short(day: date) -> str:
    return date_format(day, "j M")


@lru_cache(maxsize=512)
def _path(values: tuple[int, ...], first: int, plot: Plot) -> str:
    """A line from day `first` on, in units of a thousandth. Charts side by side share the one that they refer to."""
    return " ".join(f"{plot.x(first + at) * 10:.0f},{plot.y(values[at])}" for at in bends(values))


def _lines(series: Series, plot: Plot, ref: Series | None) -> SafeString:
    """The area, the reference, what was reconstructed and what was observed."""
    values, past = tuple(series.known), series.reconstructed
    first = len(series.values) - len(values)
    whole, floor = _path(values, first, plot), plot.y(plot.low)
    around = f"M{plot.x(first) * 10:.0f},{floor} L{whole.replace(' ', ' L')} L{PLOT * 10:.0f},{floor}Z"
    drawn = [("path", "area", "d", around)]
    if ref and ref.known:
        behind = tuple(ref.known)
        drawn.append(("polyline", "ref", "points", _path(behind, len(ref.values) - len(behind), plot)))
    if past:
        drawn.append(("polyline", "main past", "points", _path(values[: past + 1], first, plot)))
        whole = _path(values[past:], first + past, plot)
    drawn.append(("polyline", "main", "points", whole))
    return format_html_join("", '<{} class="{}" {}="{}"/>', drawn)


def _breaks(series: Series, plot: Plot) -> SafeString:
    """A line down the chart where the rules changed, so that nobody takes it for the teams' work."""
    shown = ((day, series.place_of(day)) for day in series.breaks)
    return format_html_join(
        "",
        '<line class="break" x1="{0}%" x2="{0}%" y1="{1}" y2="{2}"><title>{3}</title></line>',
        (
            (plot.x(place), TOP - 6, plot.height - BOTTOM, _("Rules changed, %(day)s") % {"day": _short(day)})
            for day, place in shown
            if 0 < place <= plot.last
        ),
    )


def _ref_text(ref: Series | None, plot: Plot, end: float) -> SafeString:
    """The reference's name near its end, out of the way of the main line's."""
    if ref is None or not ref.known:
        return format_html_join("", "", ())
    here = plot.y(ref.known[-1])
    y = here + 14 if here >= end else here - 8
    if abs(y - end) < 14:
        y = end + (22 if y > end else -16)
    y = min(max(y, TOP), plot.height - BOTTOM - 4)
    return format_html(
        '<text class="ref-label" x="{}%" y="{}" text-anchor="end">{} {}</text>',
        PLOT - 1.5,
        round(y, 1),
        _("All teams"),
        ref.known[-1],
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
    marks = ((share, anchor, _short((begin + share * span).date())) for share, anchor in shares)
    return format_html_join(
        "",
        '<text class="tick" x="{}%" y="{}" text-anchor="{}">{}</text>',
        ((f"{share * PLOT:.1f}", height - 5, anchor, day) for share, anchor, day in marks),
    )
