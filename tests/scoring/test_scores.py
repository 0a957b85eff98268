"""Scores, coverage and grades: examples worked by hand."""

import re

import pytest

from apps.catalog import FACTORS, ITEMS, State, factor
from apps.scoring import ItemStanding, gains, grade_of, mean_score, score_project, scores, state_of, whole

MET, PARTIAL, UNMET, NA, UNKNOWN = State


def everything(state, **others):
    """All items in one state, and some in others: `config="partial"` or `config__secrets=ItemStanding(...)`."""
    standings = []
    for item_id in ITEMS:
        key = item_id.replace("-", "_")
        other = others.get(key.replace(".", "__"), others.get(key.split(".")[0], state))
        standings.append(other if isinstance(other, ItemStanding) else ItemStanding(item_id, State(other)))
    return standings


def of_factor(project, slug):
    return next(f for f in project.factors if f.slug == slug)


def config_of(*states):
    """The score of the factor Config whose four items are in these states."""
    items = factor("config").items
    return of_factor(
        score_project(ItemStanding(i.id, s) for i, s in zip(items, states, strict=True)),
        "config",
    )


def test_the_example_of_the_page_is_right():
    config = config_of(MET, PARTIAL, UNMET, UNKNOWN)
    assert (config.score, config.coverage, config.met, config.counted) == (50, 0.75, 1, 3)
    assert "a score of **50**" in scores.__doc__
    assert "**75 %**" in scores.__doc__

    hyperparameters = ItemStanding("config.hyperparameters", UNMET, waived=True)
    waived = [ItemStanding("config.secrets", MET), ItemStanding("config.training-parameters", PARTIAL), hyperparameters]
    config = of_factor(score_project(waived), "config")
    assert (config.score, config.counted) == (75, 2)
    assert config.coverage == pytest.approx(2 / 3)


def test_the_grades_of_the_page_are_the_grades_of_the_rules():
    rows = re.findall(r"^\| ([A-F]) \| (\d+) \| (\d+) \|$", scores.__doc__, re.MULTILINE)
    assert [(grade, int(least), int(weakest)) for grade, least, weakest in rows] == list(scores.GRADES)


@pytest.mark.parametrize(
    ("states", "score", "coverage", "state"),
    [
        ((MET, MET, MET, MET), 100, 1, MET),
        ((MET, MET, MET, PARTIAL), 87.5, 1, MET),
        ((MET, MET, MET, UNMET), 75, 1, PARTIAL),
        ((PARTIAL, PARTIAL, PARTIAL, UNMET), 37.5, 1, UNMET),
        ((UNMET, UNMET, UNMET, UNMET), 0, 1, UNMET),
        ((MET, NA, NA, NA), 100, 1, MET),
        ((PARTIAL, UNKNOWN, NA, NA), 50, 0.5, PARTIAL),
        ((NA, NA, NA, NA), None, 1, NA),
        ((NA, NA, NA, UNKNOWN), None, 0, UNKNOWN),
        ((UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN), None, 0, UNKNOWN),
    ],
)
def test_a_factor_is_scored_from_the_states_of_its_items(states, score, coverage, state):
    config = config_of(*states)
    assert (config.score, config.coverage, config.state) == (score, coverage, state)


def test_a_project_nobody_scanned_has_no_score_and_no_coverage():
    project = score_project([])
    assert (project.score, project.grade, project.weakest, project.verified) == (None, None, None, None)
    assert (project.coverage, project.provisional) == (0, False)
    assert {f.state for f in project.factors} == {UNKNOWN}
    assert project.counts == {MET: 0, PARTIAL: 0, UNMET: 0, NA: 0, UNKNOWN: 50}


def test_a_project_to_which_nothing_applies_has_no_score_rather_than_0_or_100():
    project = score_project(everything(NA))
    assert (project.score, project.grade, project.coverage) == (None, None, 1)
    assert {f.state for f in project.factors} == {NA}


def test_a_project_is_the_mean_of_its_factors_however_many_items_they_have():
    project = score_project(everything(MET, codebase=UNMET))
    assert project.score == pytest.approx(1100 / 12)
    assert (project.weakest, project.grade) == ("codebase", "C")
    assert project.counts == {MET: 44, PARTIAL: 0, UNMET: 6, NA: 0, UNKNOWN: 0}


def test_a_factor_that_does_not_apply_leaves_the_mean():
    project = score_project(everything(MET, port_binding=NA, config=PARTIAL))
    assert project.score == pytest.approx((10 * 100 + 50) / 11)
    assert of_factor(project, "port-binding").score is None
    assert project.coverage == 1


