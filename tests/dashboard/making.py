"""People, teams and scanned projects for tests of pages and files."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from apps.adoption.services import attest, begin, record_scan
from apps.analysis.claims import CLAIMS
from apps.analysis.engine import Report
from apps.analysis.findings import Evidence, Finding
from apps.catalog import ITEMS, State
from apps.scans.models import PRIORITY, Phase, ScanCause, ScanRequest
from apps.teams.models import Membership, Project, Role, Team

if TYPE_CHECKING:
    from django.test import Client

COMMIT = "3c4c463aa0f1c2d3e4f5a6b7c8d9e0f1a2b3c4d5"
NUMBERS = count(1)


def person(name: str, team: Team | None = None, role: str = Role.MEMBER) -> User:
    user = User.objects.create_user(name.lower(), password="a long pass phrase", first_name=name)
    if team:
        Membership.objects.create(team=team, user=user, role=role)
    return user


def team(name: str) -> Team:
    return Team.objects.create(name=name, slug=name.lower().replace(" ", "-"))


def project(owner: Team, name: str = "", **fields: object) -> Project:
    name = name or f"project-{next(NUMBERS)}"
    fields = {"url": f"https://github.com/example/{name}", **fields}
    made = Project.objects.create(team=owner, name=name, slug=name, **fields)
    begin(made)
    return made


def found(state: State, summary: str = "", path: str = "", line: int | None = None, **fields: object) -> Finding:
    evidence = [Evidence(path, line, str(fields.pop("excerpt", "")))] if path else []
    return Finding(state, summary, evidence, **fields)


def scanned(
    of: Project,
    findings: dict[str, Finding] | None = None,
    *,
    rest: State = State.MET,
    days_ago: float = 0,
    unread: list[dict[str, str]] | None = None,
    profile: dict[str, object] | None = None,
    settings: dict[str, object] | None = None,
) -> Project:
    """Records a scan of `of` with `findings`; every other item is `rest`."""
    report = Report(
        commit=COMMIT,
        findings={item: Finding(rest, "As it should be.") for item in ITEMS} | (findings or {}),
        profile=profile or {},
        unread=unread or [],
        engine_version="e1",
        settings=settings or {},
    )
    record_scan(project=of, report=report, at=timezone.now() - timedelta(days=days_ago))
    return Project.objects.for_board().get(pk=of.pk)


def claims(**evidence: str) -> dict[str, object]:
    """A profile whose claims hold where a path is given as their evidence."""
    return {
        name: {"holds": name in evidence, "evidence": [{"path": evidence[name], "line": 3}] if name in evidence else []}
        for name in CLAIMS
    }


def proposing(item: str, reason: str, until: date) -> dict[str, object]:
    """Settings of a repository that ask for one exception."""
    proposal = {"item": item, "reason": reason, "until": until.isoformat()}
    return {"path": ".twelvefold.toml", "root": "", "exclude": [], "profile": {}, "proposals": [proposal]}


def scan_request(of: Project, phase: str, **fields: object) -> ScanRequest:
    if phase == Phase.RUNNING:
        fields = {"lease_until": timezone.now() + timedelta(seconds=30), "started_at": timezone.now(), **fields}
    by_person = {"cause": ScanCause.PERSON, "priority": PRIORITY[ScanCause.PERSON]}
    return ScanRequest.objects.create(project=of, team=of.team, phase=phase, **by_person | fields)


def version(of: Project, item: str) -> int:
    return of.standings.get(item=item).version


def plant_session(client: Client) -> str:
    """Gives the browser a session that somebody else knows too; returns its key."""
    session = SessionStore()
    session["planted"] = True
    session.save()
    client.cookies["sessionid"] = session.session_key
    return str(session.session_key)


def tick(of: Project, item: str, state: State, note: str, by: User) -> None:
    attest(project=of, item=item, state=state, note=note, by=by, version=version(of, item))
