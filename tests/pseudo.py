"""A language that nobody speaks: every marked text in brackets, accented, and longer by its vowels.

What stands on a page outside of the brackets was not marked for translation, or is data.
"""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import allauth
import django
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / ".ci"))

from messages import collected, written  # noqa: E402 - the path above leads to it

CODE = "en-xa"
# What must come out as it is: places of values, tags and entities.
KEPT = re.compile(r"(%\(\w+\)[sd]|%[sd%]|\{\w*\}|<[^>]*>|&\w+;)")
ACCENTS = str.maketrans("aeiouyAEIOUYcnszCNSZ", "àéîöüýÀÉÎÖÜÝçñšžÇÑŠŽ")
VOWELS = re.compile(r"[aeiouyAEIOUY]")
MARKED = re.compile(r"⟦[^⟦⟧]*⟧")
SHOWN = {"aria-label", "title", "placeholder", "alt"}
UNREAD = {"code", "script", "style", "time", "bdi", "textarea"}
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "use"}


def spoken(text: str) -> str:
    """The text in that language."""
    parts = KEPT.split(text)
    parts[::2] = [VOWELS.sub(lambda found: found[0] + found[0].lower(), part).translate(ACCENTS) for part in parts[::2]]
    return f"⟦{''.join(parts)}⟧"


def make_catalogue(folder: Path) -> None:
    """Everything that the house, Django and allauth mark, in a folder for LOCALE_PATHS."""
    catalog = Catalog(locale="en", charset="utf-8")
    theirs = [
        *Path(django.__path__[0]).glob("**/locale/en/LC_MESSAGES/django.po"),
        *Path(allauth.__path__[0]).glob("**/locale/en/LC_MESSAGES/django.po"),
    ]
    for path in theirs:
        with path.open("rb") as file:
            _add(catalog, read_po(file))
    _add(catalog, collected())
    written(catalog, folder / "en_XA" / "LC_MESSAGES")


def _add(catalog: Catalog, more: Catalog) -> None:
    for message in more:
        if message.id:
            texts = message.id if isinstance(message.id, tuple) else (message.id,)
            said = tuple(map(spoken, texts))
            catalog.add(message.id, said if len(texts) > 1 else said[0], context=message.context)


class Reader(HTMLParser):
    """Collects what people see or hear of a page, but for code, times, names and prose."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._within: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        named = dict(attributes)
        if not self._passed_over:
            self.texts += [value for name, value in attributes if name in SHOWN and value]
        if tag not in VOID:
            over = tag in {"code", "script", "style", "time", "bdi", "textarea"} or "prose" in (
                named.get("class") or ""
            )
            self._within.append((tag, over))

    def handle_endtag(self, tag: str) -> None:
        while self._within and self._within.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self._passed_over and data.strip():
            self.texts.append(data.strip())

    @property
    def _passed_over(self) -> bool:
        return any(over for _, over in self._within)


def unmarked(html: str, data: set[str]) -> list[str]:
    """What stands on the page without a mark and is none of `data`."""
    reader = Reader()
    reader.feed(html)
    page = "\n".join(reader.texts)
    while MARKED.search(page):  # a marked text may hold others
        page = MARKED.sub("", page)
    found = []
    for text in page.split("\n"):
        left = text
        for known in sorted(data, key=len, reverse=True):
            left = left.replace(known, "")
        if re.search(r"[A-Za-z]{2,}", left):
            found.append(text)
    return found
