"""Steps of continuous integration, whatever the forge: the commands they run and the actions they use."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from apps.analysis.expressions import expression
from apps.analysis.paths import Kind
from apps.analysis.running.rollout import CI

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

_COMMANDS = frozenset({
    "run", "script", "bash", "sh", "powershell", "pwsh", "before_script", "after_script", "install", "before_install", "commands", "args", "entrypoint", "inlineScript", "command", "after_success",
})  # fmt: skip
_USES = frozenset({"uses", "task", "image", "container", "template", "include"})


class Step(msgspec.Struct, frozen=True):
    """`text` is what the step runs, or with `uses` the action, task or image that it takes."""

    file: File
    line: int
    text: str
    job: str = ""
    uses: bool = False

    @property
    def place(self) -> Evidence:
        return self.file.at(self.line)


def steps(facts: Facts) -> list[Step]:
    return facts.once(_steps)


def _steps(facts: Facts) -> list[Step]:
    pipelines = [file for file in facts.named(CI) if file.kind is not Kind.GROOVY]
    jenkins = [file for file in facts.of_kind(Kind.GROOVY) if "jenkins" in file.path.lower()]
    return [step for file in (*pipelines, *jenkins) for step in file.once(_steps_of)]


def _steps_of(file: File) -> list[Step]:
    if file.kind is Kind.GROOVY:
        return [Step(file, one.line, one.text, "stage") for one in file.facts.commands]
    found = []
    for leaf in file.facts.leaves:
        named = [key for key in leaf.keys if not key.isdigit()]
        if not isinstance(leaf.value, str) or not named:
            continue
        job = named[1] if named[0] == "jobs" and len(named) > 1 else named[0]
        if named[-1] in _USES:
            found.append(Step(file, leaf.line, leaf.text, job, uses=True))
        elif named[-1] in _COMMANDS:
            found.append(Step(file, leaf.line, leaf.text, job))
    return found


def runs(facts: Facts, pattern: str) -> list[Step]:
    """Steps whose command or action the expression finds."""
    regex = expression(pattern, re.IGNORECASE)
    return [step for step in steps(facts) if regex.search(step.text)]
