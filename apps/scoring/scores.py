"""How scores work: from the states of fifty items to one number that says what stands behind it.

## From states to a factor's score

Each item of the standard is in one state, and most states earn credit:

| state | credit | counts in the score |
| --- | --- | --- |
| met | 1 | yes |
| partial | ½ | yes |
| unmet | 0 | yes |
| not applicable | none | no |
| waived | none | no |
| unknown | none | no, and it lowers coverage |

The score of a factor is the credit its items earned out of the credit they could have earned, from 0 to 100. An
item that does not apply neither helps nor hurts. A waiver is an accepted exception, not a pass: the item leaves the
score and stays visible as waived. All items weigh the same.

**An example.** In the factor *Config* a project keeps credentials out of the repository (met, 1), sets some training
parameters by flags (partial, ½) and writes hyperparameters into the code (unmet, 0). Nobody knows yet about hosts and
paths (unknown). It earned 1½ of 3, which is a score of **50**, and three of four items are decided, so coverage is
**75 %**. If the team waives the hyperparameters until spring, it has earned 1½ of 2, which is 75, and two of three
items are decided.

## Coverage

Coverage is the share of the applicable items that are decided. An item that was never scanned, and one that the
scan could not decide, is unknown until a scan or a person settles it. A score with less than 80 % coverage is
*provisional* and bears no grade. Where nothing is decided, or nothing applies, there is no score at all: never 0 and
never 100.

## Projects and teams

A project's score is the mean of the factors that have a score, so that a factor with six items counts as much as one
with three. It stands beside its *weakest factor*, because a good mean can hide one practice that is missing
altogether. A team's score is the mean of its projects that have one.

## Verified

Some states rest on what a scan found in the code, others on a person's word. The *verified* number is the score when
only credit that a scan found or confirmed is counted. The distance between the two numbers is the credit taken on
trust. A person who calls an item not applicable takes it out of both numbers; the counts of states show how often.

## Shapes and grades

In the matrix a factor is met from 85, partly met from 40 and unmet below. It is not applicable when none of its items
applies, and unknown when none is decided.

A grade needs a score and, for the two best grades, a weakest factor that is not too weak:

| grade | score from | weakest factor from |
| --- | --- | --- |
| A | 85 | 50 |
| B | 70 | 25 |
| C | 55 | 0 |
| D | 40 | 0 |
| E | 25 | 0 |
| F | 0 | 0 |

A project that scores 90 with one factor at 30 is a B; with one factor at 0 it is a C. Thresholds compare whole
numbers, as pages show them: 84.6 is shown as 85 and is an A.

## Next best steps

For each item that is not met, the points that the project's score would gain if it were. The same item is worth more
in a factor with few applicable items, since each factor counts the same.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from apps.catalog import FACTORS, ITEMS, Factor, Item, State

CREDIT = {State.MET: 1.0, State.PARTIAL: 0.5, State.UNMET: 0.0}
MET_FROM = 85
PARTIAL_FROM = 40
PROVISIONAL_UNDER = 0.8
LEAST_GAIN = 1e-9  # points; under it lies only the rounding of floats
# Grade, least score, least score of the weakest factor; best first.
GRADES = (("A", 85, 50), ("B", 70, 25), ("C", 55, 0), ("D", 40, 0), ("E", 25, 0), ("F", 0, 0))


class ItemStanding(msgspec.Struct, frozen=True):
    """The effective state of one item; `verified` when an automatic result gave or confirmed that state."""

    item_id: str
    state: State
    waived: bool = False
    verified: bool = True


class FactorScore(msgspec.Struct, frozen=True):
    """One factor of one project: scores 0..100 or None, coverage 0..1, items met out of items that count."""

    slug: str
    state: State
    score: float | None
    coverage: float
    met: int
    counted: int
    verified: float | None


class ProjectScore(msgspec.Struct, frozen=True):
    """One project: scores 0..100 or None, coverage 0..1, its weakest factor's slug.

    `counts` has the number of items in each state without the waived ones; with `waived` they add up to all items.
    """

    score: float | None
    coverage: float
    provisional: bool
    grade: str | None
    weakest: str | None
    verified: float | None
    factors: tuple[FactorScore, ...]
    counts: dict[State, int]
    waived: int


def score_project(standings: Iterable[ItemStanding]) -> ProjectScore:
    """Score one project; items without a standing are unknown. ValueError for an item twice or not in the catalogue."""
    by_item = _of_all_items(standings)
    factors = tuple(_score_factor(factor, by_item) for factor in FACTORS)
    score = mean_score(factor.score for factor in factors)
    scored = [(factor.score, factor.slug) for factor in factors if factor.score is not None]
    weakest_score, weakest = min(scored, key=lambda pair: pair[0], default=(None, None))
    coverage = _coverage(ITEMS.values(), by_item)
    states = Counter(standing.state for standing in by_item.values() if not standing.waived)
    provisional = score is not None and coverage < PROVISIONAL_UNDER
    return ProjectScore(
        score=score,
        coverage=coverage,
        provisional=provisional,
        grade=None if provisional else grade_of(score, weakest_score),
        weakest=weakest,
        verified=mean_score(factor.verified for factor in factors),
        factors=factors,
        counts={state: states[state] for state in State},
        waived=len(by_item) - states.total(),
    )


def mean_score(scores: Iterable[float | None]) -> float | None:
    """Return the mean of the scores that exist, None if none does."""
    known = [score for score in scores if score is not None]
    return math.fsum(known) / len(known) if known else None


def whole(score: float) -> int:
    """Round half up, as pages show scores."""
    return math.floor(score + 0.5)


def state_of(score: float | None) -> State:
    """Return the state that stands for a score of several items; unknown if there is none."""
    if score is None:
        return State.UNKNOWN
    if whole(score) >= MET_FROM:
        return State.MET
    return State.PARTIAL if whole(score) >= PARTIAL_FROM else State.UNMET


def grade_of(score: float | None, weakest_score: float | None) -> str | None:
    """Return the best grade whose two thresholds hold, None if either score is missing."""
    if score is None or weakest_score is None:
        return None
    return next(
        grade
        for grade, least, least_weakest in GRADES
        if whole(score) >= least and whole(weakest_score) >= least_weakest
    )


def gains(standings: Iterable[ItemStanding]) -> list[tuple[str, float]]:
    """Return (item id, points of the project's score gained if it became met), best first, gains above 0 only.

    Equal gains keep the catalogue's order. A project without a score has no gains: it needs a scan first.
    """
    by_item = _of_all_items(standings)
    scores = {factor.slug: _score_factor(factor, by_item).score for factor in FACTORS}
    known = [score for score in scores.values() if score is not None]
    found = []
    for factor in FACTORS if known else ():
        score, applicable = scores[factor.slug], _applicable(factor.items, by_item)
        earned, possible = _earned(applicable)
        others, factors = math.fsum(known) - (score or 0.0), len(known) + (score is None)
        for item, standing in applicable:
            could_have = possible + (item.weight if standing.state is State.UNKNOWN else 0.0)
            would_have = earned + item.weight * (1 - CREDIT.get(standing.state, 0.0))
            gain = (others + 100 * would_have / could_have) / factors - math.fsum(known) / len(known)
            if gain > LEAST_GAIN:
                found.append((item.id, gain))
    return sorted(found, key=lambda gain: -round(gain[1], 6))


def _earned(applicable: Iterable[tuple[Item, ItemStanding]]) -> tuple[float, float]:
    """The credit that decided items earned, and what they could have earned."""
    counted = [(item.weight, CREDIT[one.state]) for item, one in applicable if one.state is not State.UNKNOWN]
    return math.fsum(weight * credit for weight, credit in counted), math.fsum(weight for weight, _ in counted)


def _of_all_items(standings: Iterable[ItemStanding]) -> dict[str, ItemStanding]:
    by_item = {item_id: ItemStanding(item_id, State.UNKNOWN) for item_id in ITEMS}
    seen: set[str] = set()
    for standing in standings:
        if standing.item_id not in by_item or standing.item_id in seen:
            raise ValueError(f"Item {standing.item_id!r} stands twice or is not in the catalogue")
        seen.add(standing.item_id)
        by_item[standing.item_id] = standing
    return by_item


def _applicable(items: Iterable[Item], by_item: Mapping[str, ItemStanding]) -> list[tuple[Item, ItemStanding]]:
    pairs = [(item, by_item[item.id]) for item in items]
    return [(item, standing) for item, standing in pairs if not standing.waived and standing.state is not State.NA]


def _coverage(items: Iterable[Item], by_item: Mapping[str, ItemStanding]) -> float:
    applicable = _applicable(items, by_item)
    total = math.fsum(item.weight for item, _ in applicable)
    decided = math.fsum(item.weight for item, standing in applicable if standing.state is not State.UNKNOWN)
    return decided / total if total else 1.0  # nothing applies, so nothing is left to decide


def _score_factor(factor: Factor, by_item: Mapping[str, ItemStanding]) -> FactorScore:
    applicable = _applicable(factor.items, by_item)
    counted = [(item, standing) for item, standing in applicable if standing.state is not State.UNKNOWN]
    earned, possible = _earned(applicable)
    verified = math.fsum(item.weight * CREDIT[standing.state] for item, standing in counted if standing.verified)
    score = 100 * earned / possible if counted else None
    return FactorScore(
        slug=factor.slug,
        state=state_of(score) if applicable else State.NA,
        score=score,
        coverage=_coverage(factor.items, by_item),
        met=sum(standing.state is State.MET for _, standing in counted),
        counted=len(counted),
        verified=100 * verified / possible if counted else None,
    )
