"""From the settings that decide to a finding: whether a run can set parameters without an edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from apps.analysis.code.origins import Source
from apps.analysis.findings import Effort, finding
from apps.analysis.parameters import names as words
from apps.analysis.parameters.settable import bare
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Finding
    from apps.analysis.parameters.settable import Setting


class Summary(msgspec.Struct, frozen=True):
    """The settings that decide, by how a run reaches them; each list in the order of the code."""

    settable: list[Setting]
    files: list[Setting]
    literals: list[Setting]

    @property
    def mostly_settable(self) -> bool:
        """Whether what is left in the code is a small rest: a quarter of the names at most, or half of them where each
        kind of parameter has some that can be set."""
        fixed = [*self.files, *self.literals]
        if any(one.how in {"launch", "apart"} for one in fixed):
            return False  # what starts this training gives it these, whatever flags it or another one takes
        if all(one.how == "network" for one in self.settable):
            return False  # what a network is given beside parameters of known names sets little of it
        names, rest = {bare(one.name) for one in self.settable}, {bare(one.name) for one in fixed}
        covered = {one.group for one in fixed} <= {one.group for one in self.settable}
        return bool(names) and len(rest - names) <= len(names) / (2 if covered else 4) and (covered or not rest & names)


def summary_of(settings: list[Setting]) -> Summary:
    """Splits and seeds count only where there is nothing else, or nothing else that can be set; a seed alone sets nothing
    that matters."""
    core = [one for one in settings if one.group not in words.MINOR]
    if core and all(one.source is Source.LITERAL for one in core):
        core += [one for one in settings if one.group == "split" and one.settable]
    chosen = core or [one for one in settings if one.group != "seed"] or settings
    if any(one.settable and one.how != "network" for one in chosen):
        chosen = [one for one in chosen if one.how != "layer"]  # its structure, behind what a run chooses of it
    literals = [one for one in chosen if one.source is Source.LITERAL]
    return Summary(
        [one for one in chosen if one.settable], [one for one in chosen if one.source is Source.CONFIG_FILE], literals
    )


def judge(settings: list[Setting], what: str) -> Finding:
    """The finding of the items that ask for settings without an edit; `what` names them in the plural."""
    found = summary_of(settings)
    shown = [one.place for one in [*_mixed(found.literals, found.settable), *found.files]]
    remedy = "Read them from flags, environment variables or a configuration framework with overrides."
    if found.settable and (found.mostly_settable or not (found.files or found.literals)):
        places = [one.place for one in [*found.settable, *found.literals]]
        return finding(State.MET, f"The {what} can be set for a run: {_names(found.settable)}.", places)
    if found.settable or found.files:
        told = [f"{_names(found.settable)} can be set"] if found.settable else []
        searched = [one for one in found.files if one.how == "search"]
        written = [one for one in found.files if one.how != "search"]
        told += [f"{_names(written)} in a tracked file without override"] if written else []
        told += [f"{_names(searched)} searched within bounds that the code fixes"] if searched else []
        told += [f"{_names(found.literals)} literal in the code"] if found.literals else []
        return finding(
            State.PARTIAL,
            f"Some {what} need an edit: {'; '.join(told)}.",
            shown,
            remedy=remedy,
            effort=Effort.HOURS,
        )
    return finding(
        State.UNMET,
        f"The {what} are literals: {_names(found.literals)}.",
        shown,
        remedy=remedy,
        effort=Effort.HOURS,
    )


def _names(settings: list[Setting]) -> str:
    unique: dict[str, Setting] = {}
    for one in settings:
        unique.setdefault(bare(one.name), one)
    kept = list(unique.values())[:3]
    return ", ".join(f"`{one.name.strip('-')}` (`{one.place.path}:{one.place.line}`)" for one in kept)


def _mixed(first: list[Setting], second: list[Setting]) -> list[Setting]:
    """Both lists taken in turns, so that evidence shows both."""
    longest = max(len(first), len(second))
    return [one for n in range(longest) for one in (*first[n : n + 1], *second[n : n + 1])]
