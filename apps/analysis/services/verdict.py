"""From uses of backing services to a finding: what all five items of the factor judge alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, Finding, finding
from apps.analysis.services.clients import Kind
from apps.analysis.services.use import MET, PARTIAL, UNMET, Located, Use
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence

_HOW = {
    Located.ATTACHED: "comes from its environment",
    Located.FALLBACK: "comes from the environment, with a fallback in the code that names one particular place",
    Located.MIXED: "comes from the environment where some call for it, and is written into the code where others do",
    Located.CONFIG: "stands in a tracked file",
    Located.LOCAL_SET: "is a local path that is given from outside",
    Located.HARDCODED: "is written into the code",
    Located.LOCAL: "is a local path in the code",
    Located.UNTOLD: "comes from where the code does not tell",
}
_WORST_FIRST = list(reversed(Located))


def judged(uses: list[Use], *, absence: str, remedy: str) -> Finding:
    """`absence` says what was looked for when there are no uses."""
    if not uses:
        return finding(State.NA, absence)
    good = [use for use in uses if use.located in MET]
    half = [use for use in uses if use.located in PARTIAL]
    bad = [use for use in uses if use.located in UNMET]
    untold = [use for use in uses if use.located is Located.UNTOLD and use.kind is not Kind.STORAGE]
    if bad and not good and not half and not untold:
        state = State.UNMET
    elif bad or half or not good:
        state = State.PARTIAL
    else:
        state = State.MET
    shown = sorted(good if state is State.MET else uses, key=lambda use: _WORST_FIRST.index(use.located))
    shown = [use for use in shown if use.located is not Located.UNTOLD] or shown
    if state is State.MET:
        return finding(state, _sentence(shown[:1]), _evidence(shown))
    return finding(state, _sentence(shown), _evidence(shown), remedy=remedy, effort=Effort.HOURS)


def _sentence(uses: list[Use]) -> str:
    """The worst, and the best where the two differ."""
    first, last = uses[0], uses[-1]
    if first.located is Located.ATTACHED and first.service.startswith(
        ("the image ", "the chart ", "the values ", "resource ")
    ):
        return f"The deployment itself brings {first.service} (`{first.places[0].path}:{first.places[0].line}`)."
    text = f"{_named(first)} {_HOW[first.located]} (`{first.places[0].path}:{first.places[0].line}`)"
    if last.located is not first.located:
        text += f"; {_named(last, start=False)} {_HOW[last.located]}"
    return f"{text}."


def _named(use: Use, *, start: bool = True) -> str:
    text = "the place of data or models" if use.service == "a local path" else f"the location of {use.service}"
    return text[0].upper() + text[1:] if start else text


def _evidence(uses: list[Use]) -> list[Evidence]:
    """The deciding place of each use first."""
    return [*(use.places[0] for use in uses), *(place for use in uses for place in use.places[1:])]
