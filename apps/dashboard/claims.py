"""What the system is, claim by claim: what the scan found, where, and what people say instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from apps.analysis.learning.stages import STAGES
from apps.dashboard.places import Place, places_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apps.adoption.models import ProfileCorrection, Scorecard
    from apps.teams.models import Project

# Per claim of a profile, in the order of the card: its title, and what it means.
CLAIMS = {
    "trains": (_("Trains"), _("It fits or fine-tunes a model.")),
    "serves": (_("Serves"), _("It has an online endpoint of its own, or one that a platform keeps for it.")),
    "batch": (_("Runs batch jobs"), _("An orchestrator, a scheduler or a person starts jobs.")),
    "language_model": (_("Uses a language model"), _("It calls or hosts a large language model.")),
    "model": (_("Uses a model"), _("It loads, trains or calls some model at all.")),
    "loads_model": (_("Loads weights"), _("Weights come into the memory of a process of its own.")),
    "own_model": (_("Has a model of its own"), _("A model trained here or elsewhere; not one of a hub or an API.")),
    "schema": (_("Keeps a schema"), _("It defines tables or collections itself.")),
}


@dataclass(frozen=True, slots=True)
class ClaimView:
    """One line of the card. `said_by` is empty where the scan speaks for itself; `waits` until the next scan."""

    claim: str
    title: str
    meaning: str
    holds: bool
    found: bool
    places: list[Place]
    said_by: str
    correction: ProfileCorrection | None
    waits: bool

    @property
    def anchor(self) -> str:
        return f"claim-{self.claim.replace('_', '-')}"

    @property
    def version(self) -> int:
        """What tells whether somebody corrected it meanwhile."""
        return self.correction.pk if self.correction else 0

    @property
    def answer(self) -> str:
        return "yes" if self.holds else "no"


def claims_of(
    project: Project, card: Scorecard | None, corrections: Mapping[str, ProfileCorrection]
) -> list[ClaimView]:
    """The claims that the last scan made; none before the first."""
    known = card.profile if card else {}
    return [
        _view(project, card, claim, corrections.get(claim)) for claim in CLAIMS if card is not None and claim in known
    ]


def _view(project: Project, card: Scorecard, claim: str, correction: ProfileCorrection | None) -> ClaimView:
    shown = card.profile[claim]
    said_by = "member" if correction else shown.get("corrected_by", "")
    title, meaning = CLAIMS[claim]
    return ClaimView(
        claim=claim,
        title=str(title),
        meaning=str(meaning),
        holds=correction.holds if correction else shown["holds"],
        found=shown.get("found", shown["holds"]),
        places=places_of(project, shown["evidence"], card.commit),
        said_by=said_by,
        correction=correction,
        waits=correction is not None and correction.at > card.scanned_at,
    )


def stages_of(card: Scorecard | None) -> list[str]:
    """The stages that the last scan found, in the order of the work, which stored JSON does not keep."""
    stages = card.profile.get("stages", {}) if card else {}
    return [stage for stage in STAGES if stages.get(stage, {}).get("holds")]
