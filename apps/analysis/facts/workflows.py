"""Rules of Snakemake and processes of Nextflow: what each of them runs."""

from __future__ import annotations

from apps.analysis.expressions import expression
from apps.analysis.facts.model import Command

MOST_STEPS = 500
LONGEST = 1000  # characters of a line that is read
_STEP = expression(r"^[ \t]*(?:rule|checkpoint|process)[ \t]+(\w+)[ \t]*[:{]")
_RUNS = expression(r"^[ \t]*(shell|script|notebook|run|exec|wrapper)[ \t]*:[ \t]*(.*)")
_NO_STEP = frozenset({"all", "clean", "help"})


def is_workflow(name: str) -> bool:
    return name == "snakefile" or name.endswith((".smk", ".nf"))


def of_workflow(text: str) -> list[Command]:
    """One command a step, its first line; "" where a step runs code that stands in it. `target` is the step's name."""
    found: list[Command] = []
    step, waiting = "", False
    for number, line in enumerate(text.split("\n"), 1):
        begun, runs = _STEP.match(line[:LONGEST]), _RUNS.match(line[:LONGEST])
        if begun:
            step, waiting = begun.group(1), False
            if step not in _NO_STEP:
                found.append(Command("", number, step))
        elif step and found and (runs or waiting):
            command = (runs.group(2) if runs else line[:LONGEST]).strip().strip("\"'").strip()
            waiting = not command
            if command and found[-1].target == step and not found[-1].text:
                found[-1] = Command(command, number, step)
    return found[:MOST_STEPS]
