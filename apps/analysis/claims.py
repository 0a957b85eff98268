"""The profile of a system: claims about what it is, each with the places that show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence

CLAIMS = ("trains", "serves", "batch", "language_model", "model", "loads_model", "own_model", "schema")


class Claim(msgspec.Struct, frozen=True):
    """A truth about the system with the places that show it, the most telling first."""

    holds: bool
    evidence: tuple[Evidence, ...] = ()
    corrected_by: str = ""  # whose word it is, where people know better than the files


class Profile(msgspec.Struct, frozen=True):
    trains: Claim
    serves: Claim  # an online endpoint of its own, or one that a platform keeps for it
    batch: Claim  # jobs that an orchestrator, a scheduler or a person starts
    language_model: Claim  # it calls or hosts a large language model
    model: Claim  # it loads, trains or calls some model at all
    loads_model: Claim  # weights come into memory of a process of its own
    own_model: Claim  # a model of its own, trained here or elsewhere; not one of a hub or an API
    schema: Claim  # tables or collections that the system itself defines
    stages: dict[str, Claim]  # preprocessing, training, evaluation, inference, deployment
    notebooks_only: bool
    found: dict[str, Claim] = {}  # what the files say of claims that people corrected

    def as_json(self, prefix: str = "") -> dict[str, object]:
        """Each claim with its evidence, paths below `prefix`; a corrected one with what was `found`, by whose word."""
        shown: dict[str, object] = {name: _shown(getattr(self, name), self.found.get(name), prefix) for name in CLAIMS}
        return shown | {
            "stages": {name: _shown(claim, None, prefix) for name, claim in self.stages.items()},
            "notebooks_only": self.notebooks_only,
        }


def _shown(claim: Claim, found: Claim | None, prefix: str) -> dict[str, object]:
    places = (found or claim).evidence
    shown = {
        "holds": claim.holds,
        "evidence": [{"path": prefix + place.path, "line": place.line} for place in places],
    }
    return shown | ({"found": found.holds, "corrected_by": claim.corrected_by} if found else {})
