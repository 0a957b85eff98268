"""Commands that start something, wherever they are declared, and what platforms and packages start by a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.kept import kept
from apps.analysis.running import clusters, platform_files, starts
from apps.analysis.running.rollout import is_ci
from apps.analysis.running.starts import By, Start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.analysis.repository import Facts


@kept
def all_declared(facts: Facts) -> list[Start]:
    """Those of deployments first, then tasks (Makefile, pyproject, package.json); no lines of scripts."""
    return [*starts.beside_scripts(facts), *_served(facts), *_told(facts), *_console_scripts(facts)]


def _served(facts: Facts) -> Iterator[Start]:
    """What an operator of a cluster starts: it is told a program or a model, no command."""
    for workload in clusters.own_workloads(facts):
        for leaf in workload.leaves:
            if leaf.keys[-1] in {"entrypoint", "mainApplicationFile", "serveConfigV2", "storageUri", "modelUri"}:
                yield Start(workload.file, leaf.line, leaf.text, By.WORKLOAD, workload.name)


def _told(facts: Facts) -> Iterator[Start]:
    """What a platform starts that is told one word: a program, or a graph of LangGraph."""
    for file, leaf, name in platform_files.told(facts):
        if " " not in leaf.text and not is_ci(file):
            yield Start(file, leaf.line, leaf.text, By.PLATFORM, name)
    for file, leaf in facts.leaves(r"(^|/)langgraph\.json$", "graphs", "*"):
        yield Start(file, leaf.line, leaf.text, By.PLATFORM, leaf.keys[-1])


def _console_scripts(facts: Facts) -> Iterator[Start]:
    for path, *keys in _CONSOLE_SCRIPTS:
        for file, leaf in facts.leaves(path, *keys, "*"):
            yield Start(file, leaf.line, leaf.text, By.TASK, leaf.keys[-1])
    listed = [(file, leaf.line, leaf.text.split("\n")) for file, leaf in facts.leaves(*_OF_SETUP_CFG)]
    listed += [
        (file, one.line, one.value)
        for file, one in facts.assigns("^console_scripts$", files=facts.scripts)
        if isinstance(one.value, list)
    ]
    for file, line, entries in listed:
        for entry in entries:
            name, _, function = str(entry).partition("=")
            if function:
                yield Start(file, line, function.strip(), By.TASK, name.strip())


_CONSOLE_SCRIPTS = (
    (r"(^|/)pyproject\.toml$", "project", "scripts"),
    (r"(^|/)pyproject\.toml$", "tool", "poetry", "scripts"),
)
_OF_SETUP_CFG = (r"(^|/)setup\.cfg$", "options.entry_points", "console_scripts")
