"""Scans and people: what holds in the end, and that nothing is overwritten or counted twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from apps.adoption import services
from apps.adoption.models import Attestation, Cause, Origin, Scorecard, ScoreSnapshot, Standing, Transition, Waiver
from apps.analysis.engine import Report
from apps.analysis.findings import Evidence, Finding
from apps.catalog import CATALOGUE_VERSION, ITEMS, State
from apps.teams.models import Project, Team
from apps.teams.services import add_project

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
ITEM = "config.secrets"


@pytest.fixture
def alice() -> User:
    return User.objects.create_user("alice")


@pytest.fixture
def project(alice: User) -> Project:
    team = Team.objects.create(name="Fraud", slug="fraud")
    made = add_project(team=team, name="Card scorer", url="https://git.example.org/card", by=alice)
    services.begin(made)
    return made


def report(commit: str = "a" * 40, engine: str = "1", **states: State) -> Report:
    findings = {item: Finding(State.UNMET, f"{item} is not there", (Evidence("app.py", 3, "x = 1"),)) for item in ITEMS}
    for name, state in states.items():
        item = name.replace("__", ".").replace("_", "-")
        findings[item] = Finding(state, f"{item} is {state}")
    return Report(commit, findings, {}, [], engine)


def standing(project: Project, item: str = ITEM) -> Standing:
    return Standing.objects.get(project=project, item=item)


def test_a_new_project_has_fifty_unknown_items_and_no_score(project: Project) -> None:
    assert set(Standing.objects.values_list("state", flat=True)) == {"unknown"}
    assert Standing.objects.count() == 50
    assert not Scorecard.objects.exists()


def test_a_scan_writes_standings_transitions_card_and_snapshot(project: Project) -> None:
    services.record_scan(project=project, report=report(config__secrets=State.MET), at=NOW)
    assert standing(project).state == State.MET
    assert standing(project, "logs.requests").evidence == [{"path": "app.py", "line": 3, "excerpt": "x = 1"}]
    assert Transition.objects.filter(cause=Cause.CODE, before="unknown").count() == 50
    card = Scorecard.objects.get(project=project)
    assert card.counts["met"] == 1
    assert card.score == pytest.approx(100 / 4 / 12)
    assert ScoreSnapshot.objects.count() == 1


def test_the_same_report_twice_changes_nothing_the_second_time(project: Project) -> None:
    services.record_scan(project=project, report=report(), at=NOW)
    before = (Transition.objects.count(), ScoreSnapshot.objects.count(), standing(project).version)
    services.record_scan(project=project, report=report(), at=NOW + timedelta(hours=1))
    assert (Transition.objects.count(), ScoreSnapshot.objects.count(), standing(project).version) == before


def test_a_change_by_a_new_engine_is_a_change_of_rules_that_names_both(project: Project) -> None:
    services.record_scan(project=project, report=report(), at=NOW)
    services.record_scan(project=project, report=report(engine="2", config__secrets=State.MET), at=NOW)
    change = Transition.objects.get(item=ITEM, after=State.MET)
    assert change.cause == Cause.RULES
    assert (change.rules_before, change.rules_after) == (f"{CATALOGUE_VERSION}/1", f"{CATALOGUE_VERSION}/2")


def test_a_change_of_the_code_names_the_commits_between_which_it_happened(project: Project) -> None:
    services.record_scan(project=project, report=report("a" * 40), at=NOW)
    services.record_scan(project=project, report=report("b" * 40, config__secrets=State.MET), at=NOW)
    first, second = Transition.objects.filter(item=ITEM).order_by("pk")
    assert (first.before_commit, first.commit) == ("", "a" * 40)
    assert (second.before_commit, second.commit) == ("a" * 40, "b" * 40)
    assert (second.cause, second.origin) == (Cause.CODE, Origin.OBSERVED)


def test_a_check_that_crashes_or_recovers_is_the_cause_whatever_the_code_did(project: Project) -> None:
    crashed = report("b" * 40, logs__requests=State.MET)
    crashed.findings[ITEM] = Finding(State.UNKNOWN, "The check crashed.", error="ValueError: x")
    for one in (report("a" * 40), crashed, report("c" * 40)):
        services.record_scan(project=project, report=one, at=NOW)
    causes = Transition.objects.filter(item=ITEM).order_by("pk").values_list("after", "cause", "note")
    assert list(causes) == [
        ("unmet", "code", ""),
        ("unknown", "error", "ValueError: x"),
        ("unmet", "error", "ValueError: x"),
    ]
    assert Transition.objects.get(item="logs.requests", after=State.MET).cause == Cause.CODE


def test_new_rules_leave_a_snapshot_even_when_the_score_stays(project: Project) -> None:
    services.record_scan(project=project, report=report(), at=NOW)
    services.record_scan(project=project, report=report(engine="2"), at=NOW + timedelta(hours=1))
    before, after = ScoreSnapshot.objects.order_by("at")
    assert (before.score, before.factors, before.states) == (after.score, after.factors, after.states)
    assert before.rules != after.rules


def test_a_snapshot_keeps_the_score_of_each_factor_and_the_state_of_each_item(project: Project) -> None:
    services.record_scan(project=project, report=report(config__secrets=State.MET), at=NOW)
    kept = ScoreSnapshot.objects.get()
    assert kept.factors["config"] == 25
    assert set(kept.states) == set(ITEMS)
    assert (kept.states[ITEM], kept.states["logs.requests"]) == (State.MET, State.UNMET)
    assert kept.origin == Origin.OBSERVED


def test_snapshots_of_earlier_versions_are_read_like_new_ones(project: Project) -> None:
    rows = [{"slug": "config", "state": "partial", "score": 25.0}, {"slug": "logs", "state": "na", "score": None}]
    old = {"project": project, "at": NOW, "commit": "a", "coverage": 1, "catalogue_version": "1", "engine_version": "1"}
    made = ScoreSnapshot.objects.create(factors=rows, **old)
    migration = import_module("apps.adoption.migrations.0005_snapshot_factor_scores")
    with connection.cursor() as cursor:
        cursor.execute(migration.TO_SCORES)
    made.refresh_from_db()
    assert made.factors == {"config": 25.0, "logs": None}


def test_the_database_refuses_two_reconstructions_of_one_commit(project: Project) -> None:
    common = {"project": project, "commit": "a" * 40, "coverage": 1, "factors": {}, "origin": Origin.RECONSTRUCTED}
    common |= {"catalogue_version": "1", "engine_version": "1"}
    ScoreSnapshot.objects.create(at=NOW, **common)
    with pytest.raises(IntegrityError), transaction.atomic():
        ScoreSnapshot.objects.create(at=NOW + timedelta(days=1), **common)


def test_a_tick_holds_over_the_scan_and_is_contested_when_it_contradicts(project: Project, alice: User) -> None:
    services.record_scan(project=project, report=report(), at=NOW)
    ticked = services.attest(
        project=project, item=ITEM, state=State.MET, note="vault", by=alice, version=standing(project).version
    )
    assert (ticked.state, ticked.automatic, ticked.contested) == (State.MET, State.UNMET, True)
    change = Transition.objects.get(cause=Cause.ATTESTATION)
    assert (change.by, change.note, change.before, change.after) == (alice, "vault", "unmet", "met")
    services.record_scan(project=project, report=report("b" * 40), at=timezone.now())
    assert standing(project).state == State.MET


def test_a_tick_that_agrees_with_the_scan_is_not_contested(project: Project, alice: User) -> None:
    services.record_scan(project=project, report=report(config__secrets=State.MET), at=NOW)
    ticked = services.attest(
        project=project, item=ITEM, state=State.MET, note="", by=alice, version=standing(project).version
    )
    assert not ticked.contested


def test_clearing_a_tick_brings_the_automatic_result_back(project: Project, alice: User) -> None:
    services.record_scan(project=project, report=report(), at=NOW)
    ticked = services.attest(
        project=project, item=ITEM, state=State.MET, note="", by=alice, version=standing(project).version
    )
    cleared = services.clear_attestation(project=project, item=ITEM, by=alice, version=ticked.version)
    assert (cleared.state, cleared.contested) == (State.UNMET, False)
    assert Attestation.objects.get().ended_at is not None


def test_the_second_of_two_people_is_told_of_the_first(project: Project, alice: User) -> None:
    seen = standing(project).version
    services.attest(project=project, item=ITEM, state=State.MET, note="", by=alice, version=seen)
    with pytest.raises(services.StaleVersion) as conflict:
        services.attest(project=project, item=ITEM, state=State.UNMET, note="", by=alice, version=seen)
    assert conflict.value.standing.state == State.MET
    assert Attestation.objects.count() == 1


def test_a_scan_that_changes_an_item_makes_an_open_form_stale(project: Project, alice: User) -> None:
    seen = standing(project).version
    services.record_scan(project=project, report=report(), at=NOW)
    with pytest.raises(services.StaleVersion):
        services.attest(project=project, item=ITEM, state=State.MET, note="", by=alice, version=seen)


def test_a_waiver_takes_the_item_out_of_the_score_until_its_last_day(project: Project, alice: User) -> None:
    services.record_scan(project=project, report=report(config__environment=State.MET), at=NOW)
    before = Scorecard.objects.get().score
    until = timezone.now().date()
    waived = services.grant_waiver(
        project=project, item=ITEM, reason="RISK-1", until=until, by=alice, version=standing(project).version
    )
    assert waived.waived
    assert waived.state == State.UNMET
    assert Scorecard.objects.get().score > before
    assert services.expire(at=timezone.now()) == 0
    assert services.expire(at=timezone.now() + timedelta(days=1)) == 1
    assert not standing(project).waived
    assert Scorecard.objects.get().score == before


def test_an_expired_tick_reopens_the_item_once(project: Project, alice: User) -> None:
    services.record_scan(project=project, report=report(), at=NOW)
    soon = timezone.now() + timedelta(days=3)
    services.attest(
        project=project,
        item=ITEM,
        state=State.MET,
        note="",
        by=alice,
        version=standing(project).version,
        expires_at=soon,
    )
    assert services.expire(at=soon) == 1
    assert standing(project).state == State.UNMET
    assert Transition.objects.filter(cause=Cause.EXPIRY).count() == 1
    assert services.expire(at=soon) == 0


def test_the_database_refuses_a_second_open_waiver_and_one_without_reason(project: Project, alice: User) -> None:
    common = {"project": project, "item": ITEM, "by": alice, "at": NOW, "until": NOW.date()}
    Waiver.objects.create(reason="one", **common)
    with pytest.raises(IntegrityError), transaction.atomic():
        Waiver.objects.create(reason="two", **common)
    with pytest.raises(IntegrityError), transaction.atomic():
        Waiver.objects.create(reason="", ended_at=NOW, **common)


def test_a_crashed_check_leaves_the_item_unknown_with_its_error(project: Project) -> None:
    crashed = report()
    crashed.findings[ITEM] = Finding(State.UNKNOWN, "The check crashed.", error="ValueError: x")
    services.record_scan(project=project, report=crashed, at=NOW)
    assert (standing(project).state, standing(project).error) == ("unknown", "ValueError: x")
