"""What holds for every project, whatever the states of its items."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from apps.catalog import ITEMS, State
from apps.scoring import ItemStanding, gains, score_project

MET, PARTIAL, UNMET, NA, UNKNOWN = State
RANK = {UNMET: 0, PARTIAL: 1, MET: 2}

one_standing = st.tuples(st.sampled_from(State), st.booleans(), st.booleans())
projects = st.tuples(*[one_standing] * len(ITEMS)).map(
    lambda drawn: [ItemStanding(item_id, *rest) for item_id, rest in zip(ITEMS, drawn, strict=True)]
)
item_ids = st.sampled_from(list(ITEMS))
# Drawing fifty standings takes a while on a busy machine; that is no defect of a score.
for_many = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def of_factor(project, slug):
    return next(f for f in project.factors if f.slug == slug)


def with_item(standings, item_id, **changes):
    return [replace(s, **changes) if s.item_id == item_id else s for s in standings]


@for_many
@given(projects)
def test_scores_and_coverage_stay_in_their_ranges(standings):
    project = score_project(standings)
    assert 0 <= project.coverage <= 1
    for scored in (project, *project.factors):
        assert (scored.score is None) == (scored.verified is None)
        if scored.score is not None:
            assert 0 <= scored.verified <= scored.score <= 100
    assert (project.grade is None) == (project.score is None or project.provisional)


@for_many
@given(projects)
def test_a_project_lies_between_its_weakest_and_its_best_factor(standings):
    project = score_project(standings)
    known = [f.score for f in project.factors if f.score is not None]
    if known:
        assert min(known) - 1e-9 <= project.score <= max(known) + 1e-9
        assert of_factor(project, project.weakest).score == min(known)


@for_many
@given(projects)
def test_states_and_waivers_add_up_to_all_items(standings):
    project = score_project(standings)
    assert sum(project.counts.values()) + project.waived == len(ITEMS)
    assert sum(f.counted for f in project.factors) == sum(project.counts[s] for s in RANK)


@for_many
@given(projects, st.randoms())
def test_the_order_of_standings_changes_nothing(standings, random):
    shuffled = random.sample(standings, k=len(standings))
    assert score_project(shuffled) == score_project(standings)
    assert gains(shuffled) == gains(standings)


@for_many
@given(projects, item_ids, st.sampled_from(list(RANK)), st.sampled_from(list(RANK)))
def test_improving_an_item_never_lowers_its_factor_or_the_project(standings, item_id, one, other):
    worse, better = sorted((one, other), key=RANK.__getitem__)
    before = score_project(with_item(standings, item_id, state=worse, waived=False))
    after = score_project(with_item(standings, item_id, state=better, waived=False))
    slug = ITEMS[item_id].factor
    assert of_factor(after, slug).score >= of_factor(before, slug).score
    assert after.score >= before.score
    assert (after.grade is None) == (before.grade is None)
    assert (after.grade or "") <= (before.grade or "")


@for_many
@given(projects, item_ids, st.sampled_from(State))
def test_not_applicable_and_waived_leave_the_score_alike(standings, item_id, state):
    not_applicable = score_project(with_item(standings, item_id, state=NA, waived=False))
    waived = score_project(with_item(standings, item_id, state=state, waived=True))
    assert waived.factors == not_applicable.factors
    assert (waived.score, waived.coverage, waived.grade) == (
        not_applicable.score,
        not_applicable.coverage,
        not_applicable.grade,
    )


@for_many
@given(projects, item_ids)
def test_forgetting_a_state_never_raises_coverage(standings, item_id):
    known = score_project(with_item(standings, item_id, state=UNMET, waived=False))
    forgotten = score_project(with_item(standings, item_id, state=UNKNOWN, waived=False))
    assert forgotten.coverage < known.coverage


@for_many
@given(projects)
def test_a_gain_is_what_meeting_the_item_really_adds(standings):
    before = score_project(standings).score
    for item_id, points in gains(standings)[:5]:
        after = score_project(with_item(standings, item_id, state=MET)).score
        assert after - before == pytest.approx(points)
        assert points > 0


@for_many
@given(projects)
def test_gains_come_best_first_and_only_for_open_items(standings):
    found = gains(standings)
    points = [round(p, 6) for _, p in found]
    assert points == sorted(points, reverse=True)
    still_open = {s.item_id for s in standings if not s.waived and s.state in {PARTIAL, UNMET, UNKNOWN}}
    assert {item_id for item_id, _ in found} <= still_open
