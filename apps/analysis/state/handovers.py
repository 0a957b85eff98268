"""Files that one task of an orchestrated system leaves on its disk and another one reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.code.importing import imported_by
from apps.analysis.code.origins import origin_of_argument
from apps.analysis.expressions import expression
from apps.analysis.repository import places
from apps.analysis.running import answering

if TYPE_CHECKING:
    from apps.analysis.facts.model import Define
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File


_ORCHESTRATED = ("airflow", "prefect", "luigi", "dagster", "celery")
_TASKS = expression(r"task|flow|\.op$|asset|celery", re.IGNORECASE)
_WRITES = (
    "*.to_csv",
    "*.to_parquet",
    "*.to_json",
    "*.to_excel",
    "*.to_pickle",
    "*.save",
    "*.savefig",
    "*.imwrite",
    "joblib.dump",
    "pickle.dump",
    "json.dump",
    "shutil.copyfileobj",
    "torch.save",
    "*.write_bytes",
    "*.write_text",
    "*.save_local",
    "*.persist",
    "numpy.save*",
)


def handed_over(facts: Facts) -> list[Evidence]:
    """Local files that one function of an orchestrated system writes and another one reads."""
    orchestrated = facts.imports(*_ORCHESTRATED)
    if not orchestrated:
        return []
    files = list(imported_by(facts, [file for file, _ in orchestrated]).values())
    written, read = _paths(facts, files, _WRITES), _paths(facts, files, _READS)
    same = [
        place
        for path in sorted(written.keys() & read.keys())
        if written[path][0] != read[path][0]
        for place in (written[path][1], read[path][1])
    ]
    return same or _handed_as_argument(facts, files) or _handed_by_catalog(facts)


def _handed_by_catalog(facts: Facts) -> list[Evidence]:
    """Data sets between the nodes of Kedro that its catalog keeps on this disk, where Airflow runs the nodes apart."""
    if not facts.imports("airflow") or not facts.imports("kedro"):
        return []
    between = r"^(?!\w+://|\$\{).*(interim|intermediate|primary|feature|model_input|processed|models?/)"
    return places(facts.leaves(r"(^|/)conf/[\w-]+/catalog[^/]*\.ya?ml$", "*", "filepath", value=between))


_READS = (
    "pandas.read_*", "joblib.load", "pickle.load", "torch.load", "*.load_model", "numpy.load", "json.load", "*.upload_file", "*.upload_from_filename", "*.fput_object",
)  # fmt: skip


def _handed_as_argument(facts: Facts, files: list[File]) -> list[Evidence]:
    """Two tasks that a flow gives the same path: the one writes there, the other reads."""
    writes, reads = _path_parameters(files, writing=True), _path_parameters(files, writing=False)
    given: dict[str, tuple[str, Evidence]] = {}
    for file, call in facts.calls(*[f"*{name}" for name in writes], files=files) if writes else ():
        for name, value in call.kwargs.items():
            if name in writes.get(call.last, ()) and isinstance(value, str):
                given[value] = (call.last, file.at(call.line))
    for file, call in facts.calls(*[f"*{name}" for name in reads], files=files) if reads else ():
        for name, value in call.kwargs.items():
            if name in reads.get(call.last, ()) and value in given and given[value][0] != call.last:
                return [given[value][1], file.at(call.line)]
    return []


def _path_parameters(files: list[File], *, writing: bool) -> dict[str, set[str]]:
    """By task, the parameters whose value it opens for writing, or else reads and uploads."""
    found: dict[str, set[str]] = {}
    for file in files:
        for define in file.once(_tasks):
            for call in answering.within(file, define):
                opens = call.name == "open" and (call.mode[:1] in {"w", "a"}) is writing
                uploads = not writing and call.last in {
                    "upload_file",
                    "upload_from_filename",
                    "fput_object",
                    "load_model",
                }
                if opens or uploads or (not writing and call.last.startswith("read_")):
                    values = [*call.args, *call.kwargs.values()]
                    used = {name for name in define.parameters if f"${name}" in values}
                    found.setdefault(define.name, set()).update(used)
    return {name: parameters for name, parameters in found.items() if parameters}


def _tasks(file: File) -> list[Define]:
    defines = file.facts.code.defines if file.facts.code else ()
    return [one for one in defines if any(_TASKS.search(decorator.name) for decorator in one.decorators)]


def _paths(facts: Facts, files: list[File], patterns: tuple[str, ...]) -> dict[str, tuple[str, Evidence]]:
    found: dict[str, tuple[str, Evidence]] = {}
    paths = {file.path for file in files}
    for file, call in facts.calls(*patterns):
        if file.path not in paths:
            continue
        for position in (0, 1):
            literal = origin_of_argument(
                facts, file, call, position, "path", "path_or_buf", "filename", "Filename"
            ).literal
            if literal and re.search(r"\.\w{2,8}$", literal) and "://" not in literal:
                found.setdefault(
                    re.sub(r"\{[^}]*\}|^\W+", "", literal), (f"{file.path}:{call.scope}", file.at(call.line))
                )
    return found
