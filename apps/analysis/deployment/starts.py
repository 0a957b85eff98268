"""Commands that start something, wherever they are declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from apps.analysis.deployment.compose import services
from apps.analysis.deployment.images import images
from apps.analysis.deployment.workloads import workloads
from apps.analysis.paths import Kind
from apps.analysis.running import named_tasks, platform_files
from apps.analysis.running.rollout import is_ci
from apps.analysis.running.starts import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.analysis.facts.model import Command
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File


class Start(msgspec.Struct, frozen=True):
    """`text` is one line, also of an exec form; `by` is image, compose, workload, procfile, platform, task or script."""

    file: File
    line: int
    text: str
    by: str
    name: str = ""

    @property
    def place(self) -> Evidence:
        return self.file.at(self.line)


def run_commands(facts: Facts) -> list[Start]:
    """Those of deployments first, then tasks (Makefile, pyproject, package.json); of lines of scripts, see `lines`."""
    return facts.once(_run_commands)


def _run_commands(facts: Facts) -> list[Start]:
    return [
        *_images(facts),
        *_composed(facts),
        *_workloads(facts),
        *_platforms(facts),
        *_tasks(facts),
    ]


def _images(facts: Facts) -> Iterator[Start]:
    for image in images(facts):
        if image.is_development:
            continue
        for stage in image.stages:
            both = [one for one in (stage.last("ENTRYPOINT"), stage.last("CMD")) if one]
            if both:
                yield Start(image.file, both[-1].line, " ".join(plain(one.value) for one in both), "image", stage.name)


def _composed(facts: Facts) -> Iterator[Start]:
    for service in services(facts):
        if service.command and not service.is_attached:
            text = plain(" ".join(leaf.text for leaf in service.command))
            yield Start(service.file, service.command[0].line, text, "compose", service.name)


def _workloads(facts: Facts) -> Iterator[Start]:
    for workload in workloads(facts):
        for container in workload.containers:
            if container.command:
                text = plain(" ".join(leaf.text for leaf in container.command))
                yield Start(workload.file, container.command[0].line, text, "workload", workload.name)
        for leaf in workload.leaves:
            if leaf.keys[-1] in {"entrypoint", "mainApplicationFile", "serveConfigV2", "storageUri", "modelUri"}:
                yield Start(workload.file, leaf.line, leaf.text, "workload", workload.name)


def _platforms(facts: Facts) -> Iterator[Start]:
    for file in facts.of_kind(Kind.PROCFILE):
        for one in file.facts.commands:
            yield Start(file, one.line, one.text, "procfile", one.target)
    for file, leaf, name in platform_files.told(facts):
        if not is_ci(file):
            yield Start(file, leaf.line, leaf.text, "platform", name)
    for file, line, command, name in platform_files.commands(facts):
        yield Start(file, line, command, "platform", name)
    for file, leaf in facts.leaves(r"(^|/)langgraph\.json$", "graphs", "*"):
        yield Start(file, leaf.line, leaf.text, "platform", leaf.keys[-1])


def _tasks(facts: Facts) -> Iterator[Start]:
    for one in named_tasks.of(facts):
        yield Start(one.file, one.line, one.command, "task", one.name)
    for path, *keys in _CONSOLE_SCRIPTS:
        for file, leaf in facts.leaves(path, *keys, "*"):
            yield Start(file, leaf.line, leaf.text, "task", leaf.keys[-1])
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
                yield Start(file, line, function.strip(), "task", name.strip())


_CONSOLE_SCRIPTS = (
    (r"(^|/)pyproject\.toml$", "project", "scripts"),
    (r"(^|/)pyproject\.toml$", "tool", "poetry", "scripts"),
)
_OF_SETUP_CFG = (r"(^|/)setup\.cfg$", "options.entry_points", "console_scripts")


def lines(script: File) -> list[Start]:
    return [line_of(script, one) for one in script.facts.commands]


def line_of(script: File, one: Command) -> Start:
    return Start(script, one.line, one.text, "script", script.name)
