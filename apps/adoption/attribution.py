"""Why an item's state changed: the words and numbers that a transition keeps of its cause."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from apps.adoption.models import Cause
from apps.analysis.past import deciding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.auth.models import User

    from apps.adoption.models import Scorecard, Standing
    from apps.analysis.engine import Report
    from apps.analysis.findings import Finding
    from apps.analysis.snapshot import Edit


@dataclass(frozen=True, slots=True)
class Attribution:
    """The cause of changes. Commits and rules are named where a scan saw the change."""

    cause: Cause
    by: User | None = None
    note: str = ""
    before_commit: str = ""
    commit: str = ""
    rules_before: str = ""
    rules_after: str = ""
    paths: list[str] = field(default_factory=list)

    def as_fields(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def of_scan(previous: Scorecard | None, report: Report) -> Attribution:
    """Why this report may differ from the previous one: another engine or standard, else people, else the code."""
    if previous is None:
        return Attribution(Cause.CODE, commit=report.commit, rules_after=report.rules)
    seen = Attribution(
        Cause.CODE,
        before_commit=previous.commit,
        commit=report.commit,
        rules_before=previous.rules,
        rules_after=report.rules,
    )
    if seen.rules_before != seen.rules_after:
        return replace(seen, cause=Cause.RULES)
    corrected = previous.commit == report.commit and _corrections(previous.profile) != _corrections(report.profile)
    return replace(seen, cause=Cause.PROFILE) if corrected else seen


def of_item(seen: Attribution, standing: Standing, found: Finding, changed: Mapping[str, Edit] | None) -> Attribution:
    """The cause for one item, before `standing` takes over what was `found`.

    A check that crashed, now or the last time, says nothing of the code. `changed` is what the code's
    change did to files, None where nobody knows.
    """
    error = found.error or standing.error
    if error:
        return replace(seen, cause=Cause.ERROR, note=error)
    if seen.cause != Cause.CODE or changed is None or found.state == standing.automatic:
        return seen
    before = [place["path"] for place in standing.evidence]
    return replace(seen, paths=deciding(changed, before, [place.path for place in found.evidence]))


def _corrections(profile: Mapping[str, Any]) -> dict[str, bool]:
    return {claim: one["holds"] for claim, one in profile.items() if isinstance(one, dict) and one.get("corrected_by")}
