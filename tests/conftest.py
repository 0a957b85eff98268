"""Gives every test real servers: those the environment names, else embedded ones for this run alone.

Runs before Django reads its settings, which is why pyproject.toml does not name them. Workers of pytest-xdist inherit
the environment and so share the servers of the process that started them.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from django.conf import settings
from django.db import connection

from apps.embedded.places import Places
from tests.servers import start_servers
from tests.sessions import END_SESSIONS

if "DATA_DIR" not in os.environ:
    folder = Path(tempfile.mkdtemp(prefix="twelvefold-tests-"))
    folder.chmod(0o711)  # as root, the servers run as another account
    os.environ["DATA_DIR"] = str(folder)
    os.environ.setdefault("SECRET_KEY", "a key for tests alone")
    os.environ.setdefault("HTTPS", "false")
    start_servers(Places(folder))

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()


def _emptied(operations: object, statements: list[str]) -> None:
    """Between tests that commit the audit trail goes too: its owner lifts what refuses that, for this transaction."""
    trigger = "TRIGGER audit_trail_is_never_emptied"
    lifted, back = (f"ALTER TABLE teams_auditentry {change} {trigger}" for change in ("DISABLE", "ENABLE"))
    _empty(operations, [lifted, *statements, back])


_empty = type(connection.ops).execute_sql_flush
type(connection.ops).execute_sql_flush = _emptied


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> Iterator[None]:
    """As pytest-django's. At the end no session is left that keeps PostgreSQL from dropping the tests' database."""
    yield
    with django_db_blocker.unblock():
        connection.close()
        connection.close_pool()
        with connection._nodb_cursor() as cursor:
            cursor.execute(END_SESSIONS, [connection.settings_dict["NAME"]])


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long: a long one begun last keeps one process at work while the other has nothing left."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what drives a browser where there is none, except in continuous integration: there it fails."""
    if item.get_closest_marker("browser") and shutil.which("chromium") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no Chromium on this machine")


@pytest.fixture(autouse=True)
def _plain_static_files(settings) -> None:
    """As with DEBUG: the files as they are, so that no test needs `collectstatic`."""
    settings.STATIC_ROOT = settings.STATICFILES_DIRS[0]
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


settings.STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise complains of a folder that is not there
