"""The files of a snapshot with their facts: planned by path and size, read where the cache does not know them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from apps.analysis import corpora, installed
from apps.analysis.facts.extract import UNREAD, Depth
from apps.analysis.facts.model import FileFacts
from apps.analysis.file import File, as_read
from apps.analysis.paths import Kind, Role, kind_of, role_of
from apps.analysis.reading import Wanted, read
from apps.analysis.snapshot import SUBMODULE, SYMLINK
from apps.analysis.version import engine_version

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence

    from apps.analysis.snapshot import Entry, Snapshot

    Progress = Callable[[str, float, str], None]
    Reader = Callable[[Snapshot, Mapping[str, Sequence[Wanted]]], Iterable[tuple[str, bytes]]]

LARGEST_BLOB = 20_000_000  # bytes; notebooks with pictures are that large, code never is
LARGEST_POINTER = 1024  # bytes; a Git LFS pointer is smaller
MOST_FILES = 50_000
LONGEST_PATH = 500  # characters; expressions look at every path, and nobody works with a longer one
MOST_PYTHON = 1_500_000  # bytes of Python parsed whole in one tree; of more, the most telling files are

_CODE = frozenset({Kind.PYTHON, Kind.NOTEBOOK, Kind.GO, Kind.JAVA, Kind.SCALA, Kind.SCRIPT, Kind.R, Kind.SHELL})
# Of these kinds the parser is chosen by the name too, so that the name belongs to the cache's key.
_NAMED = frozenset(
    {Kind.PYTHON, Kind.JSON, Kind.TOML, Kind.INI, Kind.XML, Kind.SCALA, Kind.TEXT, Kind.ENV, Kind.YAML, Kind.DOCKERFILE}
)
_EMPTY = FileFacts()


class Pack:
    """Packed file facts by kind and blob id, as the cache keeps them between scans of one repository.

    What is read of several snapshots, one after the other, shares the files that they share.
    """

    def __init__(self, known: dict[str, bytes]) -> None:
        self._known = known
        self._used: dict[str, bytes] = {}
        self._planned_before: dict[Entry, _Planned] = {}
        self._planned: dict[Entry, _Planned] = {}

    @classmethod
    def unpack(cls, packed: bytes) -> Pack:
        """A pack of another engine version, or a damaged one, is an empty one."""
        try:
            version, known = msgspec.msgpack.decode(packed, type=tuple[str, dict[str, bytes]])
        except (msgspec.DecodeError, UnicodeDecodeError):
            version, known = "", {}
        return cls(known if version == engine_version() else {})

    def packed(self) -> bytes:
        """What was used since unpacking, in the order of the keys; what no file needs any more is left behind."""
        return msgspec.msgpack.encode((engine_version(), dict(sorted(self._used.items()))))

    def turn(self) -> None:
        """Goes on to the next snapshot: what was used of this one is what is known."""
        self._known, self._used = self._used, {}
        self._planned_before, self._planned = self._planned, {}

    def learn(self, facts: Mapping[str, bytes]) -> None:
        """Takes what was read elsewhere."""
        self._known |= facts

    def has(self, key: str) -> bool:
        if key not in self._used and key in self._known:
            self._used[key] = self._known[key]
        return key in self._used

    def keep(self, key: str, facts: bytes) -> None:
        self._used[key] = facts

    def planned(self, entry: Entry, path: str) -> _Planned:
        """How the file is read whose path in what is judged is `path`."""
        found = self._planned_before.get(entry)
        if found is None or found.plain.path != path:
            found = _planned(entry, path)
        found.depth = found.usual
        self._planned[entry] = found
        return found

    def file(self, one: _Planned) -> File:
        """It with its facts, plain where none are known."""
        if one.depth is None or not self.has(one.key):
            return one.plain
        if one.depth not in one.read:
            facts = msgspec.msgpack.decode(self._used[one.key], type=FileFacts)
            one.read[one.depth] = as_read(one.plain, facts)
        return one.read[one.depth]


@dataclass(slots=True)
class _Planned:
    """A file before and after reading. It is read as deep as `depth` says, not at all if None; `usual` is that of a
    tree which is not too large. Commits that share the file share this too."""

    entry: Entry
    plain: File
    usual: Depth | None
    depth: Depth | None = None
    read: dict[Depth, File] = field(default_factory=dict)
    _of_depth: str = field(init=False)

    def __post_init__(self) -> None:
        name = self.plain.name if self.plain.kind in _NAMED else ""
        self._of_depth = f"{self.plain.kind}:{name}:{self.entry.blob}"

    @property
    def key(self) -> str:
        return f"{self.depth}:{self._of_depth}"


def read_files(
    snapshot: Snapshot,
    *,
    subfolder: str = "",
    left_out: Container[str] = (),
    pack: Pack | None = None,
    progress: Progress | None = None,
    reader: Reader = read,
) -> tuple[list[File], list[dict[str, str]]]:
    """The files of `snapshot` below `subfolder` but those `left_out`, with their facts, and what was left unread with
    the reason.

    Facts come from `pack` where it holds them, else from `reader`, and are kept there.
    """
    pack = pack or Pack.unpack(b"")
    prefix = f"{subfolder}/" if subfolder else ""
    below = [entry for entry in snapshot.entries if entry.path.startswith(prefix) and entry.path not in left_out]
    collections = corpora.folders(entry.path.removeprefix(prefix) for entry in below)
    collected = tuple(f"{prefix}{folder}" for folder in collections)
    of_others = installed.beginnings(entry.path for entry in below)
    left_aside = (*collected, *of_others)
    entries = [
        entry
        for entry in below
        if entry.mode != SUBMODULE and len(entry.path) <= LONGEST_PATH and not entry.path.startswith(left_aside)
    ]
    if len(entries) > MOST_FILES:
        entries.sort(key=lambda entry: kind_of(entry.path) in UNREAD)  # thousands of pictures must not hide the code
    plan = [pack.planned(entry, entry.path.removeprefix(prefix)) for entry in entries[:MOST_FILES]]
    python = [one for one in plan if one.plain.kind is Kind.PYTHON and one.depth is Depth.WHOLE]
    if sum(one.entry.size or 0 for one in python) > MOST_PYTHON:
        for one in python:
            one.depth = Depth.THIN
        _take(plan, pack, progress, partial(reader, snapshot))
        for one in _most_telling(python, pack):
            one.depth = Depth.WHOLE
    _take(plan, pack, progress, partial(reader, snapshot))
    files, unread = [], []
    if any(len(entry.path) > LONGEST_PATH for entry in below):
        unread.append({"path": "", "reason": f"files whose paths are longer than {LONGEST_PATH} characters"})
    unread += [{"path": folder, "reason": "a collection of sources in many languages"} for folder in collected]
    unread += [
        {"path": path, "reason": "a package of others that was installed here"}
        for path in of_others
        if path.endswith(".dist-info/")
    ]
    if len(entries) > MOST_FILES:
        unread.append({"path": "", "reason": f"{len(entries) - MOST_FILES} files beyond the first {MOST_FILES}"})
    for one in plan:
        files.append(pack.file(one))
        reason = files[-1].facts.unparsed or _why_unread(one.entry, one.plain.kind)
        if reason:
            unread.append({"path": one.entry.path, "reason": reason})
    return files, unread


def _planned(entry: Entry, path: str) -> _Planned:
    file = File(path, kind_of(path), role_of(path), entry.size, _EMPTY, symlink=entry.mode == SYMLINK)
    if not _is_read(entry, file.kind, file.role):
        return _Planned(entry, file, None)
    return _Planned(entry, file, Depth.ASIDE if file.role is Role.TEST and file.kind in _CODE else Depth.WHOLE)


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


def _take(
    plan: Iterable[_Planned],
    pack: Pack,
    progress: Progress | None,
    reader: Callable[[Mapping[str, Sequence[Wanted]]], Iterable[tuple[str, bytes]]],
) -> None:
    """Reads what the plan wants and the pack does not hold."""
    wanted: dict[str, list[Wanted]] = {}
    for one in plan:
        if one.depth is not None and not pack.has(one.key):
            wish = Wanted(one.key, one.plain.kind, one.plain.name, one.entry.size or 0, one.depth)
            wanted.setdefault(one.entry.blob, []).append(wish)
    for number, (key, facts) in enumerate(reader(wanted)):
        pack.keep(key, facts)
        if progress and number % 16 == 0:
            progress("read", number / len(wanted), "")


def _most_telling(python: Iterable[_Planned], pack: Pack) -> list[_Planned]:
    """As many files as `MOST_PYTHON` allows: those of the system first, then by how many subjects they touch."""

    def rank(one: _Planned) -> tuple[bool, int, str]:
        return (one.plain.role is not Role.SYSTEM, -pack.file(one).facts.subjects, one.plain.path)

    chosen, room = [], MOST_PYTHON
    for one in sorted(python, key=rank):
        room -= one.entry.size or 0
        if room < 0:
            break
        chosen.append(one)
    return chosen
