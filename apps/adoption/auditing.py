"""What a person's change of one item was, for the audit trail: read from the records that it ended and opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.adoption.models import Attestation, Cause, Waiver
from apps.teams.audit import Deed, record

if TYPE_CHECKING:
    from datetime import datetime

    from apps.adoption.attribution import Attribution
    from apps.adoption.models import Standing


def record_word(*, standing: Standing, why: Attribution, at: datetime) -> None:
    """Notes the tick or waiver that ended at `at` and the one that is open now; nothing where there is neither."""
    model, opened, ended = (
        (Waiver, Deed.WAIVER_GRANTED, Deed.WAIVER_REVOKED)
        if why.cause == Cause.WAIVER
        else (Attestation, Deed.ITEM_TICKED, Deed.ITEM_CLEARED)
    )
    said = model.objects.filter(project=standing.project, item=standing.item)
    before, after = _words(said.filter(ended_at=at).first()), _words(said.filter(ended_at=None).first())
    if before or after:
        deed = opened if after else ended
        record(deed, by=why.by, project=standing.project, subject=standing.item, before=before, after=after)


def _words(said: Attestation | Waiver | None) -> dict[str, str] | None:
    if said is None:
        return None
    if isinstance(said, Waiver):
        return {"reason": said.reason, "until": said.until.isoformat()}
    until = said.expires_at.isoformat()
    return {"state": said.state, "note": said.note, "evidence_url": said.evidence_url, "until": until}
