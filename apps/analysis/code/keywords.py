"""An index of calls and decorators by the keywords that they are given: settings are found by their names."""

from __future__ import annotations

from collections import defaultdict
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
    index: defaultdict[str, Calls] = defaultdict(list)
    for file in facts.code:
        for name, calls in file.once(_of_file).items():
            index[name] += calls
    return dict(index)


def _of_file(file: File) -> dict[str, Calls]:
    index: dict[str, Calls] = {}
    for call in file.facts.code.calls if file.facts.code else ():
        for name in call.kwargs:
            index.setdefault(name, []).append((file, call))
    return index


def _index(facts: Facts) -> dict[str, Calls]:
    calls = facts.once(_calls_only)
    decorators: dict[str, Calls] = {}
    for file, define in facts.decorated():
        for one in define.decorators:
            for name in one.kwargs:
                decorators.setdefault(name, []).append((file, one))
    return {**calls, **{name: [*calls.get(name, ()), *more] for name, more in decorators.items()}}
