"""Which commits stand for the past, whatever the clocks of those who made them said."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from apps.repositories.sampling import Sample, credible, moments, sample

NOW = 1_000_000
DAY = 86_400


def test_a_quarter_is_sampled_by_weeks_and_the_rest_of_the_year_by_months():
    end = datetime(2026, 11, 1, tzinfo=UTC)
    days = [(int(end.timestamp()) - moment) // DAY for moment in moments(end, weeks=13, months=12)]
    assert days == [*range(0, 92, 7), *range(120, 361, 30)]


def test_no_weeks_and_no_months_is_the_end_alone():
    end = datetime(2026, 11, 1, tzinfo=UTC)
    assert moments(end, weeks=0, months=0) == [int(end.timestamp())]


def test_each_moment_gets_the_commit_that_was_the_newest_then():
    line = [Sample("d", 40), Sample("c", 30), Sample("b", 20), Sample("a", 10)]
    assert [one.commit for one in sample(line, [45, 30, 29, 28, 5])] == ["d", "c", "b"]


def test_dates_that_fit_are_believed():
    assert credible([1, 2, 2, 5], now=NOW) == [1, 2, 2, 5]


def test_one_commit_of_another_century_moves_nobody_else():
    assert credible([10, 20, 0, 30, 40], now=NOW) == [10, 20, 20, 30, 40]
    assert credible([10, 20, 900_000, 30, 40], now=NOW) == [10, 20, 20, 30, 40]


def test_a_commit_from_the_future_takes_the_date_of_the_one_before():
    assert credible([10, NOW + 1], now=NOW) == [10, 10]
    assert credible([NOW + 5, 10], now=NOW) == [10, 10]
    assert credible([NOW + 5], now=NOW) == [NOW]


@given(st.lists(st.integers(-NOW, 2 * NOW), min_size=1))
def test_credible_dates_are_in_order_and_never_in_the_future(dates):
    made = credible(dates, now=NOW)
    assert made == sorted(made)
    assert max(made) <= NOW
    assert len(made) == len(dates)
    assert made == credible(made, now=NOW)


@given(st.lists(st.integers(0, NOW)))
def test_dates_in_order_stay_as_they_are(dates):
    assert credible(sorted(dates), now=NOW) == sorted(dates)
