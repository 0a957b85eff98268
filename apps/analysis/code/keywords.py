"""An index of calls and decorators by the keywords that they are given: settings are found by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call
    from apps.analysis.repository import Facts, File

    Calls = list[tuple[File, Call]]


def given(facts: Facts, *names: str, decorators: bool = True) -> Calls:
    """Calls that are given one of the keywords, each once, scripts in the order of their paths."""
    index = facts.once(_index if decorators else _calls_only)
    found = {(pair[0].path, pair[1].line, pair[1].name): pair for name in names for pair in index.get(name, ())}
    return [found[key] for key in sorted(found)]


def _calls_only(facts: Facts) -> dict[str, Calls]:
    index: dict[str, Calls] = {}
    for file in facts.code:
        for call in file.facts.code.calls if file.facts.code else ():
            for name in call.kwargs:
                index.setdefault(name, []).append((file, call))
    return index


def _index(facts: Facts) -> dict[str, Calls]:
    index = {name: list(calls) for name, calls in facts.once(_calls_only).items()}
    for file in facts.code:
        for define in file.facts.code.defines if file.facts.code else ():
            for decorator in define.decorators:
                for name in decorator.kwargs:
                    index.setdefault(name, []).append((file, decorator))
    return index
