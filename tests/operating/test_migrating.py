"""A release beside traffic: it gives way to who holds a table, and two of them do not meet."""

import threading
from contextlib import ExitStack

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from apps.operating import migrating

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr(migrating, "LOCK_SECONDS", 1)


def dsn():
    """Of the tests' own database."""
    with connection.cursor():
        return connection.connection.info.dsn


@pytest.fixture
def reader():
    """A page that reads teams and is slow about it."""
    with psycopg.connect(dsn()) as session:
        session.execute("SELECT count(*) FROM teams_team")
        yield session
        session.rollback()


@pytest.fixture
def locking(monkeypatch):
    """In place of Django's command: a migration that needs the table of teams for itself; counts its tries."""
    tries = []

    def migrate(name, **_):
        tries.append(name)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE teams_team IN ACCESS EXCLUSIVE MODE")

    monkeypatch.setattr(migrating, "call_command", migrate)
    return tries


def test_a_database_that_is_up_to_date_stays_so():
    call_command("release")
    call_command("release")


def test_a_migration_gives_way_to_a_reader_and_is_tried_again(reader, locking):
    threading.Timer(1.5, reader.rollback).start()
    migrating.migrate(pause=0.3)
    assert 2 <= len(locking) <= 4


def test_pages_are_answered_while_a_migration_waits(reader, locking):
    release = threading.Thread(target=lambda: migrating.migrate(pause=0.5))
    release.start()
    with psycopg.connect(dsn()) as other:
        other.execute("SET statement_timeout = '3s'")
        for _ in range(3):
            other.execute("SELECT count(*) FROM teams_team")
            other.commit()
    reader.rollback()
    release.join(timeout=30)
    assert not release.is_alive()


def test_a_table_that_stays_locked_ends_the_release_with_a_sentence(reader, locking, monkeypatch):
    monkeypatch.setattr(migrating, "ATTEMPTS", 2)
    monkeypatch.setattr(migrating.migrate, "__kwdefaults__", {"attempts": 2, "pause": 0.1})
    with pytest.raises(CommandError, match="stayed locked through 2 attempts"):
        call_command("release")


def test_two_releases_take_turns(locking, reader):
    reader.rollback()
    reader.execute("SELECT pg_advisory_lock(%s)", [migrating.ONE_AT_A_TIME])
    with pytest.raises(migrating.StillLocked):
        migrating.migrate(attempts=1, pause=0)
    assert locking == []


def time_limits():
    """On waits for a lock, in each session of the pool."""
    with ExitStack() as taken:
        sessions = [taken.enter_context(connection.pool.connection()) for _ in range(connection.pool.max_size)]
        return {session.execute("SHOW lock_timeout").fetchone()[0] for session in sessions}


def test_the_sessions_are_left_as_they_were_found(locking):
    migrating.migrate()
    assert time_limits() == {"0"}


def test_so_are_those_that_waited_for_another_release_in_vain(locking, reader):
    reader.execute("SELECT pg_advisory_lock(%s)", [migrating.ONE_AT_A_TIME])
    with pytest.raises(migrating.StillLocked):
        migrating.migrate(attempts=2, pause=0)
    assert time_limits() == {"0"}
