"""The standard, to read: one item, and how scores work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

import apps.scoring.scores
from apps.catalog import FACTORS, ITEMS, State, factor
from apps.dashboard.prose import explanation_of, html_of
from apps.dashboard.words import state_word
from apps.teams.reading import for_readers

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from apps.catalog import Item


@require_safe
@for_readers
def item(request: HttpRequest, item: str) -> HttpResponse:
    if item not in ITEMS:
        raise Http404
    found = ITEMS[item]
    context = {
        "item": found,
        "factor": factor(found.factor),
        "criteria": _criteria(found),
        "explained": explanation_of(item),
    }
    return render(request, "catalog/item.html", context)


@require_safe
@for_readers
def scoring(request: HttpRequest) -> HttpResponse:
    text = apps.scoring.scores.__doc__ or ""
    return render(
        request,
        "catalog/scoring.html",
        {"page": "scoring", "text": html_of(text), "factors": FACTORS, "items": len(ITEMS)},
    )


def _criteria(item: Item) -> list[tuple[str, str, str]]:
    """State, its word and when the item is in it."""
    texts = {State.MET: item.met, State.PARTIAL: item.partial, State.UNMET: item.unmet, State.NA: item.na}
    texts[State.UNKNOWN] = item.unknown
    return [(state, state_word(state), text) for state, text in texts.items() if text]
