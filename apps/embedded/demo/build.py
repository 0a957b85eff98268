"""Builds the repositories of the demonstration organisation: bare, real, and the same for the same moment."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from apps.embedded.demo.history import Commit, read_history
from apps.embedded.demo.organisation import PEOPLE, PROJECTS
from apps.repositories.environment import EXACT

HISTORIES = Path(__file__).parent / "projects"
BRANCH = "refs/heads/main"

_PEOPLE = {person.username: person for person in PEOPLE}


def build_repositories(root: Path, *, now: datetime) -> dict[str, Path]:
    """Build what is missing under `root`; return each project's slug and its bare repository, `root/<slug>.git`.

    Commits are dated back from `now`; the same `now` gives the same commit ids. A repository that exists is left alone.
    Raises OSError where the disk refuses, CalledProcessError where git fails.
    """
    root.mkdir(parents=True, exist_ok=True)
    repositories = {project.slug: root / f"{project.slug}.git" for project in PROJECTS}
    for slug, repository in repositories.items():
        if not repository.exists():
            _build(repository, read_history((HISTORIES / f"{slug}.history").read_text(encoding="utf-8")), now)
    return repositories


def _build(repository: Path, commits: list[Commit], now: datetime) -> None:
    # Renamed into place when whole, so that a start cut short leaves nothing that looks finished.
    staging = repository.with_suffix(".building")
    shutil.rmtree(staging, ignore_errors=True)
    _git("init", "--quiet", "--bare", "--template=", "--initial-branch=main", str(staging))
    # Workers clone with a size limit on blobs, which the serving side has to allow.
    _git("-C", str(staging), "config", "uploadpack.allowFilter", "true")
    stream = b"".join(_fast_import(commit, number, now) for number, commit in enumerate(commits))
    _git("-C", str(staging), "-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", stream=stream)
    staging.rename(repository)


def _fast_import(commit: Commit, number: int, now: datetime) -> bytes:
    """One commit with its whole tree, in the format of git-fast-import(1)."""
    person = _PEOPLE[commit.author]
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=commit.days_ago)
    # Office hours, spread without chance.
    moment = day + timedelta(hours=8, minutes=(commit.days_ago * 97 + number * 53) % 540)
    signature = f"{person.full_name} <{person.email}> {int(moment.timestamp())} +0000"
    head = f"commit {BRANCH}\nauthor {signature}\ncommitter {signature}\n".encode()
    parts = [head, _data(commit.message.encode()), b"deleteall\n"]
    for path, content in commit.tree.items():
        mode = "100755" if content.startswith(b"#!") else "100644"
        parts += [f"M {mode} inline {path}\n".encode(), _data(content)]
    return b"".join(parts) + b"\n"


def _data(content: bytes) -> bytes:
    return b"data %d\n%b\n" % (len(content), content)


def _git(*arguments: str, stream: bytes = b"") -> None:
    subprocess.run(["git", *arguments], input=stream, env=EXACT, check=True, capture_output=True)  # noqa: S607
