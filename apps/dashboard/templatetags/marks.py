"""Small marks of the pages: icons, state glyphs, changes. Shape carries the meaning, colour repeats it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from apps.dashboard.languages import by_language
from apps.dashboard.words import state_word as word_of

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.forms import BoundField
    from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=2048)
def icon(name: str, css: str = "", label: str = "") -> SafeString:
    """An icon of the sprite; decorative unless it has a label."""
    use = format_html('<use href="#i-{}"/>', name)
    if label:
        return format_html('<svg class="i {}" role="img" aria-label="{}">{}</svg>', css, label, use)
    return format_html('<svg class="i {}" aria-hidden="true">{}</svg>', css, use)


@register.simple_tag
@by_language(maxsize=2048)
def glyph(state: str, label: bool = True) -> SafeString:
    """The mark of a state. `label=False` where the word stands beside it."""
    use = format_html('<use href="#g-{}"/>', state)
    if label:
        return format_html('<svg class="g g-{}" role="img" aria-label="{}">{}</svg>', state, word_of(state), use)
    return format_html('<svg class="g g-{}" aria-hidden="true">{}</svg>', state, use)


@register.simple_tag
@by_language(maxsize=2048)
def delta(points: int | None) -> SafeString:
    """A change of a score in points; a dash where there is nothing to compare with."""
    if points is None:
        return format_html('<span class="delta flat" title="{}">{}</span>', _("No earlier score"), "\u2013")
    if points == 0:
        return format_html('<span class="delta flat">±0<span class="sr"> {}</span></span>', _("no change"))
    way = "up" if points > 0 else "down"
    return format_html(
        '<span class="delta {}"><svg class="i" aria-hidden="true"><use href="#i-{}"/></svg>'
        '<span class="sr">{} </span>{}</span>',
        way,
        way,
        _("up") if points > 0 else _("down"),
        abs(points),
    )


@register.filter
def state_word(state: str) -> str:
    return word_of(state)


@register.filter
def person(user: User) -> str:
    """What a person is called: the full name, else the user name."""
    return user.get_full_name() or user.get_username()


@register.filter
def styled(field: BoundField, focused: bool = False) -> SafeString:
    """A field of a form that is not ours, in our looks; what its label says is not said in it again."""
    return field.as_widget(attrs={"class": "input", "placeholder": False, "autofocus": focused})


@register.filter
def short_commit(commit: str) -> str:
    return commit[:7]


CODE_SPAN = re.compile(r"`([^`]+)`")


@register.filter
def code_spans(text: str) -> SafeString:
    """Text in which `backticks` mark code; everything else in it is shown as it stands."""
    parts = CODE_SPAN.split(text)
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", part) if place % 2 else part,) for place, part in enumerate(parts))
    )


@register.filter
def recorded(value: object) -> str:
    """A value of the audit trail as a person reads it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "\u2013"
    return str(value).partition("T23:59:59")[0] or "\u2013"  # the end of a day is the day


@register.filter
def percent(share: float) -> str:
    """A share of 1 as whole per cent, rounded down: nothing short of all is 100 %."""
    return f"{int(share * 100)} %"
