"""Changes of items as pages tell them: from what to what, because of what, and which files decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.adoption.models import Cause
from apps.catalog import ITEMS, State
from apps.dashboard.forges import comparison_address, line_address

if TYPE_CHECKING:
    from apps.adoption.models import Transition
    from apps.teams.models import Project

CREDIT = {State.MET: 2, State.PARTIAL: 1, State.UNMET: 0}
LABELS = {
    Cause.CODE: _("The code changed"),
    Cause.RULES: _("The rules changed"),
    Cause.EXPIRY: _("A tick or waiver ended"),
    Cause.PROFILE: _("The profile was corrected"),
    Cause.ERROR: _("A check crashed or recovered"),
    Cause.ATTESTATION: _("People decided"),
    Cause.WAIVER: _("People decided"),
}
MOST_PATHS = 3


@dataclass(frozen=True, slots=True)
class Change:
    """One item going from one state to another. `paths` are the files that decided, with their pages."""

    item: str
    title: str
    before: str
    after: str
    paths: list[tuple[str, str]]

    @property
    def anchor(self) -> str:
        return anchor_of(self.item)

    @property
    def gain(self) -> int:
        return gain_of(self.before, self.after)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why items changed. `address` shows on the forge what lies between the two commits, if both are known."""

    cause: str
    label: str
    before_commit: str
    commit: str
    address: str
    by_rules: bool


def gain_of(before: str, after: str) -> int:
    """Positive when the item improved, negative when it slipped, 0 when neither can be said."""
    if before not in CREDIT or after not in CREDIT:
        return 0
    return CREDIT[State(after)] - CREDIT[State(before)]


def anchor_of(item: str) -> str:
    """The id of the item's element on the project's page."""
    return f"item-{item.replace('.', '-')}"


def title_of(item: str) -> str:
    """The item's title; its id for one that the standard no longer has."""
    return ITEMS[item].title if item in ITEMS else item


def change_of(project: Project, row: Transition) -> Change:
    paths = [(path, line_address(project.url, commit=row.commit, path=path, line=None)) for path in row.paths]
    return Change(row.item, title_of(row.item), row.before, row.after, paths[:MOST_PATHS])


def reason_of(project: Project, row: Transition) -> Reason:
    address = comparison_address(project.url, before=row.before_commit, after=row.commit)
    by_rules = row.rules_before != row.rules_after
    return Reason(row.cause, label_of(row), row.before_commit, row.commit, address, by_rules)


def label_of(row: Transition) -> str:
    """What brought the change about. The first scan finds what nobody knew; nothing changed."""
    if row.cause == Cause.CODE and row.before == State.UNKNOWN and not row.before_commit:
        return gettext("The first scan")
    return str(LABELS[Cause(row.cause)])
