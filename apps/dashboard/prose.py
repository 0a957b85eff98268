"""Markdown of our own docstrings as HTML for the pages that explain."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from apps.analysis import checks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token
    from markdown_it.utils import OptionsDict

RENDERER = MarkdownIt("commonmark", {"html": False}).enable("table")
BARE_ADDRESS = re.compile(r"(?<![<(\[`\"'])\bhttps://[^\s<>`]*[^\s<>`.,;:)]")
HEADING = re.compile(r"^## +(.+)$", re.MULTILINE)


def _code_block(
    _renderer: RendererHTML, tokens: Sequence[Token], place: int, _options: OptionsDict, _env: object
) -> str:
    """A block that scrolls sideways must be reachable by keyboard."""
    return format_html('<pre tabindex="0"><code>{}</code></pre>\n', tokens[place].content)


RENDERER.add_render_rule("fence", _code_block)
RENDERER.add_render_rule("code_block", _code_block)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the docstring of a check says: its claim, and its sections by heading."""

    claim: SafeString
    what: SafeString
    why: SafeString
    how: SafeString
    references: SafeString


def html_of(text: str) -> SafeString:
    """HTML in `text` comes out as text."""
    return mark_safe(str(RENDERER.render(text)))  # noqa: S308  # nosec B308,B703 - the renderer escapes what it does not make itself


@cache
def explanation_of(item: str) -> Explanation:
    """The documentation of the item's check; empty while there is no check."""
    claim, *rest = HEADING.split(checks.documentation(item))
    sections = dict(zip((heading.strip() for heading in rest[::2]), rest[1::2], strict=True))
    return Explanation(
        claim=html_of(claim),
        what=html_of(sections.get("What it does", "")),
        why=html_of(sections.get("Why it matters", "")),
        how=html_of(sections.get("How to adopt it", "")),
        references=html_of(BARE_ADDRESS.sub(r"<\g<0>>", sections.get("References", ""))),
    )
