"""What names the inputs of a run, and which scripts take theirs from the environment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression

if TYPE_CHECKING:
    from apps.analysis.repository import File

INPUTS = expression(
    r"input|source|src|data|path|file|folder|dir|index|collection|table|start|since|until|from_|(^|_)(end|date|to|day)s?($|_)|range|limit",
    re.IGNORECASE,
)


def by_environment(file: File) -> bool:
    """Whether a script reads from its environment what to read, or what to rebuild."""
    code = file.facts.code
    asked = ("os.getenv", "os.environ.get", "environ.get", "getenv", "os.environ[]")
    return code is not None and any(call.name in asked and INPUTS.search(str(call.argument(0))) for call in code.calls)
