"""Tasks that a project gives names to: recipes, tables of its tools, and functions of task runners in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from apps.analysis.paths import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.analysis.facts.model import Define, Leaf
    from apps.analysis.repository import Facts, File

_PYPROJECT = r"(^|/)pyproject\.toml$"
_PIXI = r"(^|/)pixi\.toml$"
_OF_PIXI = (("tasks",), ("feature", "*", "tasks"), ("target", "*", "tasks"), ("feature", "*", "target", "*", "tasks"))
# Where a table of tasks stands: below these keys each key is the name of a task.
_TABLES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (_PYPROJECT, ("tool", "poe", "tasks")),
    (_PYPROJECT, ("tool", "taskipy", "tasks")),
    (_PYPROJECT, ("tool", "pdm", "scripts")),
    (_PYPROJECT, ("tool", "rye", "scripts")),
    (_PYPROJECT, ("tool", "hatch", "envs", "*", "scripts")),
    *((_PYPROJECT, ("tool", "pixi", *keys)) for keys in _OF_PIXI),
    *((_PIXI, keys) for keys in _OF_PIXI),
    (r"(^|/)hatch\.toml$", ("envs", "*", "scripts")),
    (r"(^|/)poe_tasks\.(toml|ya?ml|json)$", ("tasks",)),
    (r"(^|/)poe_tasks\.toml$", ("tool", "poe", "tasks")),
    (r"(^|/)pipfile$", ("scripts",)),
    (r"(^|/)package\.json$", ("scripts",)),
    (r"(^|/)deno\.jsonc?$", ("tasks",)),
    (r"(^|/)taskfile(\.dist)?\.ya?ml$", ("tasks",)),
    (r"(^|/)\.?mise(\.\w+)?\.toml$|(^|/)\.?mise/config\.toml$", ("tasks",)),
    (r"(^|/)(anaconda|conda)-project\.ya?ml$", ("commands",)),
    (r"(^|/)devbox\.json$", ("shell", "scripts")),
)
# What a task that is a table of its own calls its command, or one of its commands.
_COMMANDS = frozenset({
    "cmd", "cmds", "run", "shell", "script", "call", "sequence", "composite", "unix", "command",
})  # fmt: skip
_RUNNERS = ("invoke.task", "invoke.tasks.task", "fabric.task", "fabric.decorators.task", "duty.duty")


class Task(msgspec.Struct, frozen=True):
    """One command of a task; a task of several has one each."""

    file: File
    line: int
    command: str
    name: str


def of(facts: Facts) -> list[Task]:
    return facts.once(_read)


LONGEST = 1000  # characters of a command, as elsewhere


def _read(facts: Facts) -> list[Task]:
    found = [*_recipes(facts), *_tabled(facts), *_in_python(facts), *_of_doit(facts)]
    return [replace(one, command=one.command[:LONGEST]) if len(one.command) > LONGEST else one for one in found]


def _recipes(facts: Facts) -> Iterator[Task]:
    for file in facts.of_kind(Kind.MAKE):
        for one in file.facts.commands:
            if one.target and one.text:
                yield Task(file, one.line, one.text, one.target)


def _tabled(facts: Facts) -> Iterator[Task]:
    for path, table in _TABLES:
        arguments: dict[tuple[str, ...], list[tuple[File, Leaf]]] = {}
        for file, leaf in facts.leaves(path, *table, "*", "**"):
            name, *rest = leaf.keys[len(table) :]
            if rest[:1] == ["cmd"] and len(rest) > 1:  # the command's arguments one by one
                arguments.setdefault((file.path, name), []).append((file, leaf))
            elif all(key.isdigit() or key in _COMMANDS for key in rest):
                yield Task(file, leaf.line, leaf.text, name)
        for (_, name), given in arguments.items():
            yield Task(given[0][0], given[0][1].line, " ".join(leaf.text for _, leaf in given), name)


def _in_python(facts: Facts) -> Iterator[Task]:
    """Functions of Invoke, Fabric and duty, by the commands that they run."""
    named = {(file.path, define.name): file for file, define in facts.decorated(facts.scripts, _is_task)}
    for (_, name), file in named.items():
        for line, command in file.once(_runs).get(name, ()):
            yield Task(file, line, command, name)


def _is_task(_: File, define: Define) -> bool:
    return any(one.name in _RUNNERS for one in define.decorators)


def _runs(file: File) -> dict[str, list[tuple[int, str]]]:
    """By scopes, the commands that a file runs, with their lines."""
    runs: dict[str, list[tuple[int, str]]] = {}
    for call in file.facts.code.calls if file.facts.code else ():
        command = call.argument(0, "command")
        if call.last in {"run", "sudo"} and isinstance(command, str):
            runs.setdefault(call.scope, []).append((call.line, command.removeprefix("$")))
    return runs


def _of_doit(facts: Facts) -> Iterator[Task]:
    for file, one in facts.assigns("^actions$", files=facts.scripts):
        if file.name == "dodo.py" and one.scope.startswith("task_") and isinstance(one.value, list):
            for command in one.value:
                if isinstance(command, str):
                    yield Task(file, one.line, command.removeprefix("$"), one.scope.removeprefix("task_"))
