"""Exceptions that a repository asks for in its settings, until a person accepts them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.utils import timezone

if TYPE_CHECKING:
    from apps.adoption.models import Scorecard, Waiver


@dataclass(frozen=True, slots=True)
class Proposal:
    """`path` is the settings file that says so."""

    item: str
    reason: str
    until: date
    path: str

    @property
    def mark(self) -> str:
        """Changes with what is proposed, so that nobody accepts what was not seen."""
        return hashlib.sha256(f"{self.item}\0{self.until}\0{self.reason}".encode()).hexdigest()[:16]

    @property
    def is_over(self) -> bool:
        return self.until < timezone.localdate()


def proposals_of(card: Scorecard | None) -> dict[str, Proposal]:
    """What the last scan found proposed, by item."""
    settings = card.settings if card else {}
    found = (
        Proposal(one["item"], one["reason"], date.fromisoformat(one["until"]), settings["path"])
        for one in settings.get("proposals", ())
    )
    return {one.item: one for one in found}


def unanswered(proposal: Proposal | None, waiver: Waiver | None) -> Proposal | None:
    """The proposal, unless the waiver in force says the same."""
    if proposal and waiver and (waiver.reason, waiver.until) == (proposal.reason, proposal.until):
        return None
    return proposal
