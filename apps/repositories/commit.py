"""Reads one commit of a repository of this machine through streamed `git cat-file`, never through a work tree."""

from __future__ import annotations

import os
import subprocess
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING

from msgspec.structs import replace

from apps.analysis.snapshot import SUBMODULE, Entry
from apps.repositories.environment import reading_environment
from apps.repositories.errors import RepositoryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

LARGEST_BLOB = 20_000_000  # bytes
LONGEST_LISTING = 64 * 1024 * 1024


def git(directory: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Runs one short, reading git command in `directory`."""
    return subprocess.run(
        ["git", *arguments],  # noqa: S607 - found on the fixed search path of the exact environment
        cwd=directory,
        env=reading_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )


def locate(path: Path) -> tuple[Path, str] | None:
    """The git directory that holds `path` (bare or not) and the folder of `path` inside it; None outside of any."""
    answer = git(path, "rev-parse", "--absolute-git-dir", "--show-prefix")
    if answer.returncode:
        return None
    directory, prefix = answer.stdout.decode("utf-8", "surrogateescape").split("\n")[:2]
    return Path(directory), prefix.rstrip("/")


def find_commit(git_dir: Path, revision: str = "") -> str:
    """The full id of `revision`, or of the checked-out branch. `RepositoryError` when there is no such commit."""
    if revision.startswith("-"):
        raise RepositoryError(f"There is no commit {revision} in this repository.")
    answer = git(git_dir, "--git-dir=.", "rev-parse", "--verify", "--quiet", f"{revision or 'HEAD'}^{{commit}}")
    if answer.returncode == 0:
        return answer.stdout.decode("ascii").strip()
    if revision:
        raise RepositoryError(f"There is no commit {revision} in this repository.")
    raise RepositoryError("The repository has no commit yet.")


class GitSnapshot:
    """One commit of the repository in `git_dir`. Blobs that are absent have size None and are not read.

    Contents above `largest_blob` bytes are never read. Paths that are no UTF-8 show their bytes as escapes.
    """

    def __init__(self, git_dir: Path, commit: str, *, largest_blob: int = LARGEST_BLOB) -> None:
        self.commit = commit
        self._git_dir = git_dir
        self._largest_blob = largest_blob

    @property
    def entries(self) -> Sequence[Entry]:
        """Listed when they are first asked for; `RepositoryError` where git cannot."""
        return self._listing[0]

    @cached_property
    def _listing(self) -> tuple[Sequence[Entry], dict[str, int]]:
        """The entries, and the size of each blob that is present: both once, before readers are forked."""
        entries = self._listed("-l") or self._listed_with_holes()
        return entries, {entry.blob: entry.size for entry in entries if entry.size is not None}

    def read(self, blobs: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yields (blob id, content) for each wanted blob that is present and not too large."""
        sizes = self._listing[1]
        too_large = self._largest_blob + 1
        wanted = [blob for blob in dict.fromkeys(blobs) if sizes.get(blob, too_large) < too_large]
        return self._contents(wanted)

    def _listed_with_holes(self) -> list[Entry]:
        """Git lists sizes only if it has every blob, so that in a partial copy they are asked for one by one."""
        entries = self._listed()
        if entries is None:
            raise RepositoryError("The repository is damaged: its list of files cannot be read.", passing=True)
        sizes = self._sizes({entry.blob for entry in entries if entry.mode != SUBMODULE})
        return [replace(entry, size=sizes.get(entry.blob)) for entry in entries]

    def _listed(self, *options: str) -> list[Entry] | None:
        with self._streaming("ls-tree", "-r", *options, "-z", "--full-tree", self.commit) as process:
            raw = process.stdout.read(LONGEST_LISTING + 1)  # type: ignore[union-attr]
            if len(raw) > LONGEST_LISTING:
                process.kill()
                raise RepositoryError("The repository lists more files than can be scanned.")
        return None if process.returncode else listed(raw)

    def _sizes(self, blobs: Iterable[str]) -> dict[str, int]:
        with (
            _lines(blobs) as wanted,
            self._streaming("cat-file", "--batch-check", "--buffer", source=wanted) as process,
        ):
            answers = process.stdout.read().split(b"\n")  # type: ignore[union-attr]
        found = (answer.split(b" ") for answer in answers)
        return {parts[0].decode(): int(parts[2]) for parts in found if len(parts) == 3}

    def _contents(self, blobs: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        if not blobs:
            return
        with _lines(blobs) as wanted, self._streaming("cat-file", "--batch", "--buffer", source=wanted) as process:
            stream = process.stdout
            while header := stream.readline().split():  # type: ignore[union-attr]
                if len(header) == 3:
                    content = stream.read(int(header[2]) + 1)  # type: ignore[union-attr]
                    yield header[0].decode(), content[:-1]

    def _streaming(self, *arguments: str, source: IO[bytes] | None = None) -> _Streaming:
        return _Streaming(self._git_dir, arguments, source)


def listed(raw: bytes) -> list[Entry]:
    """The entries of what `git ls-tree -z` printed, with `-l` or without; `RepositoryError` for anything else."""
    try:
        return [_entry(record) for record in raw.split(b"\0")[:-1]]
    except ValueError as problem:
        raise RepositoryError("The repository is damaged: its list of files cannot be read.") from problem


@lru_cache(maxsize=1 << 16)
def _entry(record: bytes) -> Entry:
    """What one record says; those of the next commit are mostly the same."""
    about, path = record.split(b"\t", 1)
    mode, _, blob, *size = about.split()
    known = int(size[0]) if size and size[0].isdigit() else None
    return Entry(path.decode("utf-8", "backslashreplace"), blob.decode("ascii"), known, int(mode, 8))


class _Streaming(subprocess.Popen[bytes]):
    """A reading git process that ends with its `with` block, also when its output was not read to the end."""

    def __init__(self, directory: Path, arguments: Sequence[str], source: IO[bytes] | None) -> None:
        super().__init__(
            ["git", "--git-dir=.", *arguments],
            cwd=directory,
            env=reading_environment(),
            stdin=source or subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=1024 * 1024,
        )


def _lines(words: Iterable[str]) -> IO[bytes]:
    """A file that holds one word per line: read by a process, it can never block its writer.

    It lies in memory where the system can, because a confined child may write nowhere.
    """
    file = _empty_file()
    file.write("".join(chain.from_iterable((word, "\n") for word in words)).encode("ascii"))
    file.seek(0)
    return file


def _empty_file() -> IO[bytes]:
    in_memory = getattr(os, "memfd_create", None)
    if in_memory:
        return os.fdopen(in_memory("words"), "w+b")
    import tempfile  # loads slowly

    return tempfile.TemporaryFile()
