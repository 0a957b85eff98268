"""Markdown of our own docstrings as HTML for the pages that explain."""

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

RENDERER = MarkdownIt("commonmark", {"html": False}).enable("table")


def html_of(text: str) -> SafeString:
    """HTML in `text` comes out as text."""
    return mark_safe(str(RENDERER.render(text)))  # noqa: S308 - the renderer escapes what it does not make itself
