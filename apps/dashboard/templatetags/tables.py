"""Heads that sort and cells that link: what the matrix repeats so often that a template would be slow at it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.catalog import FACTORS, Factor
from apps.dashboard.templatetags.charts import meter
from apps.dashboard.words import state_word

if TYPE_CHECKING:
    from django.template.context import RequestContext
    from django.utils.safestring import SafeString

    from apps.dashboard.rows import Row, Summary

register = template.Library()


@register.simple_tag(takes_context=True)
def sort_head(context: RequestContext, column: str | Factor, label: str = "") -> SafeString:
    """The head of a column of the board: its link sorts by it, the other way round if the board is sorted by it."""
    wanted = context["board"].wanted
    word = f"f{column.number}" if isinstance(column, Factor) else column
    sorted_by_it = wanted.column == word
    query = context["request"].GET.copy()
    query.pop("page", None)
    query["sort"] = f"-{word}" if sorted_by_it and not wanted.descending else word
    way = "descending" if wanted.descending else "ascending"
    if isinstance(column, Factor):
        title = f"{column.number}. {column.name}: {column.question}"
        text = format_html('<span class="n">{}</span><span>{}</span>', column.number, column.short)
    else:
        title, text = "", format_html("{}", label)
    return format_html(
        '<th scope="col" role="columnheader"{}{}><a href="?{}" hx-get="?{}"{}>{}</a></th>',
        "" if title else mark_safe(' class="plain"'),
        format_html(' aria-sort="{}"', way) if sorted_by_it else "",
        query.urlencode(),
        query.urlencode(),
        format_html(' title="{}"', title) if title else "",
        text,
    )


@register.simple_tag
def matrix_cells(row: Row) -> SafeString:
    """The twelve cells of a project, each a link to the factor on the project's page."""
    address = conditional_escape(row.project.get_absolute_url())
    language = get_language()
    cells = (_cell(language, cell.factor.number, cell.state, cell.score) for cell in row.cells)
    return mark_safe("".join(f"{before}{address}{after}" for before, after in cells))  # noqa: S308 - escaped above


@register.simple_tag
def mean_cells(summary: Summary) -> SafeString:
    """The twelve cells of a team's row: the mean of each factor."""
    return mark_safe("".join(_mean(cell.score, cell.state) for cell in summary.cells))  # noqa: S308 - escaped below


@lru_cache(maxsize=512)
def _mean(score: int | None, state: str) -> SafeString:
    text = "\u2013" if score is None else score
    return format_html(
        '<td role="gridcell" class="f"><span class="mean">{}{}</span></td>', text, meter(score, state, 3)
    )


@lru_cache(maxsize=8192)
def _cell(_language: str | None, number: int, state: str, score: int | None) -> tuple[SafeString, SafeString]:
    """What stands before and after the address of a cell. There are few thousands of them, so each is made once."""
    factor = FACTORS[number - 1]
    told = f"{factor.name}: {state_word(state).lower()}"
    if score is not None:
        told = _("%(told)s, %(score)s of 100") % {"told": told, "score": score}
    return (
        format_html('<td role="gridcell" class="f"><a class="c s-{}" data-n="{}" href="', state, number),
        format_html(
            '#{}" aria-label="{}"><svg class="g g-{}" aria-hidden="true"><use href="#g-{}"/></svg>{}</a></td>',
            factor.slug,
            told,
            state,
            state,
            "" if score is None else format_html("<b>{}</b>", score),
        ),
    )
