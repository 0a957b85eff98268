from hypothesis import given
from hypothesis import strategies as st

from apps.dashboard.paging import LEAST, MOST, groups_within, page_of

SIZES = st.lists(st.integers(1, 200), max_size=30)


@given(SIZES)
def test_pages_follow_each_other_and_hold_every_row_once(sizes):
    pages = [page_of(sizes, str(number)) for number in range(1, page_of(sizes, "").count + 1)]
    assert [page.start for page in pages] == [0, *(page.stop for page in pages[:-1])]
    assert pages[-1].stop == sum(sizes)
    assert all(page.stop - page.start <= MOST for page in pages)
    assert all(page.stop - page.start >= LEAST for page in pages[:-1])


@given(SIZES, st.integers(1, 50))
def test_groups_of_a_page_are_those_whose_rows_it_shows(sizes, number):
    page = page_of(sizes, str(number))
    shown, skipped = groups_within(sizes, page)
    owners = [place for place, size in enumerate(sizes) for _ in range(size)][page.start : page.stop]
    assert shown == sorted(set(owners))
    if shown:
        assert skipped == page.start - sum(sizes[: shown[0]])


def test_team_is_cut_only_where_the_page_would_grow_too_long():
    cuts = [(page.start, page.stop) for page in (page_of([10, 30, 100, 5], str(number)) for number in (1, 2, 3))]
    assert cuts == [(0, 40), (40, 100), (100, 140)]


def test_word_that_is_no_page_asks_for_the_first_and_a_page_beyond_for_the_last():
    assert [page_of([20, 20, 20, 20], word).number for word in ("", "odd", "-1", "0", "2", "99", "9" * 30)] == [
        1, 1, 1, 1, 2, 2, 1,
    ]  # fmt: skip
