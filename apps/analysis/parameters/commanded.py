"""Parameters of toolkits that train by a command: each is a flag of it, or stands in the file that the command names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.code.origins import Source
from apps.analysis.expressions import expression
from apps.analysis.learning import commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.analysis.parameters.places import Matcher
    from apps.analysis.repository import Facts, File

_FLAG = expression(r"(?:^|\s)-{0,2}([A-Za-z][\w.-]{0,60}?)(?:=|\s+)(?=[\w$\"'{.-])")
_FILE = expression(r"([\w.-]{1,80}\.(?:ya?ml|json|toml|cfg|conf))\b")


def flags(facts: Facts, matcher: Matcher) -> Iterator[tuple[str, str, Source, File, int, str]]:
    """(group, name, source, file, line, how) of parameters that commands give."""
    for file, line, text in commands.training_texts(facts):
        for name in dict.fromkeys(_FLAG.findall(text)):
            group = matcher.group_of(name)
            if group:
                yield group, name, Source.FLAG, file, line, "flag"


def files(facts: Facts) -> set[str]:
    """Names of the files that commands hand to a toolkit."""
    return {name.lower() for _, _, text in commands.training_texts(facts) for name in _FILE.findall(text)}
