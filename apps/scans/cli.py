"""`manage.py scan`: judges one repository with no server at all, and starts quickly because it is used often."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import msgspec

from apps.analysis import compilations
from apps.analysis.engine import analyse
from apps.repositories.commit import GitSnapshot, find_commit, locate
from apps.repositories.errors import RepositoryError
from apps.repositories.folder import FolderSnapshot
from apps.scans.document import as_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from apps.analysis.engine import Tree
    from apps.analysis.snapshot import Snapshot

    Tell = Callable[[str, float, str], None]

SCANNED, USAGE, UNREADABLE, INTERRUPTED = 0, 2, 3, 130
FETCH_SECONDS = 600
MEMORY_MB = 2048
PATIENCE = 0.4  # seconds before a progress bar is worth showing

DESCRIPTION = (
    "Shows how far a machine-learning repository follows the twelve-factor method, item by item, with evidence."
)
EXIT_CODES = """exit codes:
  0    scanned, whatever the score; files that could not be read are listed under "unread"
  2    wrong usage
  3    the repository or the commit cannot be read; one sentence on standard error says why
  130  interrupted
"""


def main(arguments: Sequence[str]) -> NoReturn:
    """Runs the command and ends the process with its exit code, at once: memory that ends with it need not be freed."""
    options = _parser().parse_args(arguments)
    held: list[Tree] = []
    code = _scan(options, held)
    compilations.keep()
    with contextlib.suppress(BrokenPipeError):  # whoever read the answer has seen enough
        sys.stdout.flush()
    os._exit(code)


def _scan(options: argparse.Namespace, held: list[Tree]) -> int:
    try:
        with _progress() as tell, _opened(options.target, options.commit, tell) as (snapshot, subfolder):
            known = options.cache.read_bytes() if options.cache and options.cache.exists() else b""
            report = analyse(snapshot, subfolder=subfolder, cached=known, progress=tell, held=held)
        if options.cache and report.packed_facts != known:
            options.cache.write_bytes(report.packed_facts)
    except (RepositoryError, OSError) as problem:
        sys.stderr.write(f"{problem}\n")
        return UNREADABLE
    except KeyboardInterrupt:
        return INTERRUPTED
    if options.json:
        document = msgspec.json.format(msgspec.json.encode(as_document(report)), indent=1)
        sys.stdout.buffer.write(document + b"\n")
    else:
        from apps.scans.card import print_card

        print_card(report, options.target)
    return SCANNED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="manage.py scan",
        description=DESCRIPTION,
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "target",
        metavar="PATH-OR-URL",
        help="a repository (bare or not), a folder inside one, a plain folder, or an https address",
    )
    parser.add_argument("--commit", default="", metavar="SHA", help="judge this commit instead of the newest")
    parser.add_argument(
        "--cache", type=Path, metavar="FILE", help="keep parsed files here, so that the next scan parses what changed"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of the card")
    return parser


@contextlib.contextmanager
def _opened(target: str, commit: str, tell: Tell) -> Iterator[tuple[Snapshot, str]]:
    """The snapshot to judge and the folder inside it that is meant."""
    if "://" in target and not target.startswith("file://"):
        with _fetched(target, commit, tell) as snapshot:
            yield snapshot, ""
    else:
        yield _local(Path(target.removeprefix("file://")), commit)


def _local(path: Path, commit: str) -> tuple[Snapshot, str]:
    if not path.is_dir():
        raise RepositoryError(f"{path} is not a folder." if path.exists() else f"There is no folder {path}.")
    located = locate(path)
    if located is None:
        if commit:
            raise RepositoryError(f"{path} is not a git repository, so it has no commit {commit}.")
        return FolderSnapshot(path), ""
    git_dir, subfolder = located
    snapshot = GitSnapshot(git_dir, find_commit(git_dir, commit))
    if subfolder and not any(entry.path.startswith(f"{subfolder}/") for entry in snapshot.entries):
        if commit:
            raise RepositoryError(f"There is no folder {subfolder} in commit {commit}.")
        return FolderSnapshot(path), ""  # it lies inside a repository that does not track it
    return snapshot, subfolder


@contextlib.contextmanager
def _fetched(url: str, commit: str, tell: Tell) -> Iterator[Snapshot]:

    import tempfile

    from django.conf import settings

    from apps.repositories.cache import mirror_of
    from apps.repositories.fetch import fetch
    from apps.repositories.policy import check_address

    if not settings.configured:
        settings.configure(USE_I18N=False)  # refusals are in English here, and no configuration is needed
    address = check_address(url)
    with tempfile.TemporaryDirectory(prefix="twelvefold-") as folder:
        mirrors = Path(folder)
        fetched = fetch(
            address,
            mirrors=mirrors,
            commit=commit,
            seconds=FETCH_SECONDS,
            memory_mb=MEMORY_MB,
            on_progress=lambda progress: tell(progress.stage, progress.share, progress.detail),
        )
        yield GitSnapshot(mirror_of(address, mirrors), fetched.commit)


@contextlib.contextmanager
def _progress() -> Iterator[Tell]:
    """Tells a person at a terminal how far the scan is, once it turns out to take a while."""
    if not sys.stderr.isatty():
        yield lambda _stage, _share, _about: None
        return
    begun = time.monotonic()
    with contextlib.ExitStack() as stack:
        bars: list[Tell] = []

        def tell(stage: str, share: float, about: str) -> None:
            if not bars and time.monotonic() - begun > PATIENCE:
                from apps.scans.card import progress_bar

                bars.append(stack.enter_context(progress_bar()))
            for bar in bars:
                bar(stage, share, about)

        yield tell
