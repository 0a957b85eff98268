"""Kills workers, broker and database at random moments while scans are asked for, then counts what was lost or doubled.

Everything is real: PostgreSQL, Valkey, Celery, git, and the kills. `make soak` runs it at length, the tests in short.
Prints one JSON document; the exit code is 1 when a promise was broken.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
PROJECTS = 48
DRAIN_SECONDS = 600
WAIT_FOR_WORK = 60
PR_SET_CHILD_SUBREAPER = 36

# What ended and what was stored is noted by the database itself, so that nothing under test keeps the score. An end is
# stored once: as a result, or of an unchanged head as a look at the project.
WITNESS = """
CREATE TABLE witness (scan bigint, epoch int, phase text, result boolean, at timestamptz DEFAULT clock_timestamp());
CREATE FUNCTION witness_scan() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF TG_OP = 'INSERT' OR NEW.phase <> OLD.phase THEN
    INSERT INTO witness VALUES (NEW.id, NEW.epoch, NEW.phase, NEW.phase = 'done');
  END IF; RETURN NEW; END $$;
CREATE TRIGGER witness_scan AFTER INSERT OR UPDATE ON scans_scanrequest FOR EACH ROW EXECUTE FUNCTION witness_scan();
CREATE TABLE stored (project bigint, at timestamptz DEFAULT clock_timestamp());
CREATE FUNCTION witness_card() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO stored VALUES (NEW.project_id); RETURN NEW; END $$;
CREATE TRIGGER witness_card AFTER INSERT OR UPDATE ON adoption_scorecard FOR EACH ROW EXECUTE FUNCTION witness_card();
"""


def main() -> int:
    options = arguments()
    random.seed(options.seed)
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # orphans become children of this process
    folder = Path(tempfile.mkdtemp(prefix="twelvefold-soak-"))
    folder.chmod(0o711)
    prepare_environment(folder)
    import django

    from apps.embedded.places import Places
    from apps.embedded.postgres import Postgres
    from apps.embedded.valkey import Valkey

    places = Places(folder / "data")
    database, broker = Postgres(places), Valkey(places)
    os.environ |= {"DATABASE_URL": places.database_url, "REDIS_URL": places.redis_url}
    try:
        database.start()
        broker.start()
        django.setup()
        soak = Soak(options, folder, database, broker)
        report = soak.run()
    finally:
        broker.stop()
        database.stop()
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(places.home, ignore_errors=True)
    print(json.dumps(report, indent=1))
    return len(report["broken"]) > 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--broker", type=int, default=50, help="kills and flushes of the broker")
    parser.add_argument("--database", type=int, default=20, help="restarts of the database")
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def prepare_environment(folder: Path) -> None:
    os.environ |= {
        "DATA_DIR": str(folder / "data"),
        "MIRROR_DIR": str(folder / "mirrors"),
        "LOCAL_REPOSITORY_ROOTS": str(folder / "git"),
        "SECRET_KEY": "a key for one run",
        "HTTPS": "false",
        "LOG_LEVEL": "WARNING",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


class Soak:
    def __init__(self, options: argparse.Namespace, folder: Path, database, broker) -> None:
        self.options, self.folder, self.database, self.broker = options, folder, database, broker
        self.log = (folder / "log").open("ab")
        self.workers: list[subprocess.Popen[bytes]] = []
        self.interrupted: list[tuple[int, int, float]] = []  # scan, epoch, moment of the kill
        self.killed = self.held = 0

    def run(self) -> dict[str, object]:
        self._furnish()
        begun = time.monotonic()
        beat = self._start("beat")
        self.workers = [self._start_worker(number) for number in range(self.options.workers)]
        acts = [self._kill_worker] * self.options.kills + [self._hurt_broker] * self.options.broker
        acts += [self._restart_database] * self.options.database
        random.shuffle(acts)
        asked, burst = 0, max(1, self.options.requests // max(1, len(acts)) + 1)
        for act in acts:
            while asked < self.options.requests and random.random() > 1 / (burst + 1):
                asked += self._ask()
                time.sleep(random.uniform(0, 0.2))
            act()
        while asked < self.options.requests:
            asked += self._ask()
        drained = self._drain()
        self._end([*self.workers, beat])
        return self._judge(asked, drained, time.monotonic() - begun)

    def _furnish(self) -> None:
        from django.core.management import call_command
        from django.db import connection

        from apps.teams.models import Team
        from apps.teams.services import add_project

        call_command("migrate", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute(WITNESS)
        teams = [Team.objects.create(name=f"Team {n}", slug=f"team-{n}") for n in range(3)]
        self.repositories = [self._repository(number) for number in range(PROJECTS)]
        self.projects = [
            add_project(team=teams[number % 3], name=path.name, url=str(path), by=None)
            for number, path in enumerate(self.repositories)
        ]

    def _repository(self, number: int) -> Path:
        path = self.folder / "git" / f"system-{number}"
        path.mkdir(parents=True)
        self._git(path, "init", "-q", "-b", "main")
        self._commit(path)
        return path

    def _commit(self, path: Path) -> None:
        (path / "train.py").write_text(f"import torch\nseed = {random.random()}\n", encoding="utf-8")
        self._git(path, "add", "-A")
        self._git(path, "commit", "-q", "-m", "Change")

    def _git(self, path: Path, *what: str) -> str:
        who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
        ran = subprocess.run(["git", *who, *what], cwd=path, check=True, capture_output=True, text=True)  # noqa: S607
        return ran.stdout.strip()

    def _start(self, kind: str, *more: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "celery", "--app", "config", "--quiet", kind, "--loglevel", "WARNING", *more]
        return subprocess.Popen(command, cwd=ROOT, stdout=self.log, stderr=self.log, start_new_session=True)

    def _start_worker(self, number: int) -> subprocess.Popen[bytes]:
        name = f"soak{number}-{time.monotonic_ns()}@localhost"
        return self._start("worker", "--concurrency", "1", "--without-gossip", "--without-mingle", "--hostname", name)

    def _ask(self) -> int:
        """One request, now and then after a new commit; a database that is away is asked until it takes it."""
        from apps.scans.models import ScanCause
        from apps.scans.services import request_scan

        number = random.randrange(PROJECTS)
        if random.random() < 0.3:
            self._commit(self.repositories[number])
        cause = random.choice([ScanCause.PERSON, ScanCause.WEBHOOK, ScanCause.SCHEDULE])
        return self._while_away(lambda: request_scan(project=self.projects[number], cause=cause) is not None)

    def _while_away(self, work):
        from django.db import DatabaseError, connection

        for _ in range(100):
            try:
                return work()
            except DatabaseError:
                connection.close()
                time.sleep(0.3)
        raise RuntimeError("the database stays away")

    def _kill_worker(self) -> None:
        from apps.scans.models import Phase, ScanRequest

        number, pids = self._victim()
        victim = self.workers[number]
        os.killpg(victim.pid, signal.SIGKILL)
        moment = time.time()
        victim.wait()
        self.killed += 1
        running = self._while_away(lambda: list(ScanRequest.objects.filter(phase=Phase.RUNNING)))
        for scan in running:
            if int(scan.worker.rpartition(":")[2] or 0) in pids:
                self.interrupted.append((scan.pk, scan.epoch, moment))
        self.workers[number] = self._start_worker(number)
        time.sleep(random.uniform(0.1, 2))

    def _victim(self) -> tuple[int, set[int]]:
        """A worker, most often one in the middle of a scan, and its processes.

        Nobody is chosen for a scan's last attempt: to give that up is what is promised, and tested elsewhere.
        """
        from django.conf import settings

        from apps.scans.models import Phase, ScanRequest

        running = ScanRequest.objects.filter(phase=Phase.RUNNING, attempts__lt=settings.SCAN_ATTEMPTS)
        until = time.monotonic() + random.choice([0, WAIT_FOR_WORK, WAIT_FOR_WORK])
        while True:
            held = {int(name.rpartition(":")[2]) for name in self._while_away(lambda: [one.worker for one in running])}
            families = [{worker.pid, *children_of(worker.pid)} for worker in self.workers]
            busy = [number for number, pids in enumerate(families) if pids & held]
            if busy or time.monotonic() > until:
                number = random.choice(busy or range(len(families)))
                time.sleep(random.uniform(0, 0.5))
                return number, families[number]
            time.sleep(0.1)

    def _hurt_broker(self) -> None:
        if random.random() < 0.5:
            import redis

            with suppress(redis.RedisError):
                redis.Redis.from_url(os.environ["REDIS_URL"]).flushall()
            return
        self.broker._child.kill()  # noqa: SLF001 - nobody else kills it unasked
        self.broker._child.wait()  # noqa: SLF001
        time.sleep(random.uniform(0, 2))
        self.broker.start()

    def _restart_database(self) -> None:
        if random.random() < 0.5:
            os.kill(self.database._child.pid, signal.SIGQUIT)  # noqa: SLF001 - a crash: nothing is written down
            self.database._child.wait()  # noqa: SLF001
        else:
            self.database.stop()
        time.sleep(random.uniform(0, 1))
        self.database.start()

    def _drain(self) -> bool:
        from apps.scans.models import ScanRequest

        until = time.monotonic() + DRAIN_SECONDS
        while self._while_away(ScanRequest.objects.open().exists):
            if time.monotonic() > until:
                return False
            time.sleep(0.5)
        return True

    def _end(self, processes: list[subprocess.Popen[bytes]]) -> None:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _judge(self, asked: int, drained: bool, seconds: float) -> dict[str, object]:
        from django.db import connection

        from apps.adoption.models import Scorecard
        from apps.scans.models import Phase, ScanRequest

        with connection.cursor() as cursor:
            cursor.execute("SELECT scan FROM witness WHERE phase = 'done' GROUP BY scan HAVING count(*) > 1")
            doubled = [row[0] for row in cursor.fetchall()]
            cursor.execute("SELECT (SELECT count(*) FROM witness WHERE result), (SELECT count(*) FROM stored)")
            results, stored = cursor.fetchone()
            waits = [self._resumed(cursor, *one) for one in self.interrupted]
        heads = {path.name: self._git(path, "rev-parse", "HEAD") for path in self.repositories}
        asked_for = set(ScanRequest.objects.values_list("project__name", flat=True))
        cards = dict(Scorecard.objects.values_list("project__name", "commit"))
        stale = [name for name in asked_for if cards.get(name) != heads[name]]
        failed = list(ScanRequest.objects.filter(phase=Phase.FAILED).values_list("reason", flat=True))
        given_up = [reason for reason in failed if "newer request" not in reason]
        found = sorted(wait for wait in waits if wait is not None)
        time.sleep(2)  # children of killed workers get their last moment
        orphans = [pid for pid in children_of(os.getpid()) if pid not in self._servers()]
        self._play_the_janitor()
        left = [path.name for path in (self.folder / "mirrors").iterdir() if path.suffix in {".new", ".headers"}]
        report = {
            "requested": asked, "rows": ScanRequest.objects.count(), "results": results, "worker_kills": self.killed,
            "broker": self.options.broker, "database": self.options.database, "interrupted": len(waits),
            "resumed_p95": round(found[int(len(found) * 0.95)], 1) if found else None,
            "resumed_max": round(found[-1], 1) if found else None,
            "given_up_after_three": len(given_up), "seconds": round(seconds), "at": f"{datetime.now(UTC):%F %T}",
        }  # fmt: skip
        broken = {
            "not drained": not drained, "never resumed": None in waits, "doubled": doubled,
            "results stored more or less than once": results != stored, "newest commit not scanned": stale,
            "orphans": [command_of(pid) for pid in orphans], "left in staging": left, "given up": given_up,
            "resumed late": [wait for wait in found if wait > 60],
        }  # fmt: skip
        return report | {"broken": {name: what for name, what in broken.items() if what}}

    def _play_the_janitor(self) -> None:
        """Tidies as each machine does every ten minutes, long after the last fetch: nobody fetches any more."""
        from apps.repositories.cache import tidy

        at_once = timedelta(0)
        tidy(self.folder / "mirrors", most_bytes=10**12, unused_for=timedelta(days=1), fetched_within=at_once)

    def _servers(self) -> set[int]:
        servers = {self.database._child.pid, self.broker._child.pid}  # noqa: SLF001
        return servers | {child for pid in servers for child in children_of(pid)}

    def _resumed(self, cursor, scan: int, epoch: int, moment: float) -> float | None:
        """Seconds from the kill until somebody held the request again, or it had ended."""
        later = "SELECT min(extract(epoch FROM at)) FROM witness WHERE scan = %s"
        cursor.execute(f"{later} AND (epoch > %s OR phase IN ('done', 'failed'))", [scan, epoch])
        (at,) = cursor.fetchone()
        return None if at is None else max(0.0, float(at) - moment)


def children_of(pid: int) -> list[int]:
    """All descendants of `pid` that are not dead already."""
    ran = subprocess.run(["ps", "-o", "pid=,stat=", "--ppid", str(pid)], capture_output=True, text=True, check=False)  # noqa: S607
    rows = [line.split() for line in ran.stdout.splitlines()]
    found = [int(row[0]) for row in rows if not row[1].startswith("Z") and command_of(int(row[0])) != "ps"]
    return found + [grandchild for child in found for grandchild in children_of(child)]


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    except OSError:
        return "ps"


if __name__ == "__main__":
    sys.exit(main())
