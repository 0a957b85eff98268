"""From a snapshot to findings: take file facts from the cache or extract them, assemble, run every check."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from apps.analysis import checks
from apps.analysis.facts.extract import UNREAD, facts_of
from apps.analysis.facts.model import FileFacts
from apps.analysis.facts.secrets import redacted
from apps.analysis.findings import Evidence, Finding
from apps.analysis.paths import Kind, Role, kind_of, role_of
from apps.analysis.repository import Facts, File
from apps.analysis.snapshot import REGULAR, SUBMODULE, SYMLINK
from apps.catalog import CATALOGUE_VERSION, ITEMS, State

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.analysis.snapshot import Entry, Snapshot

    Progress = Callable[[str, float, str], None]

LARGEST_BLOB = 20_000_000  # bytes; notebooks with pictures are that large, code never is
MOST_FILES = 50_000
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
    pack = _Pack.unpack(cached)
    files, unread = _files(snapshot, subfolder.strip("/"), pack, tell)
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


def read_files(snapshot: Snapshot) -> list[File]:
    """The files of `snapshot` with their facts, without cache or progress."""
    return _files(snapshot, "", _Pack.unpack(b""), lambda _stage, _share, _about: None)[0]


class _Pack(msgspec.Struct):
    """File facts by kind and blob id, as the cache keeps them between scans of one repository."""

    version: str
    facts: dict[str, msgspec.Raw]
    used: dict[str, msgspec.Raw] = {}

    @classmethod
    def unpack(cls, packed: bytes) -> _Pack:
        """A stale or damaged pack is an empty one."""
        try:
            version, facts = msgspec.msgpack.decode(packed, type=tuple[str, dict[str, msgspec.Raw]])
        except msgspec.DecodeError:
            version, facts = "", {}
        return cls(engine_version(), facts if version == engine_version() else {})

    def packed(self) -> bytes:
        return msgspec.msgpack.encode((self.version, self.used))

    def take(self, key: str) -> FileFacts | None:
        raw = self.facts.get(key)
        if raw is None:
            return None
        self.used[key] = raw
        return msgspec.msgpack.decode(raw, type=FileFacts)

    def keep(self, key: str, facts: FileFacts) -> None:
        self.used[key] = msgspec.Raw(msgspec.msgpack.encode(facts))


def _files(snapshot: Snapshot, subfolder: str, pack: _Pack, tell: Progress) -> tuple[list[File], list[dict[str, str]]]:
    prefix = f"{subfolder}/" if subfolder else ""
    entries = [entry for entry in snapshot.entries if entry.path.startswith(prefix) and entry.mode != SUBMODULE]
    unread = [{"path": "", "reason": f"{len(entries) - MOST_FILES} files beyond the first {MOST_FILES}"}]
    unread = unread if len(entries) > MOST_FILES else []
    extracted: dict[str, FileFacts] = {}
    wanted: dict[str, list[tuple[str, Kind, str]]] = {}  # blob -> [(cache key, kind, name)]
    plan: list[tuple[Entry, str, Kind, Role, str]] = []
    for entry in entries[:MOST_FILES]:
        path = entry.path.removeprefix(prefix)
        kind, role = kind_of(path), role_of(path)
        name = path.rsplit("/", 1)[-1].lower()
        key = f"{kind}:{name if kind in _NAMED else ''}:{entry.blob}"
        plan.append((entry, path, kind, role, key))
        if not _is_read(entry, kind, role) or key in extracted:
            continue
        cached = pack.take(key)
        if cached is not None:
            extracted[key] = cached
        else:
            wanted.setdefault(entry.blob, []).append((key, kind, name))
    _extract(snapshot, wanted, extracted, pack, tell)
    empty = FileFacts()
    files = []
    for entry, path, kind, role, key in plan:
        facts = extracted.get(key, empty)
        if facts.unparsed:
            unread.append({"path": path, "reason": facts.unparsed})
        elif entry.size is None or (entry.size > LARGEST_BLOB and kind not in UNREAD):
            unread.append({"path": path, "reason": "absent" if entry.size is None else "too large"})
        files.append(File(path, kind, role, entry.size, facts, symlink=entry.mode == SYMLINK))
    return files, unread


# Of these kinds the parser is chosen by the name too, so that the name belongs to the cache's key.
_NAMED = frozenset({Kind.PYTHON, Kind.JSON, Kind.TOML, Kind.INI, Kind.XML, Kind.SCALA, Kind.TEXT, Kind.ENV, Kind.YAML})


def _is_read(entry: Entry, kind: Kind, role: Role) -> bool:
    if entry.size is None or entry.mode == SYMLINK or role in {Role.VENDORED, Role.GENERATED}:
        return False
    if kind in UNREAD:
        return entry.size < 1024 and kind is not Kind.OPAQUE  # small enough to be a Git LFS pointer
    return entry.size <= LARGEST_BLOB


def _extract(
    snapshot: Snapshot,
    wanted: dict[str, list[tuple[str, Kind, str]]],
    extracted: dict[str, FileFacts],
    pack: _Pack,
    tell: Progress,
) -> None:
    for number, (blob, content) in enumerate(snapshot.read(wanted)):
        for key, kind, name in wanted[blob]:
            if number % 16 == 0:
                tell("read", number / len(wanted), name)
            facts = facts_of(kind, name, content)
            extracted[key] = facts
            pack.keep(key, facts)


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
