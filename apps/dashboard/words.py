"""The words that pages use for states, in the order of legends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from apps.catalog import State

if TYPE_CHECKING:
    from collections.abc import Mapping

STATE_WORDS = {
    State.MET.value: _("Met"),
    State.PARTIAL.value: _("Partly"),
    State.UNMET.value: _("Unmet"),
    State.NA.value: _("Not applicable"),
    State.UNKNOWN.value: _("Unknown"),
}
# Where a column is narrow; the long word is its title.
SHORT_WORDS = STATE_WORDS | {State.NA.value: _("N/A")}


def state_word(state: str) -> str:
    return str(STATE_WORDS[state])


def legend_of(counts: Mapping[str, int]) -> list[tuple[str, str, str, int]]:
    """State, its short and its long word, and how many are in it."""
    return [(state, str(SHORT_WORDS[state]), str(word), counts[state]) for state, word in STATE_WORDS.items()]
