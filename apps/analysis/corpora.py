"""Collections of sources that a system learns from: they are its data, whatever language they are written in."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression

if TYPE_CHECKING:
    from collections.abc import Iterable

# A team that works in as many languages at once keeps no code of its own in a folder of this name.
_FOLDER = expression(r"^(?:[^/]+/){0,4}?(?:data|datasets?|corpus|corpora|training_?data|snippets)/")
# The suffixes of each language.
_SPELLED = (
    "c h cc cpp hpp cxx", "cs", "clj", "f90 f", "go", "hs", "java", "js ts jsx tsx", "jl", "kt", "lisp lsp cl el",
    "lua", "ml mli", "pas", "pl pm", "php", "py", "r", "rb", "rs", "scala", "scm rkt ss", "swift", "tcl", "dart",
    "erl", "ex exs",
)  # fmt: skip
_LANGUAGES = {suffix: number for number, suffixes in enumerate(_SPELLED) for suffix in suffixes.split()}
LEAST = 5  # each with as many files


def folders(paths: Iterable[str]) -> tuple[str, ...]:
    """Folders of data, with the slash at their end, that hold code in many languages."""
    held: dict[str, Counter[int]] = defaultdict(Counter)
    for path in paths:
        language = _LANGUAGES.get(path.rpartition(".")[2].lower())
        found = _FOLDER.match(path) if language is not None else None
        if language is not None and found:
            held[found.group()][language] += 1
    return tuple(
        folder for folder, languages in held.items() if sum(files >= LEAST for files in languages.values()) >= LEAST
    )
