"""All that ever happened to a project's items, moment by moment, the newest first, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.adoption.models import Attestation, Cause, Origin, ProfileCorrection, Transition, Waiver
from apps.dashboard.changes import Change, Reason, change_of, reason_of, title_of
from apps.dashboard.claims import CLAIMS
from apps.dashboard.words import state_word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from django.contrib.auth.models import User
    from django.db.models import QuerySet

    from apps.teams.models import Project

MOMENTS = 40  # on one page


@dataclass(frozen=True, slots=True)
class Word:
    """What a person did, and what it changed; nobody where something ran out."""

    icon: str
    by: User | None
    text: str
    note: str = ""
    changes: list[Change] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Happening:
    """The changes of one moment with one reason."""

    reason: Reason
    reconstructed: bool
    note: str
    changes: list[Change]


@dataclass(slots=True)
class Moment:
    at: datetime
    words: list[Word] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Timeline:
    """`older` is where the next page begins, None on the last one."""

    moments: list[Moment]
    older: datetime | None


def timeline_of(project: Project, *, before: datetime | None = None) -> Timeline:
    """A page of moments that lie before `before`. Five queries."""
    times = _times(project, before)
    shown = {at: Moment(at) for at in times[:MOMENTS]}
    if shown:
        _add_words(project, shown)
        _add_happenings(project, shown)
    return Timeline(list(shown.values()), times[MOMENTS - 1] if len(times) > MOMENTS else None)


def _times(project: Project, before: datetime | None) -> list[datetime]:
    """One more than a page holds, so that one knows whether there is another."""
    sources: list[QuerySet[Any]] = [
        model.objects.filter(project=project).annotate(moment=F(name)).exclude(moment=None).values_list("moment")
        for model, name in (
            (Transition, "at"), (Attestation, "at"), (Attestation, "ended_at"), (Waiver, "at"), (Waiver, "ended_at"),
            (ProfileCorrection, "at"), (ProfileCorrection, "ended_at"),
        )
    ]  # fmt: skip
    if before:
        sources = [source.filter(moment__lt=before) for source in sources]
    rows = sources[0].union(*sources[1:]).order_by("-moment")[: MOMENTS + 1]
    return [row[0] for row in rows]


def _add_words(project: Project, shown: dict[datetime, Moment]) -> None:
    for model, began, ended in SAID:
        touched = Q(at__in=shown) | Q(ended_at__in=shown)
        rows = model.objects.filter(touched, project=project).select_related("by", "ended_by").order_by("pk")
        begun = {row.at for row in rows}
        for row in rows:
            if row.at in shown:
                shown[row.at].words.append(began(row))
            # What ends in the moment in which its successor begins was changed, not ended.
            if row.ended_at in shown and row.ended_at not in begun:
                shown[row.ended_at].words.append(ended(row))


def _add_happenings(project: Project, shown: dict[datetime, Moment]) -> None:
    rows = Transition.objects.filter(project=project, at__in=shown).order_by("-at", "cause", "commit", "pk")
    for (at, *_rest), members in groupby(rows, key=lambda row: (row.at, row.cause, row.commit)):
        happening, words = _happening(project, members), shown[at].words
        if words and happening.reason.cause in {Cause.ATTESTATION, Cause.WAIVER}:
            words[-1].changes.extend(happening.changes)
        else:
            shown[at].happenings.append(happening)


def _happening(project: Project, members: Iterable[Transition]) -> Happening:
    rows = list(members)
    said = rows[0].cause in {Cause.ATTESTATION, Cause.WAIVER}
    return Happening(
        reason=reason_of(project, rows[0]),
        reconstructed=rows[0].origin == Origin.RECONSTRUCTED,
        note="" if said else rows[0].note,
        changes=[change_of(project, row) for row in rows],
    )


def _ticked(row: Attestation) -> Word:
    return Word(
        "hand",
        row.by,
        _("ticked “%(item)s”: %(state)s") % {"item": title_of(row.item), "state": state_word(row.state).lower()},
        row.note,
    )


def _unticked(row: Attestation) -> Word:
    told = _("cleared the tick of “%(item)s”") if row.ended_by else _("the tick of “%(item)s” ran out")
    return Word("hand", row.ended_by, told % {"item": title_of(row.item)})


def _waived(row: Waiver) -> Word:
    return Word(
        "waiver",
        row.by,
        _("waived “%(item)s” until %(day)s") % {"item": title_of(row.item), "day": date_format(row.until, "j M Y")},
        row.reason,
    )


def _unwaived(row: Waiver) -> Word:
    told = _("revoked the waiver of “%(item)s”") if row.ended_by else _("the waiver of “%(item)s” ran out")
    return Word("waiver", row.ended_by, told % {"item": title_of(row.item)})


def _corrected(row: ProfileCorrection) -> Word:
    told = _("said of the system, “%(claim)s”: yes") if row.holds else _("said of the system, “%(claim)s”: no")
    return Word("person", row.by, told % {"claim": CLAIMS[row.claim][0]})


def _uncorrected(row: ProfileCorrection) -> Word:
    return Word("person", row.ended_by, _("took back what was said of “%(claim)s”") % {"claim": CLAIMS[row.claim][0]})


# What people say, and how it is told that it began and ended.
SAID: tuple[tuple[Any, Callable[[Any], Word], Callable[[Any], Word]], ...] = (
    (Attestation, _ticked, _unticked),
    (Waiver, _waived, _unwaived),
    (ProfileCorrection, _corrected, _uncorrected),
)
