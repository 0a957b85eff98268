"""Files that requests leave behind: uploads, results, and what pages write."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.code.names import scope_of
from apps.analysis.code.origins import Source, origin_of_argument
from apps.analysis.expressions import expression
from apps.analysis.foreign import languages
from apps.analysis.repository import places
from apps.analysis.running import answering
from apps.analysis.state import temporary_files

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call, Define
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File


def uploads(facts: Facts) -> list[Evidence]:
    """Files that a handler writes at a path that is not temporary."""
    found = []
    for file, define in answering.handlers(facts):
        found += [
            file.at(call.line)
            for call in answering.within(file, define)
            if writes_file(call) and not _is_temporary(facts, file, define, call)
        ]
    for file, define in answering.reached(facts):
        found += [
            file.at(call.line)
            for call in answering.within(file, define)
            if _appends_data(facts, file, call)
            or _keeps_upload(facts, file, define, call)
            or _leaves_result(facts, file, define, call)
        ]
    return [*found, *_of_pages(facts), *places(facts.calls("*.FileSystemStorage", files=facts.scripts))]


_STORE = expression(r"stor(e|age)|upload|repositor", re.IGNORECASE)


def of_stores(facts: Facts) -> list[Evidence]:
    """Files that servers in other languages write in what is called a store, to read them again."""
    written = languages.lines(facts, "file-write")
    return [file.at(line) for file, line, text in written if _STORE.search(file.name) and "tmp" not in text.lower()]


def _appends_data(facts: Facts, file: File, call: Call) -> bool:
    """Whether rows are added to a file that outlasts the request."""
    if call.name != "open" or not str(call.argument(1, "mode") or "").startswith("a"):
        return False
    named = f"{call.argument(0)} {origin_of_argument(facts, file, call, 0, 'file').literal}"
    return bool(re.search(r"\.(csv|jsonl?|tsv)\b", named))


def _keeps_upload(facts: Facts, file: File, define: Define, call: Call) -> bool:
    """Whether a function that a handler calls writes a file under the name that the request gives it."""
    written = call.name == "open" and str(call.argument(1, "mode") or "").startswith("wb")
    named = re.search(r"\{[^}]*filename\}|\.filename\b", str(call.argument(0)))
    return written and bool(named) and not _is_temporary(facts, file, define, call)


_FOR_OTHERS = expression(
    r"(^|\.)(upload|put_object|send|push|store_in|fput)\w*$|to_(s3|gcs|blob)$|(^|\.)(remove|unlink|rmtree)$"
)
_AT_START = expression(r"startup|on_start|(^|_)(init|load|log|train|main)|config")


def _leaves_result(facts: Facts, file: File, define: Define, call: Call) -> bool:
    """Whether a function that a handler calls leaves what it has made on this disk: it neither removes it nor hands it on.
    A report that each request draws anew is lost without harm."""
    if not writes_file(call) or call.last.endswith("_html") or _AT_START.search(define.name):
        return False
    if any(_FOR_OTHERS.search(one.name) for one in answering.within(file, define)):
        return False
    known = origin_of_argument(facts, file, call, 0).source is not Source.UNKNOWN
    return known and is_told(facts, file, define, call) and not _is_temporary(facts, file, define, call)


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


_WRITERS = frozenset(
    {"to_csv", "to_excel", "to_parquet", "to_pickle", "imwrite", "save_local", "copyfileobj", "save_html", "write_html"}
)
_IN_MEMORY = expression(r"^\$.*(buf|BytesIO|StringIO|(\b|_)io\b|stream)", re.IGNORECASE)  # a name, not a path
_SAVES_NO_FILE = expression(r"session|serializer|form|model\.save|db|buf|BytesIO|(\b|_)io\b|stream", re.IGNORECASE)


def writes_file(call: Call) -> bool:
    if call.name == "open" or call.name.endswith("aiofiles.open"):
        return str(call.argument(1, "mode") or "")[:1] in {"w", "a", "x"}
    if call.last == "write":
        return call.name.startswith(("soundfile.", "scipy.io.wavfile.", "skvideo."))
    if call.last != "save":
        return call.last in _WRITERS and bool(call.args) and not _IN_MEMORY.search(str(call.args[0]))
    return bool(call.args) and not _SAVES_NO_FILE.search(f"{call.name} {call.args[0]}")


def _is_temporary(facts: Facts, file: File, define: Define, call: Call) -> bool:
    if scope_of(define) in file.once(temporary_files.scopes):
        return True
    origin = origin_of_argument(facts, file, call, 0)
    return (
        bool(re.search(r"tmp|temp|BytesIO|buf", f"{origin.literal} {call.args[:1]}", re.IGNORECASE))
        or origin.source is Source.ENVIRONMENT
    )


def is_told(facts: Facts, file: File, define: Define, call: Call) -> bool:
    """Whether a request writes here: it runs the function itself, or no other caller chooses the path, if any."""
    if (file, define) in answering.handlers(facts):
        return True
    optional = {
        f"${one.name}"
        for one in (file.facts.code.assigns if file.facts.code else ())
        if one.how == "default" and one.value is None and one.scope == scope_of(define)
    }
    return call.argument(0) not in optional and origin_of_argument(facts, file, call, 0).source is not Source.FLAG
