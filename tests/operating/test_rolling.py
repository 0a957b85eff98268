"""A rolling restart under load: old and new code side by side, and between them the new code's migrations."""

import os
import re
import shutil
import signal
import sys
from contextlib import suppress

import psycopg
import pytest

from tests.operating.loading import Load, People
from tests.operating.producing import GRACE, Proxy, Version, ready, until

pytestmark = pytest.mark.slow

# In the newer version each of these models has one more column; the load writes to all of them.
GROWN = {"Project": "teams", "ScanRequest": "scans", "Attestation": "adoption", "Delivery": "webhooks"}
FIELD = '    written_by = models.CharField(max_length=10, default="newer", db_default="older")\n'
ENDINGS = """
CREATE TABLE endings (request bigint, phase text);
CREATE FUNCTION note_ending() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO endings VALUES (NEW.id, NEW.phase); RETURN NULL; END $$;
CREATE TRIGGER note_ending AFTER UPDATE ON scans_scanrequest FOR EACH ROW
    WHEN (NEW.phase IN ('done', 'failed', 'cancelled')) EXECUTE FUNCTION note_ending();
"""
ALL = "SELECT id FROM scans_scanrequest ORDER BY id"
MADE_WAY = "A newer request takes its place."  # whatever the scan had met before


@pytest.fixture
def newer(version, tmp_path):
    """This code, a version later: other rules, and the models have grown."""
    tree = tmp_path / "newer"
    for name in ("apps", "config", "templates", "static", "staticfiles"):
        shutil.copytree(version.tree / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("manage.py", "Procfile"):
        shutil.copy(version.tree / name, tree / name)
    for model, app in GROWN.items():
        models = tree / "apps" / app / "models.py"
        before_meta = re.compile(rf"^class {model}\(.+?\n(?=    class Meta)", re.MULTILINE | re.DOTALL)
        grown, found = before_meta.subn(rf"\g<0>{FIELD}\n", models.read_text(), count=1)
        assert found == 1
        models.write_text(grown)
    with (tree / "apps/analysis/engine.py").open("a") as engine:
        engine.write("# The engine's version is a digest of its text.\n")
    newer = Version(tree, version.environment)
    newer.manage("makemigrations", "--name", "grown")
    return newer


@pytest.fixture
def fleet(tmp_path):
    """Running processes by place; what is left of them in the end is killed."""
    fleet = Fleet(tmp_path / "log")
    yield fleet
    for process in fleet.running.values():
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    sys.stderr.write(fleet.log.read_text())


class Fleet:
    def __init__(self, log):
        self.log, self.running = log, {}

    def start(self, version, name, place):
        more = {"PORT": str(place)} if name == "web" else {}
        self.running[name, place] = version.start(name, self.log, **more)

    def stop(self, name, place):
        process = self.running.pop((name, place))
        process.terminate()
        assert process.wait(GRACE) == 0, (name, place)

    def replace(self, version, name, place):
        self.stop(name, place)
        self.start(version, name, place)
        if name == "web":
            until(lambda: ready(place))


@pytest.fixture
def rows(version):
    """What the database answers."""
    with psycopg.connect(version.environment["DATABASE_URL"], autocommit=True) as session:
        session.execute(ENDINGS)
        yield lambda query: session.execute(query).fetchall()


def test_no_request_fails_and_nothing_is_lost(version, newer, fleet, rows, make_repository, free_port):
    ports = free_port(), free_port()
    for port in ports:
        fleet.start(version, "web", port)
    for place in (1, 2):
        fleet.start(version, "worker", place)
    fleet.start(version, "beat", 1)
    until(lambda: all(map(ready, ports)))
    repositories = [make_repository(name) for name in ("scorer", "ranker")]
    for repository in repositories:
        repository.commit({"requirements.txt": "torch==2.4.0\n", "fit.py": "import torch\n"})
    people = People(Proxy(*ports), version.manage("admin", "alice").split()[-2:], repositories)

    with Load(people.reads, people.ticks_items, people.delivers, people.asks_for_scans) as load:
        load.go_on()
        newer.manage("release")
        load.go_on()
        for place in (1, 2):
            until(lambda: rows("SELECT 1 FROM scans_scanrequest WHERE phase = 'running'"))
            fleet.replace(newer, "worker", place)
            load.go_on()
        for port in ports:
            fleet.replace(newer, "web", port)
            load.go_on()
        fleet.start(newer, "beat", 2)
        fleet.stop("beat", 1)
        load.go_on()
    assert not load.faults, load.faults

    until(lambda: not rows("SELECT 1 FROM scans_scanrequest WHERE phase IN ('pending', 'running')"))
    endings = rows("SELECT request, e.phase, reason FROM endings e JOIN scans_scanrequest s ON s.id = request")
    assert sorted(request for request, _, _ in endings) == [request for (request,) in rows(ALL)]
    unsaid = [
        end for end in endings if end[1:] != ("done", "") and not (end[1] == "failed" and end[2].endswith(MADE_WAY))
    ]
    assert unsaid == []
    cards = rows("SELECT slug, commit FROM adoption_scorecard JOIN teams_project p ON p.id = project_id")
    assert {f"/projects/{slug}/": commit for slug, commit in cards} == people.heads
    assert {note for (note,) in rows("SELECT note FROM adoption_attestation")} == people.ticks
    assert {name for (name,) in rows("SELECT delivery FROM webhooks_delivery")} == people.deliveries
    for table in ("scans_scanrequest", "adoption_attestation", "webhooks_delivery"):
        assert rows(f"SELECT DISTINCT written_by FROM {table} ORDER BY 1") == [("newer",), ("older",)]
