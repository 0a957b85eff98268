"""Which of the three records of an item holds: waiver, attestation or automatic result. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.catalog import State

if TYPE_CHECKING:
    from datetime import datetime

    from apps.adoption.models import Attestation, Waiver


@dataclass(frozen=True, slots=True)
class Effective:
    """The state that counts. `contested`: a person's tick contradicts what the scan found."""

    state: State
    waived: bool
    contested: bool
    verified: bool


def effective(automatic: State, attestation: Attestation | None, waiver: Waiver | None, *, at: datetime) -> Effective:
    """An active waiver excludes the item; else a fresh attestation speaks; else the automatic result."""
    ticked = State(attestation.state) if attestation and attestation.expires_at > at else None
    state = ticked or automatic
    return Effective(
        state=state,
        waived=waiver is not None and waiver.until >= at.date(),
        contested=ticked is not None and automatic not in {State.UNKNOWN, ticked},
        verified=automatic is state and state is not State.UNKNOWN,
    )
