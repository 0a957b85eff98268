"""A database of its own and all that production is given."""

import fcntl
import os
import socket
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.operating.producing import HOST, ROOT, Version
from tests.repositories.building import make_repository, repository
from tests.sessions import END_SESSIONS

__all__ = ["make_repository", "repository"]


@pytest.fixture(scope="session")
def production():
    """What every process of production is given; of the machine's own only the path to programs."""
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "REDIS_URL": os.environ["REDIS_URL"],
        "SECRET_KEY": "ci-0123456789abcdefghijklmnopqrstuvwxyz-0123456789-ABCDEFGHIJKL",
        "ALLOWED_HOSTS": HOST,
        "TRUST_PROXY": "true",
        "BIND_ADDRESS": "127.0.0.1",
        "WORKER_CONCURRENCY": "1",
        "WEB_CONCURRENCY": "1",
    }


@pytest.fixture(scope="session")
def released(production, tmp_path_factory):
    """The name of a database that this code has prepared, to be copied; its static files are collected too."""
    data = tmp_path_factory.mktemp("released")
    with a_database("released") as name:
        code = Version(ROOT, production | {"DATABASE_URL": url_of(name), "DATA_DIR": str(data)})
        with (tmp_path_factory.getbasetemp().parent / "collecting").open("w") as turn:  # others test at the same time
            fcntl.flock(turn, fcntl.LOCK_EX)
            code.manage("collectstatic", "--noinput")
        code.manage("release")
        yield name


@pytest.fixture
def environment(production, released, tmp_path, free_port):
    with a_database("production", template=released) as name:
        yield production | {
            "DATABASE_URL": url_of(name),
            "DATA_DIR": str(tmp_path / "data"),
            "LOCAL_REPOSITORY_ROOTS": str(tmp_path),
            "PORT": str(free_port()),
        }


@contextmanager
def a_database(purpose, template="template1"):
    name = f"{purpose}_{os.getpid()}"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as session:
        session.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield name
        session.execute(END_SESSIONS, [name])
        session.execute(f"DROP DATABASE {name}")


def url_of(database):
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}").geturl()


@pytest.fixture
def free_port():
    def free_port():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    return free_port


@pytest.fixture
def version(environment):
    """This code, with its static files collected and its database prepared."""
    return Version(ROOT, environment)
