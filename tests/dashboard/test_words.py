from datetime import timedelta

import pytest

from apps.dashboard.ages import age, clock
from apps.dashboard.templatetags.marks import code_spans, delta, percent


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "now"), (59, "now"), (60, "1 min"), (3599, "59 min"), (3600, "1 h"), (47 * 3600, "47 h"), (48 * 3600, "2 d")],
)
def test_age_fits_a_narrow_column(seconds, said):
    assert age(timedelta(seconds=seconds)) == said


def test_clock_counts_minutes_and_never_below_zero():
    assert clock(timedelta(seconds=80)) == "1:20"
    assert clock(timedelta(seconds=-3)) == "0:00"


def test_backticks_mark_code_and_markup_stays_text():
    assert code_spans("`a<b` in <i>") == "<code>a&lt;b</code> in &lt;i&gt;"
    assert code_spans("one ` alone") == "one ` alone"


def test_change_says_its_direction_in_words_too():
    assert ">up </span>3<" in delta(3)
    assert ">down </span>3<" in delta(-3)
    assert "no change" in delta(0)


def test_nothing_short_of_all_is_a_hundred_per_cent():
    assert percent(0.999) == "99 %"
    assert percent(1.0) == "100 %"
