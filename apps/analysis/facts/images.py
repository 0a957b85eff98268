"""Definitions of images that are no Dockerfiles, as the instructions that a Dockerfile would give."""

from __future__ import annotations

import re

from apps.analysis.expressions import expression
from apps.analysis.facts.model import Instruction

_SECTION = expression(r"^%(\w+)")
_BASE = expression(r"^(bootstrap|from)\s*:\s*(\S+)", re.IGNORECASE)
# Sections of Apptainer, and what a Dockerfile calls them; the others say nothing of what is installed or run.
_SECTIONS = {"post": "RUN", "files": "COPY", "environment": "ENV", "runscript": "ENTRYPOINT", "startscript": "CMD"}
_TARGET = expression(r"^([\w.-]+):\s*$")
LONGEST, MOST = 2000, 3000  # characters of an instruction, and instructions of a file
_OF_EARTHLY = frozenset(
    {"VERSION", "SAVE", "BUILD", "LOCALLY", "IF", "ELSE", "END", "FOR", "DO", "FUNCTION", "COMMAND"}
)


def is_other(name: str) -> bool:
    """Whether a file of this name is read here."""
    return name == "earthfile" or name.endswith(".def") or name.startswith(("singularity", "apptainer"))


def of_others(name: str, text: str) -> list[Instruction]:
    return (of_earthly(text) if name == "earthfile" else of_apptainer(text))[:MOST]


def of_apptainer(text: str) -> list[Instruction]:
    """None for a file that names no base. Each of the lines that are run is an instruction."""
    found: list[Instruction] = []
    section, stage, begins, local = "", -1, False, False
    for line, number in _joined(text):
        base, begun = _BASE.match(line), _SECTION.match(line)
        if base and base.group(1).lower() == "bootstrap":
            begins, section, local = True, "", base.group(2).lower() not in {"docker", "library", "shub", "oras"}
        elif base and begins and not section:
            stage += 1
            found.append(Instruction("FROM", "scratch" if local else base.group(2)[:LONGEST], number, stage))
        elif begun:
            section = _SECTIONS.get(begun.group(1), begun.group(1))
        elif section in _SECTIONS.values():
            words = f"{line} ." if section == "COPY" and " " not in line else re.sub(r"^exec\s+", "", line)
            found.append(Instruction(section, words[:LONGEST], number, max(stage, 0)))
    # Files are there before anything is run, wherever they are named.
    return sorted(found, key=lambda one: (one.stage, one.name != "FROM", one.name != "COPY")) if stage >= 0 else []


def of_earthly(text: str) -> list[Instruction]:
    """Each target is a stage, which begins where it says; without a base of its own it goes on from the file's."""
    found: list[Instruction] = []
    stage, base, begun = 0, "", -1
    for line, number in _joined(text):
        target = _TARGET.match(line)
        name, _, value = line[:LONGEST].partition(" ")
        if target:
            stage += 1
        elif name == "FROM" and not value.startswith("+"):
            base, begun = base or value, stage
            found.append(Instruction(name, value, number, stage))
        elif name.isupper() and name not in _OF_EARTHLY and name != "FROM":
            if begun != stage:
                begun = stage
                found.append(Instruction("FROM", base, number, stage))
            found.append(Instruction(name, value.strip(), number, stage))
    return found


def _joined(text: str) -> list[tuple[str, int]]:
    """Lines with those that continue them, without comments and empty ones; each with its number."""
    joined: list[tuple[str, int]] = []
    held, start = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        held, start = (f"{held} {line.strip()}", start) if held else (line.strip(), number)
        if held.endswith("\\") and len(held) < LONGEST:
            held = held[:-1].rstrip()
            continue
        joined.append((held, start))
        held = ""
    return [*joined, (held, start)] if held else joined
