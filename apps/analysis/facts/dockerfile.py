"""Facts of Dockerfiles: their instructions. Apart, because the parser loads slowly."""

from __future__ import annotations

import io
import re

from dockerfile_parse import DockerfileParser

from apps.analysis.facts.model import Instruction


def of_dockerfile(text: str) -> list[Instruction]:
    """Instructions in order; comments are left out. A file that the parser cannot make sense of gives what it found."""
    parser = DockerfileParser(fileobj=io.BytesIO(_continued(text).encode()))
    instructions = []
    stage = -1
    for part in parser.structure:
        name = part["instruction"].upper()
        if name == "COMMENT":
            continue
        stage += name == "FROM"
        value = re.sub(r"\s+", " ", part["value"]).strip()[:2000]
        instructions.append(Instruction(name, value, part["startline"] + 1, max(stage, 0)))
    return instructions


def _continued(text: str) -> str:
    """The text with a comment for each empty line within an instruction: Docker reads on there, the parser does not."""
    lines, goes_on = text.split("\n"), False
    escape = "`" if re.match(r"#[ \t]*escape[ \t]*=[ \t]*`", text) else "\\"
    for number, line in enumerate(lines):
        if goes_on and not line.strip() and number < len(lines) - 1:
            lines[number] = "#"
        elif not line.lstrip().startswith("#"):
            goes_on = line.rstrip().endswith(escape)
    return "\n".join(lines)
