"""Files that requests and tasks leave behind: uploads, results, and what pages write."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from apps.analysis.code.names import left_out, outwards, scope_of
from apps.analysis.code.origins import Origin, Source, origin_of, origin_of_argument
from apps.analysis.expressions import expression
from apps.analysis.foreign import languages
from apps.analysis.paths import Kind
from apps.analysis.repository import places
from apps.analysis.running import answering
from apps.analysis.state import temporary_files

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call, Define
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File


def uploads(facts: Facts) -> list[Evidence]:
    """Files that a handler, or a task of a queue, writes at a path that is not temporary."""
    found = []
    for file, define in [*answering.handlers(facts), *tasks(facts)]:
        if scope_of(define) not in file.once(_writing):
            continue
        found += [
            file.at(call.line)
            for call in answering.within(file, define)
            if writes_file(call) and not _is_temporary(facts, file, define, call)
        ]
    for file, define in answering.reached(facts):
        if scope_of(define) not in file.once(_writing):
            continue
        calls = answering.within(file, define)
        handed = {
            f"${one.target}" for one in calls if one.target and any(_UPLOADS.search(str(arg)) for arg in one.args)
        }
        kept = not _AT_START.search(define.name) and not any(_FOR_OTHERS.search(one.name) for one in calls)
        found += [
            file.at(call.line)
            for call in calls
            if _appends_data(facts, file, call)
            or (
                (
                    _keeps_upload(handed, call)
                    or _is_read_again(facts, file, call)
                    or (kept and _leaves_result(facts, file, define, call))
                )
                and not _is_temporary(facts, file, define, call)
            )
        ]
    return [*found, *_of_pages(facts), *places(facts.calls("*.FileSystemStorage", files=facts.scripts))]


_OPENS_IN_R = r"dbConnect\s*\(.{0,80}\b(?:SQLite|duckdb)\(\)(?!.{0,80}:memory:)"
_WRITES_IN_R = r"\bdb(?:Write|Append|Create)Table\s*\(|\bdb(?:Execute|SendStatement)\s*\("


def databases_in_r(facts: Facts) -> list[Evidence]:
    """Database files that an application in R opens and writes to."""
    if not any(facts.by_path[place.path].kind is Kind.R for place in facts.profile.serves.evidence):
        return []
    opened = [pair for pair in facts.signals("database", _OPENS_IN_R) if pair[0].kind is Kind.R]
    written = [file for file, _, _ in facts.signals("data-write", _WRITES_IN_R) if file.kind is Kind.R]
    return [file.at(line) for file, line, _ in opened] if written else []


def _writing(file: File) -> set[str]:
    """Functions and classes, or the module, within which files are opened or written."""
    calls = file.facts.code.calls if file.facts.code else ()
    writing = {call.scope for call in calls if call.name == "open" or writes_file(call)}
    return {outer for scope in writing for outer in outwards(scope)}


_STORE = expression(r"(?<!re)stor(e|age)|upload|repositor", re.IGNORECASE)
BY_HAND = expression(r"(^|/)(scripts?|bin|tools?|hack|cli|migrations?)/")  # nothing that answers


def of_stores(facts: Facts) -> list[Evidence]:
    """Files that servers in other languages write in what is called a store, to read them again."""
    written = languages.lines(facts, "file-write")
    return [
        file.at(line)
        for file, line, text in written
        if _STORE.search(file.name) and "tmp" not in text.lower()
        if not BY_HAND.search(file.path) and not languages.is_of_page(file)
    ]


def _appends_data(facts: Facts, file: File, call: Call) -> bool:
    """Whether rows are added to a file that outlasts the request."""
    if call.name != "open" or not call.mode.startswith("a"):
        return False
    named = f"{call.argument(0)} {origin_of_argument(facts, file, call, 0, 'file').literal}"
    return bool(re.search(r"\.(csv|jsonl?|tsv)\b", named))


_UPLOADS = expression(
    r"\{[^}]*filename\}|\.filename\b|(?:^|[/_'\"$])(?:static|uploads?|media)(?:_?(?:dir|folder|path))?(?:$|[/'\"])",
    re.IGNORECASE,
)


def _keeps_upload(handed: set[str], call: Call) -> bool:
    """Whether a function that a handler calls writes a file under the name that the request gives it, or into a folder of
    uploads or of what is handed out again; `handed` are names of such paths."""
    if call.name != "open" or not call.mode.startswith("wb"):
        return False
    path = str(call.argument(0))
    return path in handed or bool(_UPLOADS.search(path))


def _is_read_again(facts: Facts, file: File, call: Call) -> bool:
    """Whether another function behind a route opens what this one writes, by the same name: users, feedback, results."""
    path = str(call.argument(0, "file"))
    if call.name != "open" or not call.mode.startswith("w"):
        return False
    readers = facts.once(_readers).get((file.path, path), set())
    return bool(readers - {call.scope}) and not _CACHE.search(f"{path} {call.scope}")


def _readers(facts: Facts) -> dict[tuple[str, str], set[str]]:
    """By path of the module and what is opened there, the functions behind routes that read it."""
    found: dict[tuple[str, str], set[str]] = {}
    for file, define in answering.reached(facts):
        for one in answering.within(file, define):
            if one.name == "open" and one.mode.startswith("r"):
                found.setdefault((file.path, str(one.argument(0, "file"))), set()).add(one.scope)
    return found


_CACHE = expression(r"cache|model|config|te?mp", re.IGNORECASE)
_FOR_OTHERS = expression(
    r"(^|\.)(upload|put_object|send|push|store_in|fput)\w*$|to_(s3|gcs|blob)$|(^|\.)(remove|unlink|rmtree)$"
)
_AT_START = expression(r"startup|on_start|(^|_)(init|load|log|train|main)|config")
_MAY_BE_LOST = expression(r"cache", re.IGNORECASE)


def _leaves_result(facts: Facts, file: File, define: Define, call: Call) -> bool:
    """Whether a function that a handler calls, and that neither removes what it has made nor hands it on, leaves it on
    this disk. A report that each request draws anew is lost without harm."""
    if not writes_file(call) or call.last in _DRAWN:
        return False
    origin = _origin(facts, file, call)
    if origin.source is Source.UNKNOWN or _MAY_BE_LOST.search(f"{origin.literal} {_path(call)} {define.name}"):
        return False
    return is_told(facts, file, define, call)


_QUEUES = ("celery", "dramatiq", "huey", "rq", "arq", "taskiq")
_MARKS = expression(r"^shared_task$|(^|\.)(task|shared_task|actor|db_task)$")


def tasks(facts: Facts) -> list[tuple[File, Define]]:
    """Functions that workers of a queue run; those of orchestrators hand files on, which is asked elsewhere."""
    if not facts.imports(*_QUEUES, files=facts.scripts):
        return []
    apart = {file.path for file, _ in facts.imports("airflow", "prefect", "luigi", "invoke", files=facts.scripts)}
    return [
        (file, one)
        for file, one in facts.decorated(facts.scripts)
        if one.kind == "def" and file.path not in apart and any(_MARKS.search(mark.name) for mark in one.decorators)
    ]


def _of_pages(facts: Facts) -> list[Evidence]:
    """What a Streamlit script, which every action of a visitor runs from its top, writes outside of functions."""
    found = []
    for file in {file.path: file for file, _ in facts.imports("streamlit", files=facts.scripts)}.values():
        calls = file.facts.code.calls if file.facts.code else []
        if any(one.name.startswith("tempfile.") or one.last in {"remove", "unlink", "rmtree"} for one in calls):
            continue
        found += [
            file.at(call.line)
            for call in calls
            if not call.scope
            and call.name == "open"
            and writes_file(call)
            and not re.search("te?mp", str(call.args), re.IGNORECASE)
        ]
    return found


_DRAWN = frozenset({"save_html", "write_html", "savefig", "write_image"})
_WRITERS = _DRAWN | {
    "to_csv",
    "to_excel",
    "to_parquet",
    "to_pickle",
    "imwrite",
    "imsave",
    "save_image",
    "save_local",
    "copyfileobj",
}
_OF_PATHS = frozenset({"write_text", "write_bytes"})  # methods of what is written
_IN_MEMORY = expression(r"^\$.*(buf|BytesIO|StringIO|(\b|_)io\b|stream)", re.IGNORECASE)  # a name, not a path
_SAVES_NO_FILE = expression(
    r"session|serializer|form|model\.save|(engine|repository)\.save \$|db|buf|BytesIO|(\b|_)io\b|stream", re.IGNORECASE
)


def writes_file(call: Call) -> bool:
    if call.name == "open" or call.name.endswith("aiofiles.open"):
        return call.mode[:1] in {"w", "a", "x"}
    if _is_of_path(call):
        return call.last != "open" or bool(re.match(r"[wax][bt+]{0,2}$", str(call.argument(0, "mode"))))
    if call.last == "write":
        return call.name.startswith(("soundfile.", "scipy.io.wavfile.", "skvideo."))
    if call.last != "save":
        return call.last in _WRITERS and bool(call.args) and not _IN_MEMORY.search(str(call.args[0]))
    return bool(call.args) and not _SAVES_NO_FILE.search(f"{call.name} {call.args[0]}")


def _is_of_path(call: Call) -> bool:
    """Whether the call is a method of what it writes: `path.open("w")`."""
    return call.last in _OF_PATHS or (call.last == "open" and call.name not in {"open", "aiofiles.open"})


def _origin(facts: Facts, file: File, call: Call) -> Origin:
    """Where the path of what is written comes from."""
    return origin_of(facts, file, _path(call), call.scope, call.line)


def _path(call: Call) -> Any:  # noqa: ANN401 - an argument as it stands in the code
    return f"${call.name.rpartition('.')[0]}" if _is_of_path(call) else call.argument(0)


def _is_temporary(facts: Facts, file: File, define: Define, call: Call) -> bool:
    if scope_of(define) in file.once(temporary_files.scopes):
        return True
    origin = _origin(facts, file, call)
    return (
        bool(re.search(r"tmp|temp|BytesIO|buf", f"{origin.literal} {_path(call)}", re.IGNORECASE))
        or origin.source is Source.ENVIRONMENT
    )


def is_told(facts: Facts, file: File, define: Define, call: Call) -> bool:
    """Whether a request writes here: it runs the function itself, or no other caller chooses the path, if any."""
    if (file.path, define.line, define.name) in facts.once(_handled):
        return True
    optional = (scope_of(define), str(_path(call))) in file.once(left_out)
    return not optional and _origin(facts, file, call).source is not Source.FLAG


def _handled(facts: Facts) -> set[tuple[str, int, str]]:
    """(path, line, name) of the functions that requests run."""
    return {(file.path, define.line, define.name) for file, define in answering.handlers(facts)}
