"""Adding many projects from a list: read, judged row by row, and added only then."""

from __future__ import annotations

import csv
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.dashboard.forms.imports import ImportRowForm
from apps.dashboard.keeping import add_and_scan
from apps.repositories.host_names import as_ascii
from apps.repositories.policy import host_of, resolve
from apps.teams.access import Action, still_may, teams_where
from apps.teams.models import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.contrib.auth.models import User

    from apps.teams.models import Team

MOST_ROWS = 500
LOOK_UPS = 16  # of names of hosts, at once
SECONDS_FOR_NAMES = 10  # for all of them
COLUMNS = ("url", "name", "branch", "subfolder", "tags", "team")
# The export of the board calls two of them otherwise, and people write what they think of first.
ALIASES = {"repository": "url", "address": "url", "project": "name", "sub-folder": "subfolder", "folder": "subfolder"}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list: what was typed, and either what is to be added or why it cannot be."""

    number: int
    typed: dict[str, str]
    fields: dict[str, Any]
    errors: list[str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """`left_out` lines stand beyond the longest list."""

    rows: list[Row]
    left_out: int

    @property
    def good(self) -> list[Row]:
        return [row for row in self.rows if not row.errors]

    @property
    def bad(self) -> int:
        return len(self.rows) - len(self.good)


def typed_rows(text: str) -> list[tuple[int, dict[str, str]]]:
    """Line number and cells by column. A first line that names a column is the heading, else columns come as usual."""
    reader = csv.reader(StringIO(text), skipinitialspace=True)
    lines: list[tuple[int, list[str]]] = []
    try:
        lines.extend((reader.line_num, [cell.strip() for cell in cells]) for cells in reader if any(cells))
    except csv.Error:
        lines.append((reader.line_num, []))
    columns: list[str] = list(COLUMNS)
    if lines:
        heading = [ALIASES.get(cell.lower(), cell.lower()) for cell in lines[0][1]]
        if "url" in heading:
            columns, lines = heading, lines[1:]
    blank = dict.fromkeys(COLUMNS, "")
    return [(number, blank | dict(zip(columns, cells, strict=False))) for number, cells in lines]


def read_sheet(text: str, *, team: Team, user: User, resolver: Callable[[str], list[str]] = resolve) -> Sheet:
    """Every row judged as the form for one project would judge it. Two queries, and one look-up of each host."""
    teams = {name: one for one in teams_where(user, Action.ADD_PROJECT) for name in (one.slug, one.name.lower())}
    trees = Project.objects.values_list("team__slug", "url", "branch", "subfolder", "name")
    known = {(slug, url, branch, subfolder): name for slug, url, branch, subfolder, name in trees}
    asked, rows = typed_rows(text), []
    hosts = dict.fromkeys(as_ascii(host_of(typed["url"])) for _, typed in asked[:MOST_ROWS])
    look_up = _looked_up(hosts, resolver)
    for number, typed in asked[:MOST_ROWS]:
        named = typed["team"]
        owner = teams.get(named.lower()) if named else team
        if owner is None:
            rows.append(Row(number, typed, {}, [_("You add no projects to a team called %(team)s.") % {"team": named}]))
            continue
        row = _judged(number, typed, ImportRowForm(typed, user=user, team=owner, known=known, resolver=look_up))
        if not row.errors:
            tree = row.fields
            known[owner.slug, tree["url"], tree["branch"], tree["subfolder"]] = _("%(name)s in line %(number)s") % {
                "name": tree["name"],
                "number": number,
            }
        rows.append(row)
    return Sheet(rows, max(0, len(asked) - MOST_ROWS))


def _looked_up(hosts: Iterable[str], resolver: Callable[[str], list[str]]) -> Callable[[str], list[str]]:
    """What `resolver` says of each host, and that it has no address if it does not say so in time: whoever sends
    hundreds of names that nobody answers for must not hold a page for minutes."""
    pool = ThreadPoolExecutor(LOOK_UPS, thread_name_prefix="names")
    asked = {host: pool.submit(resolver, host) for host in hosts if host}
    wait(asked.values(), timeout=SECONDS_FOR_NAMES)
    pool.shutdown(wait=False, cancel_futures=True)

    def found(host: str) -> list[str]:
        if host not in asked:
            return resolver(host)
        if asked[host].cancelled() or not asked[host].done():
            raise TimeoutError
        return asked[host].result()

    return found


def _judged(number: int, typed: dict[str, str], form: ImportRowForm) -> Row:
    if form.is_valid():
        return Row(number, typed, form.cleaned_data, [])
    return Row(number, typed, {}, [str(error) for errors in form.errors.values() for error in errors])


@dataclass(slots=True)
class Outcome:
    """How many rows came, how many are no longer for the sender to add, and how many somebody else added meanwhile."""

    added: int = 0
    refused: int = 0
    there: int = 0


def add_all(sheet: Sheet, *, by: User) -> Outcome:
    """Adds the good rows, each on its own."""
    outcome = Outcome()
    for row in sheet.good:
        try:
            with transaction.atomic():
                if not still_may(by, Action.ADD_PROJECT, row.fields["team"]):
                    outcome.refused += 1
                    continue
                add_and_scan(by=by, **row.fields)
            outcome.added += 1
        except IntegrityError:
            outcome.there += 1
    return outcome
