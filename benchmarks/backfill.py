"""A project's year as a worker brings it, beside the project's first scan: fetched, judged in confinement, stored.

    python benchmarks/backfill.py REPOSITORY… [--runs 3] [--weeks 9] [--months 12]

Each REPOSITORY is a git repository with its history; nothing of it is run. Everything is real: PostgreSQL and Valkey
of its own, the fetch, the children that may write nothing, the rows. For each run a project is added, scanned for the
first time and its past read, as a worker does one after the other. The year ends at the head's own date, so that a
copy that is no longer fed has one too; 9 weeks and 12 months are 20 moments. Medians in seconds:

- scan     the first scan, from claimed to stored, of a repository that was never fetched; of these, its fetch
- past     the history after it, from claimed to stored; of these, its fetch
- judged   the same without both fetches: what judging the past costs beside judging the head
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from apps.embedded.places import Places  # noqa: E402 - the path above leads to the house
from apps.embedded.services import attached  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--weeks", type=int, default=9)
    parser.add_argument("--months", type=int, default=12)
    options = parser.parse_args()
    repositories = [one.resolve() for one in options.repositories]
    with tempfile.TemporaryDirectory(prefix="twelvefold-backfill-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        places = Places(Path(folder) / "data")
        os.environ |= {
            "DATABASE_URL": places.database_url,
            "REDIS_URL": places.redis_url,
            "DATA_DIR": f"{folder}/data",
            "MIRROR_DIR": f"{folder}/mirrors",
            "LOCAL_REPOSITORY_ROOTS": ",".join(map(str, repositories)),
            "BACKFILL_WEEKS": str(options.weeks),
            "BACKFILL_MONTHS": str(options.months),
            "SECRET_KEY": "a key for one run",
            "HTTPS": "false",
            "LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        with attached(places, ["postgres", "valkey"]):
            furnish()
            for repository in repositories:
                compare(repository, options.runs)
    return 0


def compare(repository: Path, runs: int) -> None:
    rows = [year(repository, number) for number in range(runs)]
    scan, scan_fetch, past, past_fetch = (statistics.median(row[part] for row in rows) for part in range(4))
    judged = (past - past_fetch) / (scan - scan_fetch)
    files = git(repository, "ls-tree", "-r", "HEAD").count("\n")
    commits = git(repository, "rev-list", "--count", "HEAD").strip()
    print(f"{repository.name}: {files} files, {commits} commits, {rows[0][4]} samples")
    print(f"  scan {scan:.2f} s (fetch {scan_fetch:.2f})   past {past:.2f} s (fetch {past_fetch:.2f})   ", end="")
    print(f"past/scan {past / scan:.2f}   judged {judged:.2f}", flush=True)


def furnish() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def year(repository: Path, number: int) -> tuple[float, float, float, float, int]:
    """The seconds of the first scan and of its fetch, the same of the history, and how many samples that had."""
    from django.conf import settings

    from apps.adoption.models import ScoreSnapshot
    from apps.scans import backfill_runner, backfills, runner
    from apps.scans.models import Phase, ScanCause
    from apps.scans.services import claim, request_scan
    from apps.teams.models import Team
    from apps.teams.services import add_project

    shutil.rmtree(settings.MIRROR_DIR, ignore_errors=True)
    team = Team.objects.create(name=f"{repository} {number}", slug=f"team-{time.monotonic_ns()}")
    project = add_project(team=team, name="System", url=str(repository))
    request_scan(project=project, cause=ScanCause.PERSON)
    request = claim(worker="benchmark")
    if request is None:
        raise SystemExit("The scan could not be claimed.")
    scan, scan_fetch = timed(runner, "fetch", lambda: runner.run(request, stopping=lambda: False))
    request.refresh_from_db()
    if request.phase != Phase.DONE:
        raise SystemExit(f"{repository}: {request.reason}")

    ScoreSnapshot.objects.filter(project=project).update(at=head_date(repository))
    backfills.request_backfill(project=project)
    backfill = backfills.claim_backfill()
    if backfill is None:
        raise SystemExit("The history could not be claimed.")
    past, past_fetch = timed(
        backfill_runner, "fetch_history", lambda: backfill_runner.run_backfill(backfill, stopping=lambda: False)
    )
    backfill.refresh_from_db()
    if backfill.phase != Phase.DONE or backfill.reason:
        raise SystemExit(f"{repository}: {backfill.phase} {backfill.reason}")
    return scan, scan_fetch, past, past_fetch, len(backfill.plan)


def timed(module: ModuleType, part: str, work: Callable[[], object]) -> tuple[float, float]:
    """The seconds that `work` takes, and those of them that the function `part` of `module` takes."""
    inner, seconds = getattr(module, part), []

    def watched(*given: object, **named: object) -> object:
        begun = time.monotonic()
        try:
            return inner(*given, **named)
        finally:
            seconds.append(time.monotonic() - begun)

    with patch.object(module, part, watched):
        begun = time.monotonic()
        work()
        return time.monotonic() - begun, sum(seconds)


def head_date(repository: Path) -> datetime:
    return datetime.fromtimestamp(int(git(repository, "log", "-1", "--format=%ct")), UTC)


def git(repository: Path, *arguments: str) -> str:
    command = ["git", "-C", str(repository), *arguments]
    return subprocess.check_output(command, text=True)


if __name__ == "__main__":
    sys.exit(main())
