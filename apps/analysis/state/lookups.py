"""Vocabularies, tokenizers, encoders, scalers, label maps and indexes: where they are loaded from, written and kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis import services
from apps.analysis.code.names import scope_of
from apps.analysis.code.origins import Source, origin_of, origin_of_argument
from apps.analysis.expressions import expression
from apps.analysis.foreign import languages
from apps.analysis.kept import kept
from apps.analysis.learning import objects
from apps.analysis.repository import places
from apps.analysis.services import Located
from apps.analysis.state import artefact_names as words
from apps.analysis.state import artefacts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.analysis.facts.model import Call
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

    Calls = list[tuple[File, Call]]


def locations(facts: Facts) -> artefacts.Locations:
    """Where vocabularies, tokenizers, encoders, scalers, label maps and vector indexes are loaded from or kept."""
    found = artefacts.Locations()
    scripts = facts.scripts or facts.notebooks
    for file, call in [*_tokenizers(facts, scripts), *facts.calls(*_OPENS, files=scripts, where=_reads_words)]:
        if call.name.startswith("tiktoken."):
            found.remote.append(file.at(call.line))
        else:
            artefacts.place_of_load(facts, file, call, found)
    for file, call in facts.calls(*words.UNPICKLED, files=scripts):
        pattern = words.TARGETS if call.name == "json.load" or words.TARGETS.search(call.target) else words.LOOKUP
        literal = origin_of_argument(facts, file, call, 0).literal or ""
        told = words.DATA_FOLDER.sub("", f"{call.target} {artefacts.shown(call)}")
        if (
            (pattern.search(told) and not words.ANSWERS.search(told))
            or (words.LOOKUP.search(name := artefacts.basename(literal)) and not words.ANSWERS.search(name))
            or call.target in file.once(objects.transforming)
        ):
            artefacts.place_of_load(facts, file, call, found)
    for file, call in facts.calls(*words.BUNDLED):
        _bundle_places(facts, file, call, found).append(file.at(call.line))
    for file, call in _wrapped(facts, words.UNPICKLED[:-1]):
        told = f"{call.target} {artefacts.shown(call)} {list(call.kwargs.values())}"
        if words.LOOKUP.search(told) or words.LOOKUP.search(artefacts.basename(_path_of(facts, file, call))):
            artefacts.place_of_load(facts, file, call, found)
    found.remote += [
        place
        for name, place in facts.once(artefacts.downloads)
        if words.LOOKUP_TEXT.search(name) or words.LOOKUP.search(name)
    ]
    found.given += places(languages.vector_stores(facts))
    found.given += _vector_columns(facts)
    found.remote += _logged(facts)
    found.given += places(pair for pair in _saved(facts) if _is_told_where(facts, *pair))
    for use in services.uses(facts, services.Kind.DATABASE):
        if words.INDEXES.search(use.service):
            kept = found.local if use.located in {Located.LOCAL, Located.LOCAL_SET} else found.given
            if use.located is Located.UNTOLD and re.search(r"Chroma|FAISS|on disk", use.service):
                kept = found.untold
            kept += use.places
    return found


# What is read line by line, and tells by its name what the lines are.
_OPENS = ("open", "io.open", "codecs.open", "*.GFile", "*.gfile.Open")
_LINES = expression(r"vocab|label_?map|(word|token|label|class)s?_?(2|to)_?(id|idx|index|ix)", re.IGNORECASE)


def _reads_words(_: File, call: Call) -> bool:
    return bool(_LINES.search(str(call.argument(0)))) and not re.search(r"[wax+]", call.mode)


def _vector_columns(facts: Facts) -> list[Evidence]:
    """Where a PostgreSQL is chosen that indexes vectors: the index lies in the database."""
    images = facts.leaves(r"\.ya?ml$", "**", "image", value=r"\bpgvector\b")
    return places([*facts.imports("pgvector", files=facts.scripts or facts.notebooks), *images])


def _path_of(facts: Facts, file: File, call: Call) -> str:
    """The path that one of the repository's own readers is given, whatever it calls it."""
    given = next(iter([*call.args, *call.kwargs.values()]), None)
    path = origin_of(facts, file, given, call.scope, call.line).literal or ""
    return "" if "{" in path else path  # of which others choose a part


