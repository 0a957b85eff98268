"""From a snapshot to findings: take file facts from the cache or extract them, assemble, run every check."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from apps.analysis import checks
from apps.analysis.facts.extract import UNREAD
from apps.analysis.facts.model import FileFacts
from apps.analysis.facts.secrets import redacted
from apps.analysis.findings import Evidence, Finding
from apps.analysis.paths import Kind, Role, kind_of, role_of
from apps.analysis.reading import Wanted, read
from apps.analysis.repository import Facts, File
from apps.analysis.snapshot import REGULAR, SUBMODULE, SYMLINK
from apps.catalog import CATALOGUE_VERSION, ITEMS, State

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.analysis.snapshot import Entry, Snapshot

    Progress = Callable[[str, float, str], None]

LARGEST_BLOB = 20_000_000  # bytes; notebooks with pictures are that large, code never is
MOST_FILES = 50_000
CODE = frozenset({Kind.PYTHON, Kind.NOTEBOOK, Kind.GO, Kind.JAVA, Kind.SCALA, Kind.SCRIPT, Kind.R, Kind.SHELL})
LARGEST_POINTER = 1024  # bytes; a Git LFS pointer is smaller
LONGEST_EXCERPT = 200


@dataclass(slots=True)
class Report:
    """What one scan found. `findings` has an entry for each item of the catalogue."""

    commit: str
    findings: dict[str, Finding]
    profile: dict[str, Any]
    unread: list[dict[str, str]]
    engine_version: str
    catalogue_version: str = CATALOGUE_VERSION
    packed_facts: bytes = b""
    file_count: int = 0


@cache
def engine_version() -> str:
    """A digest of the analysis' own source: facts and findings of another version are not comparable."""
    digest = hashlib.sha256()
    folder = Path(__file__).parent
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def analyse(
    snapshot: Snapshot, *, subfolder: str = "", cached: bytes = b"", progress: Progress | None = None
) -> Report:
    """Judges `snapshot`, or the part of it under `subfolder`. `cached` is an earlier report's `packed_facts`.

    `progress` is called with the stage ("read", "check"), the share of it that is done (0..1) and what it is about.
    """
    tell = progress or (lambda _stage, _share, _about: None)
    pack = Pack.unpack(cached)
    files, unread = read_files(snapshot, subfolder=subfolder.strip("/"), pack=pack, progress=tell)
    facts = Facts(files)
    found: dict[str, Finding] = {}
    loaded = checks.load()
    for number, (item, check) in enumerate(loaded.items()):
        tell("check", number / len(loaded), item)
        found[item] = _run(check, facts)
    findings = {item: found.get(item) or Finding(State.UNKNOWN, "No check judges this item yet.") for item in ITEMS}
    findings = _with_excerpts(findings, snapshot, subfolder.strip("/"))
    return Report(
        commit=snapshot.commit,
        findings=findings,
        profile=facts.profile.as_json(),
        unread=unread,
        engine_version=engine_version(),
        packed_facts=pack.packed(),
        file_count=len(files),
    )


def _run(check: checks.Check, facts: Facts) -> Finding:
    try:
        return check(facts)
    except Exception as problem:  # noqa: BLE001 - one broken check must cost its own item only
        return Finding(State.UNKNOWN, "The check crashed.", error=f"{type(problem).__name__}: {problem}"[:300])


def read_files(
    snapshot: Snapshot, *, subfolder: str = "", pack: Pack | None = None, progress: Progress | None = None
) -> tuple[list[File], list[dict[str, str]]]:
    """The files of `snapshot` below `subfolder` with their facts, and what was left unread with the reason.

    Facts come from `pack` where it holds them and are kept there.
    """
    pack = pack or Pack.unpack(b"")
    prefix = f"{subfolder}/" if subfolder else ""
    entries = [entry for entry in snapshot.entries if entry.path.startswith(prefix) and entry.mode != SUBMODULE]
    plan = [_planned(entry, entry.path.removeprefix(prefix)) for entry in entries[:MOST_FILES]]
    wanted: dict[str, list[Wanted]] = {}
    for entry, file, key in plan:
        if key and not pack.has(key):
            one = Wanted(key, file.kind, file.name, entry.size or 0, _is_aside(file))
            wanted.setdefault(entry.blob, []).append(one)
    for number, (key, facts) in enumerate(read(snapshot, wanted)):
        pack.keep(key, facts)
        if progress and number % 16 == 0:
            progress("read", number / len(wanted), "")
    unread = []
    if len(entries) > MOST_FILES:
        unread.append({"path": "", "reason": f"{len(entries) - MOST_FILES} files beyond the first {MOST_FILES}"})
    files = []
    for entry, file, key in plan:
        known = replace(file, facts=pack.facts(key)) if key and pack.has(key) else file
        reason = known.facts.unparsed or _why_unread(entry, file.kind)
        if reason:
            unread.append({"path": entry.path, "reason": reason})
        files.append(known)
    return files, unread