def test_the_weakest_of_two_equal_factors_is_the_first_in_the_standard():
    assert score_project(everything(MET, logs=PARTIAL, config=PARTIAL)).weakest == "config"


def test_a_waived_item_is_neither_passed_nor_failed_and_is_counted_apart():
    waived = ItemStanding("config.secrets", UNMET, waived=True)
    project = score_project(everything(PARTIAL, config__secrets=waived))
    config = of_factor(project, "config")
    assert (config.score, config.met, config.counted) == (50, 0, 3)
    assert (project.waived, project.counts[UNMET], project.counts[PARTIAL]) == (1, 0, 49)


def test_a_score_is_provisional_below_four_fifths_of_coverage():
    decided = everything(MET)
    at_80 = score_project(decided[:40])
    below = score_project(decided[:39])
    assert (at_80.coverage, at_80.provisional) == (0.8, False)
    assert (below.coverage, below.provisional) == (0.78, True)
    assert (at_80.grade is None, below.grade) == (False, None)


def test_the_verified_score_leaves_out_credit_on_a_persons_word():
    word = ItemStanding("config.secrets", MET, verified=False)
    project = score_project(everything(MET, config__secrets=word))
    assert project.score == 100
    assert of_factor(project, "config").verified == 75
    assert project.verified == pytest.approx((11 * 100 + 75) / 12)


def test_an_item_cannot_stand_twice():
    with pytest.raises(ValueError, match=r"config\.secrets"):
        score_project([ItemStanding("config.secrets", MET), ItemStanding("config.secrets", UNMET)])


def test_an_item_outside_the_catalogue_is_an_error():
    with pytest.raises(ValueError, match=r"config\.colour"):
        score_project([ItemStanding("config.colour", MET)])


@pytest.mark.parametrize(
    ("score", "weakest", "grade"),
    [
        (100, 50, "A"),
        (85, 50, "A"),
        (84.5, 50, "A"),
        (84.4, 84, "B"),
        (100, 49, "B"),
        (70, 25, "B"),
        (100, 24, "C"),
        (100, 0, "C"),
        (55, 0, "C"),
        (54, 54, "D"),
        (40, 0, "D"),
        (39, 39, "E"),
        (25, 0, "E"),
        (24, 24, "F"),
        (0, 0, "F"),
        (None, None, None),
    ],
)
def test_a_grade_needs_a_score_and_a_weakest_factor(score, weakest, grade):
    assert grade_of(score, weakest) == grade


@pytest.mark.parametrize(
    ("score", "state"),
    [(100, MET), (84.5, MET), (84.4, PARTIAL), (39.5, PARTIAL), (39.4, UNMET), (0, UNMET), (None, UNKNOWN)],
)
def test_the_state_of_a_score_follows_the_number_that_is_shown(score, state):
    assert state_of(score) is state


def test_scores_round_half_up():
    assert [whole(s) for s in (0, 0.5, 1.5, 2.49, 99.5)] == [0, 1, 2, 2, 100]


def test_a_mean_leaves_out_what_has_no_score():
    assert mean_score([50, None, 100]) == 75
    assert mean_score([None, None]) is None
    assert mean_score([]) is None


def test_the_best_next_step_lies_where_the_fewest_items_apply():
    only_health = {f"disposability__{slug}": NA for slug in ("startup", "shutdown", "resume")}
    found = gains(
        everything(MET, disposability__health=UNMET, config__secrets=UNMET, logs__requests=PARTIAL, **only_health)
    )
    assert [item_id for item_id, _ in found] == ["disposability.health", "config.secrets", "logs.requests"]
    assert [points for _, points in found] == pytest.approx([100 / 12, 25 / 12, 10 / 12])


def test_equal_gains_keep_the_order_of_the_standard():
    found = [item_id for item_id, _ in gains(everything(MET, processes=UNMET, port_binding=UNMET))]
    assert found == [item.id for slug in ("processes", "port-binding") for item in factor(slug).items]


def test_what_is_met_waived_or_not_applicable_is_no_next_step():
    waived = ItemStanding("config.secrets", UNMET, waived=True)
    assert gains(everything(MET, config__secrets=waived, logs=NA)) == []


def test_a_project_without_a_score_has_no_next_step():
    assert gains([]) == []


def test_a_project_has_a_score_for_each_factor_in_the_order_of_the_standard():
    assert [f.slug for f in score_project([]).factors] == [f.slug for f in FACTORS]
