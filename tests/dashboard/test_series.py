from datetime import UTC, datetime, timedelta

from apps.dashboard.cells import cells_of
from apps.dashboard.series import daily, mean_of
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


def test_mean_counts_those_that_had_a_score():
    early, late = daily([(ago(9), 80.0)], end=NOW, days=2), daily([(ago(1), 40.0)], end=NOW, days=2)
    assert mean_of([early, late], end=NOW, days=2).values == (80, 60, 60)
    assert mean_of([], end=NOW, days=2).values == (None, None, None)


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
