"""Packages of others that an installer put into a folder of the repository, as for a function in the cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.expressions import expression

if TYPE_CHECKING:
    from collections.abc import Iterable

_RECORD = expression(r"^((?:[^/]+/){0,20})([A-Za-z0-9]\w{0,80}(?:\.\w{1,80}){0,8})-\d[^/]{0,80}\.dist-info/")


def beginnings(paths: Iterable[str]) -> tuple[str, ...]:
    """How the paths begin of the packages that left their record: of their folders, their modules and the records."""
    found: set[str] = set()
    for path in paths:
        if ".dist-info/" in path and (record := _RECORD.match(path)):
            beside, name = record.groups()
            found |= {record.group(), f"{beside}{name}/", f"{beside}{name}.py"}
    return tuple(sorted(found))
