"""The standard: twelve factors, fifty items, as pure data and types."""

from apps.catalog.catalogue import CATALOGUE_VERSION, FACTORS, ITEMS, factor
from apps.catalog.rulings import GENERAL_RULINGS, JUDGEMENT, STATE_MEANINGS
from apps.catalog.types import Factor, Item, State

__all__ = [
    "CATALOGUE_VERSION",
    "FACTORS",
    "GENERAL_RULINGS",
    "ITEMS",
    "JUDGEMENT",
    "STATE_MEANINGS",
    "Factor",
    "Item",
    "State",
    "factor",
]
