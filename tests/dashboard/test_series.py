from datetime import UTC, datetime, timedelta

from apps.dashboard.cells import cells_of
from apps.dashboard.series import along, daily
from apps.dashboard.templatetags.charts import dial, line, spark

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def ago(days):
    return NOW - timedelta(days=days)


def test_score_holds_until_the_next_one():
    series = daily([(ago(100), 40.0), (ago(2), 60.5)], end=NOW, days=4)
    assert series.values == (40, 40, 61, 61, 61)
    assert series.change(4) == 21


def test_days_before_the_first_score_stay_empty():
    series = daily([(ago(1.5), 50.0)], end=NOW, days=3)
    assert series.values == (None, None, 50, 50)
    assert series.change(3) is None
    assert series.known == [50, 50]


def test_trail_goes_on_to_what_holds_now():
    yesterday = (NOW - timedelta(days=1)).date()
    assert along([10, 20, 30], yesterday, 40.4, end=NOW, days=2).values == (20, 30, 40)
    assert along([10], yesterday, None, end=NOW, days=3).values == (None, None, 10, None)
    assert along((), None, 40, end=NOW, days=2).values == (None, None, 40)


def test_trail_that_is_behind_holds_its_last_score_and_one_that_is_ahead_is_cut():
    assert along([10, 20], ago(3).date(), 40, end=NOW, days=4).values == (10, 20, 20, 20, 40)
    assert along([10, 20], NOW.date(), 40, end=NOW, days=2).values == (None, 10, 40)


def test_charts_tell_their_figures_to_who_cannot_see_them():
    series = daily([(ago(9), 40.0), (ago(1), 62.0)], end=NOW, days=5)
    assert 'aria-label="5 days: from 40 to 62"' in spark(series)
    drawn = line(series, what="<Score>")
    assert '<title id="score-chart-t">&lt;Score&gt;, last 5 days</title>' in drawn
    assert "From 40 to 62 today. Lowest 40, highest 62." in drawn
    assert 'aria-label="0 of 12 factors met"' in dial(cells_of(None))


def test_flat_line_of_full_marks_can_be_drawn():
    for score in (0.0, 100.0):
        assert "NaN" not in line(daily([(ago(9), score)], end=NOW, days=30))
