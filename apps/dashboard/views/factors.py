"""One factor across all projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.catalog import FACTORS
from apps.dashboard.factor_page import FactorPage
from apps.teams.reading import for_readers

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
@for_readers
def factor(request: HttpRequest, slug: str) -> HttpResponse:
    shown = next((one for one in FACTORS if one.slug == slug), None)
    if shown is None:
        raise Http404
    context = {"page": "overview", "view": FactorPage(shown).fetched(), "factors": FACTORS}
    return render(request, "factor/page.html", context)
