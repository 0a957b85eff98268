import pytest
from django.utils import timezone

from apps.adoption.board import points_since
from apps.adoption.figures import factor_changes, figures_of_teams, most_moved, together
from apps.adoption.trails import keep_trails
from apps.catalog import FACTORS, State
from apps.teams.models import Project
from tests.dashboard.making import found, project, scanned, team

pytestmark = pytest.mark.django_db


@pytest.fixture
def fraud():
    return team("Fraud")


def moved(fraud, before=State.PARTIAL, after=State.MET):
    one = project(fraud)
    scanned(one, rest=before, days_ago=60)
    return scanned(one, rest=after, days_ago=5)


def changes(of):
    keep_trails(at=timezone.now())
    figures = figures_of_teams()[of.pk]
    return figures.change(30), figures.change(90)


def test_change_is_the_mean_of_the_points_that_projects_won(fraud):
    moved(fraud)
    moved(fraud, State.MET, State.MET)
    assert changes(fraud) == (25, None)


def test_project_that_joins_moves_no_change(fraud):
    moved(fraud)
    scanned(project(fraud), rest=State.UNMET, days_ago=10)
    assert changes(fraud) == (50, None)
    assert round(figures_of_teams()[fraud.pk].score) == 50
    assert factor_changes(30, fraud) == [50] * 12


def test_project_that_leaves_moves_no_change_from_that_moment_on(fraud):
    moved(fraud)
    left = moved(fraud, State.UNMET, State.UNMET)
    assert changes(fraud) == (25, None)
    Project.objects.filter(pk=left.pk).update(archived_at=timezone.now())
    assert figures_of_teams()[fraud.pk].change(30) == 50
    assert factor_changes(30) == [50] * 12


def test_project_that_lost_its_score_is_left_out(fraud):
    moved(fraud)
    scanned(moved(fraud, State.UNMET, State.MET), rest=State.NA)
    assert changes(fraud) == (50, None)


def test_all_teams_together_weigh_each_project_alike(fraud):
    moved(fraud)
    moved(fraud, State.MET, State.MET)
    moved(team("Search"), State.MET, State.UNMET)
    keep_trails(at=timezone.now())
    assert together(figures_of_teams().values()).change(30) == -17


def test_factor_that_did_not_apply_then_moves_no_change(fraud):
    config = [item.id for item in next(one for one in FACTORS if one.slug == "config").items]
    moved(fraud)
    one = project(fraud)
    scanned(one, {item: found(State.NA) for item in config}, days_ago=60)
    scanned(one, {item: found(State.UNMET) for item in config}, days_ago=5)
    keep_trails(at=timezone.now())
    assert factor_changes(30, fraud) == [50 if factor.slug == "config" else 25 for factor in FACTORS]


def test_nobody_has_a_past_before_the_first_trail(fraud):
    scanned(project(fraud))
    assert factor_changes(30) == [None] * 12
    assert figures_of_teams()[fraud.pk].change(30) is None


def test_biggest_moves_are_those_that_the_board_is_sorted_by(fraud):
    for before, after in (
        (State.PARTIAL, State.MET),
        (State.MET, State.UNMET),
        (State.UNMET, State.PARTIAL),
        (State.MET, State.MET),
    ):
        moved(fraud, before, after)
    left = moved(fraud, State.UNMET, State.MET)
    Project.objects.filter(pk=left.pk).update(archived_at=timezone.now())
    keep_trails(at=timezone.now())
    sorted_by = Project.objects.active().annotate(points=points_since(30)).values_list("pk", "points")
    assert most_moved(30, 5) == {pk: points for pk, points in sorted_by if points} == most_moved(30, 5, fraud)
    assert sorted(most_moved(30, 1).values()) == [-100, 50]
