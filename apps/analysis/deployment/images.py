"""Dockerfiles as stages: what they start from, install, copy, expose and run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from apps.analysis.expressions import expression

if TYPE_CHECKING:
    from apps.analysis.facts.model import Instruction
    from apps.analysis.repository import Facts, File

DEVELOPMENT = r"(^|/)\.devcontainer/|(^|/)(dockerfile|containerfile)[._-](dev|test|ci|local)|[._-](dev|local)\.(dockerfile|containerfile)$"
_PIP = expression(
    r"\b(?:pip[\d.]*|uv\s+pip|conda|mamba|micromamba)\s+install\b([^&|;]*)|\buv\s+add\b([^&|;]*)|\bpipx\s+install\b([^&|;]*)"
)
_SYSTEM = expression(
    r"\b(?:apt-get|apt|aptitude|apk|yum|microdnf|dnf|zypper|tdnf|pacman)\b[^&|;]*?\b(?:install|add|-S\w*)\b([^&|;]*)"
)
_TAKES_VALUE = expression(r"^(-r|-c|-f|-i|-e|-t|-n|--(requirement|constraint|find-links|index-url|extra-index-url|target|trusted-host|prefix|name|channel|platform|file|timeout)|-p)$")  # fmt: skip


class Stage(msgspec.Struct, frozen=True):
    """One FROM and what follows. `base` has its build arguments filled in, where they have defaults."""

    name: str
    base: str
    line: int
    instructions: tuple[Instruction, ...]

    @property
    def is_floating(self) -> bool:
        return is_floating(self.base)

    def of(self, *names: str) -> list[Instruction]:
        return [one for one in self.instructions if one.name in names]

    def last(self, name: str) -> Instruction | None:
        return next((one for one in reversed(self.instructions) if one.name == name), None)

    def system_installs(self) -> list[tuple[int, str]]:
        """(line, packages) of the operating system's package manager."""
        return [(one.line, match.group(1)) for one in self.of("RUN") for match in _SYSTEM.finditer(one.value)]

    def python_installs(self) -> list[tuple[int, str]]:
        """(line, requirement) of packages that are named in the Dockerfile itself."""
        return [(one.line, package) for one in self.of("RUN") for package in named_packages(one.value)]

    @property
    def takes_code(self) -> bool:
        """Whether a folder or a program comes out of the build context, not only lists of packages."""
        sources = [source for _, found in self.copies() for source in found]
        return any(not re.search(r"\.\w+$", source) or source.endswith((".py", ".", "/")) for source in sources)

    def copies(self) -> list[tuple[int, list[str]]]:
        """(line, sources) of what comes out of the build context."""
        return [
            (one.line, sources)
            for one in self.of("COPY", "ADD")
            if not re.search(r"--from=|<<|https?://", one.value) and (sources := _sources(one.value))
        ]


class Image(msgspec.Struct, frozen=True):
    file: File
    stages: tuple[Stage, ...]

    @property
    def final(self) -> Stage:
        return self.stages[-1]

    @property
    def is_development(self) -> bool:
        return bool(expression(DEVELOPMENT, re.IGNORECASE).search(self.file.path))

    @property
    def holds_code(self) -> bool:
        """Whether the image starts something, or code of the repository is copied into it."""
        return any(stage.of("CMD", "ENTRYPOINT") or stage.takes_code for stage in self.stages)

    def external_stages(self) -> list[Stage]:
        """Stages that start from an image of somebody else."""
        names = {stage.name for stage in self.stages if stage.name}
        return [stage for stage in self.stages if stage.base.lower() not in names and stage.base != "scratch"]


def images(facts: Facts) -> list[Image]:
    """Dockerfiles, those nearest to the root first; also of development containers."""
    return facts.once(_images)


def _images(facts: Facts) -> list[Image]:
    known = {file.path for file in facts.system}
    files = [file for file in facts.dockerfiles if file.path in known] or facts.dockerfiles
    files = sorted(files, key=lambda file: (file.path.count("/"), file.path))
    return [Image(file, stages) for file in files if (stages := _stages(file))]


def _stages(file: File) -> tuple[Stage, ...]:
    arguments: dict[str, str] = {}
    grouped: list[list[Instruction]] = []
    for one in file.facts.instructions:
        if one.name == "ARG" and not grouped:
            name, _, value = one.value.partition("=")
            arguments[name.strip()] = value.strip().strip("'\"")
        elif one.name == "FROM":
            grouped.append([one])
        elif grouped:
            grouped[-1].append(one)
    return tuple(_stage(group, arguments) for group in grouped)


def _stage(group: list[Instruction], arguments: dict[str, str]) -> Stage:
    words = [word for word in group[0].value.split() if not word.startswith("--")]
    base = re.sub(
        r"\$\{?(\w+)(?::-([^}]*))?\}?",
        lambda match: arguments.get(match.group(1)) or match.group(2) or match.group(0),
        words[0] if words else "",
    )
    name = words[2].lower() if len(words) > 2 and words[1].lower() == "as" else ""
    return Stage(name, base, group[0].line, tuple(group[1:]))


def is_floating(image: str) -> bool:
    """Whether the name says no version: no tag, `latest`, a tag without any number, or Python without its second one. A
    variable is a version."""
    if (
        "@sha256:" in image
        or "$" in image
        or "{{" in image
        or re.search(r"__\w+__|:\w*_?image_?tag\w*$", image, re.IGNORECASE)
    ):
        return False
    tag = image.rsplit("/", 1)[-1].partition(":")[2]
    return not re.search(r"\d", tag) or tag.startswith("latest") or bool(_ANY_PYTHON.search(image))


_ANY_PYTHON = expression(r"(^|/)python:3(-[a-z]+)*$")


def named_packages(command: str) -> list[str]:
    """The requirements that a shell line installs by name: `pip install a==1 b` gives `a==1` and `b`."""
    found = []
    for match in _PIP.finditer(command):
        skip = False
        for word in (match.group(1) or match.group(2) or match.group(3) or "").split():
            plain = word.strip("'\"")
            if (
                skip
                or not plain
                or plain.startswith((".", "/", "$", "http", "git+", "-", "<", ">", "\\"))
                or "/" in plain
            ):
                skip = bool(_TAKES_VALUE.match(plain)) and not skip
                continue
            found.append(plain)
    return found


def _sources(value: str) -> list[str]:
    text = " ".join(word for word in value.split() if not word.startswith("--"))
    if text.startswith("["):
        import json  # loads slowly, and few repositories need it

        try:
            words = [str(word) for word in json.loads(text)]
        except ValueError:
            return []
    else:
        words = text.split()
    return words[:-1]
