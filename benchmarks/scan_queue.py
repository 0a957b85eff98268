"""Drives the real queue with fake scans: requests and claims per second, and whether a claim costs more as rows grow.

Run it as `python -m benchmarks.scan_queue`. A database that DATABASE_URL names is emptied; without it PostgreSQL is its
own.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from benchmarks.soak import prepare_environment  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projects", type=int, default=100_000)
    parser.add_argument("--finished", type=int, nargs="+", default=[1_000, 100_000])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--claims", type=int, default=400)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="twelvefold-queue-"))
    folder.chmod(0o711)
    prepare_environment(folder)
    os.environ["SCANS_PER_FORGE"] = "100000"
    import django

    from apps.embedded.places import Places
    from apps.embedded.postgres import Postgres

    places = Places(folder / "data")
    database = Postgres(places)
    own = "DATABASE_URL" not in os.environ
    os.environ.setdefault("DATABASE_URL", places.database_url)
    os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:1/0")  # nobody is woken: claims are called here
    try:
        if own:
            database.start()
        django.setup()
        report = measure(options)
    finally:
        if own:
            database.stop()
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(places.home, ignore_errors=True)
    print(json.dumps(report, indent=1))
    return 0


def measure(options: argparse.Namespace) -> dict[str, object]:
    from django.core.management import call_command
    from django.db import connection

    from apps.scans import services
    from apps.scans.models import Forge, ScanCause
    from apps.teams.models import Project, Team

    services.wake_workers = lambda *_: None
    call_command("migrate", verbosity=0)
    teams = Team.objects.bulk_create([Team(name=f"Team {n}", slug=f"team-{n}") for n in range(100)])
    hosts = [f"forge{number}.example" for number in range(10)]
    Forge.objects.bulk_create([Forge(host=host) for host in hosts])
    report: dict[str, object] = {"load": os.getloadavg()[0], "claim_ms": {}, "claims_per_second": {}}
    for finished in options.finished:
        grow(teams, hosts, min(finished, options.projects), finished)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        projects = list(Project.objects.order_by("pk")[: options.claims * 2])
        begun = time.monotonic()
        for project in projects[: options.claims]:
            services.request_scan(project=project, cause=ScanCause.WEBHOOK)
        report["requests_per_second"] = round(options.claims / (time.monotonic() - begun))
        waits = []
        for _ in range(options.claims):
            begun = time.monotonic()
            assert services.claim(worker="bench") is not None  # noqa: S101
            waits.append((time.monotonic() - begun) * 1000)
            services.ScanRequest.objects.filter(worker="bench", phase="running").update(phase="done", lease_until=None)
        waits.sort()
        report["claim_ms"][f"{finished} finished, {Project.objects.count()} projects"] = {  # type: ignore[index]
            "p50": round(waits[len(waits) // 2], 2), "p95": round(waits[int(len(waits) * 0.95)], 2),
        }  # fmt: skip
    for workers in options.workers:
        fill(options.claims * 4)
        connection.close()
        begun = time.monotonic()
        with multiprocessing.get_context("spawn").Pool(workers, initializer=begin) as pool:
            pool.map(nothing, range(workers))
            begun = time.monotonic()
            done = sum(pool.map(work, [options.claims * 4 // workers] * workers, chunksize=1))
        report["claims_per_second"][f"{workers} workers"] = round(done / (time.monotonic() - begun))  # type: ignore[index]
    report["load_at_the_end"] = os.getloadavg()[0]
    return report


def grow(teams: list, hosts: list[str], projects: int, finished: int) -> None:
    """So many projects, and so many requests of theirs that ended."""
    from django.db import connection

    from apps.scans.models import ScanRequest
    from apps.teams.models import Project

    have = Project.objects.count()
    Project.objects.bulk_create([
        Project(team=teams[n % 100], name=f"p{n}", slug=f"p{n}", url=f"https://{hosts[n % 10]}/x/p{n}")
        for n in range(have, projects)
    ], batch_size=2000)  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO scans_scanrequest (
                project_id, team_id, host, cause, priority, turn, requested_at, not_before, phase, at_least, forced,
                attempts, epoch, worker, stage, percent, detail, finished_at, commit, unchanged, reason)
            SELECT p.id, p.team_id, '', 'schedule', 30, 0, now(), now(), 'done', '', false,
                1, 1, 'w', 'save', 100, '', now(), repeat('a', 40), false, ''
            FROM teams_project p, generate_series(1, %s) LIMIT %s
            """,
            [finished // max(projects, 1) + 1, finished - ScanRequest.objects.count()],
        )


def fill(count: int) -> None:
    from apps.scans.models import ScanRequest
    from apps.teams.models import Project

    def waiting(number, project):
        host = project.url.split("/")[2]
        turn = number // 100
        return ScanRequest(project=project, team_id=project.team_id, host=host, cause="webhook", priority=20, turn=turn)

    ScanRequest.objects.open().delete()
    chosen = Project.objects.order_by("pk")[:count]
    ScanRequest.objects.bulk_create([waiting(*one) for one in enumerate(chosen)], batch_size=2000)


def begin() -> None:
    import django

    django.setup()


def nothing(_: int) -> None:
    """Lets every process of the pool come up before the clock runs."""
    time.sleep(0.5)


def work(claims: int) -> int:
    from apps.scans.services import claim, finish_unchanged

    done = 0
    for _ in range(claims):
        request = claim(worker=str(os.getpid()))
        done += request is not None and finish_unchanged(request=request, commit="a" * 40)
    return done


if __name__ == "__main__":
    sys.exit(main())