def _tokenizers(facts: Facts, scripts: Sequence[File]) -> Calls:
    """Also of a class that a table chooses: `tokenizer = tokenizer_class.from_pretrained(path)`."""
    named = facts.calls(*words.TOKENIZERS, files=scripts)
    chosen = facts.calls("*.from_pretrained", files=scripts)
    named = [_filled(*pair) for pair in named]
    return named + [pair for pair in chosen if pair not in named and _CHOSEN.search(f"{pair[1].target} {pair[1].name}")]


def _filled(file: File, call: Call) -> tuple[File, Call]:
    """A processor that is made empty reads its model by a call of its own: `processor.Load(path)`."""
    if call.last == "SentencePieceProcessor" and not (call.args or call.kwargs) and call.target and file.facts.code:
        reads = {f"{call.target}.{name}" for name in ("Load", "load", "LoadFromFile", "load_from_file")}
        return file, next((one for one in file.facts.code.calls if one.name in reads and one.line >= call.line), call)
    return file, call


_CHOSEN = expression(r"tokeni[sz]er", re.IGNORECASE)
_THIS_DISK = expression(r"^(\.{0,2}/|~|models?/|output|checkpoints?/|artifacts?/)")
_NAMES_OF_BUNDLES = ("model", "model_name", "model_name_or_path", "model_id", "name")


def _bundle_places(facts: Facts, file: File, call: Call, found: artefacts.Locations) -> list[Evidence]:
    """Among which places a bundle belongs that usually comes from a hub: a path of this disk is none."""
    named = [*call.args[:2], *(call.kwargs.get(name) for name in _NAMES_OF_BUNDLES)]
    if any(isinstance(one, str) and _THIS_DISK.search(one) for one in named):
        return found.local
    return found.local if _is_stored_here(facts, file, call) else found.remote


def _is_stored_here(facts: Facts, file: File, call: Call) -> bool:
    """Whether a bundle of the system's own may be meant: what is loaded is no name in the code, and some are saved."""
    given = call.argument(0, "name")
    if call.last != "load" or not (isinstance(given, str) and given.startswith("$")):
        return False
    origin = origin_of(facts, file, given, call.scope, call.line)
    return origin.source is Source.LOCAL_PATH or (
        origin.source is Source.UNKNOWN and bool(facts.calls("*.to_disk", files=facts.scripts))
    )


def _wrapped(facts: Facts, patterns: tuple[str, ...]) -> Calls:
    """Calls of the repository's own small functions that do nothing but read, or write, an object at a path."""
    around = facts.calls(*patterns, files=facts.scripts)
    scopes = {(file.path, call.scope) for file, call in around if call.scope}
    names = {
        define.name
        for file in {file.path: file for file, _ in around}.values()
        for define in (file.facts.code.defines if file.facts.code else ())
        if (file.path, scope_of(define)) in scopes and 1 <= len(define.parameters) <= 3 and define.kind == "def"
    }
    names -= {"__init__", "predict", "main", "run", "load_model", "save_model"}
    return facts.calls(*names, *(f"*.{name}" for name in names), files=facts.scripts) if names else []


def saved(facts: Facts) -> list[Evidence]:
    """Where the code itself writes an encoder, scaler or vocabulary to a file."""
    return places(pair for pair in _saved(facts) if not _is_told_where(facts, *pair))


def _is_told_where(facts: Facts, file: File, call: Call) -> bool:
    """Whether a flag or the environment says where the object is written."""
    return origin_of_argument(facts, file, call, 1, "filename", "file", "f").settable


@kept
def _saved(facts: Facts) -> Calls:
    direct = [pair for pair in facts.calls(*words.SAVES) if pair[1].last in {"dump", "save"}]
    return [
        (file, call)
        for file, call in [*direct, *_wrapped(facts, words.SAVES[:6])]
        if (
            words.LOOKUP.search(told := " ".join(str(one) for one in [*call.args[:2], *call.kwargs.values()]))
            and not re.search(r"model|state_dict", told.split(" ")[0])
        )
        or words.prepares(file.once(objects.receivers).get(str(call.argument(0)).removeprefix("$"), ""))
    ]


def _logged(facts: Facts) -> list[Evidence]:
    """Where a module that writes an encoder or a scaler hands files to the tracker of its run."""
    saving = {file.path: file for file, _ in _saved(facts)}
    return places(facts.calls("mlflow.log_artifact*", "*.log_artifact", files=saving.values()))
