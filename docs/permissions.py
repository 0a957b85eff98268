"""Writes docs/permissions.md from the one table in the code: `python docs/permissions.py`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE / "permissions.md"
BEGIN, END = "<!-- table -->\n", "<!-- end of table -->\n"


def table() -> str:
    from apps.teams.access import RULES
    from apps.teams.models import Role

    heads = ["what", *(role.value for role in Role), "admin"]
    rows = [
        [str(rule.meaning), *("yes" if role in rule.roles else "" for role in Role), "yes"] for rule in RULES.values()
    ]
    lines = (f"| {' | '.join(cells)} |" for cells in [heads, ["---"] * len(heads), *rows])
    return "".join(f"{' '.join(line.split())}\n" for line in lines)


def page() -> str:
    """The page as it is, with the table as it must be."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    return before + BEGIN + table() + END + rest.split(END)[1]


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    PAGE.write_text(page(), encoding="utf-8")
