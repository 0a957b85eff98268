"""A webhook storm over loopback: signed deliveries to one web process with real workers, their answers and latencies.

Starts PostgreSQL, Valkey, web process, workers and beat of its own. `--projects 1` and `--projects 1000` are the cases.
Run it as `python -m benchmarks.storm`.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from benchmarks.soak import prepare_environment  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--projects", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--senders", type=int, default=16)
    parser.add_argument("--drain", type=float, default=1800, help="seconds for the scans that are left after the storm")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="twelvefold-storm-"))
    folder.chmod(0o711)
    prepare_environment(folder)
    import django

    from apps.embedded.places import Places
    from apps.embedded.postgres import Postgres
    from apps.embedded.valkey import Valkey

    places = Places(folder / "data")
    database, broker = Postgres(places), Valkey(places)
    os.environ |= {"DATABASE_URL": places.database_url, "REDIS_URL": places.redis_url, "WEB_CONCURRENCY": "1"}
    try:
        database.start()
        broker.start()
        django.setup()
        report = storm(options, folder)
    finally:
        broker.stop()
        database.stop()
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(places.home, ignore_errors=True)
    print(json.dumps(report, indent=1))
    return len(report["broken"]) > 0


def storm(options: argparse.Namespace, folder: Path) -> dict[str, object]:
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.db.models import Count

    from apps.adoption.models import Scorecard
    from apps.scans.models import ScanRequest
    from apps.teams.models import Team
    from apps.teams.services import add_project
    from apps.webhooks.models import Delivery
    from apps.webhooks.services import create_endpoint

    call_command("migrate", verbosity=0)
    alice = User.objects.create_user("alice")
    team = Team.objects.create(name="Team", slug="team")
    repository = make_repository(folder / "git" / "system")
    projects = [
        add_project(team=team, name=f"system-{number}", url=str(repository), subfolder=f"part{number}", by=alice)
        for number in range(options.projects)
    ]
    endpoints = [create_endpoint(owner=one, provider="github", by=alice) for one in projects]
    port = free_port()
    processes = [start(folder, "gunicorn", "--config", "config/gunicorn.py", "config.wsgi", PORT=str(port))]
    for number in range(options.workers):
        name = f"storm{number}-{port}@localhost"
        more = ["--concurrency", "1", "--without-gossip", "--without-mingle", "--hostname", name]
        processes.append(start(folder, "celery", "--app", "config", "--quiet", "worker", *more))
    processes.append(start(folder, "celery", "--app", "config", "--quiet", "beat", "--loglevel", "WARNING"))
    wait_for(port)
    watch = Watch()
    sender = Sender(options, port, [(endpoint.key, secret) for endpoint, secret in endpoints], repository)
    sender.run()
    stormed = time.monotonic()
    while ScanRequest.objects.open().exists() and time.monotonic() < stormed + options.drain:
        time.sleep(1)
    drained_after = time.monotonic() - stormed
    watch.stop()
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(30)
    heads = set(Scorecard.objects.values_list("commit", flat=True))
    waits = sorted(sender.waits)
    report = {
        "projects": options.projects, "deliveries": len(waits), "seconds": round(sender.seconds, 1),
        "codes": dict(sender.codes), "p50_ms": ms(waits, 0.5), "p99_ms": ms(waits, 0.99), "max_ms": ms(waits, 1),
        "stored": Delivery.objects.count(), "scans": ScanRequest.objects.count(), "most_open_per_project": watch.most,
        "drained_after_s": round(drained_after), "left_open": ScanRequest.objects.open().count(),
        "load": os.getloadavg()[0],
    }  # fmt: skip
    most = (
        ScanRequest.objects.values("project").annotate(n=Count("pk")).order_by("-n").values_list("n", flat=True).first()
    )
    broken = {
        "5xx": sum(number for code, number in sender.codes.items() if code >= 500 or code == 0),
        "more than one running and one pending": watch.most > 2,
        "newest commit not scanned": heads != {sender.head} or Scorecard.objects.count() != options.projects,
        "p99": ms(waits, 0.99) > 250,
    }
    return report | {"most_scans_of_a_project": most, "broken": {name: what for name, what in broken.items() if what}}


class Watch:
    """Looks a few times a second how many requests of one project are open."""

    def __init__(self) -> None:
        self.most, self._over = 0, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        from django.db.models import Count

        from apps.scans.models import ScanRequest

        while not self._over.wait(0.3):
            rows = ScanRequest.objects.open().order_by().values("project").annotate(n=Count("pk")).order_by("-n")
            self.most = max(self.most, rows.values_list("n", flat=True).first() or 0)

    def stop(self) -> None:
        self._over.set()
        self._thread.join()


class Sender:
    """Sends at an even pace from several threads; every answer's code and time are kept."""

    def __init__(
        self, options: argparse.Namespace, port: int, targets: list[tuple[str, str]], repository: Path
    ) -> None:
        self.options, self.port, self.targets, self.repository = options, port, targets, repository
        self.waits: list[float] = []
        self.codes: Counter[int] = Counter()
        self.head = git(repository, "rev-parse", "HEAD")
        self.seconds = 0.0
        self._numbers, self._lock = iter(range(options.deliveries)), threading.Lock()

    def run(self) -> None:
        self._begun = time.monotonic()
        threads = [threading.Thread(target=self._send) for _ in range(self.options.senders)]
        for thread in threads:
            thread.start()
        for number in range(5):  # the repository moves on while the storm lasts
            time.sleep(self.options.seconds / 6)
            commit(self.repository, number)
            self.head = git(self.repository, "rev-parse", "HEAD")
        for thread in threads:
            thread.join()
        self.seconds = time.monotonic() - self._begun

    def _send(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        while True:
            with self._lock:
                number = next(self._numbers, None)
            if number is None:
                return
            due = self._begun + number * self.options.seconds / self.options.deliveries
            time.sleep(max(0.0, due - time.monotonic()))
            key, secret = self.targets[number % len(self.targets)]
            said = {"ref": "refs/heads/main", "after": self.head, "repository": {"default_branch": "main"}}
            body = json.dumps(said | {"number": number, "commits": ["x" * 200] * 30}).encode()
            signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
            headers = {"X-GitHub-Event": "push", "X-GitHub-Delivery": str(number), "X-Hub-Signature-256": signature,
                       "Content-Type": "application/json"}  # fmt: skip
            sent = time.monotonic()
            try:
                connection.request("POST", f"/hooks/{key}/", body, headers)
                answer = connection.getresponse()
                answer.read()
                code = answer.status
            except (OSError, http.client.HTTPException):
                connection.close()
                code = 0
            with self._lock:
                self.waits.append(time.monotonic() - sent)
                self.codes[code] += 1


def make_repository(path: Path) -> Path:
    path.mkdir(parents=True)
    git(path, "init", "-q", "-b", "main")
    for number in range(1000):
        (path / f"part{number}").mkdir()
        (path / f"part{number}" / "train.py").write_text("import torch\n", encoding="utf-8")
    commit(path, -1)
    return path


def commit(path: Path, number: int) -> None:
    (path / "part0" / "seed.py").write_text(f"seed = {number}\n", encoding="utf-8")
    git(path, "add", "-A")
    git(path, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-q", "-m", "Change")


def git(path: Path, *what: str) -> str:
    return subprocess.run(["git", *what], cwd=path, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S607


def start(folder: Path, module: str, *arguments: str, **more: str) -> subprocess.Popen[bytes]:
    environment = os.environ | more | {"BIND_ADDRESS": "127.0.0.1"}
    with (folder / f"{module}.log").open("ab") as log:
        command = [str(Path(sys.executable).with_name(module)), *arguments]
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return server.getsockname()[1]


def wait_for(port: int) -> None:
    for _ in range(600):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the web process does not answer")


def ms(waits: list[float], share: float) -> float:
    return round(waits[min(len(waits) - 1, int(len(waits) * share))] * 1000, 1) if waits else 0.0


if __name__ == "__main__":
    sys.exit(main())
