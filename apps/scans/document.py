"""One scan as a JSON document: the shape that the command line prints and other programs read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import asdict

from apps.scoring import ItemStanding, score_project

if TYPE_CHECKING:
    from apps.analysis.engine import Report
    from apps.analysis.findings import Finding
    from apps.scoring import ProjectScore


def score_of(report: Report) -> ProjectScore:
    """What the findings are worth on their own, before anybody ticked anything."""
    return score_project(ItemStanding(item, found.state) for item, found in report.findings.items())


def as_document(report: Report) -> dict[str, Any]:
    """Scores are 0 to 100 or null, coverage is 0 to 1; lines count from 1, 0 names the whole file."""
    score = score_of(report)
    return {
        "commit": report.commit,
        "score": score.score,
        "grade": score.grade,
        "coverage": score.coverage,
        "provisional": score.provisional,
        "weakest": score.weakest,
        "factors": {
            factor.slug: {
                "state": factor.state,
                "score": factor.score,
                "coverage": factor.coverage,
                "met": factor.met,
                "counted": factor.counted,
            }
            for factor in score.factors
        },
        "items": {item: _item(found) for item, found in report.findings.items()},
        "profile": report.profile,
        "settings": report.settings,
        "unread": report.unread,
        "versions": {"catalogue": report.catalogue_version, "engine": report.engine_version},
    }


def _item(found: Finding) -> dict[str, Any]:
    item = {
        "state": found.state,
        "summary": found.summary,
        "evidence": [asdict(place) for place in found.evidence],
        "remedy": found.remedy,
        "effort": found.effort,
    }
    return item | {"error": found.error} if found.error else item
