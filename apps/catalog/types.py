"""The words of the standard: state, item, factor."""

from enum import StrEnum

import msgspec


class State(StrEnum):
    """What is known of one item in one system; the values are stored and exported, so they never change."""

    MET = "met"
    PARTIAL = "partial"
    UNMET = "unmet"
    NA = "na"
    UNKNOWN = "unknown"


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One assessable practice: when it counts as met, partial, unmet or not applicable, and how to get it met.

    A criterion is '' when the item cannot be in that state; `unknown` is '' where only the general meaning
    of unknown holds. `subject` says what the item judges where the criteria themselves do not.
    """

    id: str
    title: str
    met: str
    partial: str
    unmet: str
    na: str
    rulings: tuple[str, ...]
    remedy: str
    subject: str = ""
    unknown: str = ""
    weight: float = 1.0

    @property
    def factor(self) -> str:
        return self.id.partition(".")[0]

    @property
    def slug(self) -> str:
        return self.id.partition(".")[2]


class Factor(msgspec.Struct, frozen=True, kw_only=True):
    """One of the twelve factors with its items; `short` heads a narrow column, `principle` is the method's own line."""

    number: int
    slug: str
    name: str
    short: str
    question: str
    principle: str
    items: tuple[Item, ...]
