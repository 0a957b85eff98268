"""What people say the system is, laid over what its files say."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from apps.analysis.claims import CLAIMS, Claim

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apps.analysis.claims import Profile


class Voice(StrEnum):
    """Who corrected a claim: a member of the team, or the settings in the repository."""

    MEMBER = "member"
    SETTINGS = "settings"


# What else is true of a system of which the claim is.
FOLLOWS = {
    "trains": ("own_model", "model"),
    "own_model": ("model",),
    "loads_model": ("model",),
    "language_model": ("model",),
}


def corrected(profile: Profile, *, members: Mapping[str, bool], settings: Mapping[str, bool]) -> Profile:
    """`profile` as people say it is; a member's word counts more than the settings'. Unknown claims are left out."""
    said = {claim: (holds, Voice.SETTINGS) for claim, holds in settings.items() if claim in CLAIMS}
    said |= {claim: (holds, Voice.MEMBER) for claim, holds in members.items() if claim in CLAIMS}
    for claim, (holds, voice) in list(said.items()):
        for other in FOLLOWS.get(claim, ()) if holds else ():
            if not getattr(profile, other).holds:
                said.setdefault(other, (True, voice))
    claims: dict[str, Any] = {
        claim: _said(getattr(profile, claim), holds=holds, voice=voice) for claim, (holds, voice) in said.items()
    }
    return replace(profile, **claims, found={claim: getattr(profile, claim) for claim in claims})


def _said(found: Claim, *, holds: bool, voice: Voice) -> Claim:
    """Evidence of what does not hold any more is no evidence."""
    return Claim(holds, found.evidence if holds == found.holds else (), voice.value)
