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


# Names that hold one of these words and are of something else.
_NO_INPUT = expression(
    r"^(datadog|dd|databricks|log)_|token|password|secret|api_?key|log_?(file|path|dir)|^(python|cuda_|ld_library_)?path$",
    re.IGNORECASE,
)


def by_environment(file: File) -> bool:
    """Whether a script reads from its environment what to read, or what to rebuild."""
    code = file.facts.code
    asked = ("os.getenv", "os.environ.get", "environ.get", "getenv", "os.environ[]")
    names = [str(call.argument(0)) for call in (code.calls if code else ()) if call.name in asked]
    return any(INPUTS.search(name) and not _NO_INPUT.search(name) for name in names)
