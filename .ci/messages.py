"""Collects what users read: every text that templates and Python mark for translation.

python .ci/messages.py de      writes or updates locale/de/LC_MESSAGES/django.po, and compiles it
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation import to_locale
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
KEYWORDS = DEFAULT_KEYWORDS | {"gettext_lazy": None, "ngettext_lazy": (1, 2), "pgettext_lazy": ((1, "c"), 2)}
CODING = "# coding: utf-8"  # else Babel looks for it with a parser that templates are too much for


def collected() -> Catalog:
    """All marked texts with where they stand."""
    catalog = Catalog(project="Twelvefold", charset="utf-8")
    for path in sorted([*ROOT.glob("apps/**/*.py"), *ROOT.glob("templates/**/*.*")]):
        name = str(path.relative_to(ROOT))
        source = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            # Indentation means nothing in what Django makes of a template.
            source = "\n".join(line.strip() for line in templatize(source, name).splitlines())
        for line, text, comments, context in extract("python", io.BytesIO(f"{CODING}\n{source}".encode()), KEYWORDS):
            catalog.add(text, locations=[(name, line - 1)], auto_comments=comments, context=context)
    return catalog


def written(catalog: Catalog, folder: Path) -> None:
    """The catalogue as text and compiled."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "django.po").open("wb") as file:
        write_po(file, catalog, width=120, sort_output=True)
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, catalog)


def main() -> int:
    if len(sys.argv) != 2:
        sys.stderr.write(__doc__ or "")
        return 2
    locale = to_locale(sys.argv[1])
    folder = ROOT / "locale" / locale / "LC_MESSAGES"
    known = folder / "django.po"
    catalog = Catalog(locale=locale, project="Twelvefold", charset="utf-8")
    if known.exists():
        with known.open("rb") as file:
            catalog = read_po(file, locale=locale)
    catalog.update(collected())
    written(catalog, folder)
    said = (message.string if isinstance(message.string, tuple) else (message.string,) for message in catalog)
    missing = sum(not all(strings) for strings in said)
    print(f"{folder.relative_to(ROOT)}: {len(catalog)} texts, {missing} without a translation.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
