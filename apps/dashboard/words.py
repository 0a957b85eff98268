"""The words that pages use for states, in the order of legends."""

from apps.catalog import State

STATE_WORDS: dict[str, str] = {
    State.MET: "Met",
    State.PARTIAL: "Partly",
    State.UNMET: "Unmet",
    State.NA: "Not applicable",
    State.UNKNOWN: "Unknown",
}
# Where a column is narrow; the long word is its title.
SHORT_WORDS = STATE_WORDS | {State.NA: "N/A"}
