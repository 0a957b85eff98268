"""Facts of files that run commands: shell scripts, Makefiles, Procfiles, Jenkinsfiles."""

from __future__ import annotations

import re

from apps.analysis.expressions import expression
from apps.analysis.facts.lines import Lines
from apps.analysis.facts.model import Command

MOST_COMMANDS = 3000
LONGEST_TARGET = 500  # characters that are read of a line which begins a target or names a program
_TARGET = expression(r"^([A-Za-z0-9_.$(){}%/-]+(?:\s+[A-Za-z0-9_.$(){}%/-]+)*)\s*(?::(?!=)|[\w\s='\"]*:\s*$)")
LONGEST_JOINED = 4000  # characters of a command that are put together
LONGEST_RECIPE = 900  # characters of a recipe that are put together
# A variable that names a program: a recipe that begins with it runs that.
_PROGRAM = expression(
    r"^(?:export\s+)?(\w+)\s*[:?]?:?=\s*((?:\S*/)?(?:python[\d.]*|docker|docker-compose|podman|kubectl|helm|terraform|uv|poetry|pipenv|conda|mamba|gcloud|aws|az|dvc|mlflow)(?:\s+(?:run|compose|exec)){0,2}(?:\s+python[\d.]*)?)\s*$"
)
_VARIABLE = expression(r"\$[({](\w+)[)}]")
# What a recipe tells before the command that it joins to it.
_SAID = expression(r"""^(?:(?:echo|printf)\s+(?:"[^"]*"|'[^']*')\s*(?:&&|;)\s*)+(?=\S)""")
_PROCESS = expression(r"^([A-Za-z0-9_-]+)\s*:\s*(.+)$")
_STEP = expression(
    r"\b(?:sh|bat|powershell)(?:\s*+\(\s*+|\s++)(?:script\s*+:\s*+)?(?:'''|\"\"\"|['\"])(.+?)(?:'''|\"\"\"|['\"])",
    re.DOTALL,
)


def of_shell(text: str) -> list[Command]:
    """Logical lines without the bodies of here-documents and without comments, but for those that schedulers read."""
    return [
        Command(line[:1000], number)
        for line, number in _logical(text)
        if not line.lstrip().startswith(("#", "REM ", "::")) or _DIRECTIVE.match(line)
    ][:MOST_COMMANDS]


# What a job of a cluster tells its scheduler.
_DIRECTIVE = expression(r"#(?:SBATCH|PBS|BSUB|\$) -")


_HERE = expression(r"<<-?\s*['\"]?(\w+)['\"]?")


def _logical(text: str) -> list[tuple[str, int]]:
    joined: list[tuple[str, int]] = []
    held, start, until = "", 0, ""
    for number, line in enumerate(text.split("\n"), 1):
        if until:
            until = "" if line.strip() == until else until
            continue
        more = line.strip() if len(held) < LONGEST_JOINED else "\\" * line.rstrip().endswith("\\")
        held, start = (held + more, start) if held else (line.strip() if not joined else line.rstrip(), number)
        if held.endswith("\\"):
            held = held[:-1].rstrip() + " "
            continue
        opened = _HERE.search(held) or _HERE.search(line)
        until = opened.group(1) if opened else ""
        if held.strip():
            joined.append((held.strip(), start))
        held = ""
    if held.strip():
        joined.append((held.strip(), start))
    return joined


def of_make(text: str) -> list[Command]:
    """Recipe lines under their target (also justfile recipes); variables and includes come with target ""."""
    commands: list[Command] = []
    target = ""
    programs: dict[str, str] = {}
    for line, number in _continued(text):
        if line[0] in "\t ":
            commands.append(Command(_recipe(line[:1000], programs)[:1000], number, target))
            continue
        found = _TARGET.match(line[:LONGEST_TARGET])
        if found and not line.startswith("."):
            target = found.group(1).split()[0]
            commands.append(Command(_first(line[found.end() : LONGEST_TARGET]), number, target))
        else:
            target = "" if not line.startswith(".") else target
            named = _PROGRAM.match(line) if len(line) <= LONGEST_TARGET else None
            programs |= {named.group(1): named.group(2)} if named else {}
            commands.append(Command(line.strip()[:1000], number, ""))
    return commands[:MOST_COMMANDS]


_NAMED = expression(r"(?<!\S)[A-Za-z][\w-]*(?!\S)")


def _first(prerequisites: str) -> str:
    """What a target has made before it, as a command; files are none."""
    named = _NAMED.findall(re.split(r"[#|;]", prerequisites)[0])
    return f"make {' '.join(named)}" if named and not _ASSIGNS.search(prerequisites) else ""


_ASSIGNS = expression(r"[=?]")  # of a variable of the target, or a recipe of `just` with parameters


def _recipe(line: str, programs: dict[str, str]) -> str:
    """What the recipe runs, with the names of programs filled in."""
    filled = _VARIABLE.sub(lambda match: programs.get(match.group(1), match.group(0)), line)
    return _SAID.sub("", filled.strip().lstrip("@-").strip())


def _continued(text: str) -> list[tuple[str, int]]:
    """Lines with those that continue them, up to a length, and without comments; each with its number."""
    joined: list[tuple[str, int]] = []
    held, start = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        if not held and (not line.strip() or line.lstrip().startswith("#")):
            continue
        indent = "\t" if held.startswith(("\t", " ")) else ""
        if held and len(held) + len(line) > LONGEST_RECIPE:
            joined.append((held, start))
            held = ""
        held, start = (f"{held}{line.strip()}", start) if held else (f"{indent}{line}" if indent else line, number)
        if held.endswith("\\"):
            held = f"{held[:-1].rstrip()} " if held[:-1].strip() else ""
            continue
        if held.strip():
            joined.append((held, start))
        held = ""
    return [*joined, (held, start)] if held.strip() else joined


_CLOCKED = expression(r"^(?:[\d*/,A-Za-z?-]+[ \t]+){5}(?:root[ \t]+)?(\S.*)$|^@\w+[ \t]+(\S.*)$")


def is_crontab(name: str) -> bool:
    return name == "crontab" or name.endswith((".cron", ".crontab"))


def of_crontab(text: str) -> list[Command]:
    found = ((number, _CLOCKED.match(line.strip()[:1000])) for number, line in enumerate(text.split("\n"), 1))
    return [Command(match.group(1) or match.group(2), number, "cron") for number, match in found if match]


def of_procfile(text: str) -> list[Command]:
    found = ((number, _PROCESS.match(line.strip())) for number, line in enumerate(text.split("\n"), 1))
    return [Command(match.group(2)[:1000], number, match.group(1)) for number, match in found if match]


def of_groovy(text: str) -> list[Command]:
    lines = Lines(text)
    return [
        Command(re.sub(r"\s+", " ", match.group(1)).strip()[:1000], lines.at(match.start()), "sh")
        for match in _STEP.finditer(text)
    ][:MOST_COMMANDS]