class Pack:
    """Packed file facts by kind and blob id, as the cache keeps them between scans of one repository."""

    def __init__(self, known: dict[str, bytes]) -> None:
        self._known = known
        self._used: dict[str, bytes] = {}

    @classmethod
    def unpack(cls, packed: bytes) -> Pack:
        """A pack of another engine version, or a damaged one, is an empty one."""
        try:
            version, known = msgspec.msgpack.decode(packed, type=tuple[str, dict[str, bytes]])
        except msgspec.DecodeError:
            version, known = "", {}
        return cls(known if version == engine_version() else {})

    def packed(self) -> bytes:
        """What was used since unpacking; what no file needs any more is left behind."""
        return msgspec.msgpack.encode((engine_version(), self._used))

    def has(self, key: str) -> bool:
        if key not in self._used and key in self._known:
            self._used[key] = self._known[key]
        return key in self._used

    def keep(self, key: str, facts: bytes) -> None:
        self._used[key] = facts

    def facts(self, key: str) -> FileFacts:
        return msgspec.msgpack.decode(self._used[key], type=FileFacts)


# Of these kinds the parser is chosen by the name too, so that the name belongs to the cache's key.
_NAMED = frozenset({Kind.PYTHON, Kind.JSON, Kind.TOML, Kind.INI, Kind.XML, Kind.SCALA, Kind.TEXT, Kind.ENV, Kind.YAML})
_EMPTY = FileFacts()


def _planned(entry: Entry, path: str) -> tuple[Entry, File, str]:
    """The entry, its file without facts, and the key of its facts: empty when its content is not read."""
    file = File(path, kind_of(path), role_of(path), entry.size, _EMPTY, symlink=entry.mode == SYMLINK)
    if not _is_read(entry, file.kind, file.role):
        return entry, file, ""
    name = "aside" if _is_aside(file) else file.name if file.kind in _NAMED else ""
    return entry, file, f"{file.kind}:{name}:{entry.blob}"


def _is_aside(file: File) -> bool:
    return file.role is Role.TEST and file.kind in CODE


def _is_read(entry: Entry, kind: Kind, role: Role) -> bool:
    if entry.size is None or entry.mode == SYMLINK or role in {Role.VENDORED, Role.GENERATED}:
        return False
    if kind in UNREAD:
        return entry.size < LARGEST_POINTER and kind is not Kind.OPAQUE
    return entry.size <= LARGEST_BLOB


def _why_unread(entry: Entry, kind: Kind) -> str:
    if entry.size is None:
        return "absent from this copy of the repository"
    return "too large" if entry.size > LARGEST_BLOB and kind not in UNREAD else ""


def _with_excerpts(findings: dict[str, Finding], snapshot: Snapshot, subfolder: str) -> dict[str, Finding]:
    """Each cited place with the line that stands there, masked; paths as they are in the whole repository."""
    prefix = f"{subfolder}/" if subfolder else ""
    cited = {prefix + place.path for one in findings.values() for place in one.evidence if place.line}
    blobs = {
        entry.path: entry.blob
        for entry in snapshot.entries
        if entry.path in cited and entry.mode in {REGULAR, 0o100755}
    }
    contents = dict(snapshot.read(set(blobs.values())))
    lines = {
        path: contents[blob].decode(errors="replace").splitlines() for path, blob in blobs.items() if blob in contents
    }

    def shown(place: Evidence) -> Evidence:
        path = prefix + place.path
        held = lines.get(path, [])
        text = held[place.line - 1].strip() if 0 < place.line <= len(held) else ""
        return Evidence(path, place.line, redacted(text[: LONGEST_EXCERPT * 4])[:LONGEST_EXCERPT])

    return {
        item: replace(one, evidence=tuple(shown(place) for place in one.evidence)) for item, one in findings.items()
    }
