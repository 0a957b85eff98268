"""From a snapshot to findings: take file facts from the cache or extract them, assemble, run every check."""

from __future__ import annotations

import contextlib
import gc
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from apps.analysis import checks
from apps.analysis.corrections import corrected
from apps.analysis.facts.extract import in_utf8
from apps.analysis.files import Pack, read_files
from apps.analysis.findings import Evidence, Finding
from apps.analysis.judging import judged, run
from apps.analysis.profile import profile_of
from apps.analysis.reading import read
from apps.analysis.repository import Facts
from apps.analysis.settings_file import settings_of
from apps.analysis.shown import excerpt, storable, told, visible
from apps.analysis.snapshot import EXECUTABLE, REGULAR, Edit
from apps.analysis.version import engine_version
from apps.catalog import CATALOGUE_VERSION, ITEMS, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from apps.analysis.files import Progress, Reader
    from apps.analysis.settings_file import Settings
    from apps.analysis.snapshot import Snapshot

LONGEST_EXCERPT = 200
LONGEST_LINE = 10_000  # bytes of a line that an excerpt is made of


class Report(msgspec.Struct):
    """What one scan found. `findings` has an entry for each item of the catalogue.

    `changed` is what was done to files since the commit of the scan before, None where that is not known any more.
    `baseline` is that commit judged anew, when it was judged by other rules: it tells what they changed from what the
    code did.
    """

    commit: str
    findings: dict[str, Finding]
    profile: dict[str, Any]
    unread: list[dict[str, str]]
    engine_version: str
    catalogue_version: str = CATALOGUE_VERSION
    packed_facts: bytes = b""
    file_count: int = 0
    settings: dict[str, Any] = {}
    changed: dict[str, Edit] | None = None
    baseline: Report | None = None

    @property
    def rules(self) -> str:
        """By what was judged, in one word that can be compared."""
        return f"{self.catalogue_version}/{self.engine_version}"


class Tree(msgspec.Struct):
    """A snapshot that was read: what checks judge, and what a report says beside."""

    snapshot: Snapshot
    facts: Facts
    folder: str
    settings: Settings
    left_out: dict[str, str]
    unread: list[dict[str, str]]

    @property
    def prefix(self) -> str:
        """What leads to its files in the whole repository."""
        return f"{self.folder}/" if self.folder else ""


def assemble(
    snapshot: Snapshot,
    *,
    subfolder: str = "",
    corrections: Mapping[str, bool] | None = None,
    pack: Pack,
    neighbour: Tree | None = None,
    progress: Progress | None = None,
    reader: Reader = read,
) -> Tree:
    """Reads `snapshot`, or the part of it under `subfolder`, as far as `pack` does not know it already.

    `corrections` are what members say of claims of the profile; they count more than the settings in the repository.
    `neighbour` is another commit of the repository that was read with the same pack: what is known of the files that
    both have is not looked for again.
    """
    settings = settings_of(snapshot, subfolder.strip("/"))
    left_out = settings.left_out(entry.path for entry in snapshot.entries)
    folder = subfolder.strip("/") or settings.root
    files, unread = read_files(
        snapshot, subfolder=folder, left_out=left_out, pack=pack, progress=progress, reader=reader
    )
    facts = Facts(
        files,
        lambda all_of_it: corrected(profile_of(all_of_it), members=corrections or {}, settings=settings.profile),
        neighbour=neighbour.facts if neighbour else None,
    )
    return Tree(snapshot, facts, folder, settings, left_out, unread)


def judge(facts: Facts, progress: Progress | None = None, *, alone: bool = False) -> dict[str, Finding]:
    """A finding for each item of the catalogue, evidence without excerpts. Two processes judge, or this one `alone`."""
    loaded = checks.load()
    found = {item: run(check, facts) for item, check in loaded.items()} if alone else judged(loaded, facts, progress)
    return {item: found.get(item) or Finding(State.UNKNOWN, "No check judges this item yet.") for item in ITEMS}


@contextlib.contextmanager
def _nothing_collected() -> Iterator[None]:
    """Facts and syntax trees hold no cycles, and walking them again and again takes a seventh of a scan."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


@_nothing_collected()
def analyse(
    snapshot: Snapshot,
    *,
    subfolder: str = "",
    corrections: Mapping[str, bool] | None = None,
    cached: bytes = b"",
    progress: Progress | None = None,
    held: list[Tree] | None = None,
) -> Report:
    """Judges what `assemble` reads. `cached` is an earlier report's `packed_facts`.

    `progress` is called with the stage ("read", "check"), the share of it that is done (0..1) and what it is about.
    What was read goes into `held`: to free it takes up to a tenth of a scan, and a process that ends then need not.
    """
    pack = Pack.unpack(cached)
    reader = partial(read, meanwhile=checks.load)
    tree = assemble(snapshot, subfolder=subfolder, corrections=corrections, pack=pack, progress=progress, reader=reader)
    if held is not None:
        held.append(tree)
    return Report(
        commit=snapshot.commit,
        findings=_with_excerpts(judge(tree.facts, progress), snapshot, tree.prefix),
        profile=storable(tree.facts.profile.as_json(tree.prefix)),
        unread=storable([*tree.settings.unread(), *_counted(tree.left_out, tree.settings.path), *tree.unread]),
        engine_version=engine_version(),
        packed_facts=pack.packed(),
        file_count=len(tree.facts.files),
        settings=storable(tree.settings.as_json()),
    )


def _counted(left_out: dict[str, str], settings: str) -> list[dict[str, str]]:
    """What the repository asked to leave out, pattern by pattern: nobody shall be judged better unseen."""
    return [
        {"path": settings, "reason": f"exclude: `{pattern}` leaves out {count} {'file' if count == 1 else 'files'}."}
        for pattern, count in Counter(left_out.values()).items()
    ]


def _with_excerpts(findings: dict[str, Finding], snapshot: Snapshot, prefix: str) -> dict[str, Finding]:
    """Each cited place with the line that stands there, masked; paths as they are in the whole repository."""
    cited = {prefix + place.path for one in findings.values() for place in one.evidence if place.line}
    blobs = {
        entry.path: entry.blob
        for entry in snapshot.entries
        if entry.path in cited and entry.mode in {REGULAR, EXECUTABLE}
    }
    wanted: dict[str, set[int]] = {}
    for one in findings.values():
        for place in one.evidence:
            if blob := blobs.get(prefix + place.path):
                wanted.setdefault(blob, set()).add(place.line)
    lines = {blob: _lines_of(content, wanted[blob]) for blob, content in snapshot.read(wanted)}

    def shown(place: Evidence) -> Evidence:
        path = prefix + place.path
        return Evidence(visible(path), place.line, lines.get(blobs.get(path, ""), {}).get(place.line, ""))

    return {
        item: replace(
            one,
            evidence=tuple(shown(place) for place in one.evidence),
            summary=told(one.summary),
            error=told(one.error),
        )
        for item, one in findings.items()
    }


def _lines_of(content: bytes, numbers: Iterable[int]) -> dict[int, str]:
    """Excerpts of these lines. They come one by one, so that many large files never lie in memory at once."""
    held = in_utf8(content).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    return {
        number: excerpt(held[number - 1][:LONGEST_LINE].decode(errors="replace"), LONGEST_EXCERPT)
        for number in numbers
        if 0 < number <= len(held)
    }
