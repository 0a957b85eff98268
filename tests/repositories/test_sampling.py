"""Which commits stand for the past, whatever the clocks of those who made them said."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from apps.repositories.sampling import ENOUGH, Sample, credible, moments, sample, stands_alone

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


def alone(dates, oldest):
    return stands_alone(dates, credible(dates, now=NOW), oldest=oldest)


def test_the_end_of_a_line_stands_alone_with_enough_commits_before_the_oldest_moment():
    assert alone([*range(ENOUGH), 100], oldest=50)
    assert not alone([*range(ENOUGH - 1), 100], oldest=50)


def test_commits_that_are_not_believed_are_no_sign_that_a_line_stands_alone():
    assert not alone([10, *range(100, 120), *[11] * ENOUGH], oldest=50)


def test_a_commit_older_than_the_first_could_fit_what_is_missing_otherwise():
    assert not alone([20, *range(ENOUGH), 100], oldest=50)


@given(
    st.lists(st.integers(0, 100)),
    st.lists(st.tuples(st.integers(0, 99), st.integers(0, 1000)), max_size=ENOUGH - 1),
    st.lists(st.integers(100, 200), min_size=ENOUGH, max_size=2 * ENOUGH),
    st.lists(st.integers(100, 1000)),
    st.lists(st.integers(200, 900), min_size=1),
)
def test_what_is_missing_moves_no_sample_of_an_end_that_stands_alone(before, wrong, margin, recent, wanted):
    missing = sorted(before)
    for place, date in wrong:
        missing.insert(place, date)
    dates = [*sorted(margin), *recent]
    if alone(dates, oldest=min(wanted)):
        wanted.sort(reverse=True)
        believed, all_believed = credible(dates, now=NOW), credible([*missing, *dates], now=NOW)
        ids = [f"{number}" for number in range(len(all_believed))]
        end = list(map(Sample, ids[len(missing) :], believed))
        assert sample(reversed(end), wanted) == sample(reversed(list(map(Sample, ids, all_believed))), wanted)
